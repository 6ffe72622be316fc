"""Searching in a real browser: from the box to the page of results and into a case, and the same on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver

PHONE_NUMBER, TYPED = "0912 345 678", "345678"
FACE = "\U0001f600"


@pytest.fixture(scope="module")
def server_and_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, str]]:
    """A server over forty complaints of a few customers, and the session of a lead."""
    folder = tmp_path_factory.mktemp("search")
    token = _filled(folder)
    with driver.served(folder) as server:
        yield server, token


def _filled(folder: Path) -> str:
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    an = CustomerDraft(name="Đặng Thị Thuý Ân", phone=PHONE_NUMBER, account="thuydang88")
    texts = [
        f"{FACE} Ứng dụng đứng hình khi mở chương mới, đã thử cài lại mà vẫn vậy",
        "Nạp 200 Stars qua ví, đã trừ 49.000đ mà hai ngày chưa thấy Stars, tôi đã gọi nhiều lần và chưa ai trả lời",
    ]
    with register.write() as session:
        lead = accounts.add(
            session, Account(login="lan", name="Lan Anh", role="lead"), "ba con mèo vàng ngủ", Act(None, now)
        )
        drafts = [
            Draft("hotline", now - timedelta(hours=n), texts[n % 2], "payment", customer=an) for n in range(1, 41)
        ]
        complaints.write_histories(session, [(draft, ()) for draft in drafts], Act(None, now))
        token = sign_ins.open_session(session, lead.id, now=now)
    register.engine.dispose()
    return token


@pytest.fixture
def opened(
    browser: Browser, server_and_token: tuple[driver.Server, str], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The queue, signed in, in the size the test asks for."""
    server, token = server_and_token
    with driver.opened_page(browser, getattr(request, "param", driver.LAPTOP)) as page:
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
        page.goto(f"{server.url}/queue")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        driver.settle(page)
        yield page


def test_from_the_box_to_the_page_into_a_case_and_back(opened: Page) -> None:
    box = opened.locator("[data-testid=stSidebar]").get_by_role("searchbox")
    box.fill(TYPED)
    box.press("Enter")
    opened.wait_for_url("**/search")
    expect(opened.get_by_role("heading", level=1)).to_have_text("40 hồ sơ khớp")
    expect(opened.locator("a[data-key]")).to_have_count(25)
    expect(opened.get_by_text("Đặng Thị Thuý Ân").first).to_be_visible()
    driver.shot(opened, "search_contact")

    field = opened.locator("[data-testid=stMain]").get_by_role("searchbox")
    field.fill("đứng hình!")
    field.press("Enter")
    expect(opened.get_by_role("heading", level=1)).to_have_text("20 hồ sơ khớp")
    expect(opened.locator("mark").first).to_have_text("dụng")
    expect(opened.locator("tbody tr").first.locator("mark")).to_have_text(["dụng", "đứng", "hình"])
    driver.shot(opened, "search_words")
    opened.locator("a[data-key]").nth(1).click()
    opened.wait_for_url(re.compile(r"/complaint\?code="))
    opened.go_back()
    expect(opened.get_by_role("heading", level=1)).to_have_text("20 hồ sơ khớp")

    box.fill("kn 5")
    box.press("Enter")
    opened.wait_for_url(re.compile(r"/complaint\?code=KN-\d{4}-000005"))
    for address in (TYPED, "thuydang", "hinh"):
        assert address not in opened.url


@pytest.mark.parametrize("opened", [driver.PHONE], indirect=True)
def test_on_a_phone_code_day_customer_and_text_are_read_without_scrolling_sideways(opened: Page) -> None:
    opened.locator("[data-testid=stExpandSidebarButton]").click()
    box = opened.locator("[data-testid=stSidebar]").get_by_role("searchbox")
    box.fill("thuydang")
    box.press("Enter")
    opened.wait_for_url("**/search")
    expect(opened.locator("a[data-key]")).to_have_count(25)
    if opened.locator("[data-testid=stSidebarCollapseButton]").is_visible():
        opened.locator("[data-testid=stSidebarCollapseButton] button").click()
    driver.settle(opened)
    opened.wait_for_timeout(500)
    driver.shot(opened, "search_phone")
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    row = opened.locator("tbody tr").first
    code, received, who, text = (
        row.locator(f"td.{place}").bounding_box() for place in ("first", "last", "second", "third")
    )
    assert code and received and who and text
    assert abs(code["y"] - received["y"]) < 6, "code and day share the first line"
    assert code["y"] < who["y"] < text["y"]
    assert text["x"] + text["width"] <= driver.PHONE[0]

"""The queue in a real browser: rows are links back to the same place, ticks act, and a phone shows two lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver

OPEN = 30


@pytest.fixture(scope="module")
def server_and_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, str]]:
    """A server over thirty open complaints, and the session of a lead."""
    folder = tmp_path_factory.mktemp("queue")
    token = _filled(folder)
    with driver.served(folder) as server:
        yield server, token


def _filled(folder: Path) -> str:
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    with register.write() as session:
        lead = accounts.add(
            session, Account(login="lan", name="Lan Anh", role="lead"), "ba con mèo vàng ngủ", Act(None, now)
        )
        text = "Chương {n} vẫn bị khóa sau khi đã nạp tiền " * 4
        drafts = [
            Draft("hotline", now - timedelta(hours=n), text.format(n=n), "locked_chapter") for n in range(1, OPEN + 1)
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
        page.goto(f"{server.url}/queue?segment=all&page=2")
        expect(page.locator("a[data-key]")).to_have_count(OPEN - 25)
        driver.settle(page)
        yield page


def test_a_row_opens_its_complaint_and_back_is_the_same_place(opened: Page) -> None:
    link = opened.locator("a[data-key]").nth(2)
    code = link.inner_text()
    link.click()
    opened.wait_for_url(f"**/complaint?code={code}")
    expect(opened.get_by_text(code).first).to_be_visible()
    opened.go_back()
    opened.wait_for_url("**/queue?segment=all&page=2")
    expect(opened.locator("a[data-key]").nth(2)).to_have_text(code)
    opened.locator("a[data-key]").first.focus()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    opened.wait_for_url(f"**/complaint?code={code}")


def test_ticked_rows_are_taken_over_and_the_ticks_are_gone(opened: Page) -> None:
    boxes = opened.locator("tbody input[type=checkbox]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(opened.locator("tbody input:checked")).to_have_count(3)
    expect(opened.get_by_text("Đã chọn 3 hồ sơ")).to_be_visible()
    opened.get_by_role("button", name="Nhận hồ sơ").click()
    expect(opened.get_by_text("Đã nhận 3 hồ sơ.")).to_be_visible()
    expect(opened.locator("tbody input:checked")).to_have_count(0)
    expect(opened.get_by_text("Đã chọn")).to_have_count(0)
    expect(opened.get_by_role("radio", name="Của tôi 3")).to_be_visible()


@pytest.mark.parametrize("opened", [driver.PHONE], indirect=True)
def test_on_a_phone_a_row_is_two_lines_and_nothing_scrolls_sideways(opened: Page) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    log = opened.get_by_role("button", name="Ghi nhận")
    expect(log.locator("kbd")).to_have_count(1)
    expect(log.locator("kbd")).to_be_hidden()  # there is no keyboard to press N on
    row = opened.locator("tbody tr").first
    code, left, text = (row.locator(f"td.{place}").bounding_box() for place in ("first", "last", "second"))
    assert code is not None
    assert left is not None
    assert text is not None
    assert abs(code["y"] - left["y"]) < 6, "the code and the time left share the first line"
    assert left["x"] > code["x"] + code["width"] / 2
    assert text["y"] >= code["y"] + code["height"], "what they say is the second"
    assert left["x"] + left["width"] <= driver.PHONE[0]
    whole = row.bounding_box()
    assert whole is not None
    assert whole["height"] < 80

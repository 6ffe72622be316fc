"""A time is corrected with its effect before saving, a contact on a phone; the figure says that it was restated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.calendar import LOCAL
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.browser.acts import choose

CAME = timedelta(days=14)
EARLIER = timedelta(days=21)
"""How long ago each complaint is said to have come in, and when it really came."""


@pytest.fixture(scope="module")
def server_and_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, str]]:
    """A server over a complaint that was acknowledged at once, and the session of a lead."""
    folder = tmp_path_factory.mktemp("corrections")
    token = _filled(folder)
    with driver.served(folder) as server:
        yield server, token


def _filled(folder: Path) -> str:
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    with register.write() as session:
        lead = accounts.add(session, Account("lan", "Lan Anh", "lead"), "ba con mèo vàng ngủ", Act(None, now))
        answered = PastStep("acknowledge", now - CAME + timedelta(minutes=5), {"text": "Đã nhận"}, lead.id)
        customer = CustomerDraft("Khách Hàng", "0912345670")
        draft = Draft("hotline", now - CAME, "Chương bị khóa", "other", customer=customer)
        complaints.write_histories(session, [(draft, [answered])], Act(lead, now - CAME + timedelta(hours=1)))
        token = sign_ins.open_session(session, lead.id, now=now)
    register.engine.dispose()
    return token


def test_what_was_typed_wrong_is_put_right(browser: Browser, server_and_token: tuple[driver.Server, str]) -> None:
    server, token = server_and_token
    with driver.opened_page(browser) as page:
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
        page.goto(f"{server.url}/complaint?code=KN-{year()}-000001")
        expect(page.get_by_text("Chương bị khóa").first).to_be_visible()
        correct_a_time(page)
        driver.resize(page, driver.PHONE)
        complete_the_contact(page)
        page.goto(f"{server.url}/sla?stage=acknowledge")
        restated = page.locator(".st-key-restated")
        expect(restated).to_contain_text("→")
        driver.settle(page)
        restated.scroll_into_view_if_needed()
        driver.shots(page, "corrections_sla")
        restated.get_by_role("link").click()
        expect(page.get_by_text(_("corrected afterwards"))).to_be_visible()
        driver.shots(page, "corrections_rows")


def year() -> int:
    return (datetime.now(UTC) - CAME).astimezone(LOCAL).year


def correct_a_time(page: Page) -> None:
    choose(page, _("Step"), named("step", "correct"))
    choose(page, _("What is to be corrected?"), named("correction", "recorded_at"))
    parts = page.locator(".st-key-next_step").get_by_test_id("stDateTimeInput").get_by_role("spinbutton")
    really = (datetime.now(UTC) - EARLIER).astimezone(LOCAL)
    parts.first.click()
    page.keyboard.type(f"{really:%d%m%Y}")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_text("đúng hạn → hạn")).to_be_visible()
    page.get_by_label(_("Why is it corrected?")).fill("Khách gửi từ tuần trước nữa")
    driver.shot(page, "corrections_effect")
    save(page)
    expect(page.get_by_text("Trước là đúng hạn")).to_be_visible()
    driver.shot(page, "corrections_verdicts")


def complete_the_contact(page: Page) -> None:
    choose(page, _("Step"), named("step", "correct"))
    choose(page, _("What is to be corrected?"), named("correction", "contact"))
    email = page.get_by_role("textbox", name=named("correction", "email"))
    email.fill("khach@example.com")
    email.press("Tab")
    driver.shot(page, "corrections_contact")
    save(page)
    expect(page.get_by_text("khach@example.com").first).to_be_visible()
    driver.shot(page, "corrections_timeline", whole=True)


def save(page: Page) -> None:
    """By its own button: the name of an icon is a part of what it is called."""
    page.locator(".st-key-next_step [class*='correct-save'] button").click()

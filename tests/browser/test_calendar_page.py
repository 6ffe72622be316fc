"""The calendar by keyboard on a laptop and by finger on a phone: a day found, changed, looked at, applied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.i18n import gettext as _
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.clocks import promises
from core.register.log.act import Act
from core.register.log.database import open_register
from core.register.people import accounts
from core.register.people.accounts import Account
from tests.browser.driver import LAPTOP, PHONE, Server, acted, opened_page, served, settle

LOGIN, PASSWORD = "quan.tri", "bánh cuốn nóng 63"
OPEN_DAYS = "a[data-day]"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("calendar") / "data") as server:
        server.command("setup", "--organisation", "pops")
        yield server


@pytest.fixture(scope="module")
def working_day(server: Server) -> date:
    """A working day within the term of a complaint that is open; the administrator is there."""
    now = datetime.now(UTC)
    register = open_register(f"sqlite:///{Path(server.data_dir) / 'complaints.db'}", server.data_dir / "evidence")
    with register.write() as session:
        accounts.add(
            session, Account(login=LOGIN, name="Quản Trị", role="admin", department=None), PASSWORD, Act(None, now)
        )
        logged = complaints.log(session, Draft("hotline", now, "Không vào được", "login"), Act(None, now))
        logged = complaints.take(session, logged.code, "acknowledge", {"text": "Đã nhận"}, Act(None, now))
        day = promises.day_after(session, logged, 3, now=now)
    register.engine.dispose()
    return day


def test_a_day_off_by_keyboard(server: Server, working_day: date, browser: Browser) -> None:
    with opened_page(browser, LAPTOP) as page:
        enter(page, server, working_day)
        before = page.locator(f"{OPEN_DAYS}[tabindex='0']")
        expect(before).to_have_count(1)  # one stop of the tab key, arrows inside
        page.locator(f"{OPEN_DAYS}[data-day='{working_day}']").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        settle(page)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(page.locator(f"{OPEN_DAYS}[data-day='{working_day}']")).to_be_focused()
        page.keyboard.press("Enter")
        take_off(page, "Nghỉ công ty")
        page.get_by_role("button", name=_("Look at what moves")).click()
        expect(page.get_by_text("1 hạn lùi, của 1 hồ sơ.")).to_be_visible()
        expect(page.get_by_role("link", name="KN-")).to_have_count(1)
        field(page, _("Why this change?")).fill("Quyết định 12/QĐ")
        page.get_by_role("button", name=_("Apply"), exact=True).click()
        expect(page.get_by_text("Lịch phiên bản 2 có hiệu lực từ bây giờ.")).to_be_visible()
        expect(page.locator(f"{OPEN_DAYS}[data-day='{working_day}']")).to_have_class("off")


def test_on_a_phone_a_year_fits_and_a_day_opens(server: Server, working_day: date, browser: Browser) -> None:
    with opened_page(browser, PHONE, "dark") as page:
        enter(page, server, working_day)
        width, wide = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
        assert wide <= width, "nothing scrolls sideways"
        day = page.locator(f"{OPEN_DAYS}[data-day='{working_day.year}-12-31']")
        box = day.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 22, "big enough for a finger"
        day.click()
        expect(page.get_by_role("dialog").get_by_text(f"31/12/{working_day.year}").first).to_be_visible()
        page.go_back()
        expect(page.get_by_role("dialog")).to_have_count(0)


def enter(page: Page, server: Server, day: date) -> None:
    """Sign in and open the year of ``day``."""
    page.goto(f"{server.url}/sign-in?next=/calendar?year={day.year}")
    page.get_by_label(_("Login name")).fill(LOGIN)
    page.get_by_label(_("Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=_("Sign in")).click()
    expect(page.locator(OPEN_DAYS).first).to_be_visible()
    settle(page)


def take_off(page: Page, name: str) -> None:
    """Fill in the dialog of a working day: off, with that name."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    field(page, _("Name of the day")).fill(name)
    field(page, _("Name of the day")).press("Tab")
    acted(page)
    dialog.get_by_role("button", name=_("Take into the draft")).click()
    expect(dialog).to_have_count(0)


def field(page: Page, label: str) -> Locator:
    """The text field of that label, not the button that explains it."""
    return page.get_by_role("textbox", name=label)

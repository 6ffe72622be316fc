"""A department is added and a channel retired in a real browser, on a laptop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_register
from core.register.people import accounts
from core.register.people.accounts import Account
from tests.browser.driver import LAPTOP, PHONE, Server, opened_page, served, settle

LOGIN, PASSWORD = "quan.tri", "bánh cuốn nóng 63"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The register of POPS with its administrator and a complaint."""
    with served(tmp_path_factory.mktemp("lists") / "data") as server:
        server.command("setup", "--organisation", "pops")
        now = datetime.now(UTC)
        register = open_register(f"sqlite:///{Path(server.data_dir) / 'complaints.db'}", server.data_dir / "evidence")
        with register.write() as session:
            admin = Account(login=LOGIN, name="Quản Trị", role="admin", department=None)
            accounts.add(session, admin, PASSWORD, Act(None, now))
            complaints.log(session, Draft("hotline", now, "Không vào được", "login"), Act(None, now))
        register.engine.dispose()
        yield server


def test_a_department_is_added_and_told_in_the_history(server: Server, browser: Browser) -> None:
    with opened_page(browser, LAPTOP) as page:
        enter(page, server, "departments")
        page.get_by_role("button", name=_("Add an entry")).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        type_into(page, _("Vietnamese name"), "Phòng Pháp chế mới")
        type_into(page, _("English name"), "Legal affairs")
        type_into(page, _("Mailbox (optional)"), "phapche@pops.vn")
        dialog.get_by_role("button", name=_("Add"), exact=True).click()
        expect(dialog).to_have_count(0)
        row = page.get_by_role("row", name="Phòng Pháp chế mới")
        expect(row.get_by_text("phapche@pops.vn")).to_be_visible()
        page.get_by_role("button", name=_("Changes of this list")).click()
        expect(page.get_by_text("Phòng Pháp chế mới: thêm mới")).to_be_visible()


def test_on_a_phone_a_channel_is_found_and_retired(server: Server, browser: Browser) -> None:
    with opened_page(browser, PHONE) as page:
        enter(page, server, "channels")
        width, wide = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
        assert wide <= width, "nothing scrolls sideways"
        page.get_by_role("link", name="Web").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name=_("No longer offer it")).click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_text(_("No longer offered ({n})").format(n=1))).to_be_visible()


def enter(page: Page, server: Server, name: str) -> None:
    """Sign in and open the list."""
    page.goto(f"{server.url}/sign-in?next=/catalogues?list={name}")
    page.get_by_label(_("Login name")).fill(LOGIN)
    page.get_by_label(_("Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=_("Sign in")).click()
    expect(page.get_by_role("table").first).to_be_visible()
    settle(page)


def type_into(page: Page, label: str, text: str) -> None:
    """Fill a field of the dialog and wait for the run that it asks for."""
    field = page.get_by_role("dialog").get_by_role("textbox", name=label)
    field.fill(text)
    field.press("Tab")
    page.wait_for_timeout(300)
    settle(page)

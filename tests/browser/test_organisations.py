"""A register is made for MISA in a browser: only what MISA uses is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core import shipped
from core.i18n import gettext as _
from core.rules.catalogue import LISTS
from tests.browser.acts import ADMIN, LEAD, set_password, sign_in
from tests.browser.driver import PHONE, Server, opened_page, served, settle, shot

NAMES = {name: {entry.vi for entry in getattr(shipped.catalogues("misa"), name).values()} for name in LISTS}
OTHERS = {
    entry.vi
    for key in shipped.organisations()
    if key != "misa"
    for name in ("channels", "categories", "departments", "products")
    for entry in getattr(shipped.catalogues(key), name).values()
} - set().union(*NAMES.values())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(tmp_path / "data") as running:
        yield running


def test_a_refused_set_up_puts_the_cursor_on_the_first_field_to_mend(server: Server, browser: Browser) -> None:
    with opened_page(browser, PHONE) as page:
        link = re.search(r"http://\S+/setup\?code=\S+", server.said())
        assert link, server.said()
        page.goto(link.group())
        page.get_by_label(_("Login name")).fill(ADMIN[0])
        page.get_by_role("button", name=_("Create the administrator")).click()
        expect(page.get_by_label(_("Your name"))).to_be_focused()
        page.get_by_label(_("Your name")).fill("Người Quản Trị")
        page.get_by_label(_("Login name")).fill("á")
        page.get_by_role("button", name=_("Create the administrator")).click()
        expect(page.get_by_label(_("Login name"))).to_be_focused()
        shot(page, "setup-refused-390", whole=True)


def set_up(page: Page, server: Server) -> None:
    """From the link in the terminal to the first administrator of MISA's register; looked at on a phone."""
    link = re.search(r"http://\S+/setup\?code=\S+", server.said())
    assert link, server.said()
    page.goto(link.group())
    expect(page.get_by_role("radio", name="POPS")).to_be_checked()
    page.get_by_role("radio", name="MISA").check()
    page.get_by_label(_("Your name")).fill("Người Quản Trị")
    page.get_by_label(_("Login name")).fill(ADMIN[0])
    page.get_by_label(_("Password"), exact=True).fill(ADMIN[1])
    page.get_by_label(_("Password again")).fill(ADMIN[1])
    shot(page, "setup-misa", whole=True)
    page.get_by_role("button", name=_("Create the administrator")).click(timeout=120_000)
    page.wait_for_url(lambda url: "/setup" not in url, timeout=120_000)


def test_misa_is_set_up_and_works_by_its_own_words(server: Server, browser: Browser) -> None:
    with opened_page(browser, PHONE) as page:
        set_up(page, server)
        said = server.command("sample", "--complaints", "60")
        assert said.startswith("60 ")
        page.goto(server.command("person", "add", LEAD[0], "Bảo Trân", "--role", "lead").strip())
        set_password(page, LEAD[1])
        expect(page.get_by_text(_("Your password is saved"))).to_be_visible()
    with opened_page(browser, PHONE) as page:
        page.goto(server.url)
        sign_in(page, LEAD)
        page.wait_for_selector("[data-testid=stApp]")
        for path in ("log_complaint", "queue", "breakdown", "sla", "handling", "outcomes", "root_causes"):
            page.goto(f"{server.url}/{path}")
            page.locator("[data-testid=stMain] h1").first.wait_for()
            settle(page)
            shown = page.locator("[data-testid=stMain]").inner_text()
            strange = OTHERS.intersection(line.strip() for line in shown.splitlines())
            assert not strange, f"{path} speaks of {strange}"
            shot(page, f"misa-{path}-390", whole=True)

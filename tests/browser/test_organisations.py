"""A register is made for MISA in a browser: only what MISA uses is offered, a complaint is logged with a level, and its
customer is verified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core import shipped
from core.i18n import gettext as _
from core.i18n import named
from core.rules.catalogue import LISTS
from core.rules.steps import VERIFY
from tests.browser.acts import ADMIN, LEAD, set_password, sign_in
from tests.browser.driver import PHONE, Server, opened_page, served, settle, shot, shots

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
        for path in ("log_complaint", "queue", "breakdown", "sla", "root_causes"):
            page.goto(f"{server.url}/{path}")
            page.locator("[data-testid=stMain] h1").first.wait_for()
            settle(page)
            shown = page.locator("[data-testid=stMain]").inner_text()
            strange = OTHERS.intersection(line.strip() for line in shown.splitlines())
            assert not strange, f"{path} speaks of {strange}"
            shot(page, f"misa-{path}-390", whole=True)
        log_a_serious_one(page, server)


def log_a_serious_one(page: Page, server: Server) -> None:
    """A complaint with a level, which only MISA gives; the case says it."""
    page.goto(f"{server.url}/log_complaint")
    page.get_by_label(_("Phone, account or e-mail")).fill("0912 345 678")
    page.get_by_label(_("Phone, account or e-mail")).press("Tab")
    settle(page)
    known = shipped.catalogues("misa")
    form = page.locator("[data-testid=stMain]")
    form.get_by_role("radio", name=next(iter(known.channels.values())).vi, exact=True).click()
    page.get_by_label(_("What does the customer say?")).fill("Nhân viên hẹn gọi lại ba lần mà không gọi")
    form.get_by_role("radio", name=next(iter(known.categories.values())).vi, exact=True).click()
    form.get_by_role("radio", name=known.levels["serious"].vi, exact=True).click()
    page.get_by_role("button", name=_("Save the complaint")).click()
    expect(page.get_by_text(_("Saved. Give the customer this code:"))).to_be_visible()
    code = page.get_by_text(re.compile(r"^KN-20\d\d-\d{6}$")).first.inner_text()
    page.goto(f"{server.url}/complaint?code={code}")
    expect(page.get_by_text(known.levels["serious"].vi).first).to_be_visible()
    shot(page, "misa-case-390", whole=True)
    verify_the_customer(page)


def verify_the_customer(page: Page) -> None:
    """What is true of the customer (MISA 2): from their tab to the form, which is scrolled to, and back."""
    tab, step = page.get_by_role("tab", name=_("Customer")), named("step", VERIFY)
    tab.click()
    expect(page.get_by_text(_("not verified yet"))).to_have_count(6)
    page.locator(f".st-key-{VERIFY}").get_by_role("button", name=step).click()
    title = page.get_by_label("Chức danh")
    expect(title).to_be_visible()
    expect(page.locator(".st-key-next_step")).to_be_in_viewport()
    settle(page)
    title.fill("Kế toán trưởng")
    title.press("Tab")
    page.wait_for_timeout(300)  # the run that leaving the field asks for must have begun before it can be waited for
    settle(page)
    shots(page, "misa-verify-form")
    page.locator(".st-key-next_step").get_by_role("button", name=step).click()
    expect(page.get_by_text(_("Saved: {step}.").format(step=step))).to_be_visible()
    settle(page)
    tab.click()
    expect(page.get_by_role("cell", name=re.compile("Kế toán trưởng Bảo Trân"))).to_be_visible()
    expect(page.get_by_text(_("not verified yet"))).to_have_count(5)
    page.get_by_text(_("not verified yet")).last.scroll_into_view_if_needed()
    shots(page, "misa-customer")

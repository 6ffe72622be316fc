"""An administrator changes the lists in a real browser, and whoever logs complaints has them at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core import shipped
from core.i18n import gettext as _
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_register
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser.acts import choose
from tests.browser.driver import LAPTOP, PHONE, Server, acted, opened_page, served, settle

LOGIN, PASSWORD = "quan.tri", "bánh cuốn nóng 63"
DEPARTMENT, BRANCH, DETAIL = "Phòng Pháp chế mới", "Chi nhánh Đà Nẵng", "Loại gói"
PAYMENT = shipped.catalogues("pops").categories["payment"].vi


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
            accounts.add(session, Account("agent", "Trần Nhân Viên", "agent"), PASSWORD, Act(None, now))
            complaints.log(session, Draft("hotline", now, "Không vào được", "login"), Act(None, now))
        register.engine.dispose()
        yield server


def test_what_is_added_is_offered_at_once_to_whoever_logs(server: Server, browser: Browser) -> None:
    """The agent's form is open before the administrator begins; the server is never started again."""
    with opened_page(browser, LAPTOP) as admin, opened_page(browser, LAPTOP) as agent:
        come_in(agent, server, "agent", "log_complaint")
        enter(admin, server, "departments")
        add_entry(admin, DEPARTMENT, "Legal affairs", mailbox="phapche@pops.vn")
        expect(admin.get_by_role("row", name=DEPARTMENT).get_by_text("phapche@pops.vn")).to_be_visible()
        add_account(admin, server, "Lê Pháp Chế", "handler", _("Department"), DEPARTMENT)
        open_list(admin, server, "branches")
        add_entry(admin, BRANCH, "Da Nang branch")
        add_account(admin, server, "Vũ Chi Nhánh", "reporter", _("Branch"), BRANCH)
        add_detail(admin, server)
        code = log(agent, detail="Gói năm", branch=BRANCH)
        agent.goto(f"{server.url}/complaint?code={code}")
        expect(agent.get_by_role("row", name=DETAIL).get_by_text("Gói năm")).to_be_visible()
        expect(agent.get_by_text(BRANCH).first).to_be_visible()
        open_list(admin, server, "departments")
        expect(admin.get_by_role("row", name=DEPARTMENT).get_by_text("Lê Pháp Chế")).to_be_visible()
        admin.get_by_role("button", name=_("Changes of this list")).click()
        expect(admin.get_by_text(f"{DEPARTMENT}: thêm mới")).to_be_visible()
        open_list(admin, server, "branches", entry="chi_nhanh_da_nang")
        expect(
            admin.get_by_role("dialog").get_by_text("1 hồ sơ đang dùng, 1 đang mở; 1 người phụ trách.")
        ).to_be_visible()
    nothing = _("You have logged no complaint yet. What you log stands here, with its deadlines.")
    with opened_page(browser, PHONE) as reporter:
        come_in(reporter, server, "vu.chi.nhanh", "my_complaints")
        expect(reporter.get_by_text(nothing)).to_be_visible()
        reporter.goto(f"{server.url}/complaint?code={code}")
        expect(reporter.get_by_role("alert")).to_be_visible()
        expect(reporter.get_by_text("Gói năm")).to_have_count(0)
        reporter.goto(f"{server.url}/log_complaint")
        settle(reporter)
        own = log(reporter, detail="Gói tháng")
        reporter.goto(f"{server.url}/my_complaints")
        expect(reporter.get_by_role("link", name=own)).to_be_visible()
        expect(reporter.get_by_role("link", name=code)).to_have_count(0)


def test_on_a_phone_a_channel_is_moved_and_another_retired(server: Server, browser: Browser) -> None:
    with opened_page(browser, PHONE, "dark") as page:
        enter(page, server, "channels")
        width, wide = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
        assert wide <= width, "nothing scrolls sideways"
        page.get_by_role("link", name="Email").first.click()
        place = page.get_by_role("dialog").get_by_role("spinbutton", name=_("Place in the list"))
        place.press("ArrowDown")  # from 2 to 1, without the mouse
        place.press("Enter")
        expect(page.get_by_text(_("Forms and figures show it in place {n} of the list.").format(n=1))).to_be_visible()
        save = page.get_by_role("dialog").get_by_role("button", name=_("Save"), exact=True)
        assert save.locator("p").evaluate("text => getComputedStyle(text).color") == "rgb(11, 31, 28)", "dark on teal"
        save.click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("table").get_by_role("link").first).to_have_text("Email")
        page.get_by_role("link", name="Web").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name=_("No longer offer it")).click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_text(_("No longer offered ({n})").format(n=1))).to_be_visible()


def come_in(page: Page, server: Server, login: str, address: str) -> None:
    """Open ``address`` with a session of that account."""
    register = open_register(f"sqlite:///{Path(server.data_dir) / 'complaints.db'}", server.data_dir / "evidence")
    now = datetime.now(UTC)
    with register.write() as session:
        person = accounts.find(session, login)
        person.password_hash = person.password_hash or "set by the link"
        token = sign_ins.open_session(session, person.id, now=now)
    register.engine.dispose()
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
    page.goto(f"{server.url}/{address}")
    settle(page)


def add_entry(page: Page, vi: str, en: str, mailbox: str = "") -> None:
    """An entry by the dialog, which says first what becomes of it."""
    page.get_by_role("button", name=_("Add an entry")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    type_into(page, _("Vietnamese name"), vi)
    type_into(page, _("English name"), en)
    if mailbox:
        type_into(page, _("Mailbox (optional)"), mailbox)
    expect(dialog.get_by_text("có ngay trong biểu mẫu")).to_be_visible()
    dialog.get_by_role("button", name=_("Add"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text(_("“{name}” is in the list now.").format(name=vi))).to_be_visible()


def add_account(page: Page, server: Server, name: str, role: str, where: str, place: str) -> None:
    """An account that belongs to the new department or branch."""
    page.goto(f"{server.url}/people?person=new&role={role}")
    page.get_by_label(_("Name"), exact=True).fill(name)
    page.get_by_label(_("Login name")).fill("vu.chi.nhanh" if role == "reporter" else "le.phap.che")
    page.get_by_label(_("Login name")).press("Tab")
    settle(page)
    choose(page, where, place)
    page.get_by_role("button", name=_("Create the account")).click()
    expect(page.get_by_text(_("The link, shown only now. Hand it to this person and to nobody else:"))).to_be_visible()


def add_detail(page: Page, server: Server) -> None:
    """A choice that payments must know."""
    open_list(page, server, "categories", entry="payment")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=_("Add a detail")).click()
    expect(dialog.get_by_role("spinbutton", name=_("Place in the list"))).to_have_count(0)
    settle(page)
    type_into(page, _("Vietnamese name"), DETAIL)
    type_into(page, _("English name"), "Kind of plan")
    choose(page, _("Kind"), "lựa chọn")
    type_into(page, _("Choices, one a line: Vietnamese / English"), "Gói tháng / Monthly\nGói năm / Yearly")
    expect(dialog.get_by_text("Hồ sơ mới và hồ sơ đang mở được hỏi thông tin này")).to_be_visible()
    dialog.get_by_role("button", name=_("Save"), exact=True).click()
    expect(dialog.get_by_role("button", name=re.compile(DETAIL))).to_be_visible()


def log(page: Page, *, detail: str, branch: str = "") -> str:
    """A complaint about a payment, with the new detail; returns its code."""
    page.get_by_role("radio", name="Hotline").click()
    page.get_by_label(_("What does the customer say?")).fill("Đã trừ tiền mà chưa thấy gói")
    page.get_by_role("radio", name=PAYMENT).click()
    expect(page.get_by_role("combobox", name=DETAIL)).to_be_visible()
    choose(page, DETAIL, detail)
    if branch:
        choose(page, _("Branch"), branch)
    page.get_by_role("button", name=_("Save the complaint")).click()
    expect(page.get_by_text(_("Saved. Give the customer this code:"))).to_be_visible()
    return page.get_by_text(re.compile(r"^KN-20\d\d-\d{6}$")).first.inner_text()


def open_list(page: Page, server: Server, name: str, entry: str = "") -> None:
    """The list, or one of its entries."""
    page.goto(f"{server.url}/catalogues?list={name}" + (f"&entry={entry}" if entry else ""))
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    settle(page)


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
    acted(page)

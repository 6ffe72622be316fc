"""What people do in the stories, act by act: sign in, choose from a list, log a complaint, take a step."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from core.i18n import gettext as _
from core.settings import SESSION_COOKIE
from tests.attack.target import Target
from tests.browser.driver import Server, acted, drawn, opened_page, settle

ADMIN, AGENT, LEAD = (
    ("quan.tri", "Hạ Long nước trong 17"),
    ("lan.anh", "cà phê sữa đá 42"),
    ("bao.tran", "bún bò chiều mưa 8"),
)
STATEMENT = "Nạp 200 Stars qua ví, đã trừ 49.000đ mà 2 ngày chưa thấy Stars. *Gấp* <b>lắm</b>!"


def sign_in(page: Page, who: tuple[str, str]) -> None:
    """Fill in the form that stands on the screen."""
    page.get_by_label(_("Login name")).fill(who[0])
    page.get_by_label(_("Password"), exact=True).fill(who[1])
    page.get_by_role("button", name=_("Sign in")).click()


def enter(page: Page, of: Target, role: str, address: str) -> None:
    """Somebody of that role, signed in by a session of their own, opens the address."""
    visitor = of.person(role)
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": visitor.cookies[SESSION_COOKIE], "url": visitor.url}])
    page.goto(f"{of.server.url}/{address}")
    settle(page)


def add_account(page: Page, server: Server, who: tuple[str, str], name: str, role: str) -> None:
    """The administrator makes an account, and its person sets the password by the one-time link, elsewhere."""
    page.goto(f"{server.url}/people?person=new")
    page.get_by_label(_("Name"), exact=True).fill(name)
    page.get_by_label(_("Login name")).fill(who[0])
    choose(page, _("Role"), role)
    page.get_by_role("button", name=_("Create the account")).click()
    done = _("The account of {name} is made; the login name is {login}.").format(name=name, login=who[0])
    expect(page.get_by_text(done)).to_be_visible()
    link = page.locator("[data-testid=stCode] code").inner_text()
    assert page.context.browser
    with opened_page(page.context.browser) as elsewhere:
        elsewhere.goto(link)
        set_password(elsewhere, who[1])
        expect(elsewhere.get_by_text(_("Your password is saved"))).to_be_visible()


def set_password(page: Page, password: str) -> None:
    """Fill in the form of a new password that stands on the screen."""
    page.locator("#password").fill(password)
    page.get_by_label(_("Password again")).fill(password)
    page.get_by_role("button", name=_("Save the password")).click()


def choose(page: Page, label: str, option: str) -> None:
    """Pick ``option`` in the drop-down ``label``, in a page that stands still: its list closes on any scroll.

    To reach a box beneath a toast, Playwright scrolls as it clicks.
    """
    box = page.get_by_role("combobox", name=label).last
    expect(page.locator("[data-testid=stToast]")).to_have_count(0)
    box.scroll_into_view_if_needed()
    drawn(page)
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
    acted(page)


def log_complaint(page: Page, server: Server) -> str:
    """Half a form keeps what was typed and says what is missing; the whole one gives a code."""
    page.goto(f"{server.url}/log_complaint")
    page.get_by_role("radio", name="Hotline").click()
    contact = page.get_by_label(_("Phone, account or e-mail"))
    contact.fill("0912 345 678")
    contact.press("Tab")
    expect(page.get_by_text(_("Deadlines if you save now"))).to_be_visible()
    save = page.get_by_role("button", name=_("Save the complaint"))
    save.click()
    expect(page.get_by_text(_("Write the complaint, in the words of whoever makes it."))).to_be_visible()
    expect(contact).to_have_value("0912 345 678")
    page.get_by_label(_("What does the customer say?")).fill(STATEMENT)
    page.get_by_label(_("What does the customer say?")).press("Tab")
    page.get_by_role("radio", name=re.compile("Thanh toán")).click()
    expect(page.get_by_label("Số tiền")).to_be_visible()
    fill_payment(page)
    expect(page.get_by_text("Cần có trước khi chuyển phòng ban")).to_have_count(0)
    save.click()
    expect(page.get_by_text(_("Saved. Give the customer this code:"))).to_be_visible()
    return page.get_by_text(re.compile(r"^KN-20\d\d-\d{6}$")).first.inner_text()


def fill_payment(page: Page, transaction: str = "FT26320001") -> None:
    """What POPS must know of a payment, into the fields that the log form shows for it."""
    for label, text in (("Mã giao dịch", transaction), ("Số tiền", "49k")):
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Tab")
        settle(page)
    page.get_by_role("group", name="Thời điểm thanh toán").get_by_role("spinbutton").first.click()
    page.keyboard.type("151120260815")  # day, month, year, hour, minute: the field goes on by itself
    page.keyboard.press("Tab")
    settle(page)
    choose(page, "Hình thức thanh toán", "Ví MoMo")


def take(page: Page, step: str, **texts: str) -> None:
    """Choose a step, fill its texts, save it, and see it said."""
    if (
        page.get_by_role("combobox", name=_("Step")).count()
        and step not in page.get_by_role("combobox", name=_("Step")).input_value()
    ):
        choose(page, _("Step"), step)
    for label, text in texts.items():
        page.get_by_label(label).last.fill(text)
        page.get_by_label(label).last.press("Tab")
    save_button(page, step).click()
    acted(page)
    expect(page.get_by_text(_("Saved: {step}.").format(step=step)).first).to_be_visible()
    settle(page)


def save_button(page: Page, step: str) -> Locator:
    """The button that saves ``step``, and not the one that undoes the step before, which names that one."""
    return page.locator(".st-key-next_step").get_by_test_id("stBaseButton-primary").filter(has_text=step)


def sign_in_if_asked(page: Page, server: Server, who: tuple[str, str]) -> None:
    """Some set-ups sign the administrator in at once."""
    page.goto(server.url)
    if page.get_by_label(_("Login name")).count():
        sign_in(page, who)
    page.wait_for_selector("[data-testid=stApp]")
    settle(page)

"""Who comes in, in a real browser: invited by a link, a second factor on a phone, sessions ended elsewhere."""

from __future__ import annotations

import time

import pyotp
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from tests.browser.acts import ADMIN, AGENT, add_account, set_password, sign_in, sign_in_if_asked
from tests.browser.driver import PHONE, Server, opened_page, settle, shot

NEW = "gió mùa đông bắc 31"


def fresh_code(secret: str, not_this: str = "") -> str:
    """A code of the app that was not shown before: the next one where it must be."""
    app = pyotp.TOTP(secret)
    while app.now() == not_this:
        time.sleep(0.5)
    return app.now()


def open_account(page: Page) -> None:
    """From the foot of the sidebar to one's own account."""
    page.get_by_role("button", name=_("My account")).click()
    expect(page.get_by_role("heading", name=_("My account"), level=1)).to_be_visible()
    settle(page)


def set_up_second_factor(page: Page) -> tuple[str, str]:
    """On the page of one's account; returns the key and the code that was used."""
    page.get_by_role("button", name=_("Set up the second factor")).click()
    key = page.locator("[data-testid=stCode] code")
    expect(key).to_have_text(pyotp_key := key.inner_text())
    assert page.get_by_role("img").count() or page.locator("[data-testid=stImage] img").count()
    shot(page, "account-setting-up", whole=True)
    code = fresh_code(pyotp_key)
    page.locator(".st-key-account_factor_password input").fill(AGENT[1])
    page.get_by_label(_("Code of the app")).fill(code)
    page.get_by_role("button", name=_("Turn on"), exact=True).click()
    expect(page.get_by_text(_("The second factor is on: the next sign-in asks for a code."))).to_be_visible()
    codes = page.locator("[data-testid=stCode] code").inner_text().split()
    assert len(codes) == 10
    shot(page, "account-recovery-codes", whole=True)
    return pyotp_key, code


def test_from_the_invitation_to_the_second_factor(server: Server, page: Page, browser: Browser) -> None:
    server.command("setup", "--admin", "Quản Trị", "--login", ADMIN[0], "--password-stdin", stdin=ADMIN[1] + "\n")
    sign_in_if_asked(page, server, ADMIN)
    add_account(page, server, AGENT, "Lan Anh", "nhân viên CSKH")
    shot(page, "people-link")

    with opened_page(browser) as colleague, opened_page(browser, PHONE) as elsewhere:
        for there in (colleague, elsewhere):
            sign_in_if_asked(there, server, AGENT)
        open_account(colleague)
        expect(colleague.get_by_text(_("this session"))).to_have_count(1)
        secret, used = set_up_second_factor(colleague)

        colleague.get_by_role("button", name=_("Sign out everywhere else")).click()
        expect(colleague.get_by_text("Đã kết thúc 1 phiên đăng nhập khác.")).to_be_visible()
        elsewhere.reload()
        expect(elsewhere.get_by_label(_("Login name"))).to_be_visible()

        colleague.get_by_role("button", name=_("Sign out"), exact=True).click()
        colleague.wait_for_url("**/sign-in")
        sign_in(colleague, AGENT)
        colleague.wait_for_url("**/sign-in/code")
        shot(colleague, "sign-in-code")
        colleague.goto(f"{server.url}/queue")
        colleague.wait_for_url("**/sign-in/code?next=**")  # the password alone opens nothing
        colleague.get_by_label(_("Code of the app")).fill(used)
        colleague.get_by_role("button", name=_("Sign in"), exact=True).click()
        expect(
            colleague.get_by_text(_("This code is not right: type the newest one that the app shows."))
        ).to_be_visible()
        colleague.get_by_label(_("Code of the app")).fill(fresh_code(secret, used))
        time.sleep(1)  # a wrong code costs a second
        colleague.get_by_role("button", name=_("Sign in"), exact=True).click()
        colleague.wait_for_url("**/queue")
        settle(colleague)

    page.goto(f"{server.url}/people")
    settle(page)
    expect(page.get_by_text("hai lớp", exact=True)).to_be_visible()
    assert server.command("verify", "--language", "vi").startswith("Toàn vẹn")


def test_a_password_from_the_command_line_and_a_demanded_second_factor_come_first(
    server: Server, page: Page, browser: Browser
) -> None:
    server.command("setup", "--admin", "Quản Trị", "--login", ADMIN[0], "--password-stdin", stdin=ADMIN[1] + "\n")
    server.command("person", "add", AGENT[0], "Lan Anh", "--role", "agent", "--password-stdin", stdin=AGENT[1] + "\n")
    sign_in_if_asked(page, server, ADMIN)
    page.goto(f"{server.url}/people")
    page.get_by_role("button", name="nhân viên CSKH").click()
    expect(page.get_by_text("1 người chưa thiết lập.")).to_be_visible()
    shot(page, "people-demanded", whole=True)

    with opened_page(browser, PHONE) as colleague:
        colleague.goto(f"{server.url}/queue")
        sign_in(colleague, AGENT)
        colleague.wait_for_url("**/sign-in/password?next=**")
        colleague.locator("#password").fill("lan.anh2027")
        expect(colleague.get_by_text("đừng dùng tên hoặc tên đăng nhập")).to_be_visible()
        shot(colleague, "new-password-phone", whole=True)
        set_password(colleague, NEW)
        colleague.wait_for_url("**/sign-in/second-factor?next=**")
        shot(colleague, "set-up-factor-phone", whole=True)
        key = colleague.locator(".key code").inner_text()
        colleague.get_by_label(_("Code of the app")).fill(fresh_code(key))
        colleague.get_by_role("button", name=_("Turn on"), exact=True).click()
        expect(colleague.locator(".codes li")).to_have_count(10)
        shot(colleague, "recovery-codes-phone", whole=True)
        colleague.get_by_role("link", name=_("I have kept them: go on")).click()
        colleague.wait_for_url("**/queue")
        settle(colleague)
        expect(colleague.get_by_role("heading", level=1)).to_be_visible()

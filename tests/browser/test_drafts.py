"""What was typed is never lost, in a real browser: reload, other pages, a server that goes, a session that ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from tests.browser.acts import choose, sign_in, take
from tests.browser.driver import LAPTOP, PHONE, Server, opened_page, served, settle, shot

AGENT = ("lan.anh", "cà phê sữa đá 42")
GIVEN = "bún bò chiều mưa 8"  # the password of the command line, changed at the first sign-in
STATEMENT = "Nạp 200 Stars qua ví, đã trừ 49.000đ mà 2 ngày chưa thấy Stars."
NOTE = "Khách gọi lại lần hai, rất gấp"
KEPT = re.compile(r"^Bản nháp đã lưu \d\d:\d\d$")
PAUSE = 45_000  # ms that a page or a draft may take on a busy machine


@pytest.fixture
def server(tmp_path: Path) -> object:
    """A server with one agent."""
    with served(tmp_path / "data") as server:
        server.command("setup", "--admin", "quan.tri", "--password-stdin", stdin="Hạ Long nước trong 17\n")
        server.command("person", "add", *AGENT[:1], "Lan Anh", "--role", "agent", "--password-stdin", stdin=GIVEN)
        yield server


def statement(page: Page) -> Locator:
    return page.get_by_label(_("What does the customer say?"))


def wait_until_kept(page: Page) -> None:
    expect(page.get_by_text(KEPT)).to_be_visible(timeout=PAUSE)


def typed(page: Page, field: Locator, text: str) -> None:
    """As fingers do, without leaving the field: Streamlit has not heard of it yet."""
    field.click()
    page.keyboard.type(text, delay=5)


def test_a_call_that_is_interrupted(server: Server, browser: Browser) -> None:
    with opened_page(browser, LAPTOP) as page:
        _first_sign_in(page, server)
        page.goto(f"{server.url}/log_complaint")
        page.get_by_role("radio", name="Hotline").click()
        page.wait_for_timeout(500)  # the run that the choice asks for must have begun before it can be waited for
        settle(page)
        runs = _runs(page)
        typed(page, statement(page), STATEMENT)
        wait_until_kept(page)
        assert _runs(page) == runs, "a pause runs no script"
        shot(page, "draft_log_form")

        page.reload()
        expect(statement(page)).to_have_value(STATEMENT, timeout=PAUSE)
        expect(page.get_by_role("radio", name="Hotline")).to_be_checked()
        expect(page.get_by_text(KEPT)).to_be_visible()

        typed(page, statement(page), " Gấp.")
        page.reload()  # at once, before the pause
        expect(statement(page)).to_have_value(re.compile("Gấp"), timeout=PAUSE)

        page.goto(f"{server.url}/queue")
        settle(page)
        page.goto(f"{server.url}/log_complaint")
        expect(statement(page)).to_have_value(re.compile("Gấp"), timeout=PAUSE)

        server.kill()
        server.start()
        page.goto(f"{server.url}/log_complaint")
        expect(statement(page)).to_have_value(re.compile("Gấp"), timeout=PAUSE)
        settle(page)

        page.get_by_role("radio", name=re.compile("Thanh toán")).click()
        settle(page)
        typed(page, statement(page), "!")
        page.keyboard.press("Control+Enter")  # saved before the pause: what is on its way must not come back
        expect(page.get_by_text(_("Saved. Give the customer this code:"))).to_be_visible(timeout=PAUSE)
        page.wait_for_timeout(2_000)
        page.reload()
        expect(statement(page)).to_have_value("", timeout=PAUSE)
        expect(page.get_by_text(KEPT)).to_have_count(0)

        _a_step_form(page, server)
        _a_session_that_ends_after_a_step(page, server)
        _discarding(page, server)
        _a_session_that_ends(page, server)
    _on_a_phone(server, browser)
    assert STATEMENT[:12] not in server.said()


def _first_sign_in(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sign-in")
    sign_in(page, (AGENT[0], GIVEN))
    page.get_by_label(_("New password"), exact=True).fill(AGENT[1])
    page.get_by_label(_("Password again")).fill(AGENT[1])
    page.get_by_role("button", name=_("Save the password")).click()
    settle(page)


def _a_step_form(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/queue?segment=all")
    page.get_by_role("link", name=re.compile("KN-")).first.click()
    settle(page)
    case = page.url
    choose(page, _("Step"), named("step", "note"))
    field = page.get_by_label(_("Note, for colleagues only"))
    typed(page, field, NOTE)
    wait_until_kept(page)
    shot(page, "draft_step_form", whole=True)
    page.reload()
    expect(field).to_have_value(NOTE, timeout=PAUSE)
    page.goto(f"{server.url}/queue")
    settle(page)
    page.goto(case)
    expect(field).to_have_value(NOTE, timeout=PAUSE)
    take(page, named("step", "note"))
    page.reload()
    settle(page)
    expect(page.get_by_text(NOTE).first).to_be_visible()
    expect(page.get_by_text(KEPT)).to_have_count(0)


def _discarding(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/log_complaint")
    typed(page, statement(page), STATEMENT)
    wait_until_kept(page)
    page.get_by_role("button", name=_("Discard the draft")).click()
    expect(statement(page).first).to_have_value("", timeout=PAUSE)  # the old field stands beneath until the run ends
    expect(statement(page)).to_have_count(1, timeout=PAUSE)
    settle(page)
    page.reload()
    expect(statement(page)).to_have_value("", timeout=PAUSE)
    expect(page.get_by_text(KEPT)).to_have_count(0)


def _a_session_that_ends(page: Page, server: Server) -> None:
    """Signed out in another tab, typed on, saved: the text is there after signing in again."""
    page.goto(f"{server.url}/log_complaint")
    settle(page)
    _sign_out_elsewhere(page, server)
    typed(page, statement(page), STATEMENT)
    expect(page.get_by_text("Phiên làm việc đã kết thúc: hãy đăng nhập lại")).to_be_visible(timeout=PAUSE)
    page.get_by_role("button", name=_("Save the complaint")).click()
    expect(page.get_by_text("Nội dung đã nhập vẫn được giữ")).to_be_visible(timeout=PAUSE)
    shot(page, "draft_session_ended")
    page.get_by_role("button", name=_("Sign in")).click()
    sign_in(page, AGENT)
    expect(statement(page)).to_have_value(STATEMENT, timeout=PAUSE)


def _a_session_that_ends_after_a_step(page: Page, server: Server) -> None:
    """What was saved is told once, where the next step begins: no toast over a clock, nor once more as it ends."""
    page.goto(f"{server.url}/queue?segment=all")
    page.get_by_role("link", name=re.compile("KN-")).first.click()
    settle(page)
    choose(page, _("Step"), named("step", "note"))
    page.get_by_label(_("Note, for colleagues only")).fill(NOTE)
    page.get_by_label(_("Note, for colleagues only")).press("Tab")
    toast = page.get_by_test_id("stToast")
    take(page, named("step", "note"))
    expect(toast).to_have_count(0)
    _sign_out_elsewhere(page, server)
    page.get_by_role("combobox", name=_("Step")).click()
    page.get_by_role("option").last.click()
    expect(page.get_by_role("button", name=_("Sign in"))).to_be_visible(timeout=PAUSE)
    page.wait_for_timeout(500)  # as long as a toast takes to come
    expect(toast.locator("visible=true")).to_have_count(0)
    page.get_by_role("button", name=_("Sign in")).click()
    sign_in(page, AGENT)
    settle(page)


def _sign_out_elsewhere(page: Page, server: Server) -> None:
    other = page.context.new_page()
    other.goto(f"{server.url}/queue")
    other.get_by_role("button", name=_("Sign out")).click()
    other.wait_for_url(re.compile("/sign-in"))
    other.close()


def _on_a_phone(server: Server, browser: Browser) -> None:
    """Another device of the same person; nothing runs out of the window sideways."""
    with opened_page(browser, PHONE) as phone:
        phone.goto(f"{server.url}/log_complaint")
        sign_in(phone, AGENT)
        expect(statement(phone)).to_have_value(STATEMENT, timeout=PAUSE)
        phone.get_by_text(KEPT).scroll_into_view_if_needed()
        shot(phone, "draft_phone")
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _runs(page: Page) -> int:
    """How often the script of the page has run since it was loaded, by the mark Streamlit sets while it runs."""
    return int(
        page.evaluate(
            """() => {
              if (window.popsRuns === undefined) {
                window.popsRuns = 0
                const app = document.querySelector("[data-testid='stApp']")
                new MutationObserver(() => {
                  if (app.dataset.testScriptState === "running") window.popsRuns += 1
                }).observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] })
              }
              return window.popsRuns
            }"""
        )
    )

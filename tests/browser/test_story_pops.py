"""The main job in a real browser: set up, sign in, log a complaint, work it, see it, take it home as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from tests.browser.acts import (
    ADMIN,
    AGENT,
    LEAD,
    STATEMENT,
    add_account,
    choose,
    log_complaint,
    save_button,
    set_password,
    sign_in,
    sign_in_if_asked,
    take,
)
from tests.browser.driver import Server, opened_page, served, settle
from tests.engines import Postgres

SAMPLE = 300


def set_up(page: Page, server: Server) -> None:
    """From the link in the terminal to the first administrator, with sample data."""
    page.goto(f"{server.url}/setup")
    expect(page.locator("input[type=password]")).to_have_count(0)  # without the code there is no form
    link = re.search(r"http://\S+/setup\?code=\S+", server.said())
    assert link, server.said()
    page.goto(link.group())
    page.get_by_label(_("Your name")).fill("Người Quản Trị")
    page.get_by_label(_("Login name")).fill(ADMIN[0])
    page.get_by_label(_("Password"), exact=True).fill(ADMIN[1])
    page.get_by_label(_("Password again")).fill(ADMIN[1])
    page.get_by_label(_("Fill in sample data")).check()
    page.get_by_label(_("How many sample complaints")).fill(str(SAMPLE))
    page.get_by_role("button", name=_("Create the administrator")).click(timeout=120_000)
    page.wait_for_url(lambda url: "/setup" not in url, timeout=120_000)
    page.goto(link.group())
    expect(page.locator("input[type=password]")).to_have_count(0)  # the page works once


def work(page: Page, server: Server, code: str) -> None:
    """From the queue to the case, and every step to its end."""
    page.goto(f"{server.url}/queue")
    settle(page)
    page.goto(f"{server.url}/queue?segment=unacknowledged")
    settle(page)
    page.goto(f"{server.url}/complaint?code={code}")
    expect(page.get_by_text("Nạp 200 Stars qua ví, đã trừ 49.000đ")).to_be_visible()
    expect(page.get_by_text("<b>lắm</b>")).to_be_visible()  # what a customer writes is shown, never run
    take(page, named("step", "acknowledge"))
    page.locator(".st-key-next_step").get_by_role("radio", name="Khiếu nại", exact=True).click()
    take(page, named("step", "classify"))
    choose(page, _("Department"), "Phòng Thanh toán")
    take(page, named("step", "forward"), **{_("What should they check or decide?"): "Kiểm tra giao dịch ví"})
    take(page, named("step", "answer"), **{_("What did the department find or decide?"): "Đã cộng Stars"})
    take(page, named("step", "notify_result"), **{_("The result as told to the customer"): "Đã nhận đủ 200 Stars"})
    choose(page, _("How did it end?"), "Chấp nhận khiếu nại")
    choose(page, _("Root cause"), "Đối soát chậm")
    take(page, named("step", "close"))


def download(page: Page, server: Server, folder: Path) -> list[dict[str, str]]:
    """The CSV of the rows on the screen, read by another reader."""
    page.goto(f"{server.url}/explore?period=year")
    settle(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("CSV")).first.click()
    file = folder / "rows.csv"
    waiting.value.save_as(file)
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the byte order mark to read Vietnamese"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_main_job_from_set_up_to_the_file(server: Server, page: Page, phone: Page, tmp_path: Path) -> None:
    set_up(page, server)
    sign_in_if_asked(page, server, ADMIN)
    add_account(page, server, LEAD, "Bảo Trân", "trưởng nhóm CSKH")
    add_account(page, server, AGENT, "Lan Anh", "nhân viên CSKH")
    page.context.clear_cookies()

    page.goto(f"{server.url}/queue?segment=overdue")
    expect(page.get_by_label(_("Login name"))).to_be_visible()  # a deep link asks who this is first
    sign_in(page, (AGENT[0], "not the password"))
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"\w"))
    page.wait_for_timeout(1_100)
    sign_in(page, AGENT)
    page.wait_for_url("**/queue?segment=overdue")
    settle(page)

    code = log_complaint(page, server)
    work(page, server, code)
    expect(page.get_by_text("Đối soát chậm").first).to_be_visible()

    server.kill()
    server.start()
    page.reload()
    expect(page.get_by_text(code).first).to_be_visible()  # the session outlives the server

    phone.goto(f"{server.url}/sla")
    sign_in(phone, LEAD)
    phone.wait_for_url("**/sla")

    rows = download(phone, server, tmp_path)
    shown = phone.get_by_role("heading", level=1).inner_text()
    assert f"{len(rows):,}".replace(",", ".") in shown, (len(rows), shown)
    mine = next(row for row in rows if code in row.values())
    assert "met" in mine.values() or "đúng hạn" in [value.lower() for value in mine.values()]

    phone.goto(server.url)
    settle(phone)
    phone.locator("[data-testid=stExpandSidebarButton]").click()
    phone.get_by_role("button", name=_("Sign out")).click()
    phone.wait_for_url("**/sign-in")
    phone.goto(f"{server.url}/sla")
    expect(phone.get_by_label(_("Login name"))).to_be_visible()

    said = server.command("verify")
    assert str(SAMPLE + 1) in said.replace(".", "").replace(",", ""), said


def undo_and_withdraw(page: Page) -> None:
    """The note is taken back, on a page opened anew, and stands in its form again; withdrawing asks first."""
    page.reload()
    settle(page)
    button = page.get_by_role("button", name=re.compile("Hoàn tác “Viết ghi chú” .còn 1[45] phút."))
    button.click()
    expect(page.get_by_text("Nội dung đã nhập có lại trong biểu mẫu.").first).to_be_visible()
    expect(page.get_by_label(_("Note, for colleagues only"))).to_have_value("Gọi lại sau 14 giờ")
    expect(page.locator("s, del").filter(has_text=named("event", "noted"))).to_be_visible()
    expect(button).to_have_count(0)
    settle(page)
    choose(page, _("Step"), named("step", "withdraw"))
    why = page.get_by_label(_("Why does the customer take it back?"))
    why.fill("Khách đổi ý")
    why.press("Tab")
    settle(page)
    form, means = page.locator(".st-key-next_step"), page.get_by_text("Hồ sơ kết thúc vì khách hàng rút khiếu nại")
    save_button(page, named("step", "withdraw")).press("Enter")
    expect(means).to_be_visible()
    back = form.get_by_role("button", name=_("No, go back"))
    expect(back).to_be_focused()
    back.press("Enter")
    expect(means).to_have_count(0)
    expect(why).to_have_value("Khách đổi ý")
    settle(page)
    why.press("Control+Enter")
    expect(means).to_be_visible()
    settle(page)
    page.keyboard.press("Control+Shift+Enter")
    expect(page.get_by_text(_("Saved: {step}.").format(step=named("step", "withdraw"))).first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Hoàn tác “Khách rút khiếu nại”"))).to_be_visible()


@pytest.fixture
def server_on_postgresql(postgres: Postgres, tmp_path: Path) -> Iterator[Server]:
    """A running server over a register in PostgreSQL; nothing but DATABASE_URL differs from all other stories."""
    with postgres.opened_database() as url, served(tmp_path / "data", DATABASE_URL=url) as server:
        yield server


@pytest.mark.postgresql
def test_two_people_on_one_case_lose_nothing(server_on_postgresql: Server, page: Page, browser: Browser) -> None:
    server = server_on_postgresql
    server.command("setup", "--admin", "Quản Trị", "--login", ADMIN[0], "--password-stdin", stdin=ADMIN[1] + "\n")
    for who, name, role in ((AGENT, "Lan Anh", "agent"), (LEAD, "Bảo Trân", "lead")):
        page.goto(server.command("person", "add", who[0], name, "--role", role).strip())
        set_password(page, who[1])
        expect(page.get_by_text(_("Your password is saved"))).to_be_visible()
    page.goto(server.url)
    sign_in(page, AGENT)
    page.wait_for_selector("[data-testid=stApp]")
    code = log_complaint(page, server)
    with opened_page(browser) as other:
        other.goto(f"{server.url}/complaint?code={code}")
        sign_in(other, LEAD)
        page.goto(f"{server.url}/complaint?code={code}")
        for one in (page, other):
            expect(one.get_by_text(STATEMENT[:30])).to_be_visible()
            settle(one)
        note = _("Note, for colleagues only")
        choose(other, _("Step"), named("step", "note"))
        other.get_by_label(note).fill("Gọi lại sau 14 giờ")
        other.get_by_label(note).press("Tab")
        take(page, named("step", "acknowledge"))
        save_button(other, named("step", "note")).click()
        overtaken = _("Somebody else changed this case while you were writing. Nothing you typed is lost.")
        expect(other.get_by_text(overtaken)).to_be_visible()
        expect(other.get_by_label(note)).to_have_value("Gọi lại sau 14 giờ")
        other.get_by_role("button", name=_("Save on the new version")).click()
        expect(other.get_by_text(_("Saved: {step}.").format(step=named("step", "note"))).first).to_be_visible()
        undo_and_withdraw(other)
    assert server.command("verify", "--language", "vi").startswith("Toàn vẹn: ")

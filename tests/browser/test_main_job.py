"""The main job in a real browser: set up, sign in, log a complaint, work it, see it, take it home as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from tests.browser.driver import Server, opened_page, served, settle
from tests.engines import Postgres

ADMIN, AGENT, LEAD = (
    ("quan.tri", "Hạ Long nước trong 17"),
    ("lan.anh", "cà phê sữa đá 42"),
    ("bao.tran", "bún bò chiều mưa 8"),
)
STATEMENT = "Nạp 200 Stars qua ví, đã trừ 49.000đ mà 2 ngày chưa thấy Stars. *Gấp* <b>lắm</b>!"
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


def sign_in(page: Page, who: tuple[str, str]) -> None:
    """Fill in the form that stands on the screen."""
    page.get_by_label(_("Login name")).fill(who[0])
    page.get_by_label(_("Password"), exact=True).fill(who[1])
    page.get_by_role("button", name=_("Sign in")).click()


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
    page.wait_for_timeout(300)
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
    page.wait_for_timeout(300)  # the run that the choice asks for must have begun before it can be waited for
    settle(page)


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
    expect(page.get_by_text(_("Write what the customer says, in their words."))).to_be_visible()
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
        settle(page)
    for label, text in texts.items():
        page.get_by_label(label).last.fill(text)
        page.get_by_label(label).last.press("Tab")
    save_button(page, step).click()
    expect(page.get_by_text(_("Saved: {step}.").format(step=step)).first).to_be_visible()
    settle(page)


def save_button(page: Page, step: str) -> Locator:
    """The button that saves ``step``, and not the one that undoes the step before, which names that one."""
    return page.locator(".st-key-next_step").get_by_test_id("stBaseButton-primary").filter(has_text=step)


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


def sign_in_if_asked(page: Page, server: Server, who: tuple[str, str]) -> None:
    """Some set-ups sign the administrator in at once."""
    page.goto(server.url)
    if page.get_by_label(_("Login name")).count():
        sign_in(page, who)
    page.wait_for_selector("[data-testid=stApp]")
    settle(page)


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

"""A day of customer care by keyboard and on a phone: the queue, a case beside it, a call settled at once, the case."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from core.ui.style import BELL
from tests.browser import driver
from tests.browser.acts import save_button
from tests.browser.driver import Server, acted, opened_page, settle, shot
from tests.files import PNG

WHOLE, AT_ONCE = 30, 45  # seconds of a complaint by keyboard, and of one that is settled in the same save
FOCUSED = "(() => { let a = document.activeElement; while (a.shadowRoot) a = a.shadowRoot.activeElement; return a })()"
NAME_OF_FOCUSED = (
    f"{FOCUSED} === document.body ? '' : {FOCUSED}.innerText || {FOCUSED}.getAttribute('aria-label') || ''"
)
ENGLISH = re.compile(
    r"^(Sidebar|App pages|Expand sidebar|Collapse sidebar|Open|Clear value|Choose date.*|file upload|progress"
    r"|Previous.*|Next.*|Shortcut .*|(day|month|year|hour|minute), .*|Today, .*|Empty)$"
)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server over six open complaints of POPS, and the session of an agent."""
    folder = tmp_path_factory.mktemp("work")
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    with register.write() as session:
        agent = accounts.add(
            session, Account(login="lan", name="Lan Anh", role="agent"), "ba con mèo vàng ngủ", Act(None, now)
        )
        drafts = [Draft("hotline", now - timedelta(hours=n), f"Chương {n} bị khóa", "other") for n in range(1, 7)]
        cases = complaints.write_histories(session, [(draft, ()) for draft in drafts], Act(None, now))
        act = Act(agent, now)
        code = str(cases[0].row["code"])
        complaints.take(session, code, "acknowledge", {"channel": "hotline"}, act)
        complaints.take(session, code, "classify", {"kind": "complaint", "category": "other"}, act)
        due_at = now + timedelta(days=2)
        asked = {"department": "engineering", "text": "Vì sao chương này khóa?", "due_at": due_at}
        complaints.take(session, code, "forward", asked, act)  # type: ignore[arg-type] # dict of a StepFields
        token = sign_ins.open_session(session, agent.id, now=now)
    register.engine.dispose()
    with driver.served(folder) as server:
        yield server, token


def enter(page: Page, work: tuple[Server, str], path: str) -> None:
    server, token = work
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
    page.goto(f"{server.url}/{path}")
    settle(page)


def focused(page: Page) -> str:
    """What the cursor is in: the text of a link or button, else the label of a field; nothing while it is nowhere."""
    return str(page.evaluate(NAME_OF_FOCUSED)).strip()


def cursor_in(page: Page, wanted: str) -> None:
    """Wait until the cursor is there."""
    driver.until(page, f"({NAME_OF_FOCUSED}).includes('{wanted}')")


def choose_by_space(page: Page, name: str) -> None:
    """Choose the pill that the cursor is in; a page that is just being drawn takes no key yet."""
    pill = page.get_by_role("radio", name=name)
    for _try in range(10):
        page.wait_for_timeout(300)
        if pill.is_checked():
            break
        page.keyboard.press("Space")
    expect(pill).to_be_checked()
    settle(page)


def codes(page: Page) -> list[str]:
    expect(page.locator("a[data-key]").first).to_be_visible()
    page.wait_for_timeout(500)  # a page that is just being drawn takes no key yet
    return page.locator("a[data-key]").all_inner_texts()


def test_the_queue_by_keyboard(page: Page, work: tuple[Server, str]) -> None:
    enter(page, work, "queue?segment=all")
    rows = codes(page)
    tops = page.locator(".st-key-queue_segment [role=radio]").evaluate_all("all => all.map(one => one.offsetTop)")
    assert len(set(tops)) == 1, "the segments share one line of a laptop"
    expect(page.get_by_text("Phím tắt: j / k chuyển dòng")).to_be_visible()
    page.keyboard.press("j")
    assert focused(page) == rows[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == rows[1]
    page.keyboard.press("x")
    expect(page.locator("tbody input:checked")).to_have_count(1)
    expect(page.get_by_text("Đã chọn 1 hồ sơ")).to_be_visible()

    page.keyboard.press("p")
    panel = page.get_by_role("complementary", name=f"Xem nhanh: {rows[1]}")
    expect(panel.get_by_text("Chương")).to_be_visible()
    expect(panel.get_by_text(_("What comes next:"))).to_be_visible()
    shot(page, "queue-peek")
    page.keyboard.press("j")
    expect(page.get_by_role("complementary", name=f"Xem nhanh: {rows[2]}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-peek")).to_have_count(0)
    assert focused(page) == rows[2], "back in the row it was about"
    page.get_by_role("button", name=f"Xem nhanh {rows[0]}").click()
    page.get_by_role("complementary").get_by_role("button", name=_("Close")).click()
    expect(page.locator(".st-key-peek")).to_have_count(0)
    assert focused(page) == rows[0]

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name=_("Keys of this list"))
    expect(keys).to_be_visible()
    shot(page, "queue-keys")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()

    page.keyboard.press("/")
    page.keyboard.type("jx?p")
    expect(page.locator(".st-key-search input")).to_have_value("jx?p")
    expect(page.locator("tbody input:checked")).to_have_count(1)
    expect(page.locator(".st-key-peek")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.locator("a[data-key]").first.focus()
    pressed = "new KeyboardEvent('keydown', {key: 'Process', code: 'KeyJ', bubbles: true, composed: true})"
    page.evaluate(f"{FOCUSED}.dispatchEvent({pressed})")
    assert focused(page) == rows[1], "an input method keeps the letter, and says where it is on the keyboard"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/complaint?code={rows[1]}")


def test_a_call_is_logged_and_another_settled_by_keyboard(page: Page, work: tuple[Server, str]) -> None:
    enter(page, work, "log_complaint")
    began = time.monotonic()
    cursor_in(page, "Hotline")
    choose_by_space(page, "Hotline")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(_("Write the complaint, in the words of whoever makes it."))).to_be_visible()
    cursor_in(page, _("What does the customer say?"))
    page.keyboard.type("Không đăng nhập được từ tối qua")
    page.keyboard.press("Tab")
    choose_by_space(page, "Đăng nhập/đăng xuất")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(_("Saved. Give the customer this code:"))).to_be_visible()
    took = time.monotonic() - began
    assert took < WHOLE, f"a whole complaint took {took:.0f} s"

    cursor_in(page, _("Log the next one"))
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    expect(page.get_by_text(_("Deadlines if you save now"))).to_be_visible()
    _settle_at_once(page)
    page.get_by_role("link", name=_("Open the case")).click()
    expect(page.get_by_text(named("state", "closed")).first).to_be_visible()
    expect(page.get_by_text("Tối đa 500 Stars một lần").first).to_be_visible()


def _settle_at_once(page: Page) -> None:
    began = time.monotonic()
    cursor_in(page, _("Phone, account or e-mail"))
    page.keyboard.type("0912 345 678")
    statement = page.get_by_label(_("What does the customer say?"))
    while focused(page) != _("What does the customer say?"):
        page.keyboard.press("Tab")
    page.keyboard.type("Nạp tối đa bao nhiêu Stars một lần?")
    page.keyboard.press("Tab")
    choose_by_space(page, "Đăng nhập/đăng xuất")
    for _press in range(20):
        page.keyboard.press("Tab")
        if focused(page) == _("Goes on after this"):
            break
    page.keyboard.press("ArrowRight")
    choose_by_space(page, _("Question answered at once"))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Hãy ghi kết quả đã báo cho khách hàng.")).to_be_visible()
    cursor_in(page, _("The result as told to the customer"))
    expect(statement).to_have_value("Nạp tối đa bao nhiêu Stars một lần?")
    page.keyboard.type("Tối đa 500 Stars một lần")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(_("Logged, answered and closed in one save. The code, for the customer:"))).to_be_visible()
    took = time.monotonic() - began
    shot(page, "settled-at-once")
    assert took < AT_ONCE, f"settled at once took {took:.0f} s"


def test_saving_waits_for_a_file_that_is_still_on_its_way(page: Page, work: tuple[Server, str]) -> None:
    enter(page, work, "complaint?code=KN-2026-000002")
    under_way: list[Route] = []
    page.route(
        "**/upload_file/**", lambda one: under_way.append(one) if one.request.method == "PUT" else one.continue_()
    )
    form, save = page.locator(".st-key-next_step"), save_button(page, named("step", "acknowledge"))
    form.get_by_text(_("Attach files")).click()
    form.locator("input[type=file]").set_input_files({"name": "ảnh.png", "mimeType": "image/png", "buffer": PNG})
    expect(form.get_by_test_id("stFileChipIconSpinner")).to_be_visible()
    save.click()
    expect(save).to_have_attribute("aria-busy", "true")
    form.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()
    expect(save).not_to_have_attribute("aria-busy", "true")
    page.wait_for_timeout(1000)
    expect(save).to_be_visible()  # whoever takes the file back may want another one first
    under_way.clear()
    form.locator("input[type=file]").set_input_files({"name": "ảnh.png", "mimeType": "image/png", "buffer": PNG})
    save.click()  # at once: the file has not even a chip yet
    expect(save).to_have_attribute("aria-busy", "true")
    page.wait_for_timeout(1000)
    expect(save).to_be_visible()
    under_way.pop().continue_()
    expect(page.get_by_text(_("Saved: {step}.").format(step=named("step", "acknowledge"))).first).to_be_visible()
    settle(page)
    page.get_by_role("tab", name=_("Evidence")).click()
    expect(page.get_by_role("link", name="ảnh.png", exact=True)).to_be_visible()


SMALL = """
() => [...document.querySelectorAll('.stMain :is(input, textarea, [role=radio], .stButton button)')].flatMap(one => {
  const box = one.closest('[role=group], [data-testid=stTextInputRootElement]') ?? one
  const { height, width } = box.getBoundingClientRect()
  if (!width || one.type === 'file' || one.closest('[data-testid=hidden-dateinput-container]')) return []
  const small = one.matches('input, textarea') && parseFloat(getComputedStyle(one).fontSize) < 16
  return height < 43.5 || small ? [one.outerHTML.slice(0, 120) + height] : []
})
"""
SIDEWAYS = "document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"


def test_on_a_phone(phone: Page, work: tuple[Server, str]) -> None:
    enter(phone, work, "log_complaint")
    save = phone.get_by_role("button", name=re.compile(_("Save the complaint")))
    expect(save).to_be_in_viewport()
    settle(phone)
    bar, main = (phone.locator(place).bounding_box() for place in (".st-key-log_save", "[data-testid=stMain]"))
    assert bar is not None
    assert main is not None
    assert main["y"] + main["height"] <= bar["y"] + 1, "the page ends above the button, which covers no field"
    assert bar["y"] + bar["height"] == driver.PHONE[1]
    assert phone.evaluate(SIDEWAYS) <= 0
    assert phone.evaluate(SMALL) == []
    shot(phone, "log-phone")

    search = phone.locator(".st-key-phone_search input")
    expect(search).to_be_in_viewport()
    search.fill("Chương 1 bị khóa")
    search.press("Enter")
    phone.get_by_role("link", name=re.compile("KN-")).first.click()
    phone.wait_for_url("**/complaint?code=*")
    settle(phone)
    expect(phone.locator(".st-key-next_step").get_by_role("combobox").first).to_be_in_viewport()
    signs = phone.locator(".st-key-stepper [translate=no]")
    cells = signs.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert max(cells) - min(cells) < 20, "the steps share one line"
    expect(phone.get_by_text("Mốc nội bộ, không phải cam kết")).to_be_visible()
    assert phone.evaluate(SIDEWAYS) <= 0
    shot(phone, "case-phone")
    phone.goto(f"{work[0].url}/queue?segment=all")
    expect(phone.locator("a[data-key]").first).to_be_visible()
    settle(phone)
    assert phone.evaluate(SIDEWAYS) <= 0
    shot(phone, "queue-phone")


def test_the_next_step_is_on_the_first_screen_and_no_label_is_english(
    page: Page, browser: Browser, work: tuple[Server, str]
) -> None:
    enter(page, work, "queue?segment=waiting_department")
    page.locator("a[data-key]").first.click()
    page.wait_for_url("**/complaint?code=*")
    settle(page)
    form = page.locator(".st-key-next_step")
    expect(form.get_by_role("combobox").first).to_be_in_viewport()
    expect(form.get_by_role("textbox").first).to_be_in_viewport()
    expect(page.get_by_text("“Vì sao chương này khóa?”")).to_be_in_viewport()
    expect(page.get_by_text("Sổ khiếu nại")).to_be_visible()
    note = _("Note, for colleagues only")
    form.get_by_role("combobox").first.click()
    page.get_by_role("option", name=named("step", "note"), exact=True).click()
    page.get_by_label(note).fill("Gọi lại sau 14 giờ")
    page.get_by_label(note).press("Tab")
    settle(page)
    form.get_by_test_id("stBaseButton-primary").click()
    saved = page.get_by_text(_("Saved: {step}.").format(step=named("step", "note")))
    expect(saved).to_have_count(1)
    expect(saved).to_be_in_viewport()

    form.get_by_role("combobox").first.click()
    page.get_by_role("option", name=named("step", "tell_progress"), exact=True).click()
    acted(page)
    text = form.get_by_role("textbox").last
    text.click()
    page.keyboard.press("Alt+1")
    expect(text).to_have_value(re.compile("KN-"))
    expect(form.locator("[class*='st-key-puts_in']").first).to_be_hidden()

    page.goto(f"{work[0].url}/log_complaint")
    settle(page)
    driver.until(page, "document.documentElement.lang === 'vi'")
    page.get_by_role("button", name=_("Choose date and time")).click()
    expect(page.get_by_role("dialog").get_by_text("Giờ", exact=True)).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.get_by_role("dialog").first).not_to_contain_text("Choose")
    labels = page.evaluate("[...document.querySelectorAll('[aria-label]')].map(one => one.getAttribute('aria-label'))")
    assert [label for label in labels if ENGLISH.match(label)] == []
    with opened_page(browser, scheme="dark") as dark:
        enter(dark, work, "queue?segment=all")
        codes(dark)
        dark.keyboard.press("j")
        dark.keyboard.press("p")
        expect(dark.locator(".st-key-peek")).to_be_visible()
        shot(dark, "queue-peek-dark")
        close = dark.get_by_role("button", name=_("Close"), exact=True)
        ours, bell = close.bounding_box(), dark.locator(f".st-key-{BELL} button").bounding_box()
        assert ours and bell
        assert ours["x"] + ours["width"] <= bell["x"], "the bell of every page does not lie over it"
        close.click()
        expect(dark.locator(".st-key-peek")).to_have_count(0)

"""One complaint's whole life with naughty texts in every field of the real forms: read letter by letter, none alive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules import prevention
from core.rules.marks import visible
from core.rules.steps import ANSWERED, STEPS, UNDO
from core.settings import SESSION_COOKIE
from tests import poisoned
from tests.browser import driver
from tests.browser.acts import fill_payment, save_button
from tests.register.ways import SURVIVOR, log_survivor

NAME = f"{poisoned.SHORT} Lan"
FILE = poisoned.FILE
REMEDY, CONTACT = f"remedy {poisoned.POISON}", ":smile:evil"
STATEMENT = f"statement {poisoned.POISON}\n- mục\n# Tiêu đề\n| a |\n|---|"
SLOWLY = 30_000  # milliseconds: a slow machine is no fault
# What a naughty text would become: a link, a picture, a formula, an icon, a coloured or a bold letter, an emoji.
ALIVE = """
() => [...document.querySelectorAll(`a[href*="evil" i], a[href^="mailto"], [data-testid=stMain] img, .katex,
    [data-testid=stApp] [role=img][aria-label="home icon"], [data-testid=stMarkdownContainer] :is(b, h4, h5, h6, hr)`)]
  .concat([...document.querySelectorAll('[data-testid=stApp] *')].filter(
    one => !one.children.length && ['r', 'b', '😄'].includes(one.textContent.trim())))
  .map(found => found.outerHTML.slice(0, 200))
"""
# What a screen reader would say aloud of the signs that keep a text from coming alive.
ESCAPES_READ_ALOUD = r"""
() => [...document.querySelectorAll('[aria-label], [title], [alt]')]
  .flatMap(one => [one.ariaLabel, one.title, one.getAttribute('alt')])
  .filter(text => text && /\\[^\w\s]|:small\[\]/.test(text))
"""
DIRECTED = {key for key, step in STEPS.items() if step.direction in ANSWERED}
NOT_HERE = {
    "admit",
    "verify_customer",
    "explain_miss",
    "join_incident",
    "leave_incident",
    "remove_issue",
    *DIRECTED,
    *prevention.KEYS,
} - {"analyse"}
"""Nothing is missed within minutes, no silence lasts for days, the board is somebody else, no incident goes on, POPS
verifies nothing of its customers, and an issue is taken out by a form like others."""
ONCE = ("analyse", "escalate", "add_issue")
"""Steps that ``LIFE`` has again after what somebody else does, or what is done here once."""
ISSUE = "2 · Chương bị khóa"
CHOICES = {
    "analyse": ((_("Who does it"), visible(NAME)),),
    "assign": ((_("Who works on it"), visible(NAME)),),
    "forward": ((_("Department"), "Phòng Thanh toán"),),
    "correct": ((_("What is to be corrected?"), named("correction", "statement")),),
    "promise": ((_("What is the date for?"), "Trả lời kết quả"),),
    "close": (
        (_("How did it end?"), "Chấp nhận khiếu nại"),
        (_("Root cause"), "Đối soát chậm"),
        (_("{issue}: how did it end?").format(issue=ISSUE), "Không chấp nhận"),
        (_("{issue}: root cause").format(issue=ISSUE), "Đối soát chậm"),
    ),
    "add_issue": ((_("What is the other issue about?"), "Chương bị khóa"),),
}


@pytest.fixture(scope="module")
def server_and_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, str]]:
    """A server over an empty register, and the session of a lead with a naughty name."""
    folder, now = tmp_path_factory.mktemp("life"), datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    with register.write() as session:
        lead = accounts.add(session, Account("lead@evil.example", NAME, "lead"), "bánh cuốn nóng 63", Act(None, now))
        token = sign_ins.open_session(session, lead.id, now=now)
        log_survivor(session, now)
    register.engine.dispose()
    with driver.served(folder) as server:
        yield server, token


@pytest.mark.timeout(600)  # fifty steps, each looked through
def test_a_whole_life(server_and_token: tuple[driver.Server, str], browser: Browser) -> None:
    server, token = server_and_token
    said: list[str] = []
    with driver.opened_page(browser) as page:
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
        code = log(page, server)
        page.goto(f"{server.url}/complaint?code={code}")
        expect(page.get_by_text(visible(NAME)).first).to_be_visible(timeout=SLOWLY)
        reads(page, "statement", REMEDY)
        for n, step in enumerate(poisoned.LIFE):
            if step not in NOT_HERE and (step not in ONCE or step not in poisoned.LIFE[:n]):
                take(page, "record_reply" if step == "end_waiting" else step)
        page.get_by_role("tab", name=_("Evidence")).click()
        reads(page, visible(f"add_evidence {FILE}"))
        page.get_by_role("tab", name=_("Customer")).click()
        reads(page, CONTACT)
        for address in ("queue", "explore?period=year", "account", ""):
            page.goto(f"{server.url}/{address}")
            expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SLOWLY)
            is_harmless(page)
        search(page, code)
    assert said == []


def log(page: Page, server: driver.Server) -> str:
    """Log the complaint with every field of the form filled in; its code."""
    page.goto(f"{server.url}/log_complaint")
    page.get_by_role("radio", name="Hotline").click(timeout=SLOWLY)
    for label, text in (
        (_("Phone, account or e-mail"), CONTACT),
        (_("What does the customer want?"), REMEDY),
        (_("What does the customer say?"), STATEMENT),
    ):
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Tab")
        driver.acted(page)
    page.get_by_role("radio", name=re.compile("Thanh toán")).click()
    expect(page.get_by_label("Số tiền")).to_be_visible(timeout=SLOWLY)
    fill_payment(page, NAME)
    attach(page, FILE)
    is_harmless(page)
    page.get_by_role("button", name=_("Save the complaint")).click()
    expect(page.get_by_text(_("Saved. Give the customer this code:"))).to_be_visible(timeout=SLOWLY)
    is_harmless(page)
    return page.get_by_text(re.compile(r"^KN-20\d\d-\d{6}$")).first.inner_text()


def attach(page: Page, name: str) -> None:
    """Put a picture with that name into the drop zone that stands on the page."""
    zone = page.locator("input[type=file]").last
    zone.set_input_files({"name": name, "mimeType": "image/png", "buffer": poisoned.PNG})
    expect(page.get_by_role("button", name=name)).to_be_visible(timeout=SLOWLY)
    driver.settle(page)


def take(page: Page, step: str) -> None:
    """Take the step with a naughty text in each of its fields, and look at what the page then says."""
    word, form = named("step", step), page.locator(".st-key-next_step")
    if step == UNDO:
        form.get_by_role("button", name=re.compile("^.*Hoàn tác “")).click()
        driver.acted(page)
        expect(page.get_by_text(re.compile("^Đã hoàn tác: ")).first).to_be_visible(timeout=SLOWLY)
        is_harmless(page)
        driver.settle(page)
        return
    if form.get_by_role("combobox", name=_("Step")).input_value() != word:
        choose(page, _("Step"), word)
    save = save_button(page, word)
    expect(save).to_be_visible(timeout=SLOWLY)  # the form of the step before is gone
    driver.settle(page)
    for label, option in CHOICES.get(step, ()):
        choose(page, label, option)
    if step == "classify":
        form.get_by_role("radio", name="Khiếu nại", exact=True).click()
        driver.acted(page)
    texts = [poisoned.written(step, f"{n}") for n in range(form.locator("textarea").count())]
    for field, text in zip(form.locator("textarea").all(), texts, strict=True):
        field.fill(text)
        field.press("Tab")
    driver.acted(page)
    if step == "analyse":
        form.get_by_label(_("Why did it happen?")).fill(poisoned.written(step, "why"))
        form.get_by_label(_("Why did it happen?")).press("Tab")
        driver.acted(page)
    if step == "merge":
        form.get_by_label(_("Case code")).fill(SURVIVOR)
        form.get_by_label(_("Case code")).press("Tab")
        driver.acted(page)
    if step == "details":
        form.get_by_label("Mã giao dịch").fill(CONTACT)
        form.get_by_label("Mã giao dịch").press("Tab")
        driver.acted(page)
    if step == "add_evidence":
        attach(page, f"{step} {FILE}")
    save.click()
    driver.acted(page)
    if STEPS[step].final:
        form.get_by_role("button", name=_("Yes, save it")).click()
        driver.acted(page)
    expect(page.get_by_text(_("Saved: {step}.").format(step=word)).first).to_be_visible(timeout=SLOWLY)
    driver.settle(page)
    reads(page, *texts)


def choose(page: Page, label: str, option: str) -> None:
    """Pick ``option`` in the list ``label``, narrowed by typing: a long list draws only what is on the screen."""
    field = page.locator(".st-key-next_step").get_by_role("combobox", name=label, exact=True)
    field.click()
    field.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    driver.acted(page)


def search(page: Page, code: str) -> None:
    """Search for a naughty text from the box, and look at the dialog and at the page of all results."""
    box = page.locator("[data-testid=stSidebar]").get_by_role("searchbox")
    box.fill("evil")
    box.press("Enter")
    expect(page.get_by_role("dialog").get_by_text(code)).to_be_visible(timeout=SLOWLY)
    is_harmless(page)
    page.get_by_role("dialog").get_by_role("link", name=_("All results")).click()
    expect(page.locator(f"a[data-key='{code}']")).to_be_visible(timeout=SLOWLY)
    is_harmless(page)
    field = page.locator("[data-testid=stMain]").get_by_role("searchbox")
    field.fill(poisoned.POISON)
    field.press("Enter")
    driver.settle(page)
    expect(field).to_have_value(poisoned.POISON)
    is_harmless(page)


def reads(page: Page, *texts: str) -> None:
    """Each text is on the page letter by letter, and nothing is alive."""
    for text in texts:
        expect(page.get_by_text(visible(text)).filter(visible=True).first).to_be_visible(timeout=SLOWLY)
    is_harmless(page)


def is_harmless(page: Page) -> None:
    """Nothing of a naughty text is alive, nor are its escapes read aloud."""
    assert page.evaluate(ALIVE) == []
    assert page.evaluate(ESCAPES_READ_ALOUD) == []

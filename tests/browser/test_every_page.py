"""Every page, light on a laptop and dark on a phone: accessible, whole, within its window, asking nobody elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from core.commands import sample
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.browser.spoken import english

WHAT_IF = "what_if?period=year&terms=resolve:3:working_day&hours=saturday=08:30-12:00&off=2026-11-19&share=90"
PAGES = {
    "lead": (
        "", "log_complaint", "queue", "complaint?code=KN-2026-000001", "breakdown?period=year", "sla?period=year",
        "root_causes?period=year", "explore?period=year",
        "explore?view=pivot&figure=resolve_in_time&across=channel&period=year&category=payment,login",
        "answer_texts", WHAT_IF, "handling?period=year", "handling?period=year&time=person", "outcomes?period=year",
        "outcomes?period=four_weeks&measure=upheld", "procedures",
        "prevention", "lessons", "incidents", "notices", "meeting", "sla?dialog=events", "sla?dialog=rebase",
    ),
    "admin": (
        "people", "calendar", "procedures", "procedures?edit=1", "catalogues", "catalogues?list=targets",
        "catalogues?list=organisation", "catalogues?list=changes", "catalogues?entry=payment",
        "catalogues?entry=payment&field=method", "rights", "api_keys", "outlets", "outlets?outlet=new", "operations",
        "account", "catalogues?list=papers&part=toml.colours",
    ),
    "reporter": ("my_complaints",),
}  # fmt: skip
OPENS_A_DIALOG = {
    "catalogues?entry=payment", "catalogues?entry=payment&field=method", "sla?dialog=events", "sla?dialog=rebase",
}  # fmt: skip
LOOKS: tuple[tuple[str, tuple[int, int], Literal["light", "dark"]], ...] = (
    ("light, on a laptop", driver.LAPTOP, "light"),
    ("dark, on a phone", driver.PHONE, "dark"),
    ("dark, on a laptop", driver.LAPTOP, "dark"),
)
PRINTED = ("light, on a laptop", "dark, on a phone")
"""The looks from which a page is printed: each size and each colour once, since printing takes longest."""
TEN = {
    "", "log_complaint", "queue", "complaint?code=KN-2026-000001", "breakdown?period=year", "sla?period=year",
    "root_causes?period=year", "explore?period=year", "meeting", "procedures", "people",
}  # fmt: skip
"""The pages that are looked at in every look: what people have before them all day, and each kind of drawing."""
GRAVE = ("serious", "critical")
# What Streamlit draws by itself and offers no way to change: rule → what it is found in.
STREAMLITS = {
    "list": "[data-testid=stSidebarNavItems]",  # the menu puts a div between ul and li
    "listitem": "[data-testid=stSidebarNavItems]",
    # The mark of the newest point in the small line beneath a number; found on a laptop's overview, not on a phone's.
    "svg-img-alt": "[data-testid=stMetricChart]",
}
FINDINGS = {"resultTypes": ["violations"]}  # what it found right is not written out, which takes longer than looking
PATIENCE = 60_000  # milliseconds: a slow machine is no finding


@pytest.fixture(scope="module")
def server_and_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, dict[str, str]]]:
    """A server with sample complaints, and role → session of somebody who may open its pages."""
    folder = tmp_path_factory.mktemp("axe")
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    sample.fill(register, 150, now, seed=1)
    with register.write() as session:
        tokens = {}
        for role in PAGES:
            account = Account(f"axe.{role}", role.title(), role)
            person = accounts.add(session, account, "bánh cuốn nóng 63", Act(None, now))
            tokens[role] = sign_ins.open_session(session, person.id, now=now)
    register.engine.dispose()
    with driver.served(folder) as server:
        yield server, tokens


@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_a_role(
    server_and_tokens: tuple[driver.Server, dict[str, str]], browser: Browser, role: str
) -> None:
    """Each page is opened once and looked at in each way: opening it takes longer than looking."""
    server, tokens = server_and_tokens
    with driver.opened_page(browser) as page:
        found = driver.watched(page)
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": tokens[role], "url": server.url}])
        for address in PAGES[role]:
            page.goto(f"{server.url}/{address}")
            expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
            page.wait_for_selector("[data-test-script-state=notRunning]", timeout=PATIENCE)
            expect(page.locator("[data-testid=stAlertContentError], [data-testid=stException]")).to_have_count(0)
            if address not in OPENS_A_DIALOG:  # Streamlit's own, in English, tells of an unknown address
                expect(page.get_by_role("dialog")).to_have_count(0)
            found += [f"{address or 'overview'} says {label!r}" for label in english(page)]
            for look, size, scheme in LOOKS if address in TEN else LOOKS[:2]:
                put_on(page, size, scheme)
                found += [f"{look}, {finding}" for finding in grave(page, address or "overview")]
                wider = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
                if wider > 0:
                    found.append(f"{look}, {address or 'overview'} scrolls sideways by {wider} px")
                if look in PRINTED and address not in OPENS_A_DIALOG:
                    found += [f"{look}, {finding}" for finding in on_paper(page, address or "overview")]
    assert not found, "\n".join(found)


def put_on(page: Page, size: tuple[int, int], scheme: Literal["light", "dark"]) -> None:
    """Change size and colours of the opened page, and wait until it is drawn so."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    # Printing makes Streamlit light; it looks again after it, and may by then have missed that the colours came back.
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    driver.until(page, f"getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === '{scheme}'")
    driver.settle(page)


def grave(page: Page, name: str) -> list[str]:
    """One line for each serious or critical finding of ours: page, rule, selector and what is wrong."""
    violations: list[dict[str, Any]] = Axe().run(page, options=FINDINGS).response["violations"]
    return [
        f"{name}: {violation['id']} on {node['html'][:300]}: {node['failureSummary'][:300]}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
        if not _is_streamlits(page, violation["id"], str(node["target"][0]))
    ]


SHEETS = 2
LONGER = {"rights": 5}
"""A table of every right, whose names take two lines on a phone."""
CUT = """() => {
  const end = document.querySelector("[data-testid=stMainBlockContainer]").getBoundingClientRect().right
  return [...document.querySelectorAll("[data-testid=stMain] *")].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && !one.closest("style, script")
    && getComputedStyle(one).clip === "auto" && one.getBoundingClientRect().right > end + 1
  ).map((one) => one.textContent.slice(0, 80))
}"""
"""The texts that stand beyond the right edge of the paper."""


def on_paper(page: Page, name: str) -> list[str]:
    """One line for each fault of the page as it is printed on A4: too many sheets, a text beside them, the menu."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # as the browser does, before it lays out the paper
    page.emulate_media(media="print")
    found = [f"{name} on paper: {text!r} is cut" for text in page.evaluate(CUT)]
    if page.locator("[data-testid=stSidebar], [data-testid=stHeader]").first.is_visible():
        found.append(f"{name} on paper: the menu is printed")
    page.emulate_media(media="null")
    sheets = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    if not 0 < sheets <= LONGER.get(name, SHEETS):
        found.append(f"{name} on paper: {sheets} sheets")
    return found


IS_WITHIN = """([selector, around]) => {
  const found = document.querySelector(selector)
  return !found || !!found.closest(around)
}"""


def _is_streamlits(page: Page, rule: str, selector: str) -> bool:
    """Whether Streamlit draws it; what it has drawn anew meanwhile is looked at in the next look."""
    around = STREAMLITS.get(rule)
    return around is not None and bool(page.evaluate(IS_WITHIN, [selector, around]))

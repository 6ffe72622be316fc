"""Every number of every page of figures is clicked, and the rows that open are as many as it says (D15).

A click is the mouse's, on the middle of the words, wherever they lie; of each page one is followed as a person does,
there and back. To load a page anew for each of the others would take an hour. Where a link of the page leads is opened
in a second tab, by the way the browser itself goes back and forth; where a number of a table leads, of which there are
fifteen hundred, by a session of the server that nobody draws, and in that tab again where it says something else. All
pages are looked at in one tab, which is loaded once: loading took a third of the time.

Which number of a link counts its rows is ``RULES``; where none does, ``COUNTLESS`` says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import number as written
from core.insight.dimensions import name_of
from core.insight.filters import DEFAULT
from core.rules.verdicts import Verdict
from core.settings import SESSION_COOKIE
from tests.attack.target import Tab, Target, target
from tests.browser import driver
from tests.browser.driver import acted, settle, until
from tests.pages.screen import as_read

FILTERS = (f"period={DEFAULT}", "period=year&category=payment", "period=last_week")
PAGES = [
    # page, role, filters, why it is looked at as that role
    ("", "lead", ("",), "its numbers open the queue"),
    ("", "manager", ("",), "has no queue: they open rows"),
    ("meeting", "manager", ("",), "the board, which reads it"),
    ("breakdown", "lead", FILTERS, ""),
    ("sla", "lead", FILTERS, ""),
    ("handling", "lead", FILTERS, "sees who works on what"),
    ("outcomes", "lead", FILTERS, ""),
    ("what_if", "lead", FILTERS, ""),
    ("root_causes", "lead", FILTERS, ""),
    ("explore?view=pivot", "lead", FILTERS, "all numbers of one figure"),
    ("explore?view=pivot&figure=resolve_in_time&across=channel", "lead", FILTERS, "shares with what they are made of"),
    ("procedures", "lead", ("",), "how it is walked"),
    ("prevention", "lead", ("",), "counts actions"),
]
CHARTS = ("meeting", "breakdown", "sla", "handling", "outcomes", "what_if", "root_causes")
OF_CHARTS = "period=last_week&category=payment"
"""Where a page is narrowed so already, most points open their rows at the first click."""

N = r"(\d+(?:\.\d{3})*)(?![\d,.]*\d)"
RULES = [
    # of the words of a link, which number counts the rows that it opens: the first rule that finds one
    (rf"\({N}/{N}\)$", 2, "“91 % (32/35)”: what the share is of"),
    (rf"(?:{N} )?trên {N}(?! giờ| phút| đề xuất)", 2, "“33 trên 42”, “90 % trong 54 giờ, trên 470 lượt”: likewise"),
    (rf"\({N}\)$", 1, "“kỳ trước 11 giờ (45)”, “4 tuần liền trước 38,8 (155)”: of how many"),
    (rf"(?<![\d,.(]){N}(?!\s%| giờ| phút)", 1, "“61 hồ sơ từng trễ (13 % của 471)”: the first that is no share"),
]
COUNTLESS = [
    # words, why none of their numbers counts rows; where the first number is above 0 there are some all the same
    (r"^[\d.,]+ giờ trên [\d.,]+ giờ$", "open hours: the cases that waited then are opened"),
    (r"% của [\d.,]+ giờ$", "a share of open hours: likewise"),
    (r"^\d+ trên \d+ đề xuất$", "proposals: the cases with a refused one are opened, some of which refused several"),
]
MADE_OF = re.compile(rf"{N}(?: trên |/){N}(?! giờ| phút| đề xuất)")
SUMS = "^(Đúng hạn|Trễ hạn|Quá hạn) "
"""How the line above the rows begins that says what became of them."""
OPENS_NONE = {
    # the number of a card that opens no rows, and why (D15)
    "Đến hạn": "preventive actions are listed on their own page",
    "Xong đúng hạn": "likewise",
    "Đã xác minh": "likewise",
    "Có hiệu quả": "likewise",
}

LINKS = """
within => {
  window.popsFollows = false
  window.popsLinks = [...document.querySelectorAll(`${within} a[href]`)].filter(
    (a) => ["/explore", "/queue"].includes(a.pathname) && a.checkVisibility()
  )
  window.popsClicks ??= addEventListener("click", (event) => {
    const link = event.target.closest?.("a")
    if (window.popsFollows || !window.popsLinks.includes(link)) return
    window.popsClicked = window.popsLinks.indexOf(link)
    event.preventDefault()
    event.stopImmediatePropagation()
  }, true) ?? true
  const card = (element) => {
    while (element && !element.querySelector("[data-testid=stMetric]")) element = element.parentElement
    const values = element?.querySelectorAll("[data-testid=stMetricValue]") ?? []
    return values.length === 1 ? values[0].innerText.trim() : ""
  }
  return window.popsLinks.map((a) => [
    (a.querySelector("[data-testid=stMarkdownContainer]") ?? a).innerText.trim(),
    a.pathname + a.search,
    a.closest("td") ? "" : card(a),
    a.closest("td") !== null,
  ])
}
"""
TURN = """
address => {
  history.pushState({}, "", address)
  dispatchEvent(new PopStateEvent("popstate", { state: {} }))
}
"""
PLACE = """
i => {
  const link = window.popsLinks[i]
  link.scrollIntoView({ block: "center", inline: "center" })
  const { x, y, width, height } = link.getClientRects()[0]
  window.popsClicked = null
  return [x + width / 2, y + height / 2]
}
"""
CARDS = """
() => [...document.querySelectorAll("[data-testid=stMain] [data-testid=stMetric]")].map((card) => {
  const has_link = card.closest("[data-testid=stVerticalBlock]").querySelector("a[href]") !== null
  const part = (name) => card.querySelector(`[data-testid=stMetric${name}]`).innerText.trim()
  return [part("Label"), part("Value"), has_link]
})
"""
GO = """
([address, also]) => new Promise((done) => {
  const fresh = (element) => element?.closest("[data-testid=stElementContainer]")?.dataset.stale === "false"
  const captions = () => [...document.querySelectorAll("[data-testid=stMain] [data-testid=stCaptionContainer]")]
  const line = () => captions().filter(fresh).map((one) => one.textContent).find((text) => new RegExp(also).test(text))
  const is_idle = () => document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
  const asked = performance.now()
  let begun = 0
  const look = () => {
    if (!begun) return is_idle() ? go() : void setTimeout(look, 10)
    const title = document.querySelector("[data-testid=stMain] h1"), { asked: sent, begun: ran } = window.popsScript
    const is_over = sent > begun && performance.now() - sent > 250 && is_idle()  // so fast that nobody saw it run
    const told = (ran > begun || is_over) && fresh(title) && (also ? line() : " ")
    if (told) done([title.textContent, told])
    else if (performance.now() - asked > 20000) done(["nothing was drawn", ""])
    else setTimeout(look, 10)
  }
  const go = () => {
    begun = performance.now()
    history.pushState({}, "", address)
    dispatchEvent(new PopStateEvent("popstate", { state: {} }))
    look()
  }
  look()
})
"""
POINT = """
i => {
  const plot = [...document.querySelectorAll("[data-testid=stMain] .js-plotly-plot")][i]
  plot.scrollIntoView({ block: "center" })
  const { left, top } = plot.getBoundingClientRect()
  const found = []
  for (const trace of plot._fullData) {
    if (trace.visible !== true || !trace.customdata) continue
    const { xaxis, yaxis } = trace, [across, down] = [plot._fullLayout, plot._fullLayout].map((layout, n) =>
      layout[(n ? yaxis : xaxis).replace(/^([xy])/, "$1axis")])
    const put = (x, y, size, query, count, beside = 0) => {
      if (!query || !(size > 0)) return
      const at = [left + across._offset + across.d2p(x), top + down._offset + down.c2p(down.d2c(y) + beside)]
      found.push([size, ...at, query, count ?? size])
    }
    trace.x.forEach((x, n) => {
      const y = trace.y[n], query = trace.customdata[n], count = trace.meta?.[n]
      if (x === null || y === null) return
      if (trace.type !== "bar") return put(x, y, count ?? trace.marker?.size?.[n] ?? 0.001, query)
      const base = trace.base?.[n] ?? 0
      if (trace.orientation === "h") put(base + x / 2, y, x, query, count, 0.45 * trace.width)  // others lie above it
      else put(x, base + y / 2, y, query)
    })
  }
  found.sort((one, other) => other[0] - one[0])
  return found.length ? found[0].slice(1) : null
}
"""


class Link(NamedTuple):
    """The words of a link, where it leads, the number of the card in which it stands, whether in a table."""

    words: str
    address: str
    card: str
    is_cell: bool = False


class Opened(NamedTuple):
    """The heading of a list, and the line that says what became of its rows."""

    heading: str
    sums: str = ""


@dataclass
class Rows:
    """What opens one list after another: a page of the browser, and a session of the server without one.

    ``said``: what each address said so far, since pages share numbers.
    """

    page: Page
    tab: Tab
    url: str
    said: dict[str, Opened]

    def opened(self, link: Link, *, with_sums: bool, anew: bool) -> Opened:
        """What the address of the link says; ``anew``: by a page that is loaded, and long drawn when it is read."""
        if anew:
            load(self.page, self.url + link.address)
        if anew or link.address not in self.said:
            is_drawn = anew or not link.is_cell
            self.said[link.address] = self._drawn(link.address, with_sums) if is_drawn else self._undrawn(link.address)
        return self.said[link.address]

    def _drawn(self, address: str, with_sums: bool) -> Opened:
        return Opened(*self.page.evaluate(GO, [address, SUMS if with_sums else ""]))

    def _undrawn(self, address: str) -> Opened:
        page, _mark, query = address.removeprefix("/").partition("?")
        told = [one.delta.new_element for one in self.tab.open(page, query) if one.WhichOneof("type") == "delta"]
        (heading,) = [as_read(one.heading.body) for one in told if one.heading.tag == "h1"]
        sums = (as_read(one.markdown.body) for one in told if re.match(SUMS, one.markdown.body))
        return Opened(heading, next(sums, ""))


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("numbers"), sample=800) as server:
        yield server


@dataclass
class Person:
    """Somebody at the browser: the tab of the pages, and what opens the rows."""

    page: Page
    rows: Rows

    def come(self, address: str) -> None:
        """Turn to a page of figures."""
        self.page.evaluate(TURN, f"/{address}")
        self.page.locator("[data-testid=stMain] h1").first.wait_for()
        acted(self.page)
        stands(self.page)


@pytest.fixture(scope="module")
def people(browser: Browser, of: Target) -> Iterator[Callable[[str], Person]]:
    """Role → somebody who has it."""
    with ExitStack() as stack:

        @cache
        def person(role: str) -> Person:
            visitor, page = of.person(role), stack.enter_context(driver.opened_page(browser))
            token = visitor.cookies[SESSION_COOKIE]
            page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": visitor.url}])
            rows = Rows(page.context.new_page(), stack.enter_context(visitor.tab()), of.server.url, {})
            for one in (page, rows.page):
                load(one, f"{of.server.url}/explore")
            return Person(page, rows)

        yield person


def integer(text: str) -> int:
    return int(text.replace(".", ""))


def counted(link: Link) -> int | None:
    """The number that says how many rows the link opens; None where none does."""
    if any(re.search(words, link.words) for words, _why in COUNTLESS):
        return None
    for rule, group, _why in RULES:
        if found := re.search(rule, link.words):
            return integer(found[group])
    return integer(link.card) if re.fullmatch(N, link.card) else None


def said(heading: str, words: str) -> int:
    """How many the heading of a list says: of its rows, or of their complaints where the link speaks of these."""
    found = [integer(n) for n in re.findall(N, heading)]
    if not found:
        return 0  # of an empty queue
    return found[1] if "cam kết của" in heading and "hồ sơ" in words else found[0]


def load(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("[data-testid=stMain] h1").first.wait_for()
    acted(page)
    stands(page)


def stands(page: Page) -> None:
    """Wait until nothing more is added to the page."""
    size = "document.querySelectorAll('[data-testid=stMain] *').length"
    before = -1
    while (now := page.evaluate(size)) != before:
        before = now
        page.wait_for_timeout(150)
    settle(page)


def with_query(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}" if query else address


def tables(page: Page) -> Iterator[None]:
    """Open the numbers of one chart after another."""
    buttons = page.locator("[data-testid=stPopoverButton]:visible").filter(has_text=_("Numbers"))
    for i in range(buttons.count()):
        buttons.nth(i).click()
        body = page.locator("[data-testid=stPopoverBody]")
        body.get_by_role("table").wait_for()
        driver.drawn(page)
        yield
        page.keyboard.press("Escape")
        body.wait_for(state="detached")


def click_each(page: Page, within: str, rows: Rows, clicked: set[Link]) -> Iterator[str]:
    """Click every link to rows ``within`` that is not among ``clicked``; what is wrong with it, a line each."""
    for i, link in enumerate(Link(*one) for one in page.evaluate(LINKS, within)):
        if link in clicked:
            continue
        clicked.add(link)
        page.mouse.click(*page.evaluate(PLACE, i))
        if page.evaluate("window.popsClicked") != i:
            yield f"{link}: the mouse does not reach it"
        elif [*wrong(link, rows)]:
            yield from wrong(link, rows, anew=True)


def wrong(link: Link, rows: Rows, *, anew: bool = False) -> Iterator[str]:
    """What the opened list does not bear out."""
    expected, of_met = counted(link), MADE_OF.search(link.words) if "of=due" in link.address else None
    has_sums = of_met is not None and integer(of_met[2]) > 0
    heading, sums = rows.opened(link, with_sums=has_sums, anew=anew)
    found = said(heading, link.words)
    if expected is None:
        first = re.search(r"\d[\d.,]*", link.words)
        if not any(re.search(words, link.words) for words, _why in COUNTLESS):
            yield f"{link}: no number says how many it opens"
        elif first and first[0].strip("0,.") and not found:
            yield f"{link}: opens nothing"
    elif found != expected:
        yield f"{link}: {expected} expected, and {heading!r} opened"
    yield from wrong_share(link)
    if of_met and has_sums:
        met = re.search(rf"{name_of('verdict', Verdict.MET)} {N}", sums)
        if (integer(met[1]) if met else 0) != integer(of_met[1]):
            yield f"{link}: of the opened rows {sums}"


def wrong_share(link: Link) -> Iterator[str]:
    """A share in the words, or on the card, is that of the two numbers that it is made of."""
    made_of = MADE_OF.search(link.words)
    told = link.words if "/" in link.words else link.card if made_of and made_of[0] == link.words else ""
    share = re.search(r"(\d+)(?:,(\d+))?\s%", told)
    if made_of and share and integer(made_of[2]):
        digits, whole = share[2] or "", 100 * integer(made_of[1]) / integer(made_of[2])
        if abs(float(f"{share[1]}.{digits}0") - whole) > 0.51 / 10 ** len(digits):
            yield f"{link}: not {share[0]}"


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("address", "role", "filters"), [row[:3] for row in PAGES])
def test_every_number_opens_as_many_rows_as_it_says(
    people: Callable[[str], Person], address: str, role: str, filters: Sequence[str]
) -> None:
    found, clicked, person = list[str](), set[Link](), people(role)
    for query in filters:
        person.come(with_query(address, query))
        found += [
            f"the number {label!r} opens nothing"
            for label, value, has_link in person.page.evaluate(CARDS)
            if not has_link and label not in OPENS_NONE and value != "–"
        ]
        found += click_each(person.page, "[data-testid=stMain]", person.rows, clicked)
        for _table in tables(person.page):
            found += click_each(person.page, "[data-testid=stPopoverBody]", person.rows, clicked)
    there_and_back(person.page)
    assert not found, "\n".join(found)
    assert clicked or address == "prevention", "no number at all"


def there_and_back(page: Page) -> None:
    """Follow the first link to rows as a person does, and come back."""
    page.evaluate("window.popsFollows = true")
    link = page.locator("[data-testid=stMain] [data-testid=stPageLink] a:is([href*=explore], [href*=queue])").first
    # The others are links of tables, which open a tab of their own.
    if not link.count():
        return
    here, heading = page.url, page.get_by_role("heading", level=1).inner_text()
    words = link.locator("[data-testid=stMarkdownContainer]").inner_text()
    link.click()
    page.wait_for_url(lambda url: url != here)
    acted(page)
    expect(page.get_by_role("heading", level=1)).not_to_have_text(heading)
    if count := counted(Link(words, "", "")):
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"\b{count}\b"))
    page.go_back()
    page.wait_for_url(here)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def asked(query: str) -> Mapping[str, str]:
    """What an address asks for; the usual period is asked for without a word too."""
    return {name: value for name, value in parse_qsl(query) if (name, value) != ("period", DEFAULT)}


@pytest.mark.parametrize("address", CHARTS)
def test_a_point_of_every_chart_opens_as_many_rows_as_its_table_says(
    people: Callable[[str], Person], address: str
) -> None:
    person = people("lead")
    page = person.page
    person.come(address if address == "meeting" else with_query(address, OF_CHARTS))
    numbers = dict[str, int]()
    for _table in tables(page):
        numbers |= numbers_of(page)
    charts = page.get_by_test_id("stPlotlyChart").count()
    until(page, f"document.querySelectorAll('[data-testid=stMain] .js-plotly-plot .main-svg').length >= {charts}")
    here, clicked = page.url, 0
    for i in range(charts):
        point = click_point(page, i)
        if point is None:
            continue
        clicked += 1
        if urlsplit(page.url).path != "/explore":
            point = click_point(page, i)
        query, (of_point, count) = urlsplit(page.url).query, point or ("", 0)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text(re.compile(r"^[\d.]+ (hồ sơ|cam kết)"))
        known = {frozenset(asked(one).items()): n for one, n in {of_point: count, **numbers}.items()}
        shown = known.get(frozenset(asked(query).items()))
        found = heading.inner_text()
        assert shown is not None and said(found, "") == shown, f"chart {i}, {query}: {shown} and {found!r}"
        while page.url != here:
            page.go_back()
            page.wait_for_timeout(100)
        acted(page)
        stands(page)
    assert clicked, "no chart"


def numbers_of(page: Page) -> dict[str, int]:
    """The query of each number of the table that is open, and the number."""
    links = [Link(*one) for one in page.evaluate(LINKS, "[data-testid=stPopoverBody]")]
    return {urlsplit(link.address).query: integer(link.words) for link in links}


def click_point(page: Page, chart: int) -> tuple[str, int] | None:
    """Click the largest point of a chart that stands for rows: their query, and how many it says; None without any.

    A click narrows the page or opens the rows: either way the address is another one.
    """
    point = page.evaluate(POINT, chart)
    if point is None:
        return None
    x, y, query, count = point
    before = page.url
    page.mouse.move(x, y)
    page.wait_for_timeout(100)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(lambda url: url != before)
    acted(page)
    stands(page)
    return query, count


@pytest.mark.parametrize("query", FILTERS)
def test_a_list_is_as_long_as_it_says(people: Callable[[str], Person], query: str) -> None:
    person = people("lead")
    person.come(with_query("explore", query))
    n = said(person.page.get_by_role("heading", level=1).inner_text(), "")
    assert n > 0
    expect(person.page.get_by_role("link", name=re.compile(rf"^CSV, {written(n)} dòng$"))).to_be_visible()
    expect(person.page.get_by_text(re.compile(rf"^Dòng 1–\d+ trong {written(n)}$"))).to_be_visible()

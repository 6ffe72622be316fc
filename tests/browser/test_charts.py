"""A lead reads a chart: a click filters the page by it, another opens its rows; it is saved as picture and as data."""

from __future__ import annotations

import csv
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Download, Page, Route, expect

from core.i18n import gettext as _
from core.ui import printing
from tests.attack.target import Target, target
from tests.browser import chromium, driver
from tests.browser.acts import enter
from tests.browser.driver import NO_GREY_BOX, acted, settle, until
from tests.papers.test_minutes import words

BARS = ".js-plotly-plot .barlayer .point path"


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("charts"), sample=600) as server:
        yield server


def click_bar(page: Page, chart: str, *, longest: bool = True) -> None:
    """The longest bar of the chart ``chart`` (the start of its key), where a mouse would hit it."""
    bars = f"[class*='st-key-{chart}-'] {BARS}"
    until(page, f'document.querySelector("{bars}") !== null')
    page.locator(bars).first.scroll_into_view_if_needed()
    boxes = [box for bar in page.locator(bars).all() if (box := bar.bounding_box())]
    box = max(boxes, key=lambda one: one["width"] if longest else one["height"])
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(100)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(300)
    acted(page)


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def saved(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def test_a_click_filters_the_page_and_another_opens_the_rows(page: Page, of: Target) -> None:
    enter(page, of, "lead", "breakdown?period=quarter&compare=none")
    click_bar(page, "categories")
    chosen = asked(page)
    assert (chosen["period"], urlsplit(page.url).path) == ("quarter", "/breakdown")
    category = chosen["category"]
    chip = page.get_by_role("button", name=re.compile("^Nhóm khiếu nại: "))
    expect(chip).to_be_visible()
    driver.shots(page, "chip")
    click_bar(page, f"week_{category}", longest=False)
    week = asked(page)
    assert (week["category"], week["period"], week["back"]) == (category, "custom", "quarter")
    chip_of_days = page.get_by_role("button", name=re.compile(r"^\d\d.\d\d–\d\d.\d\d.\d{4}"))
    expect(chip_of_days).to_be_visible()
    driver.shots(page, "chips")
    chip_of_days.click()
    acted(page)
    assert asked(page) == chosen, "the days are those of before"
    click_bar(page, "categories")
    page.wait_for_url("**/explore?*")
    settle(page)
    assert asked(page)["category"] == category, "the second click opens the rows"
    page.go_back()
    page.wait_for_url("**/breakdown?*")
    settle(page)
    chip.click()
    acted(page)
    assert "category" not in asked(page)
    expect(chip).to_have_count(0)


def test_what_the_page_cannot_be_filtered_by_opens_its_rows_at_once(page: Page, of: Target) -> None:
    enter(page, of, "lead", "sla?period=quarter")
    click_bar(page, "reasons_resolve")
    page.wait_for_url("**/explore?*breach_reason=*")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ cam kết của "))


def test_a_chart_is_saved_as_a_picture_and_as_data(page: Page, of: Target, tmp_path: Path) -> None:
    enter(page, of, "lead", "breakdown?period=quarter&channel=hotline")
    trouble = driver.watched(page)
    page.locator(".st-key-categories_table button").first.click()
    settle(page)
    driver.shots(page, "chart_files")
    with page.expect_download() as given:
        page.get_by_role("button", name=_("Picture (PNG)")).click()
    picture = saved(given.value, tmp_path)
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert width >= 1400 and height >= 600, "twice as many pixels as on the screen: legible in a report"
    assert re.fullmatch(r"Số-hồ-sơ-theo-nhóm.*_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.png", picture.name), picture.name
    if not page.get_by_role("button", name=_("Data (CSV)")).is_visible():
        page.locator(".st-key-categories_table button").first.click()
    with page.expect_download() as given:
        page.get_by_role("button", name=_("Data (CSV)")).click()
    lines = list(csv.reader(saved(given.value, tmp_path).read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    head = [line[0] for line in lines if line[0].startswith("# ")]
    assert any("ghi nhận trong kỳ" in line for line in head), "its definition"
    assert "# Kênh: Hotline" in head, "its filter"
    table = lines[len(head) :]
    shown = page.locator(".st-key-categories_table table, [data-testid=stPopoverBody] table").first
    assert table[0] == shown.locator("th").all_inner_texts()
    assert len(table) - 1 == shown.locator("tbody tr").count() > 1
    assert int(table[1][1]) > 0, "numbers are numbers"
    assert trouble == []
    if not chromium.required():
        driver.SHOTS.mkdir(exist_ok=True)
        (driver.SHOTS / "saved_chart.png").write_bytes(content)


def test_what_a_page_is_filtered_by_is_on_paper_too(page: Page, of: Target) -> None:
    enter(page, of, "lead", "sla?period=quarter&category=payment")
    chip = page.get_by_role("button", name=re.compile("^Nhóm khiếu nại: "))
    page.emulate_media(media="print")
    expect(chip).to_be_visible()
    expect(page.get_by_role("button", name=_("Reset"))).to_be_hidden()
    page.emulate_media(media="null")


LOADING = _(printing.LOADING)
STILL_DRAWN = "This page was still being drawn when it was printed: print it again once everything is there."
OWN_RULES = json.dumps(_(STILL_DRAWN))
"""What stands in the rules for paper that a run of the page brings."""
GREY = f"""() => [...document.querySelectorAll("{printing.GREY_BOX}, [data-testid=stAppSkeleton]")]
  .filter((one) => one.offsetHeight && getComputedStyle(one).visibility === "visible"
    && (getComputedStyle(one).backgroundColor !== "rgba(0, 0, 0, 0)" || one.firstElementChild?.offsetHeight)).length"""
"""How many grey boxes stand on the paper."""
SAYS_SO = """() => ["body", "[data-testid=stMainBlockContainer]"].map((one) => document.querySelector(one))
  .map((one) => one ? getComputedStyle(one, "::before").content : "").join(" ")"""
"""What the paper says of a page that is not drawn yet."""


def test_a_page_printed_before_its_charts_are_drawn_says_so_in_words(page: Page, of: Target) -> None:
    """On a slow line the script that draws charts comes late; until then Streamlit shows grey boxes."""
    enter(page, of, "lead", "")
    held: list[Route] = []
    page.route(re.compile(r"/PlotlyChart\.[^/]*\.js"), lambda route: held.append(route))
    page.goto(f"{of.server.url}/sla?period=quarter")
    # What puts the page's own rules in is fetched too; until it is there the paper says that the page is loading.
    until(page, f"[...document.querySelectorAll('style')].some((one) => one.textContent.includes({OWN_RULES}))")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    until(page, f"!({NO_GREY_BOX})")
    page.emulate_media(media="print")
    assert page.evaluate(GREY) == 0
    page.emulate_media(media="null")
    paper = words(page.pdf(prefer_css_page_size=True))
    assert _(STILL_DRAWN) in paper
    assert paper.count(_("Not drawn yet")) > 1, "each chart"
    assert _("Target {share} met").split("{")[0] in paper, "the numbers are there already"

    page.evaluate(f"() => {{ window.print = () => {{ window.popsPrinted = {NO_GREY_BOX} }} }}")
    page.keyboard.press("Control+p")
    page.wait_for_timeout(300)
    assert page.evaluate("window.popsPrinted") is None, "it waits"
    for route in held:
        route.continue_()
    until(page, "window.popsPrinted !== undefined")
    assert page.evaluate("window.popsPrinted") is True
    settle(page)
    paper = words(page.pdf(prefer_css_page_size=True))
    assert _(STILL_DRAWN) not in paper
    assert _("Not drawn yet") not in paper


def test_a_page_printed_as_soon_as_it_is_opened_has_no_grey_box(page: Page, of: Target) -> None:
    """From the first moment on, whatever of it has come: the paper is whole, or it says that it is not."""
    enter(page, of, "lead", "")
    page.emulate_media(media="print")
    page.goto(f"{of.server.url}/sla?period=year", wait_until="commit")
    said = set[str]()
    while not page.evaluate(f"document.querySelector('.main-svg') !== null && {NO_GREY_BOX}"):
        grey, says = page.evaluate(f"[({GREY})(), ({SAYS_SO})()]")
        assert grey == 0
        said |= {words for words in (LOADING, _(STILL_DRAWN)) if words in says}
    assert LOADING in said
    page.emulate_media(media="null")
    settle(page)
    paper = words(page.pdf(prefer_css_page_size=True))
    assert LOADING not in paper
    assert _(STILL_DRAWN) not in paper

"""A page on paper: A4 as it stands on the screen, without what is pressed, on white, numbered and dated."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.i18n import N_, by_language, moment
from core.i18n import gettext as _
from core.ui import components, pages
from core.ui.context import PageContext

PAPER = 718  # pixels of A4 between its margins: 190 mm at 96 to the inch
SHEET = 1032  # pixels of A4 between the upper and the lower margin
GAP = 16  # pixels between the columns in which a page of a phone is printed
SHEETS, LEAST = 2, 0.78
"""What a page is to fit on; no smaller than so, to be read."""
PRESSED = (
    "[data-testid=stSidebar], [data-testid=stHeader], [data-testid=stToolbar], [data-testid=stToastContainer], "
    "[data-testid=stPopover], [data-testid=stButton], [data-testid=stDownloadButton], [data-testid=stTooltipIcon], "
    "[data-testid=stElementToolbar], .modebar, .st-key-review_files"
)
"""What is of use only where it can be pressed; chosen options stay, since they say what is shown."""
CHIPS = "[class*='st-key-chip_'] :is([data-testid=stButton], [data-testid=stTooltipIcon])"
"""What a page is filtered by: to be read on paper although it can be pressed."""
WHOLE = "[data-testid=stMetric], [data-testid=stPlotlyChart], tr, [role=row]"
"""What no end of a sheet cuts."""
GREY_BOX = "[data-testid=stSkeleton]"
MISSING = f"{GREY_BOX}, [data-testid=stPlotlyChart]:not(:has(.main-svg))"
"""What is still fetched or drawn: Streamlit's grey box, a chart without its picture."""
IS_RUNNING = ".stApp:not([data-test-script-state=notRunning])"
LONGEST_WAIT = 20  # seconds that the keys of printing wait for a page that is still drawn
SMALL = "font: 8pt BeVietnamPro, sans-serif; color: #555"
BESIDE = "[data-testid=stHorizontalBlock]:has(> [data-testid=stColumn])"
"""Columns, which Streamlit puts one beneath the other on paper."""

_fit = components.of_act(
    "print",
    """
const root = document.documentElement
const main = () => document.querySelector("[data-testid=stMainBlockContainer]")
const before = () => {
  const block = main()
  if (!block) return
  const { paddingLeft, paddingRight } = getComputedStyle(block)
  const drawn = block.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)
  const width = (columns) => columns * drawn + (columns - 1) * +data.gap
  const zoom = (columns) => Math.min(1, +data.paper / width(columns))
  const top = block.getBoundingClientRect().top
  const kept = [...block.querySelectorAll(data.whole)].map((one) => one.getBoundingClientRect())
    .filter((one) => one.height).sort((one, other) => one.top - other.top)
  // How many sheets (of columns: pieces of one) of that height are filled, where what is whole begins a new one.
  const filled = (height) => {
    let moved = 0
    for (const one of kept) {
      const begins = one.top - top + moved
      const left = Math.ceil(begins / height) * height - begins
      if (one.height > left && one.height <= height) moved += left
    }
    return Math.ceil((block.scrollHeight + moved) / height)
  }
  const fits = (columns, smaller) => filled(+data.sheet / (zoom(columns) * smaller)) <= +data.sheets * columns
  const smaller = (columns) => {
    for (let part = 1; part >= +data.least; part -= 0.01) if (fits(columns, part)) return part
    return 1
  }
  let columns = drawn < +data.paper / 2 + 50 ? 2 : 1
  if (columns === 2 && !fits(2, 1)) columns = 3
  root.style.setProperty("--screen", `${width(columns)}px`)
  root.style.setProperty("--columns", columns)
  root.style.setProperty("--paper", zoom(columns) * smaller(columns))
  const [red, green, blue] = getComputedStyle(document.querySelector(".stApp")).backgroundColor.match(/[\\d.]+/g)
  root.toggleAttribute("data-dark", +red + +green + +blue < 384)
}
const isDrawn = () => !document.querySelector(data.running) && !main()?.querySelector(data.missing)
const whenDrawn = async (given) => {
  const isPrinting = (given.ctrlKey || given.metaKey) && !given.altKey && !given.shiftKey && given.key === "p"
  if (!isPrinting || isDrawn()) return
  given.preventDefault()
  const end = Date.now() + data.longest * 1000
  while (!isDrawn() && Date.now() < end) await new Promise((go) => setTimeout(go, 100))
  window.print()
}
if (!window.popsPrints) {
  window.popsPrints = true
  window.addEventListener("beforeprint", before)
  window.addEventListener("keydown", whenDrawn, true)
}
""",
)


FRAME = Path(st.__file__).parent / "static" / "index.html"
HEAD_ENDS = "</head>"
PLACES = frozenset({"/", *(f"/{page.key}" for page in pages.PAGES)})
LOADING = N_("This page is still loading: print it again once everything is there.")


class FirstFrame:
    """ASGI middleware that answers for Streamlit's empty page with the same page, which has rules for paper already.

    Those of ``of_every_page`` come with the first run, by a script that is fetched after it: until then grey boxes
    would be printed. Whose page it is nobody knows yet, so the words are in both languages.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, or pass the request on."""
        answer: ASGIApp = self.app
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in PLACES:
            answer = HTMLResponse(first_frame(), headers={"Cache-Control": "no-cache"})
        await answer(scope, receive, send)


@cache
def first_frame() -> str:
    """Streamlit's page as it was installed, with a style sheet more."""
    words = _css_text(" · ".join(by_language(LOADING).values()))
    rules = (
        f":is({GREY_BOX}, [data-testid=stAppSkeleton]) {{ visibility: hidden }}"
        f" body::before {{ content: {words}; font-weight: 600 }}"
    )
    text = FRAME.read_text(encoding="utf-8")
    return text.replace(HEAD_ENDS, f"<style>@media print {{ {rules} }}</style>{HEAD_ENDS}")


def of_every_page(context: PageContext) -> None:
    """How any page is printed, by the browser's own command.

    Charts are drawn for the width they have on the screen, so the page keeps that width and is made smaller as a
    whole; what a phone showed stands in two columns, or three. One that would go a little beyond two sheets, where
    what no end of a sheet cuts begins the next one, is made a little smaller still. A dark screen is turned to light:
    the colours are Streamlit's, which knows nothing of paper.

    No command of a browser waits for a page: what is not drawn yet says so in words, each in its place and the page
    above all. The keys Ctrl + P (Cmd + P) print once everything is drawn.
    """
    st.html(
        f"<style>{_foot(context, context.now)} @page {{ size: A4; margin: 10mm 10mm 14mm;"
        f" @bottom-right {{ content: counter(page) ' / ' counter(pages); {SMALL} }} }}"
        f"@media print {{ {PRESSED} {{ display: none !important }} {CHIPS} {{ display: revert !important }}"
        f" {WHOLE} {{ break-inside: avoid }}"
        " h1, h2, h3 { break-after: avoid } .stMain [role=radiogroup] { flex-wrap: wrap; overflow: visible }"
        " .stApp, .stMain { position: static; overflow: visible; height: auto }"
        " [data-testid=stMainBlockContainer] { width: var(--screen); max-width: none; padding: 0;"
        f" zoom: var(--paper); columns: var(--columns); column-gap: {GAP}px }}"
        f" html[style*='--columns: 1'] {BESIDE} {{ display: flex !important; flex-wrap: nowrap }}"
        " html[data-dark] .stApp, html[data-dark] .stApp :is(img, video)"
        " { filter: invert(1) hue-rotate(180deg) brightness(1.1) }"
        " html, body { background: #FFFFFF !important }"
        f" {_unfinished()} }}</style>"
    )
    _fit(
        {
            "paper": str(PAPER),
            "gap": str(GAP),
            "sheet": str(SHEET),
            "sheets": str(SHEETS),
            "least": str(LEAST),
            "whole": WHOLE,
            "missing": MISSING,
            "running": IS_RUNNING,
            "longest": str(LONGEST_WAIT),
        }
    )


def _unfinished() -> str:
    """The rules that put words where a grey box would be printed."""
    page = _css_text(_("This page was still being drawn when it was printed: print it again once everything is there."))
    block = "[data-testid=stMainBlockContainer]::before"
    return (
        f":is({MISSING}) {{ background: none !important; height: auto !important; min-height: 0 !important }}"
        f" :is({MISSING}) > * {{ display: none }} :is({MISSING})::before {{ display: none }}"
        f" :is({MISSING})::after {{ all: initial; content: {_css_text(_('Not drawn yet'))}; {SMALL} }}"
        " [data-testid=stAppSkeleton] { display: none }"
        f" body::before {{ content: none !important }} {GREY_BOX} {{ visibility: visible !important }}"
        f" {IS_RUNNING} {block}, .stApp:has(.stMain {GREY_BOX}) {block}"
        f" {{ content: {page}; display: block; column-span: all; font-weight: 600; margin-bottom: 1rem }}"
    )


def as_of(context: PageContext, at: datetime) -> None:
    """Say at the foot that what this page shows is of ``at`` instead of now; to be called by the page itself."""
    st.html(f"<style>{_foot(context, at)}</style>")


def _foot(context: PageContext, at: datetime) -> str:
    words = _("{organisation} · as of {moment}").format(organisation=context.organisation, moment=moment(at))
    return f"@page {{ @bottom-left {{ content: {_css_text(words)}; {SMALL} }} }}"


def _css_text(text: str) -> str:
    """A text as CSS writes it, which ends no style sheet."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\3c ")

"""English that Streamlit itself would say on a page: its labels are read from the scripts that it serves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit
from playwright.sync_api import Page

from tests.browser import driver

LABEL = re.compile(r"""["`]?(?:aria-label|ariaLabel|aria-valuetext|placeholder)["`]?:([^,{}]{0,160})""")
TEXT, BEGINNING = re.compile(r"`([^`$]*)`"), re.compile(r"""["`]aria-label["`]:`([A-Z][a-z ]+ )\$\{""")
CHOOSE = ("Choose an option", "Choose options", "Choose or add an option", "Choose or add options")
"""Streamlit puts these together elsewhere."""
SAID = """() => [...document.querySelectorAll("[aria-label], [aria-valuetext], [placeholder]")]
  .filter((one) => !one.closest("[aria-hidden=true]"))
  .flatMap((one) => ["aria-label", "aria-valuetext", "placeholder"].map((name) => one.getAttribute(name)))
  .filter(Boolean)"""


@cache
def _english() -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole labels, and beginnings of others."""
    whole, beginnings = set(CHOOSE), set()
    for script in (Path(streamlit.__file__).parent / "static/static/js").glob("*.js"):
        text = script.read_text(encoding="utf-8", errors="ignore")
        for found in LABEL.finditer(text):
            whole |= {one for one in TEXT.findall(found.group(1)) if one.strip()}
        beginnings |= set(BEGINNING.findall(text))
    return frozenset(whole), tuple(sorted(beginnings))


def english(page: Page) -> list[str]:
    """The labels and hints of the page that are Streamlit's own words."""
    whole, beginnings = _english()
    driver.until(page, "document.documentElement.lang === 'vi'")  # set as the labels are
    return sorted({one for one in page.evaluate(SAID) if one in whole or one.startswith(beginnings)})

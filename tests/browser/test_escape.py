"""Every naughty text in every kind of place of a screen: read letter by letter, and nothing of it is alive."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.rules.marks import visible
from tests.browser import driver
from tests.naughty import AT_ONCE, TEXTS

PLACES = 30  # at least so many times each text stands on the page
# What Markdown makes of signs; what Streamlit and the page itself draw of these has a class or a place of its own.
ALIVE = """
() => [...document.querySelectorAll(`
  [data-testid=stApp] a[href*="evil" i], [data-testid=stApp] a[href^="mailto"], [data-testid=stApp] img,
  [data-testid=stApp] script, .katex, .stMarkdownColoredBackground, .stMarkdownShimmer,
  [data-testid=stMarkdownContainer] :is(code, em, del, input, hr, blockquote, ol, pre, sup, b),
  [data-testid=stMarkdownContainer] :is(h1, h2, h3, h4, h5, h6):not(:has([data-heading-text]))
`)].concat([...document.querySelectorAll('[data-testid=stMarkdownContainer] [role=img]')]
  .filter(icon => icon.ariaLabel !== 'info icon')).map(found => found.outerHTML.slice(0, 200))
"""
READ = """
() => [...document.querySelectorAll(`[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer] p,
  [data-testid=stTable] :is(th, td), [data-testid=stMarkdownContainer] :is(li, th, td)`)]
  .filter(one => !one.querySelector('[data-testid=stMarkdownContainer]')).map(one => one.textContent)
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server that shows nothing but the page of naughty texts."""
    port = driver.free_port()
    page = Path(__file__).with_name("escape_page.py")
    command = [sys.executable, "-m", "streamlit", "run", str(page), "--server.port", str(port)]
    process = subprocess.Popen(
        command, cwd=driver.ROOT, env={**os.environ, "PYTHONPATH": str(driver.ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        give_up = time.monotonic() + driver.START_SECONDS
        while not driver._healthy(f"http://localhost:{port}"):
            assert time.monotonic() < give_up and process.poll() is None
            time.sleep(0.1)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(driver.STOP_SECONDS)


def test_nothing_is_alive_and_every_letter_is_read(address: str, browser: Browser) -> None:
    with driver.opened_page(browser) as page:
        for first in range(0, len(TEXTS), AT_ONCE):
            page.goto(f"{address}/?first={first}")
            expect(page.locator(f".st-key-shown_{first}")).to_be_attached(timeout=driver.STEP_SECONDS * 1000)
            driver.settle(page)
            page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
            assert page.evaluate(ALIVE) == []
            shown = [" ".join(visible(text).split()) for text in TEXTS[first : first + AT_ONCE]]
            read = [" ".join(one.split()) for one in page.evaluate(READ)]
            assert {one for one in read if not any(text in one for text in shown)} == {"pills", "segments", "list"}
            for text in shown:
                assert sum(text in one for one in read) >= PLACES, text
            assert "evil" not in page.title()

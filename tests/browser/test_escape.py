"""Every naughty text in every kind of place of a screen: read letter by letter, and nothing of it is alive."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.register.log.database import open_up
from core.register.people import sign_ins
from core.rules.marks import visible
from core.settings import SESSION_COOKIE
from tests import poisoned
from tests.browser import driver
from tests.naughty import AT_ONCE, TEXTS

SLOWLY = 60_000  # milliseconds: a slow machine is no fault
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
            expect(page.locator(f".st-key-shown_{first}")).to_be_attached(timeout=SLOWLY)
            driver.settle(page)
            page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
            assert page.evaluate(ALIVE) == []
            shown = [" ".join(visible(text).split()) for text in TEXTS[first : first + AT_ONCE]]
            read = [" ".join(one.split()) for one in page.evaluate(READ)]
            assert {one for one in read if not any(text in one for text in shown)} == {"pills", "segments", "list"}
            for text in shown:
                assert sum(text in one for one in read) >= PLACES, text
            assert "evil" not in page.title()


@pytest.fixture(scope="module")
def poisoned_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, dict[str, str]]]:
    """A server over the register of naughty texts, and role → session."""
    folder, now = tmp_path_factory.mktemp("poisoned"), datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    people = poisoned.fill(register, now - timedelta(hours=1))
    with register.write() as session:
        tokens = {role: sign_ins.open_session(session, person.id, now=now) for role, person in people.items()}
    register.engine.dispose()
    with driver.served(folder) as server:
        yield server, tokens


VISITS = (
    # role, address, what of the naughty texts is read there
    ("lead", f"complaint?code={poisoned.CODE}", "[vào đây](https://evil.example) www.evil.example :material/home:"),
    ("lead", "queue?segment=all", "[vào đây](https://evil.example)"),
    ("lead", "log_complaint", visible(poisoned.SHORT)),
    ("admin", "people?person=1", visible(poisoned.SHORT)),
    ("admin", "calendar", visible(poisoned.SHORT)),
    ("lead", "procedures", visible(poisoned.SHORT)),
)
LIVE_LINKS = """
() => [...document.querySelectorAll('a[href*="evil" i], a[href^="mailto"], [data-testid=stMain] img, .katex,'
  + '[role=img][aria-label="home icon"]')].map(found => found.outerHTML.slice(0, 200))
"""


def test_a_register_of_naughty_texts_is_read_on_its_pages(
    poisoned_server: tuple[driver.Server, dict[str, str]], browser: Browser
) -> None:
    server, tokens = poisoned_server
    with driver.opened_page(browser) as page:
        said: list[str] = []
        page.on("dialog", lambda dialog: said.append(dialog.message))
        for role, address, text in VISITS:
            page.context.add_cookies([{"name": SESSION_COOKIE, "value": tokens[role], "url": server.url}])
            page.goto(f"{server.url}/{address}")
            expect(page.get_by_text(text).first).to_be_visible(timeout=SLOWLY)
            assert page.evaluate(LIVE_LINKS) == [], address
        assert said == []


def test_the_sign_in_form_gives_back_what_was_typed_as_text(
    poisoned_server: tuple[driver.Server, dict[str, str]], browser: Browser
) -> None:
    typed = '"><img src=x onerror=alert(1)>' + poisoned.SHORT[:20]
    with driver.opened_page(browser) as page:
        page.goto(f"{poisoned_server[0].url}/sign-in")
        page.get_by_label("Tên đăng nhập").fill(typed)
        page.get_by_label("Mật khẩu", exact=True).fill("không phải mật khẩu")
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("alert")).to_contain_text("ật khẩu", timeout=SLOWLY)
        assert page.locator("form img, a[href*=evil]").count() == 0

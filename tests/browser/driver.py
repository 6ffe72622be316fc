"""The real server in a process of its own, and a real browser in front of it."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Literal
from unittest.mock import patch
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core.__main__ import main
from core.i18n import use
from core.register.log.database import open_register
from core.settings import Settings
from tests.browser import chromium, program

ROOT = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / "shots"
START_SECONDS = 60
STOP_SECONDS = 15
STEP_SECONDS = 20
OURS = ("http://localhost:", "ws://localhost:", "data:", "blob:", "chrome-extension://")  # the last shows a PDF
LAPTOP = (1366, 768)
PHONE = (390, 844)
# What a person's shell may hold and a story must not inherit.
NOT_INHERITED = (
    "DATABASE_URL",
    "DATA_DIR",
    "PORT",
    "BASE_URL",
    "SECURE_COOKIE",
    "HOST",
    "TRUSTED_PROXIES",
    "FORWARDED_ALLOW_IPS",
    "COVERAGE_PROCESS_START",
)

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.browser.preloaded"])


@dataclass
class Server:
    """``python dashboard.py`` on a free port over one data folder; may be stopped, killed and started again.

    ``extra``: what is in its environment besides. A server that has it is started by an interpreter of its own, others
    are forked from a process that has imported the program (``preloaded``).
    """

    data_dir: Path
    extra: Mapping[str, str]
    port: int
    log: Path
    process: BaseProcess | None = None

    @property
    def url(self) -> str:
        """``http://localhost:PORT``, without a slash at the end."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        """The number of its process; it must be running."""
        assert self.process is not None and self.process.pid is not None
        return self.process.pid

    @property
    def environment(self) -> dict[str, str]:
        """What the server and its commands see: this register and nothing of the machine's."""
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        return {
            **inherited,
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def command(self, *arguments: str, stdin: str = "") -> str:
        """What ``python -m core …`` does on the same register; its output, or a failure that shows what it said.

        In this process, which is another than the server's: one of its own would import for seconds what is here.
        """
        said, complained = StringIO(), StringIO()
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "stdin", StringIO(stdin)),
            redirect_stdout(said),
            redirect_stderr(complained),
        ):
            code = main(list(arguments))
        use("vi")
        settings = Settings.from_env(self.environment)
        open_register(settings.database_url, settings.evidence_dir).engine.dispose()
        output, trouble = said.getvalue(), complained.getvalue()
        assert code == 0, f"python -m core {' '.join(arguments)} said:\n{output}\n{trouble}"
        return output

    def start(self) -> None:
        """Start and wait until it answers.

        A new process would run again what this one has as its main module, which AppTest makes a page.
        """
        anew = bool(self.extra)
        self.process = FORKS.Process(target=program.serve, args=(self.environment, self.log, anew), daemon=True)
        with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
            self.process.start()
        self._wait()

    def stop(self) -> None:
        """Ask it to end, and make it end if it does not."""
        self._end(lambda process: process.terminate())

    def kill(self) -> None:
        """End it at once, as a power cut would (``kill -9``)."""
        self._end(lambda process: process.kill())

    def said(self) -> str:
        """Everything it wrote to its terminal so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _wait(self) -> None:
        assert self.process is not None
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            if self.process.exitcode is not None:
                raise AssertionError(f"the server ended with {self.process.exitcode}:\n{self.said()}")
            if _healthy(self.url):
                return
            time.sleep(0.05)
        self.kill()
        raise AssertionError(f"the server did not answer within {START_SECONDS} s:\n{self.said()}")

    def _end(self, how: Callable[[BaseProcess], None]) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        how(process)
        process.join(STOP_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join(STOP_SECONDS)


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


_given = [0]
"""The port that ``free_port`` gave last in this process; at first any."""


def free_port() -> int:
    """A port nobody listens on now: the one given last if it is free, since a browser keeps scripts by address."""
    for port in (*_given, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _given[0] = probe.getsockname()[1]
            break
    return _given[0]


@contextmanager
def served(data_dir: Path, **extra: str) -> Iterator[Server]:
    """A running server over ``data_dir``; ``extra``: environment variables such as DATABASE_URL.

    Where no register is there yet, one is made and migrated, as ``make run`` does.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    server = Server(data_dir, extra, free_port(), data_dir / "server.log")
    is_there = (data_dir / "complaints.db").exists() and not extra
    server.log.write_text("" if is_there else server.command("migrate"), encoding="utf-8")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def environment(url: str) -> dict[str, str]:
    """What a server over the register at ``url`` is told besides its folder: nothing where it is a file in that."""
    return {} if url.startswith("sqlite") else {"DATABASE_URL": url}


@contextmanager
def chromium_browser(*switches: str) -> Iterator[Browser]:
    """A headless Chromium of this process."""
    path = chromium.find()
    assert path is not None, "no Chromium was found: make browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*chromium.arguments(), *switches])
        try:
            yield browser
        finally:
            browser.close()


_idle: WeakKeyDictionary[Browser, list[BrowserContext]] = WeakKeyDictionary()
"""Profiles that no page uses now: a new one would have to compile the page's scripts again, more than a second each."""


@contextmanager
def opened_page(
    browser: Browser,
    size: tuple[int, int] = LAPTOP,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Page]:
    """A page of somebody who was never here (no cookies, nothing kept), speaking Vietnamese, in Vietnam's time zone."""
    idle = _idle.setdefault(browser, [])
    context = idle.pop() if idle else _new_context(browser)
    context.set_default_timeout(STEP_SECONDS * 1000)
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    try:
        yield page
    except BaseException:
        context.close()
        raise
    _forget(context)
    idle.append(context)


def _new_context(browser: Browser) -> BrowserContext:
    """A profile without anything kept; things that move are drawn without a graphics card, so they stand still."""
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", reduced_motion="reduce")
    context.add_init_script(f"({RUNS})()")
    return context


def _forget(context: BrowserContext) -> None:
    for page in context.pages:
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")
        page.close()
    context.clear_cookies()


def watched(page: Page) -> list[str]:
    """What the content policy stops and what the page asks of other hosts, filled while the page is used."""
    found: list[str] = []
    page.on("console", lambda line: found.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("request", lambda asked: None if asked.url.startswith(OURS) else found.append(asked.url))
    return found


NO_GREY_BOX = "!document.querySelector('[data-testid=stSkeleton]')"


def settle(page: Page) -> None:
    """Wait until Streamlit has run the script to its end and drawn it.

    A kind of field that the page shows for the first time is fetched only then, and stands for a moment as a grey box.
    Right after a click the run may not have begun yet: ``acted`` waits for that too.
    """
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")
    until(page, f"document.fonts.status === 'loaded' && {NO_GREY_BOX}")


RUNS = """
() => {
  window.popsScript = { asked: 0, begun: 0 }
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    window.popsScript.asked = performance.now()
    return send.call(this, data)
  }
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => target.dataset.testScriptState === "running"))
      window.popsScript.begun = performance.now()
  }).observe(document, { subtree: true, attributeFilter: ["data-test-script-state"] })
}
"""
"""When the page last asked the server for something, and when the script last began to run."""
BEGUN = """
() => new Promise((done) => {
  const from = performance.now()
  const look = () => {
    const waited = performance.now() - from, { asked, begun } = window.popsScript
    if (waited >= 300 || (waited >= 60 && begun >= asked)) done()
    else setTimeout(look, 20)
  }
  look()
})
"""
"""A run that is asked for at all is asked for within 60 ms; one that ends at once is never seen, and waited for 300."""


def acted(page: Page) -> None:
    """Wait until the run that was just asked for, by a click or by leaving a field, has begun and has ended."""
    page.evaluate(BEGUN)
    settle(page)


def drawn(page: Page) -> None:
    """Wait until what has moved, such as a scrolled list, is drawn and the page was told of it."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


def until(page: Page, expression: str) -> None:
    """Wait until the expression is true in the page; Playwright's own way needs ``eval``, which pages do not permit."""
    give_up = time.monotonic() + STEP_SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < give_up, f"never true: {expression}"
        page.wait_for_timeout(50)


def shot(page: Page, name: str, whole: bool = False) -> None:
    """A picture in ``tests/browser/shots`` (never committed) for a person to look at; none on CI."""
    if page.locator("[data-testid='stApp']").count():
        settle(page)
    if not chromium.required():
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


def shots(page: Page, name: str) -> None:
    """As ``shot``, on a laptop and at the width of a phone; the page has its size again afterwards."""
    size = page.viewport_size
    if chromium.required() or size is None:
        return
    for look, other in (("phone", PHONE), ("laptop", LAPTOP)):
        resize(page, other)
        shot(page, f"{name}_{look}")
    resize(page, (size["width"], size["height"]))


def resize(page: Page, size: tuple[int, int]) -> None:
    """The same page on another device: what is drawn to the width of its place is drawn anew."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(600)
    settle(page)

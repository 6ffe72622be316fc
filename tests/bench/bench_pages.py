"""How long each page takes at 100 000 complaints: the server's script, and key to screen in a real browser.

``python -m tests.bench.bench_pages [--complaints N] [--engine E]``; the complaints are made by ``tests.bench.grow``.
The peer of both is an empty Streamlit page measured in the same run: its script through the same harness, its
key-to-screen in the same browser, served by its own plain ``streamlit run``.
"""

from __future__ import annotations

import gc
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page
from streamlit.testing.v1 import AppTest

from core.register.log.act import Act
from core.register.log.database import Register
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.calendar import local_day
from core.settings import SESSION_COOKIE
from core.ui import frame
from tests.bench import place
from tests.bench.place import Lines, Place
from tests.browser import driver

RUNS, WARM_UPS = 30, 3
KEYS = 12
EMPTY = "import streamlit as st\nst.title('Empty')\n"
PAGES = (
    "overview", "log_complaint", "queue", "complaint", "meeting", "breakdown", "sla", "handling", "outcomes", "what_if",
    "root_causes", "explore", "procedures",
)  # fmt: skip

LONG = ("breakdown", "sla", "handling", "outcomes", "what_if", "root_causes", "explore")
"""The pages that are asked for other periods than a quarter."""
PERIODS = {"a year": {"period": "year"}, "six years": {"period": "custom", "from": "2020-01-01"}}
MOST = {"a year": 150, "six years": 400}
"""Milliseconds of 95 in a hundred script runs, at a million complaints."""

# Milliseconds from the key to the last change on the screen of the run that the key asked for.
KEY_TO_SCREEN = """
() => { window.measured = new Promise(resolve => {
  const app = document.querySelector("[data-testid='stApp']");
  let pressed = null, last = null, ran = false;
  const watch = new MutationObserver(() => {
    last = performance.now();
    if (app.getAttribute('data-test-script-state') !== 'notRunning') ran = true;
  });
  watch.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  document.addEventListener('keydown', () => { pressed = performance.now(); }, {once: true, capture: true});
  const look = () => {
    const still = performance.now() - last > 200 && app.getAttribute('data-test-script-state') === 'notRunning';
    if (pressed && ran && still) { watch.disconnect(); resolve(last - pressed); } else setTimeout(look, 20);
  };
  look();
}); }
"""


def main() -> None:
    """Fill a register, then measure each page both ways and print a table."""
    with place.of(place.arguments(__doc__, complaints=100_000).parse_args()) as here:
        measure(here)


def measure(here: Place) -> Lines:
    """The table of one register."""
    token, code = signed_in(here.register)
    with driver.chromium_browser() as browser:
        empty = _empty_page(browser, here.folder)
        keys = _keys(browser, here.folder, here.register, token, code)
    scripts = script_runs(token, code)  # last: they leave a page behind as the main module, which servers would run
    print(here.title("pages"))
    _print(scripts, empty, keys)
    _print_periods(token)
    lines = {f"page: {page}": p95(taken) for page, taken in scripts.items()}
    return lines | {f"key: {page}": p95(taken) for page, taken in keys.items()}


def signed_in(register: Register) -> tuple[str, str]:
    """The cookie of a lead, and a code to open."""
    now = datetime.now(UTC)
    with register.write() as session:
        lead = next((one for one in accounts.list_people(session) if one.login == "bench"), None) or accounts.add(
            session,
            Account(login="bench", name="Bench", role="lead", department=None),
            "đo từng trang một 58",
            Act(None, now),
        )
        token = sign_ins.open_session(session, lead.id, now=now)
    return token, place.case_of(register)


def script_runs(token: str, code: str, pages: Sequence[str] = PAGES) -> dict[str, list[float]]:
    """Milliseconds of whole script runs, page by page; ``empty`` is the peer."""
    logging.disable(logging.WARNING)  # Streamlit remarks that no browser is there
    frame.cookies = lambda: {SESSION_COOKIE: token}
    timings = {"empty": _timed(AppTest.from_string(EMPTY, default_timeout=60).run)}
    for page in pages:
        run = _opened(page, {"code": code} if page == "complaint" else {})
        run()
        gc.collect()
        gc.freeze()
        timings[page] = _timed(run)
    logging.disable(logging.NOTSET)
    return timings


def _opened(page: str, query: Mapping[str, str]) -> Callable[[], object]:
    """The script of a page with its query, to be run as often as wanted."""
    app = AppTest.from_file(str(driver.ROOT / "pages" / "shell.py"), default_timeout=120)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(str(driver.ROOT / "pages" / f"{page}.py"))

    def run() -> None:
        app.run()
        assert app.title and not app.exception and not app.error, (page, app.exception, app.error)

    return run


def _print_periods(token: str) -> None:
    """Longer periods than a quarter: what the first waits who asks after an act, and all others."""
    logging.disable(logging.WARNING)
    frame.cookies = lambda: {SESSION_COOKIE: token}
    print(f"{'milliseconds of the script':<28}{'the first':>11}{'p50':>8}{'p95':>8}")
    for name, period in PERIODS.items():
        for page in LONG:
            run = _opened(page, period | ({"to": local_day(datetime.now(UTC)).isoformat()} if "from" in period else {}))
            began = time.perf_counter()
            run()
            first, taken = (time.perf_counter() - began) * 1000, _timed(run)
            held = "" if p95(taken) < MOST[name] else f"  asked: under {MOST[name]} NOT MET"
            print(f"{page + ', ' + name:<28}{first:>11.0f}{_row(taken)[3:]}{held}")
    logging.disable(logging.NOTSET)


def _timed(run: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(WARM_UPS + RUNS):
        began = time.perf_counter()
        run()
        taken.append((time.perf_counter() - began) * 1000)
    return taken[WARM_UPS:]


def _empty_page(browser: Browser, folder: Path) -> list[float]:
    script = folder / "empty_page.py"
    script.write_text(EMPTY, encoding="utf-8")
    port = driver.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=driver.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_healthy(port)
        with driver.opened_page(browser) as page:
            return _pressed(page, f"http://localhost:{port}/")
    finally:
        process.terminate()
        process.wait()


def _until_healthy(port: int) -> None:
    for _ in range(300):
        if driver._healthy(f"http://localhost:{port}"):
            return
        time.sleep(0.1)
    raise AssertionError("the empty page did not start")


def _keys(browser: Browser, folder: Path, register: Register, token: str, code: str) -> dict[str, list[float]]:
    register.engine.dispose()
    measured = {}
    elsewhere = {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
    with driver.served(folder, **elsewhere) as server:
        for page in PAGES:
            with driver.opened_page(browser) as tab:
                tab.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
                where = f"complaint?code={code}" if page == "complaint" else "" if page == "overview" else page
                measured[page] = _pressed(tab, f"{server.url}/{where}")
    return measured


def _pressed(page: Page, address: str) -> list[float]:
    """Milliseconds from the rerun key to the settled screen, several times."""
    page.goto(address)
    driver.settle(page)
    page.wait_for_timeout(1500)
    taken: list[float] = []
    for _ in range(1 + KEYS):
        page.evaluate(KEY_TO_SCREEN)
        page.keyboard.press("r")
        taken.append(page.evaluate("() => window.measured"))
    return taken[1:]


def _print(scripts: dict[str, list[float]], empty: list[float], keys: dict[str, list[float]]) -> None:
    base = statistics.median(empty)
    print(f"{RUNS} script runs and {KEYS} keys each (milliseconds)")
    print(f"{'page':<15}{'script p50':>11}{'p95':>8}{'key p50':>10}{'p95':>8}{'× empty':>9}")
    print(f"{'(empty page)':<15}{_row(scripts['empty'])}{base:>10.0f}{p95(empty):>8.0f}{1:>9.1f}")
    for page, taken in keys.items():
        middle = statistics.median(taken)
        print(f"{page:<15}{_row(scripts[page])}{middle:>10.0f}{p95(taken):>8.0f}{middle / base:>9.1f}")
    print("asked at a million: script p95 under 150, key p95 under 400")


def _row(taken: list[float]) -> str:
    return f"{statistics.median(taken):>11.0f}{p95(taken):>8.0f}"


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    main()

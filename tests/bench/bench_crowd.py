"""How long 25 people wait who click at once, through the real websocket, and what acts and the worker add to that.

``python -m tests.bench.bench_crowd [--complaints N] [--engine E] [--people N] [--seconds S]``. Each person is another
account, looks at a page for about ``THINK`` seconds, and opens the next one. First nobody writes; then an act every
``ACTS`` seconds makes all figures new; then the worker sends, besides, what those acts tell people. The pages in the
browser are not drawn: what is measured ends with the last part of a page that the server sends. The peer, in the same
run: an empty Streamlit page, clicked by as many people.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException

from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.messages import outlets
from core.register.messages.outlets import Wanted
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.messages import FILE
from core.settings import SESSION_COOKIE
from tests.attack.target import PASSWORD, Tab, Visitor
from tests.bench import place
from tests.bench.bench_pages import EMPTY, p95
from tests.bench.place import Lines, Place
from tests.browser import driver
from tests.register.cases import draft

PEOPLE, SECONDS = 25, 60.0
THINK = 5.0  # seconds
ACTS = 5.0  # seconds
ROLES = ("agent", "agent", "agent", "lead", "manager")
"""Who clicks, in turn: most of those who have the screen before them all day are agents."""
EVERYBODY = ("queue", "queue", "queue", "complaint", "log_complaint")
"""What agents open, the queue most often."""
FIGURES = ("", "sla", "breakdown", "root_causes", "explore", "meeting")
PERIODS = ("", "period=year", "period=quarter")
WANTED = {1_000_000: 1_000.0, 10_000_000: 2_000.0}
"""Complaints → milliseconds of 95 in a hundred."""


@dataclass
class Found:
    """What a crowd waited: page → milliseconds; what went wrong; megabytes of the server at the begin and the end."""

    waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    memory: tuple[float, float] = (0.0, 0.0)

    @property
    def every(self) -> list[float]:
        """All of it."""
        return [one for taken in self.waited.values() for one in taken]


def main() -> None:
    """Fill a register, let the crowds click, print a table."""
    options = place.arguments(__doc__)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--seconds", type=float, default=SECONDS)
    given = options.parse_args()
    with place.of(given) as here:
        measure(here, given.people, given.seconds)


def measure(here: Place, count: int = PEOPLE, seconds: float = SECONDS) -> Lines:
    """The table of one register."""
    people = sessions(here.register, count)
    code = place.case_of(here.register)
    print(here.title(f"{count} people clicking for {seconds:.0f} s"))
    print(f"{'':<34}{'clicks':>7}{'p50 ms':>8}{'p95':>7}{'slowest':>9}{'errors':>8}{'MB':>7}{'then':>7}")
    peer = _empty(here.folder, count, seconds)
    _print("(an empty page)", peer)
    lines = {}
    for name, acts, worker in (("nobody writes", False, "off"), ("acts", True, "off"), ("acts, worker", True, "on")):
        with _told(here.register, is_on=worker == "on"):
            found = _crowd(here, people, code, seconds, worker=worker, acts=acts)
        _print(name, found)
        lines[f"crowd: {name}"] = p95(found.every)
        if name == "nobody writes":
            for page, taken in sorted(found.waited.items()):
                print(f"  {page or 'overview':<32}{_row(taken)}")
    asked = next((most for size, most in WANTED.items() if here.complaints <= size * 1.1), None)
    if asked:
        held = "ok" if lines["crowd: nobody writes"] < asked else "NOT MET"
        print(f"asked: p95 under {asked:,.0f} ms while nobody writes {held}")
    return lines


def sessions(register: Register, count: int) -> list[tuple[str, str]]:
    """Role and session of each."""
    now = datetime.now(UTC)
    act, found = Act(None, now), []
    with register.write() as session:
        known = {one.login: one for one in accounts.list_people(session)}
        for n in range(count):
            login, role = f"crowd.{n}", ROLES[n % len(ROLES)]
            person = known.get(login) or accounts.add(session, Account(login, f"Crowd {n}", role), PASSWORD, act)
            found.append((role, sign_ins.open_session(session, person.id, now=now)))
    return found


@contextmanager
def _told(register: Register, *, is_on: bool) -> Iterator[None]:
    """With an outlet in use, so that the worker has messages to send."""
    if not is_on:
        yield
        return
    act = Act(None, datetime.now(UTC))
    with register.write() as session:
        id = outlets.set_up(session, Wanted(FILE, "Crowd", {"folder": "crowd"}), act)
        outlets.switch(session, id, act, version=1, is_on=True)
    try:
        yield
    finally:
        with register.write() as session:
            outlets.remove(session, id, act, version=2)


def _crowd(here: Place, people: list[tuple[str, str]], code: str, seconds: float, *, worker: str, acts: bool) -> Found:
    elsewhere = {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
    with driver.served(here.folder, WORKER=worker, **elsewhere) as server:
        clickers = clickers_of(server.url, people, code)
        return _clicked(clickers, server.pid, seconds, here.register if acts else None)


def clickers_of(url: str, people: list[tuple[str, str]], code: str) -> list[Clicker]:
    """Each of these people at a browser, who click the same in each run; without a ``code`` no case is opened."""
    found = []
    for n, (role, token) in enumerate(people):
        pages = EVERYBODY if role == "agent" else EVERYBODY + FIGURES
        not_theirs = {"log_complaint"} if role == "manager" else set()
        its = tuple(page for page in pages if page not in not_theirs and (code or page != "complaint"))
        found.append(Clicker(url, {SESSION_COOKIE: token}, Random(n), its, code))
    return found


def _empty(folder: Path, count: int, seconds: float) -> Found:
    """As many people on a page that shows one title."""
    script = folder / "empty_page.py"
    script.write_text(EMPTY, encoding="utf-8")
    port = driver.free_port()
    words = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    words += ["--server.headless", "true"]
    process = subprocess.Popen(words, cwd=driver.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not driver._healthy(f"http://localhost:{port}"):
            time.sleep(0.1)
        clickers = [Clicker(f"http://localhost:{port}", {}, Random(n), ("",), "") for n in range(count)]
        return _clicked(clickers, process.pid, seconds, None)
    finally:
        process.terminate()
        process.wait()


@dataclass
class Clicker:
    """One person at a browser."""

    url: str
    cookies: dict[str, str]
    chance: Random
    pages: tuple[str, ...]
    code: str

    def click(self, until: float, found: Found) -> None:
        """Open one page after the other until the time is over; the first wait is drawn, so that they spread.

        Who loses the server opens a new tab.
        """
        time.sleep(self.chance.random() * THINK)
        while time.monotonic() < until:
            try:
                with Visitor(self.url, self.cookies).tab() as tab:
                    self._click_on(tab, until, found)
            except (OSError, WebSocketException) as ended:
                found.errors.append(f"{type(ended).__name__}: {ended}"[:120])
                time.sleep(1)

    def _click_on(self, tab: Tab, until: float, found: Found) -> None:
        while time.monotonic() < until:
            page = self.chance.choice(self.pages)
            began = time.monotonic()
            messages = tab.open(page, self._query(page))
            found.waited[page].append((time.monotonic() - began) * 1000)
            found.errors += [f"{page}: {error}" for error in map(_error, messages) if error]
            time.sleep(THINK * (0.5 + self.chance.random()))

    def _query(self, page: str) -> str:
        if page == "complaint":
            return f"code={self.code}"
        return self.chance.choice(PERIODS) if page in FIGURES[1:-1] else ""


def _error(message: ForwardMsg) -> str:
    """What an exception or an error box says that is part of the message; "" for every other one."""
    element = message.delta.new_element
    if element.HasField("exception"):
        return str(element.exception.message)[:100]
    return str(element.alert.body)[:100] if element.alert.format == Alert.ERROR else ""


def _clicked(clickers: list[Clicker], pid: int, seconds: float, written: Register | None) -> Found:
    """``written``: the register in which somebody acts meanwhile."""
    found, until = Found(), time.monotonic() + seconds
    threads = [threading.Thread(target=one.click, args=(until, found)) for one in clickers]
    for thread in threads:
        thread.start()
    quarter = time.monotonic() + seconds / 4
    before, n = 0.0, 0
    while time.monotonic() < until:
        if written is not None:
            _act(written, n := n + 1)
        time.sleep(ACTS)
        if not before and time.monotonic() > quarter:
            before = _own_memory(pid)
    for thread in threads:
        thread.join()
    found.memory = before, _own_memory(pid)
    return found


def _act(register: Register, n: int) -> None:
    now = datetime.now(UTC)
    with register.write() as session:
        complaints.log(session, draft(recorded_at=now, statement=f"Chưa thấy Stars, lần {n}"), Act(None, now))


def _own_memory(pid: int) -> float:
    """Megabytes that the process shares with nobody and no file."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


def _print(name: str, found: Found) -> None:
    before, then = found.memory
    print(f"{name:<34}{_row(found.every)}{len(found.errors):>8}{before:>7.0f}{then:>7.0f}", flush=True)
    for error in found.errors[:3]:
        print(f"  {error}")


def _row(taken: list[float]) -> str:
    most = p95(taken) if len(taken) > 1 else max(taken)
    return f"{len(taken):>7}{statistics.median(taken):>8.0f}{most:>7.0f}{max(taken):>9.0f}"


if __name__ == "__main__":
    main()

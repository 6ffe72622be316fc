"""How long one act takes in a register of a million complaints, and the two pages that people act on.

``python -m tests.bench.bench_acts [--complaints N] [--engine E]``. The million is made by ``tests.bench.grow``; the
acts are those of new complaints, from the receipt to closing, each in a transaction of its own. The peer of an act, in
the same run: one row written and committed by ``sqlite3``; that of a page: an empty Streamlit page.
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.policy import Actor
from tests.bench import place
from tests.bench.bench_pages import p95, script_runs
from tests.bench.place import Lines, Place
from tests.register.cases import TO_CLOSED, draft

CASES = 200
WANTED_ACT, WANTED_PAGE = 15, 100  # milliseconds, of 95 in a hundred
PAGES = ("queue", "complaint")


def main() -> None:
    """Fill a register, act in it, run the pages over it, and print a table."""
    with place.of(place.arguments(__doc__).parse_args()) as here:
        measure(here)


def measure(here: Place) -> Lines:
    """The table of one register."""
    register, now = here.register, datetime.now(UTC)
    with register.write() as session:
        lead = accounts.add(session, Account("acts", "Bench", "lead"), "đo từng trang một 58", Act(None, now))
        token = sign_ins.open_session(session, lead.id, now=now)
    acts = dict(_acts(register, lead, now))
    peer = _peer(here.folder / "peer.db")
    scripts = script_runs(token, _an_open_case(register, lead, now), PAGES)
    base = statistics.median(peer)
    print(here.title(f"acts, {CASES} of each (milliseconds),"))
    print(f"{'act':<24}{'p50':>8}{'p95':>8}{'× peer':>9}")
    print(f"{'(one row, sqlite3)':<24}{base:>8.1f}{p95(peer):>8.1f}{1:>9.1f}")
    for act, taken in acts.items():
        middle = statistics.median(taken)
        print(f"{act:<24}{middle:>8.1f}{p95(taken):>8.1f}{middle / base:>9.1f}{_held(taken, WANTED_ACT)}")
    empty = statistics.median(scripts.pop("empty"))
    for page, taken in scripts.items():
        middle = statistics.median(taken)
        print(
            f"{page + ' (page)':<24}{middle:>8.1f}{p95(taken):>8.1f}{middle / empty:>9.1f}{_held(taken, WANTED_PAGE)}"
        )
    return {f"act: {name}": p95(taken) for name, taken in acts.items()}


def _held(taken: list[float], wanted: int) -> str:
    return f"  asked: p95 under {wanted} {'ok' if p95(taken) < wanted else 'NOT MET'}"


def _acts(register: Register, by: Actor, now: datetime) -> Iterator[tuple[str, list[float]]]:
    """Act → milliseconds of each, over ``CASES`` new complaints that go from the receipt to closing."""
    codes, taken = [], []
    for n in range(CASES):
        began = time.perf_counter()
        with register.write() as session:
            given = draft(recorded_at=now - timedelta(hours=1), statement=f"Nạp 200 Stars lần {n}, chưa thấy")
            codes.append(complaints.log(session, given, Act(by, now)).code)
        taken.append((time.perf_counter() - began) * 1000)
    yield "log", taken
    for step, fields, _when, _state in TO_CLOSED:
        taken, asked = [], fields | {"due_at": now + timedelta(days=2)} if "due_at" in fields else fields
        for code in codes:
            began = time.perf_counter()
            with register.write() as session:
                complaints.take(session, code, step, asked, Act(by, now))
            taken.append((time.perf_counter() - began) * 1000)
        yield step, taken


def _an_open_case(register: Register, by: Actor, now: datetime) -> str:
    with register.write() as session:
        return complaints.log(session, draft(recorded_at=now, statement="Chưa thấy Stars đâu"), Act(by, now)).code


def _peer(file: Path) -> list[float]:
    """Milliseconds to write one row with a text of the same length and commit it, as safely as the register does."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE acts (id INTEGER PRIMARY KEY, what TEXT)")
    taken = []
    for _n in range(CASES):
        began = time.perf_counter()
        with connection:
            connection.execute("INSERT INTO acts (what) VALUES (?)", ("x" * 400,))
        taken.append((time.perf_counter() - began) * 1000)
    connection.close()
    return taken


if __name__ == "__main__":
    main()

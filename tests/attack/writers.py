"""Eight writers at once, a thousand acts each: nothing lost, nothing twice, and nobody waits a second for a turn.

An act logs a complaint or acknowledges the one just logged. As threads the writers share one register, as in the
server; as processes each has its own, as a server, an import and a command beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Event
from core.register.log.verify import verify
from tests.attack.scenario import Outcome, Scenario
from tests.engines import postgres_server

ROOT = Path(__file__).parents[2]
SHARE = float(os.environ.get("ATTACK_SHARE", "1"))  # for a first look: ATTACK_SHARE=0.05
WRITERS = 8
ACTS = 2 * max(1, round(500 * SHARE))
FIRST = 2  # acts of each process before the others are ready: what a server does while it shows its first page
PROMISED = 1.0  # seconds until one's turn


def write(register: Register, acts: int, name: str) -> list[float]:
    """Act so often; the seconds waited for each turn."""
    waits = []
    for n in range(acts // 2):
        code = None
        for _step in range(2):
            now, asked = datetime.now(UTC), time.perf_counter()
            with register.write() as session:
                waits.append(time.perf_counter() - asked)
                if code:
                    complaints.take(session, code, "acknowledge", {"text": "Đã nhận"}, Act(None, now))
                else:
                    customer = CustomerDraft(phone=f"0912 345 {n % 1000:03d}")
                    draft = Draft("hotline", now, f"Việc {name} {n}", "payment", customer=customer)
                    code = complaints.log(session, draft, Act(None, now)).code
    return waits


def as_threads(register: Register) -> tuple[list[float], float]:
    """All in one process over one register; the waits, and the seconds in all."""
    began = time.perf_counter()
    waits: list[float] = []
    workers = [
        threading.Thread(target=lambda n=n: waits.extend(write(register, ACTS, f"thread {n}"))) for n in range(WRITERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return waits, time.perf_counter() - began


def as_processes(register: Register) -> tuple[list[float], float]:
    """Each a process of its own; they begin together, after ``FIRST`` acts of each that read the rules."""
    words = [sys.executable, "-m", "tests.attack.writers", register.url, str(register.evidence_dir), str(ACTS)]
    workers = [
        subprocess.Popen([*words, str(n)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(WRITERS)
    ]
    for worker in workers:
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    waits = [float(wait) for worker in workers for wait in worker.communicate()[0].split()]
    return waits, time.perf_counter() - began


def _run(url: str, folder: Path, outcome: Outcome) -> None:
    for name, act in (("threads", as_threads), ("processes", as_processes)):
        register = open_up(url, folder / "evidence", organisation="pops", now=datetime.now(UTC))
        before = _counts(register)
        waits, seconds = act(register)
        waits, after = sorted(waits), _counts(register)
        wanted, longest = WRITERS * ACTS, waits[-1]
        first = FIRST * WRITERS if act is as_processes else 0
        outcome.note(
            f"{WRITERS} {name} × {ACTS} acts: {wanted / seconds:.0f} acts/s, wait for a turn p50 "
            f"{waits[len(waits) // 2] * 1000:.0f} ms, p99 {waits[len(waits) * 99 // 100] * 1000:.0f} ms, "
            f"longest {longest * 1000:.0f} ms"
        )
        added = [b - a for a, b in zip(before, after, strict=True)]
        exact = [(wanted + first) // 2, (wanted + first) // 2, wanted + first]
        outcome.expect(
            added == exact and len(waits) == wanted, f"{name}: complaints, codes, events {added}, not {exact}"
        )
        outcome.expect(
            longest < PROMISED, f"{name}: somebody waited {longest:.2f} s for a turn, not under {PROMISED} s"
        )
        report = verify(register)
        outcome.expect(report.is_whole, f"{name}: not whole: {report.problems[:3]}")
        register.engine.dispose()


def _counts(register: Register) -> tuple[int, int, int]:
    """Complaints, distinct codes that leave no gap, events of complaints."""
    with register.read() as session:
        rows = session.scalar(select(func.count()).select_from(Complaint)) or 0
        highest = session.scalar(select(func.max(Complaint.number))) or 0
        events = session.scalar(select(func.count()).select_from(Event).where(Event.subject == "complaint")) or 0
    return rows, highest, events


def run_sqlite(folder: Path) -> Outcome:
    """Over one SQLite file, as durable as in use."""
    outcome = Outcome()
    _run(f"sqlite:///{folder / 'complaints.db'}", folder, outcome)
    return outcome


def run_postgresql(folder: Path) -> Outcome:
    """Over one database of a PostgreSQL server of its own, which does not wait for the disk."""
    outcome = Outcome()
    with postgres_server() as postgres, postgres.empty_database() as url:
        _run(url, folder, outcome)
    return outcome


def main(url: str, evidence_dir: str, acts: str, name: str) -> None:
    """One writer as a process: says it is ready, waits for a line, acts, prints its waits."""
    register = Register(url, Path(evidence_dir))
    register.check()
    write(register, FIRST, name)
    print("ready", flush=True)
    sys.stdin.readline()
    print(*write(register, int(acts), f"process {name}"))


SCENARIOS = (
    Scenario("writers-sqlite", "8 writers × 1,000 acts on SQLite, exact, nobody waits over 1 s", run_sqlite),
    Scenario(
        "writers-postgresql", "8 writers × 1,000 acts on PostgreSQL, exact, nobody waits over 1 s", run_postgresql
    ),
)


if __name__ == "__main__":
    main(*sys.argv[1:])

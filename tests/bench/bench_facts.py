"""How fast the facts are there: read from the register, mapped from their files, brought up to date after a step.

``python -m tests.bench.bench_facts [--complaints N] [--engine E] [--data-dir FOLDER]``, on a register of
``tests.bench.grow``. Each line is a process of its own, as after a start. The peer, in the same run:
``pandas.read_sql`` of the same columns of complaints and clocks, which is the least a program without facts would read;
of a register of more than a million complaints it reads a million, and the table says how long all would take, as ten
million fit in no memory that way.
Memory is what a process holds for itself; the pages of mapped files are shared by all processes and the system takes
them back when it needs them.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd

from core.insight import facts, files
from core.insight.typed import COMPLAINT_COLUMNS, CYCLE_COLUMNS
from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from tests.bench import place
from tests.bench.place import Lines, Place
from tests.register.cases import draft

WRITES = 20
PEER = 1_000_000  # complaint ids that pandas reads at most
WANTED = {"read": 5.0, "mapped": 2.0, "refresh": 0.010}  # seconds at a million


def main() -> None:
    """Grow a register unless the folder has one, measure, print a table."""
    with place.of(place.arguments(__doc__).parse_args()) as here:
        measure(here)


def measure(here: Place) -> Lines:
    """The table of one register."""
    shutil.rmtree(files.folder_of(here.register), ignore_errors=True)
    here.register.engine.dispose()
    seconds, megabytes = _apart(_read_sql)
    share = max(1.0, here.complaints / PEER)
    lines = {
        "pandas.read_sql": (seconds * share, megabytes * share),
        "read": _apart(_current),
        "mapped": _apart(_current),
        "refresh": _apart(_after_writes),
    }
    print(here.title("facts"))
    peer = lines["pandas.read_sql"][0]
    for name, (seconds, megabytes) in lines.items():
        wanted = f"  asked: {WANTED[name]:g} s at a million" if name in WANTED else ""
        print(f"{name:<20}{seconds * 1000:>12,.1f} ms{megabytes:>8,.0f} MB{peer / seconds:>10,.1f} × as fast{wanted}")
    return {f"facts: {name}": seconds * 1000 for name, (seconds, _megabytes) in lines.items()}


def _apart(measured: Callable[[Register], float]) -> tuple[float, float]:
    """(seconds, megabytes of its own) of ``measured`` in a new process."""
    mine, theirs = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=_answer, args=(theirs, measured))
    process.start()
    answer: tuple[float, float] = mine.recv()
    process.join()
    return answer


def _answer(to: Connection, measured: Callable[[Register], float]) -> None:
    register = place.here()
    before = _own_memory()
    seconds = measured(register)
    to.send((seconds, _own_memory() - before))


def _current(register: Register) -> float:
    began = time.perf_counter()
    facts.current(register)
    return time.perf_counter() - began


def _after_writes(register: Register) -> float:
    facts.current(register)
    taken = []
    for n in range(WRITES):
        now = datetime.now(UTC)
        with register.write() as session:
            complaints.log(session, draft(recorded_at=now, statement=f"Chưa thấy Stars, lần {n}"), Act(None, now))
        taken.append(_current(register))
    return statistics.median(taken)


def _read_sql(register: Register) -> float:
    began = time.perf_counter()
    with register.engine.connect() as connection:
        frames = [
            pd.read_sql(
                f"SELECT {', '.join(columns)} FROM {table} WHERE {id} <= {PEER}",
                connection.connection.driver_connection,
            )
            for table, id, columns in (
                ("complaints", "id", COMPLAINT_COLUMNS),
                ("sla_cycles", "complaint_id", CYCLE_COLUMNS),
            )
        ]
    assert all(len(frame) for frame in frames)
    return time.perf_counter() - began


def _own_memory() -> float:
    """Megabytes that this process shares with nobody and no file."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


if __name__ == "__main__":
    main()

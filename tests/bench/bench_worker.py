"""How long the worker's steps take in a register of a million complaints, during which nobody else can write.

``python -m tests.bench.bench_worker [--complaints N] [--engine E]``. A beat looks at the clocks of half a minute, or of
an hour that it makes up for; a morning writes what is due today and one message a person; a round without anything to
do is what the worker costs while nothing happens. What a step would write is written, and taken back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from core.register.log.act import Act
from core.register.log.database import Register
from core.register.messages import mornings, outbox, outlets, timed
from core.register.messages.outlets import Wanted
from core.register.messages.worker import BEAT, WINDOW, Worker
from core.rules.messages import FILE
from tests.bench import place
from tests.bench.bench_pages import p95
from tests.bench.place import Lines, Place

RUNS = 20
WANTED = {"beat": 20, "hour made up for": 100, "morning": 2_000, "idle round": 20}
"""Milliseconds, of 95 in a hundred."""


class TakenBack(Exception):
    """Nothing of the step stays."""


def main() -> None:
    """Fill a register, take the steps, and print a table."""
    with place.of(place.arguments(__doc__).parse_args(), is_searched=False) as here:
        measure(here)


def measure(here: Place) -> Lines:
    """The table of one register."""
    found = dict(_taken(here.register, datetime.now(UTC)))
    print(here.title("steps of the worker (milliseconds),"))
    for name, taken in found.items():
        held = "ok" if p95(taken) < WANTED[name] else "NOT MET"
        print(f"{name:<24}{sorted(taken)[len(taken) // 2]:>8.1f}{p95(taken):>8.1f}  asked: under {WANTED[name]} {held}")
    return {f"worker: {name}": p95(taken) for name, taken in found.items()}


def _taken(register: Register, now: datetime) -> Iterator[tuple[str, list[float]]]:
    with register.write() as session:
        id = outlets.set_up(session, Wanted(FILE, "Bench", {"folder": "bench"}), Act(None, now))
        outlets.switch(session, id, Act(None, now), version=1, is_on=True)
    with register.read() as session:
        office = outbox.office(session, now)
    morning = office.held_until(now - timedelta(days=1))
    yield (
        "beat",
        _often(register, lambda s, n: timed.write_moments(s, morning + n * BEAT - BEAT, morning + n * BEAT, morning)),
    )
    yield (
        "hour made up for",
        _often(
            register, lambda s, n: timed.write_moments(s, morning - (n + 1) * WINDOW, morning - n * WINDOW, morning)
        ),
    )
    yield "morning", _often(register, lambda s, _n: mornings.write(s, morning - timedelta(days=3), morning))
    clock = [now]
    worker = Worker(register, "https://bench.example", "bench", lambda: clock[0])
    worker.round()
    taken = []
    for _run in range(RUNS):
        clock[0] += timedelta(seconds=1)
        began = time.perf_counter()
        worker.round()
        taken.append((time.perf_counter() - began) * 1000)
    worker.lease.give_back()
    with register.write() as session:  # acts are measured as they are without any message
        outlets.remove(session, id, Act(None, now), version=2)
    yield "idle round", taken


def _often(register: Register, step: Callable[[Session, int], object]) -> list[float]:
    taken = []
    for run in range(RUNS):
        began = time.perf_counter()
        with _taken_back(register) as session:
            step(session, run)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


@contextmanager
def _taken_back(register: Register) -> Iterator[Session]:
    try:
        with register.write() as session:
            yield session
            raise TakenBack
    except TakenBack:
        pass


if __name__ == "__main__":
    main()

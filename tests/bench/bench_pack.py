"""How long the files of a weekly review take, from the click to the last byte, at a million complaints.

``python -m tests.bench.bench_pack [--complaints N] [--engine E]``. What the route of the files does after the sign-in
is timed: of the last full week while its meeting is open, right after somebody logged a complaint (figures are read
anew), and of a closed one that was restated since. The facts are read before, as a
server does when it starts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from core import catalogues
from core.commands.pack import Everything
from core.i18n import use
from core.insight import facts
from core.papers import pack, review
from core.register import rulebook
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.meetings import minutes
from core.rules.calendar import local_day
from core.rules.meetings import last_full_week
from tests.bench import place
from tests.bench.place import Lines, Place

RUNS = 7
WANTED = 5_000
"""Milliseconds, from click to file."""


def main() -> None:
    """Fill a register, make the files, and print a table."""
    with place.of(place.arguments(__doc__).parse_args(), is_searched=False) as here:
        measure(here)


def measure(here: Place) -> Lines:
    """The table of one register: of each way the first, the median and the longest."""
    use("vi")
    with here.register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    began = time.perf_counter()
    facts.current(here.register)  # as a server does that starts, before anybody clicks
    print(f"facts read in {time.perf_counter() - began:.1f} s", flush=True)
    print(here.title("files of a weekly review (milliseconds),"))
    found = dict(_made(here.register, datetime.now(UTC)))
    for name, taken in found.items():
        held = "ok" if max(taken) < WANTED else "NOT MET"
        print(f"{name:<28}{statistics.median(taken):>9.0f}{max(taken):>9.0f}  asked: under {WANTED} {held}")
    return {f"pack: {name}": max(taken) for name, taken in found.items()}


def _made(register: Register, now: datetime) -> Iterator[tuple[str, list[float]]]:
    monday, whoever = last_full_week(local_day(now)), Everything()

    def make(kind: str) -> float:
        began = time.perf_counter()
        pack.make(register, monday, kind, now, whoever)
        return (time.perf_counter() - began) * 1_000

    def after_a_complaint(kind: str) -> float:
        _late(register, now)
        return make(kind)

    yield "pptx, asked first", [make("pptx")]
    for kind in pack.KINDS:
        yield f"{kind}, open", [make(kind) for _ in range(RUNS)]
        yield f"{kind}, after a complaint", [after_a_complaint(kind) for _ in range(RUNS)]
    with register.write() as session:
        meeting = minutes.begin(session, monday, Act(None, now))
    began = time.perf_counter()
    review.close(register, meeting, Act(None, now), whoever)
    yield "closing", [(time.perf_counter() - began) * 1_000]
    _late(register, now)
    for kind in pack.KINDS:
        yield f"{kind}, closed and restated", [make(kind) for _ in range(RUNS)]


def _late(register: Register, now: datetime) -> None:
    """A complaint of the week that is typed in now."""
    came = now - timedelta(days=local_day(now).weekday() + 3)
    with register.write() as session:
        log(session, Draft("letter", came, "Thư đến muộn", "content", procedure="pops"), Act(None, now))


if __name__ == "__main__":
    main()

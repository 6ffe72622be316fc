"""A signed-in person at work while the server is attacked: how long each page took them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.attack.scenario import Outcome
from tests.attack.target import Visitor, shown

PROMISED = 1.0  # seconds, 95 of 100 pages
PAUSE = 0.1  # seconds between two pages of somebody in a hurry
WARM_UP = 5  # pages before the attack


@dataclass
class Watch:
    """The seconds of every page opened, and whether one was not drawn."""

    before: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def has_seen(self, pages: int) -> bool:
        """Whether enough pages were opened for a p95 to mean something."""
        return len(self.seconds) >= pages

    def settle(self) -> None:
        """Let the page that is being opened come to its end, and one more: what the attack left behind counts too."""
        seen = len(self.seconds)
        while len(self.seconds) < seen + 2:
            time.sleep(PAUSE)

    def p95(self) -> float:
        """The time that 95 of 100 pages took at most."""
        return sorted(self.seconds)[max(0, math.ceil(len(self.seconds) * 0.95) - 1)]

    def report(self, outcome: Outcome) -> None:
        """Say what was seen, and hold the promise."""
        assert self.seconds, "no page was opened while the server was attacked"
        middle = sorted(self.seconds)[len(self.seconds) // 2]
        outcome.note(
            f"signed-in page: {max(self.before):.2f} s before; {len(self.seconds)} opened, p50 {middle:.2f} s, "
            f"p95 {self.p95():.2f} s, slowest {max(self.seconds):.2f} s"
        )
        outcome.expect(self.p95() < PROMISED, f"p95 of a signed-in page was {self.p95():.2f} s, not under {PROMISED} s")
        for trouble in self.troubles[:3]:
            outcome.expect(False, trouble)


@contextmanager
def watched(visitor: Visitor, page: str, expected: str) -> Iterator[Watch]:
    """Open ``page`` (as ``queue?segment=all``) anew again and again while the block runs; it must show ``expected``."""
    watch, stop = Watch(), threading.Event()
    for number in range(WARM_UP):
        begun = time.perf_counter()
        assert _trouble(visitor, page, expected) == ""
        if number:
            watch.before.append(time.perf_counter() - begun)

    def work() -> None:
        while not stop.is_set():
            begun = time.perf_counter()
            trouble = _trouble(visitor, page, expected)
            watch.seconds.append(time.perf_counter() - begun)
            if trouble:
                watch.troubles.append(trouble)
            time.sleep(PAUSE)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        yield watch
    finally:
        stop.set()
        worker.join()


def _trouble(visitor: Visitor, page: str, expected: str) -> str:
    """Open the page once; empty when it was drawn as it should be."""
    try:
        with visitor.tab() as tab:
            drawn = shown(tab.open(*page.split("?")))
    except (OSError, TimeoutError) as problem:
        return f"the page was not drawn: {type(problem).__name__}"
    return "" if expected in drawn else f"the page was drawn without “{expected}”"

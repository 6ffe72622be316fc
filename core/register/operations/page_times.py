"""How long pages took in this process: the newest runs of each, kept in memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

KEPT = 500


@dataclass(frozen=True, slots=True)
class Times:
    """Of one page: its runs since the start, and seconds of the newest ``KEPT`` that half and 19 of 20 stayed under."""

    runs: int
    p50: float
    p95: float


class PageTimes:
    """Runs of pages by page; safe to share between threads."""

    def __init__(self) -> None:
        self._newest: dict[str, deque[float]] = {}
        self._runs: dict[str, int] = {}
        self._lock = Lock()

    @contextmanager
    def measured(self, page: str) -> Iterator[None]:
        """The run of ``page`` inside, however it ends."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.add(page, time.perf_counter() - began)

    def add(self, page: str, seconds: float) -> None:
        """One run."""
        with self._lock:
            self._newest.setdefault(page, deque(maxlen=KEPT)).append(seconds)
            self._runs[page] = self._runs.get(page, 0) + 1

    def of_all(self) -> Mapping[str, Times]:
        """Page → its times, by page."""
        with self._lock:
            copied = {page: (self._runs[page], sorted(newest)) for page, newest in self._newest.items()}
        return {page: Times(runs, _at(times, 0.5), _at(times, 0.95)) for page, (runs, times) in sorted(copied.items())}


def _at(times: list[float], share: float) -> float:
    """The smallest of the sorted times that at least ``share`` of them do not exceed."""
    return times[min(len(times) - 1, max(0, -int(-share * len(times) // 1) - 1))]


OF_PROCESS = PageTimes()

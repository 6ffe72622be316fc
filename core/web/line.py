"""Work that costs much, such as checking a password: done by few threads of its own, in a line that ends somewhere."""

from __future__ import annotations

import asyncio
import contextvars
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from core.register.people.passwords import THREADS, give_way

P = ParamSpec("P")
T = TypeVar("T")
LONGEST = 20  # waiting; with a check of a tenth of a second the last one waits two seconds
MOST_SECONDS = 10  # that anybody waits, on a machine that is slower
EVERY = 0.1  # seconds that one piece of work takes until it was measured


@dataclass
class Line:
    """Threads that are nobody else's, so that whoever opens a page never waits for whoever signs in.

    ``length`` counts those who wait or are being served; it is kept on the event loop alone.
    """

    longest: int = LONGEST
    length: int = 0
    seconds: float = EVERY
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, "sign-in", initializer=give_way), repr=False
    )

    @property
    def is_full(self) -> bool:
        """Whether the next one would wait too long."""
        return self.length >= self.longest or self.length * self.seconds > MOST_SECONDS * THREADS

    @property
    def wait(self) -> int:
        """Whole seconds until everybody who waits now is served, at least 1."""
        return max(1, math.ceil(self.length * self.seconds / THREADS))

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of ``work``, in the context of the caller, when its turn has come."""
        self.length += 1
        try:
            context = contextvars.copy_context()
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: context.run(self._timed, lambda: work(*args, **kwargs))
            )
        finally:
            self.length -= 1

    def _timed(self, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds = (3 * self.seconds + time.perf_counter() - begun) / 4

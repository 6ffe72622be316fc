"""Writers take turns in the order in which they came: threads of one process, then processes that share a SQLite file.

SQLite lets whoever asks at the right moment write first; a process that writes without a pause can starve the others
for seconds. Exclusion itself stays the database's: these locks only order who asks it.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


class ThreadTurns:
    """A lock that is handed to whoever has waited longest; nobody who comes later overtakes."""

    def __init__(self) -> None:
        self._inside = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def __enter__(self) -> None:
        with self._inside:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:  # interrupted while waiting: leave the queue, or pass on the turn that just came
            with self._inside:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                else:
                    self._pass_on()
            raise

    def __exit__(self, *_error: object) -> None:
        with self._inside:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().release()
        else:
            self._is_taken = False


class ProcessTurns:
    """The same between processes, by two lock files beside the database: one to be next, one to write.

    Whoever is next holds the first until it may write, so a process that has just written cannot take the second again
    before it. The system gives both back when a process dies.
    """

    def __init__(self, database: Path) -> None:
        self._next = database.with_name(f"{database.name}-next")
        self._turn = database.with_name(f"{database.name}-turn")

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, and give it back at the end."""
        with ExitStack() as turn:
            with _locked(self._next):
                turn.enter_context(_locked(self._turn))
            yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)

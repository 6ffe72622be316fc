"""Writers take turns in the order in which they came: threads of one process, then processes that share a SQLite file.

SQLite lets whoever asks at the right moment write first; a process that writes without a pause can starve the others
for seconds. Exclusion itself stays the database's: these locks only order who asks it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PAUSE = 0.002  # seconds between two tries to take a lock file


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
    before it. The system gives both back when a process dies. One that is stopped keeps them: after ``patience``
    seconds whoever waits goes on without its turn, and the database alone decides.
    """

    def __init__(self, database: Path, patience: float) -> None:
        self._next = database.with_name(f"{database.name}-next")
        self._turn = database.with_name(f"{database.name}-turn")
        self._patience = patience

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, and give it back at the end."""
        until = time.monotonic() + self._patience
        with ExitStack() as turn:
            with _locked(self._next, until):
                turn.enter_context(_locked(self._turn, until))
            yield


@contextmanager
def _locked(path: Path, until: float) -> Iterator[None]:
    opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _lock(opened) and time.monotonic() < until:
            time.sleep(PAUSE)
        yield
    finally:
        os.close(opened)


def _lock(opened: int) -> bool:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

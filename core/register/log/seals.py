"""Seals kept outside the database: who writes the whole log anew must also find and change this file.

One line a local day, ``day,event,seal``: the newest event when the register first wrote on that day. Copy the file, or
the line that ``python -m core seal`` prints, to where whoever keeps the database cannot write.
"""

from __future__ import annotations

import csv
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.errors import NotReady
from core.i18n import N_

NAME = "seals.csv"
HEADER = "day,event,seal\n"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept seal: the local day it was written, the event it seals, and that event's hash."""

    day: date
    event: int
    seal: bytes


class Seals:
    """The file of one register, beside its evidence folder; 0600, only ever appended to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last = date.min  # the newest day that this process knows a seal of

    def read(self) -> list[Kept]:
        """Every kept seal, oldest first; NotReady naming the line that is none."""
        if not self.path.exists():
            return []
        with self.path.open(encoding="ascii", errors="replace", newline="") as lines:
            rows = list(csv.reader(lines))
        kept = []
        for number, row in enumerate(rows[1:], 2):
            try:
                day, event, seal = row
                kept.append(Kept(date.fromisoformat(day), int(event), bytes.fromhex(seal)))
            except ValueError:
                raise NotReady(
                    N_("Line {number} of {file} is no seal: put the file back as it was written."),
                    number=number,
                    file=self.path.name,
                ) from None
        return kept

    def keep(self, seal: Kept) -> bool:
        """Add ``seal`` unless one of its day, or of a later one, is kept already, by whichever process; whether it was
        added.
        """
        if seal.day <= self._last:
            return False
        with self._locked() as opened:
            self._last = max((kept.day for kept in self.read()), default=date.min)
            if seal.day <= self._last:
                return False
            self._append(opened, seal)
        return True

    def add(self, seal: Kept) -> None:
        """Add a line that outlasts a power cut."""
        with self._locked() as opened:
            self._append(opened, seal)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, made where it is not there, for this one to read and write alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield opened
        finally:
            os.close(opened)

    def _append(self, opened: int, seal: Kept) -> None:
        start = HEADER if os.fstat(opened).st_size == 0 else ""
        os.write(opened, f"{start}{seal.day.isoformat()},{seal.event},{seal.seal.hex()}\n".encode())
        os.fsync(opened)
        self._last = max(seal.day, self._last)

    def keep_if_possible(self, seal: Kept) -> None:
        """``keep`` after a commit, which stays committed: what stops the file is logged and tried again next time."""
        try:
            self.keep(seal)
        except (OSError, NotReady) as problem:
            logger.warning("No seal was kept in %s: %s", self.path.name, type(problem).__name__)

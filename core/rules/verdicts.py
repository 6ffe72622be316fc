"""What became of a promised clock (D10): one table of cases, read alike for one cycle, for arrays and for columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What became of a cycle (D10)."""

    MET = "met"
    MISSED = "missed"
    RUNNING = "running"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"


BROKEN = frozenset({Verdict.MISSED, Verdict.OVERDUE})
"""The verdicts of a promise that was not kept: they ask for a reason when the case closes."""
FELL_DUE = (Verdict.MET, Verdict.MISSED, Verdict.OVERDUE)
"""What a rate divides by (D11)."""

CASES: Mapping[tuple[bool, bool, bool], Verdict] = {
    # cancelled, stopped, late
    (False, True, False): Verdict.MET,
    (False, True, True): Verdict.MISSED,
    (False, False, False): Verdict.RUNNING,
    (False, False, True): Verdict.OVERDUE,
    (True, False, False): Verdict.CANCELLED,
    (True, False, True): Verdict.CANCELLED,
    (True, True, False): Verdict.CANCELLED,
    (True, True, True): Verdict.CANCELLED,
}
"""Every case there is. ``late``: the moment it stopped, or now while it runs, is past due (``is_past``)."""


class Judged(Protocol):
    """What a verdict is read from: a ``Cycle``, or a row of ``sla_cycles``."""

    @property
    def due_at(self) -> datetime:
        """When the term ends."""

    @property
    def stopped_at(self) -> datetime | None:
        """When the promise was kept, late or not."""

    @property
    def cancelled_at(self) -> datetime | None:
        """When the clock ended without a verdict (D13)."""


def verdict(cycle: Judged, now: datetime) -> Verdict:
    """The verdict as read at ``now`` (D10): stopping on the due instant is met, overdue comes only after it."""
    late = is_past(cycle.due_at, cycle.stopped_at or now)
    return CASES[cycle.cancelled_at is not None, cycle.stopped_at is not None, late]


def is_past(due: datetime, at: datetime) -> bool:
    """Whether ``at`` lies after ``due``; the due instant itself is still in time."""
    return at > due

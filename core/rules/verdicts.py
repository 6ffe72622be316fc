"""What became of a promised clock (D10): one table of cases, read alike for one cycle, for arrays and for columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from core.rules.calendar import whole_second

Test = TypeVar("Test")
Value = TypeVar("Value")
Due = TypeVar("Due")
Due_contra = TypeVar("Due_contra", contravariant=True)
Truth = TypeVar("Truth")
Truth_co = TypeVar("Truth_co", covariant=True)


class Verdict(StrEnum):
    """What became of a cycle (D10), in the order in which figures list them."""

    MET = "met"
    MISSED = "missed"
    OVERDUE = "overdue"
    RUNNING = "running"
    CANCELLED = "cancelled"


BROKEN = (Verdict.MISSED, Verdict.OVERDUE)
"""The verdicts of a promise that was not kept: they ask for a reason when the case closes."""
FELL_DUE = (Verdict.MET, *BROKEN)
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


class Later(Protocol[Due_contra, Truth_co]):
    """A moment, or a column of moments, that can be compared with a due instant."""

    def __gt__(self, due: Due_contra, /) -> Truth_co:
        """Whether it lies after ``due``."""


def verdict(cycle: Judged, now: datetime) -> Verdict:
    """The verdict as read at ``now`` (D10): stopping in the due second is met, overdue comes only after it (D29)."""
    late = is_past(cycle.due_at, whole_second(cycle.stopped_at or now))
    return CASES[cycle.cancelled_at is not None, cycle.stopped_at is not None, late]


def is_past(due: Due, at: Later[Due, Truth]) -> Truth:
    """Whether ``at`` lies after ``due``; the due instant itself is still in time.

    Of two datetimes a bool; of arrays, Polars expressions or SQL columns what their own ``>`` gives.
    """
    return at > due


def decide(
    tests: Sequence[Test],
    choose: Callable[[Test, Value, Value], Value],
    value: Callable[[Verdict], Value],
    known: tuple[bool, ...] = (),
) -> Value:
    """``CASES`` as nested choices, for expressions that judge many cycles at once.

    ``tests``: whether cancelled, stopped, late. ``choose(test, yes, no)``: the choice of the expression language
    (Polars' ``when``, SQL's ``case``). ``value``: what stands for a verdict there. ``known``: the answers so far. Where
    all cases that are left agree no further test is made: a cancelled clock is cancelled, late or not.
    """
    left = {verdict for case, verdict in CASES.items() if case[: len(known)] == known}
    if len(left) == 1:
        return value(left.pop())
    yes, no = (decide(tests, choose, value, (*known, answer)) for answer in (True, False))
    return choose(tests[len(known)], yes, no)

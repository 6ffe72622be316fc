"""How much time a promise has left: in open time of its calendar, or on the clock where a term counts hours (D3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.rules.calendar import BeyondCalendar, WorkCalendar, whole_second
from core.rules.procedure import Procedure, Unit
from core.rules.verdicts import is_past

CLOCK_DAY = 86_400
ON_THE_CLOCK = frozenset({Unit.HOUR, Unit.CALENDAR_DAY})


class Nearness(StrEnum):
    """How pressing a running clock is: past its due, past its warning point, or neither."""

    OVERDUE = "overdue"
    NEAR = "near"
    ON_TRACK = "on_track"


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What is left of one running clock.

    ``seconds``: until due, negative once overdue. ``day``: how many of these seconds make one day, a working day at
    POPS being nine hours. ``share``: how much of the clock's time is used up, 0 to 1. ``in_working_time``: the seconds
    are open ones, which the words of the screens say.
    """

    nearness: Nearness
    seconds: int
    day: int
    share: float
    in_working_time: bool = True


@dataclass(frozen=True, slots=True)
class Deadline:
    """One running clock: its term (empty for a date without one), and when it started, is due and begins to warn."""

    term: str
    starts_at: datetime
    due_at: datetime
    warns_at: datetime

    def nearness(self, now: datetime) -> Nearness:
        """How pressing it is at ``now``, to the second (D29)."""
        now = whole_second(now)
        if is_past(self.due_at, now):
            return Nearness.OVERDUE
        return Nearness.NEAR if now >= self.warns_at else Nearness.ON_TRACK


def time_left(procedure: Procedure, calendar: WorkCalendar, deadline: Deadline, now: datetime) -> TimeLeft:
    """The time left until ``deadline`` at ``now``.

    Open time unless the term counts hours or calendar days. Where the calendar ends before ``now`` (an old complaint, a
    year not loaded) it is time on the clock, so that a list never fails for one row.
    """
    now = whole_second(now)
    known = procedure.term(deadline.term)
    if known is not None and known.unit in ON_THE_CLOCK:
        return _on_the_clock(deadline, now)
    try:
        left = calendar.seconds_between(now, deadline.due_at)
        whole = calendar.seconds_between(deadline.starts_at, deadline.due_at)
    except BeyondCalendar:
        return _on_the_clock(deadline, now)
    return TimeLeft(deadline.nearness(now), left, day_seconds(procedure), _used(left, whole))


def day_seconds(procedure: Procedure) -> int:
    """Open seconds of an ordinary working day: 32,400 at POPS (08:30 to 17:30), 86,400 where no hours are stated."""
    total = 0
    for opens, closes in procedure.ordinary_day():
        start, end = (moment.hour * 3600 + moment.minute * 60 + moment.second for moment in (opens, closes))
        total += (end or CLOCK_DAY) - start
    return total


def _on_the_clock(deadline: Deadline, now: datetime) -> TimeLeft:
    left, whole = ((deadline.due_at - since) // timedelta(seconds=1) for since in (now, deadline.starts_at))
    return TimeLeft(deadline.nearness(now), left, CLOCK_DAY, _used(left, whole), in_working_time=False)


def _used(left: int, whole: int) -> float:
    if left <= 0 or whole <= 0:
        return 1.0
    return max(0.0, 1 - left / whole)

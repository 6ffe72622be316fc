"""What a period is compared with (D27): which days, whether the register covers them, and how long both were open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import polars as pl

from core.insight import tet
from core.insight.asked import asked_once
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.register import rulebook
from core.register.log.database import Register
from core.rules.calendar import DAY_OFF, LOCAL, BeyondCalendar, WorkCalendar, local_day, whole_second
from core.rules.spans import DAY

CHOICES = ("before", "last_year", "none")
USUAL = "before"
GAP = timedelta(weeks=8)  # longer without any complaint: what lies before are strays, such as a case brought in late
NOT_CHOSEN, NOT_BEGUN, TOO_LONG, NOT_COVERED, CLOSED, UNKNOWN_YEAR = (
    "not_chosen", "not_begun", "too_long", "not_covered", "closed", "unknown_year",
)  # fmt: skip


class DayOff(NamedTuple):
    """A day that would have been worked by its weekday, with its Vietnamese and its English name."""

    day: date
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period, what has passed of it, and the one beside it.

    ``choice``: one of ``CHOICES``. ``period``: the whole of it, ``now``: what has passed. ``before``: what it is
    compared with, of a period still running only up to the same open time; None where nothing may be compared, and
    ``why_not`` says why (one of the constants above, empty else). ``wanted``: first and last day of the whole other
    period. ``since``: the first day that the register covers, None while it is empty. ``open_now``, ``open_before``:
    open seconds of ``now`` and ``before``; ``off_now``, ``off_before``: the days off in them. ``calendar`` tells the
    open time.
    """

    choice: str
    period: Filter
    now: Filter
    calendar: WorkCalendar = field(compare=False, repr=False)
    before: Filter | None = None
    why_not: str = ""
    wanted: tuple[date, date] | None = None
    since: date | None = None
    open_now: int = 0
    open_before: int = 0
    off_now: tuple[DayOff, ...] = ()
    off_before: tuple[DayOff, ...] = ()

    @property
    def share(self) -> float:
        """The part of both open times that lies in this period (``core.insight.rates``)."""
        return self.open_now / (self.open_now + self.open_before)

    @property
    def is_by_days(self) -> bool:
        """Whether no office hours are stated, so that each working day is open from 00:00 to 24:00."""
        days = (self.now.start + timedelta(days=n) for n in range(self.now.days))
        worked = next((day for day in days if self.calendar.is_workday(day)), None)
        return worked is not None and self.calendar.seconds_between(_begin(worked), _end(worked)) == DAY

    def open_during(self, first: date, last: date, now: datetime) -> int:
        """Open seconds of these local days as far as they lie in the period and have passed."""
        start, end = max(first, self.now.start), min(last, self.now.end)
        return max(0, self.calendar.seconds_between(_begin(start), min(_end(end), whole_second(now))))


def of(
    facts: Facts, filter: Filter, calendar: WorkCalendar, now: datetime, choice: str = USUAL, counts: str = "recorded"
) -> Comparison:
    """What ``filter`` is compared with, read ``now``; ``counts`` as ``of`` in ``Slice``: recorded, due or closed."""
    today = local_day(now)
    passed = filter.so_far(today)
    nothing = Comparison(choice, filter, passed, calendar)
    if choice == "none":
        return _without(nothing, NOT_CHOSEN)
    if filter.start > today:
        return _without(nothing, NOT_BEGUN)
    first, last = _other(filter, choice)
    since = covered_since(facts, counts)
    found = replace(nothing, wanted=(first, last), since=since)
    if last >= filter.start:
        return _without(found, TOO_LONG)
    if since is None or first < since:
        return _without(found, NOT_COVERED)
    try:
        return _compared(found, now.replace(second=0, microsecond=0))  # whole minutes, so that many ask the same
    except BeyondCalendar:
        return _without(found, UNKNOWN_YEAR)


def working_time(register: Register, filter: Filter) -> WorkCalendar:
    """The working hours by which ``filter`` is compared, of the calendar in force now.

    Those of the one procedure that it is narrowed to, else of the organisation's first.
    """
    with register.read() as session:
        known = rulebook.organisation(session)
        chosen = [key for key in filter.keys_of("procedure") if key != NONE]
        key = chosen[0] if len(chosen) == 1 else known.procedures[0]
        version = rulebook.version_of(session, "procedure", key)
        return rulebook.of(session).calendar(session, key, version, rulebook.calendar_version(session))


@asked_once
def covered_since(facts: Facts, counts: str = "recorded") -> date | None:
    """The first local day from which the register holds all that ``counts``; None while it holds nothing.

    That is the first day with a complaint after which it was never for ``GAP`` without one. What falls due or is closed
    follows on what was recorded: it is covered from when the first results were due.
    """
    days = facts.complaints["recorded_day"].drop_nulls().unique().sort()
    if days.is_empty():
        return None
    late = days.filter(days.diff() > GAP)
    first: date = days[0] if late.is_empty() else late[-1]
    if counts == "recorded":
        return first
    results = facts.cycles.filter((pl.col("stage") == "resolve") & (pl.col("due_day") >= first))
    due = results["due_day"].min()
    return due if isinstance(due, date) else first


def _other(filter: Filter, choice: str) -> tuple[date, date]:
    if choice == "last_year":
        return tet.year_before(filter.start, filter.end)
    span = timedelta(days=filter.days)
    return filter.start - span, filter.end - span


def _compared(found: Comparison, now: datetime) -> Comparison:
    """``found`` with its open times; raises BeyondCalendar where the calendar does not know one of them."""
    assert found.wanted is not None
    filter, (first, last) = found.period, found.wanted
    calendar, until = found.calendar, min(now, _end(filter.end))
    open_now = calendar.seconds_between(_begin(filter.start), until)
    whole = calendar.seconds_between(_begin(first), _end(last))
    if not open_now or not whole:
        return _without(found, CLOSED)
    cut = _end(last)
    if until == now and open_now <= whole:
        cut = min(cut, _as_far(calendar, filter.start, first, now))
    before = filter.between(first, last)
    if cut < _end(last):
        before = filter.between(first, local_day(cut)).up_to(cut)
    return replace(
        found,
        before=before,
        open_now=open_now,
        open_before=calendar.seconds_between(_begin(first), cut),
        off_now=_days_off(calendar, filter.start, local_day(until - timedelta(seconds=1))),
        off_before=_days_off(calendar, first, before.end),
    )


def _as_far(calendar: WorkCalendar, start: date, first: date, now: datetime) -> datetime:
    """The instant after ``first`` as far in open time as ``now`` is after ``start``, and as far into the closed time.

    So a night or a weekend in which messages come in counts on both sides: at 03:00 the other period is cut at 03:00.
    """
    passed = calendar.elapsed(_begin(start), now)
    reached = calendar.add(_begin(first), passed)
    if calendar.is_open(now):
        return calendar.next_open(reached)
    closed = calendar.add(_begin(start), passed)
    return min(reached + (now - closed), calendar.next_open(reached))


def _days_off(calendar: WorkCalendar, first: date, last: date) -> tuple[DayOff, ...]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    off = [day for day in days if not calendar.is_workday(day) and calendar.reason(day) == DAY_OFF]
    return tuple(DayOff(day, *calendar.names.get(day, ("", ""))) for day in off)


def _without(found: Comparison, why_not: str) -> Comparison:
    return replace(found, why_not=why_not)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(0), LOCAL).astimezone(UTC)


def _end(day: date) -> datetime:
    return _begin(day + timedelta(days=1))

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
from core.insight.filters import EARLIEST, LATEST, LONGEST, Filter
from core.register import rulebook
from core.register.log.database import Register
from core.rules.calendar import DAY_OFF, LOCAL, BeyondCalendar, WorkCalendar, local_day, whole_second
from core.rules.spans import DAY

CHOICES = ("before", "last_year", "none")
USUAL = "before"
BETWEEN = ".."
"""What stands between first and last day where a period of its own is chosen: ``2026-07-01..2026-09-30``."""
ENOUGH_DAYS = 7  # of a running period beside one of another length: fewer would be mostly the day that has not ended
GAP = timedelta(weeks=8)  # longer without any complaint: what lies before are strays, such as a case brought in late
NOT_CHOSEN, NOT_BEGUN, TOO_LONG, NOT_COVERED, CLOSED, UNKNOWN_YEAR = (
    "not_chosen", "not_begun", "too_long", "not_covered", "closed", "unknown_year",
)  # fmt: skip
OVERLAPS, NOT_OVER, TOO_SOON = "overlaps", "not_over", "too_soon"


class DayOff(NamedTuple):
    """A day that would have been worked by its weekday, with its Vietnamese and its English name."""

    day: date
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period, what has passed of it, and the one beside it.

    ``choice``: one of ``CHOICES``, or two days (``days_of``). ``period``: the whole of it, ``now``: what has passed.
    ``before``: what it is compared with, of a period still running only up to the same open time, but all of one that
    was chosen by its days and has another number of them; None where nothing may be compared, and ``why_not`` says why
    (one of the constants above, empty else). ``wanted``: first and last day of the whole other period. ``since``: the
    first day that the register covers, None while it is empty. ``open_now``, ``open_before``: open seconds of ``now``
    and ``before``; ``off_now``, ``off_before``: the days off in them. ``calendar`` tells the open time.
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
    def is_chosen(self) -> bool:
        """Whether somebody chose the days of the other period, which may lie after this one."""
        return days_of(self.choice) is not None

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
    """What ``filter`` is compared with, read ``now``; ``counts`` as ``of`` in ``Slice``: recorded, due or closed.

    ``choice``: as of ``Comparison``.
    """
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
    if why_not := _refused(found, today):
        return _without(found, why_not)
    try:
        return _compared(found, now.replace(second=0, microsecond=0))  # whole minutes, so that many ask the same
    except BeyondCalendar:
        return _without(found, UNKNOWN_YEAR)


def days_of(choice: str) -> tuple[date, date] | None:
    """First and last day of a period that was chosen by them; None for any other choice, and for no such days."""
    first, is_two, last = choice.partition(BETWEEN)
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    in_order = EARLIEST <= days[0] <= days[1] <= LATEST and days[1] - days[0] <= LONGEST
    return days if is_two and in_order else None


def chosen(first: date, last: date) -> str:
    """The choice that ``days_of`` reads back."""
    return f"{first}{BETWEEN}{last}"


def days_before(filter: Filter) -> tuple[date, date]:
    """First and last of as many days right before the period."""
    span = timedelta(days=filter.days)
    return filter.start - span, filter.end - span


def _refused(found: Comparison, today: date) -> str:
    """Why the days wanted stand beside no period, by the days alone; empty where they may."""
    assert found.wanted is not None
    period, (first, last) = found.period, found.wanted
    if first <= period.end and last >= period.start:
        return OVERLAPS if found.is_chosen else TOO_LONG
    if found.since is None or min(first, period.start) < found.since:
        return NOT_COVERED
    if last >= today:
        return NOT_OVER
    is_running = period.end >= today
    if is_running and _days(first, last) != period.days and _days(period.start, today) <= ENOUGH_DAYS:
        return TOO_SOON
    return ""


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
    results = facts.cycles.lazy().filter((pl.col("stage") == "resolve") & (pl.col("due_day") >= first))
    due = results.select(pl.col("due_day").min()).collect().item()
    return due if isinstance(due, date) else first


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def _other(filter: Filter, choice: str) -> tuple[date, date]:
    if own := days_of(choice):
        return own
    if choice == "last_year":
        return tet.year_before(filter.start, filter.end)
    return days_before(filter)


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
    if until == now and open_now <= whole and _days(first, last) == filter.days:
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

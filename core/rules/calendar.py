"""Working time: when an organisation is open, how much open time lies between two instants, and where a term ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.rules.calendar_vector import Beyond, VectorCalendar
from core.rules.days import Interval, Intervals
from core.rules.spans import DAY, Spans, spans_of, unroll, week_spans

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
Instants = NDArray[np.datetime64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_ANY_YEARS = (2000, 2050)
WEEKEND, DAY_OFF, OUTSIDE_HOURS = "weekend", "day_off", "outside_hours"


class BeyondCalendar(Invalid):
    """An instant or a term reaches a year whose days off are not loaded: counting on would take a holiday for work."""


def ensure_aware(t: datetime) -> datetime:
    """``t`` itself; a naive datetime is refused, because it names no instant."""
    if t.utcoffset() is None:
        raise Invalid("The time {given} has no time zone: write it with one, for example +07:00.", given=t.isoformat())
    return t


def whole_second(t: datetime) -> datetime:
    """``t`` in UTC, cut to the second it lies in: the one rule by which a clock reads an instant (D29).

    Cutting never moves an instant over an edge of a clock: openings, closings and due instants are whole seconds, and
    what lies in [a, b) before it is cut lies there afterwards.
    """
    moment = t if t.tzinfo is UTC else ensure_aware(t).astimezone(UTC)
    # To replace the fraction by nothing takes twice as long.
    return moment - timedelta(0, 0, moment.microsecond) if moment.microsecond else moment


def local_day(t: datetime) -> date:
    """The calendar date of an instant in Vietnam (D12)."""
    return (t if t.tzinfo is UTC else ensure_aware(t)).astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class DayLine:
    """One date of an explanation: open intervals counted, their seconds, and why not more.

    ``reason``: "" when time counted, else ``weekend``, ``day_off`` or ``outside_hours``. ``name``: of the holiday or
    swap.
    """

    day: date
    intervals: Intervals
    seconds: int
    reason: str
    name: str
    name_en: str


class WorkCalendar:
    """Open time of one organisation: immutable, exact to the second, refusing what lies beyond its years.

    ``week``: weekday (Monday 0) → open intervals; a weekday not named is closed. ``exceptions``: date → open intervals
    (empty = closed), which beat weekday and holiday alike. Intervals are half-open: the closing time is already closed;
    midnight as an end is 24:00. ``zone`` must keep one UTC offset through ``years`` (first, last; both inclusive).
    Without ``years``, those the exceptions name are loaded. ``names``: date → (Vietnamese, English) for explanations.

    Every method refuses naive datetimes (``Invalid``) and anything outside the loaded years (``BeyondCalendar``).
    Instants come back in UTC. Open time is counted from and to the second an instant lies in (D29).
    """

    def __init__(
        self,
        week: Mapping[int, Iterable[Interval]],
        exceptions: Mapping[date, Iterable[Interval]],
        zone: tzinfo = LOCAL,
        *,
        years: tuple[int, int] | None = None,
        names: Mapping[date, tuple[str, str]] | None = None,
    ) -> None:
        self.zone = zone
        self.first_year, self.last_year = years or _years_of(exceptions)
        first, last = date(self.first_year, 1, 1), date(self.last_year, 12, 31)
        loaded = {d: spans_of(spans, d.isoformat()) for d, spans in exceptions.items() if first <= d <= last}
        self._week = tuple(week_spans(week))
        self._first_ordinal = first.toordinal()
        self._offset = _steady_offset(zone, self.first_year, self.last_year)
        self._origin = (self._first_ordinal - _EPOCH_DAY) * DAY - self._offset
        self._runs = unroll(list(self._week), loaded, first, last)
        self._length = len(self._runs.days) * DAY
        self._midnight = _EPOCH + timedelta(seconds=self._origin)
        self._before_day = [*accumulate((sum(b - a for a, b in spans) for spans in self._runs.days), initial=0)]
        self.names: Mapping[date, tuple[str, str]] = MappingProxyType(dict(names or {}))

    # instants

    def is_open(self, t: datetime) -> bool:
        """Whether ``t`` lies in an open interval; the closing instant does not."""
        since = self._since(t)
        day, second = since.days, since.seconds
        if not 0 <= day < len(self._runs.days):
            raise self._beyond(t.isoformat())
        for opens, closes in self._runs.days[day]:  # noqa: SIM110 (asked for each clock, and a generator costs more)
            if opens <= second < closes:
                return True
        return False

    def next_open(self, t: datetime) -> datetime:
        """``t`` itself, fractions of a second kept, when it is open; else the next opening instant."""
        if self.is_open(t):
            return t if t.tzinfo is UTC else t.astimezone(UTC)
        return self.add(t, timedelta(0))

    def add(self, start: datetime, delta: timedelta) -> datetime:
        """The instant ``delta`` of open time after ``start``.

        Forwards it lands on the closing instant rather than on the next opening; a negative ``delta`` goes back and
        lands on the opening instant rather than on the closing before; zero rolls to the next open instant.
        ``elapsed(start, add(start, delta)) == delta``.
        """
        return self._after(self._open_before(start), delta.days * DAY + delta.seconds, start)

    def part_way(self, a: datetime, b: datetime, share: float) -> datetime:
        """The instant by which ``share`` of the open time from ``a`` to ``b`` is over, as ``add`` gives it."""
        before = self._open_before(a)
        return self._after(before, int((self._open_before(b) - before) * share), a)

    def elapsed(self, a: datetime, b: datetime) -> timedelta:
        """Open time from ``a`` to ``b``, negative when ``b`` is earlier, to the second."""
        return timedelta(seconds=self.seconds_between(a, b))

    def seconds_between(self, a: datetime, b: datetime) -> int:
        """``elapsed`` as whole seconds."""
        return self._open_before(b) - self._open_before(a)

    # dates

    def is_workday(self, day: date) -> bool:
        """Whether any interval is open on ``day``."""
        return bool(self._runs.days[self._index(day)])

    def add_days(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day`` (D1), before it for a negative ``n``; zero rolls to a working day."""
        return date.fromordinal(self._workday(self._index(day), n) + self._first_ordinal)

    def days_between(self, a: date, b: date) -> int:
        """How many working days lie in (a, b]; negative when ``b`` is earlier."""
        workdays = self._runs.workdays
        return bisect_right(workdays, self._index(b)) - bisect_right(workdays, self._index(a))

    def due_days(self, start: datetime, n: int) -> datetime:
        """Where ``n`` working days from ``start`` end (D1): the closing of the ``n``-th working day after."""
        i = self._since(start).days
        if not 0 <= i < len(self._runs.days):
            raise self._beyond(start.isoformat())
        i = self._workday(i, n)
        return self._instant(i * DAY + self._runs.days[i][-1][1])

    def opening(self, day: date) -> datetime:
        """The first open instant of a working day."""
        return self._instant(self._index(day) * DAY + self._hours(day)[0][0])

    def closing(self, day: date) -> datetime:
        """The last closing instant of a working day: 17:30 at POPS, 24:00 where a procedure states no hours (D1)."""
        return self._instant(self._index(day) * DAY + self._hours(day)[-1][1])

    def day_of(self, t: datetime) -> date:
        """The local date of an instant in this calendar's zone."""
        return date.fromordinal(self._second(t) // DAY + self._first_ordinal)

    def end_of_day(self, day: date) -> datetime:
        """24:00 of ``day``, which is midnight of the next."""
        return self._instant((self._index(day) + 1) * DAY)

    def explain(self, start: datetime, end: datetime) -> tuple[DayLine, ...]:
        """Day by day what counted from ``start`` to ``end`` (not earlier); the seconds sum to ``elapsed``."""
        a, b = self._second(start), self._second(end)
        if b < a:
            raise Invalid(
                "An explanation needs an end ({end}) that is not before its start ({start}).", start=start, end=end
            )
        first = min(a // DAY, len(self._runs.days) - 1)
        return tuple(self._line(i, a, b) for i in range(first, max(first, (b - 1) // DAY) + 1))

    # arrays

    def elapsed_many(self, a: Instants, b: Instants) -> NDArray[np.int64]:
        """``elapsed`` of each pair in seconds; ``a`` and ``b``: datetime64 in UTC, broadcast against each other."""
        a, b = np.broadcast_arrays(_instants(a), _instants(b))
        with self._refusing_beyond(a, b):
            found = self.vector.elapsed(_flat(a), _flat(b))
        return found.reshape(a.shape)

    def add_many(self, start: Instants, seconds: NDArray[np.int64] | int) -> Instants:
        """``add`` of each, datetime64[s] in UTC; ``seconds`` are whole open seconds, one for all or one each."""
        by = _whole(seconds)
        start, by = (
            (_instants(start), by) if by.size == 1 and not by.ndim else np.broadcast_arrays(_instants(start), by)
        )
        with self._refusing_beyond(start):
            found = self.vector.add(_flat(start), by.reshape(-1))
        return found.view("datetime64[s]").reshape(start.shape)

    def add_days_many(self, days: Instants, n: NDArray[np.int64] | int) -> Instants:
        """``add_days`` of each, datetime64[D] to datetime64[D]; ``n`` working days, one for all or one each."""
        by = _whole(n)
        days = _instants(days, "D")
        days, by = (days, by) if by.size == 1 and not by.ndim else np.broadcast_arrays(days, by)
        with self._refusing_beyond(days):
            found = self.vector.add_days(_flat(days), by.reshape(-1))
        return found.view("datetime64[D]").reshape(days.shape)

    def due_days_many(self, start: Instants, n: int, *, working: bool = True) -> Instants:
        """Where ``n`` working days from each start end (D1), datetime64[s]: the closing of the n-th working day after.

        With ``working=False``, ``n`` days of the week, a last day off moving to the next working day, to its 24:00.
        """
        start = _instants(start)
        with self._refusing_beyond(start):
            found = self.vector.due_days(_flat(start), n, working=working)
        return found.view("datetime64[s]").reshape(start.shape)

    def least_days_many(self, start: Instants, at: Instants, *, working: bool = True) -> NDArray[np.int64]:
        """The fewest days, at least one, with which ``due_days_many`` ends no earlier than ``at``, for each start."""
        start, at = np.broadcast_arrays(_instants(start), _instants(at))
        with self._refusing_beyond(start):
            found = self.vector.least_days(_flat(start), _flat(at), working=working)
        return found.reshape(start.shape)

    @cached_property
    def vector(self) -> VectorCalendar:
        """The tables behind the array functions, built when first asked for."""
        return VectorCalendar(self._runs, self._origin, self._first_ordinal - _EPOCH_DAY)

    # inside

    @contextmanager
    def _refusing_beyond(self, *columns: Instants) -> Iterator[None]:
        """Turn a vector's out-of-years index into the sentence that names the offending element of each column."""
        try:
            yield
        except Beyond as beyond:
            values = ", ".join(str(column.reshape(-1)[beyond.index]) for column in columns)
            raise self._beyond(f"[{beyond.index}] {values}") from None

    def _line(self, i: int, a: int, b: int) -> DayLine:
        midnight = i * DAY
        clipped = [(max(x, a - midnight), min(y, b - midnight)) for x, y in self._runs.days[i]]
        counted = [(x, y) for x, y in clipped if x < y]
        day = date.fromordinal(i + self._first_ordinal)
        name, name_en = self.names.get(day, ("", ""))
        seconds = sum(y - x for x, y in counted)
        shown = tuple((_time(x), _time(y)) for x, y in counted)
        return DayLine(day, shown, seconds, "" if counted else self.reason(day), name, name_en)

    def reason(self, day: date) -> str:
        """Why nothing counted on ``day``: ``weekend``, ``day_off``, or ``outside_hours`` on a day that is worked."""
        if self._runs.days[self._index(day)]:
            return OUTSIDE_HOURS
        return DAY_OFF if self._week[day.weekday()] else WEEKEND

    def _hours(self, day: date) -> Spans:
        spans = self._runs.days[self._index(day)]
        if not spans:
            raise Invalid("{day} is not a working day, so it has no opening hours.", day=day)
        return spans

    def _second(self, t: datetime, latest: int | None = None) -> int:
        """Seconds of ``t`` since the calendar's first midnight; the very end of the last day still belongs."""
        since = self._since(t)
        x = since.days * DAY + since.seconds
        if not 0 <= x <= (self._length if latest is None else latest):
            raise self._beyond(t.isoformat())
        return x

    def _after(self, before: int, seconds: int, start: datetime) -> datetime:
        """The instant ``seconds`` of open time after ``start``, before which ``before`` seconds were open."""
        runs, target = self._runs, before + seconds
        i = (bisect_left if seconds > 0 else bisect_right)(runs.before, target) - 1
        if not 0 <= i < len(runs.starts):
            raise self._beyond(f"{start.isoformat()} + {timedelta(0, seconds)}")
        return self._instant(runs.starts[i] + target - runs.before[i])

    def _workday(self, x: int, n: int) -> int:
        """``add_days`` by the places of the days in the calendar."""
        workdays = self._runs.workdays
        i = bisect_right(workdays, x) + n - 1 if n > 0 else bisect_left(workdays, x) + n
        if not 0 <= i < len(workdays):
            raise self._beyond(f"{date.fromordinal(x + self._first_ordinal)} + {n}")
        return workdays[i]

    def _index(self, day: date) -> int:
        i = day.toordinal() - self._first_ordinal
        if not 0 <= i < len(self._runs.days):
            raise self._beyond(str(day))
        return i

    def _instant(self, x: int) -> datetime:
        return self._midnight + timedelta(0, x)  # seconds by name take twice as long

    def _since(self, t: datetime) -> timedelta:
        try:
            return t - self._midnight
        except TypeError:
            raise Invalid(
                "The time {given} has no time zone: write it with one, for example +07:00.", given=t.isoformat()
            ) from None

    def _open_before(self, t: datetime) -> int:
        """Open seconds since the calendar's first midnight: whole days from a table, then the spans of the day itself.

        Every clock is counted through here, so the range is tested once and only a day outside it takes the way through
        ``_second``, which allows 24:00 of the last day and refuses all else.
        """
        since = self._since(t)
        day, second = since.days, since.seconds
        if not 0 <= day < len(self._runs.days) and self._second(t) == self._length:
            return self._before_day[-1]
        opened = self._before_day[day]
        for opens, closes in self._runs.days[day]:
            if second <= opens:
                break
            opened += (second if second < closes else closes) - opens
        return opened

    def _beyond(self, what: str) -> BeyondCalendar:
        return BeyondCalendar(
            "The calendar knows {first} to {last} only and {what} lies beyond: load the missing year first.",
            first=self.first_year,
            last=self.last_year,
            what=what,
        )


def _instants(values: Instants, unit: str = "s") -> Instants:
    """The values in whole seconds (or days); anything but datetime64 is refused."""
    array = np.asarray(values)
    if array.dtype.kind != "M":
        raise Invalid("Arrays of instants are datetime64 in UTC, not {given}.", given=array.dtype)
    return array.astype(f"datetime64[{unit}]", copy=False)


def _whole(values: NDArray[np.int64] | int) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise Invalid("Amounts are whole numbers, not {given}.", given=array.dtype)
    return array.astype(np.int64, copy=False)


def _flat(values: Instants) -> NDArray[np.int64]:
    return np.ascontiguousarray(values).reshape(-1).view(np.int64)


def _years_of(exceptions: Mapping[date, object]) -> tuple[int, int]:
    return (min(exceptions).year, max(exceptions).year) if exceptions else _ANY_YEARS


def _steady_offset(zone: tzinfo, first: int, last: int) -> int:
    """The zone's one UTC offset in seconds; a zone that changes its clocks in these years is refused."""
    offsets = {datetime(y, m, 15, tzinfo=zone).utcoffset() for y in range(first, last + 1) for m in (1, 4, 7, 10)}
    if len(offsets) != 1 or None in offsets:
        raise Invalid(
            "The zone {zone} changes its clocks between {first} and {last}; working time needs a steady one.",
            zone=zone,
            first=first,
            last=last,
        )
    (offset,) = offsets
    assert offset is not None
    return int(offset.total_seconds())


def _time(second: int) -> time:
    second %= DAY
    return time(second // 3600, second // 60 % 60, second % 60)

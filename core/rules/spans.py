"""A weekly schedule and its exceptions, checked and unrolled into runs of open seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import accumulate

from core.errors import Invalid
from core.rules.days import Intervals

DAY = 86_400
Spans = tuple[tuple[int, int], ...]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WHOLE_DAY: Intervals = ((time(0), time(0)),)
"""00:00 to 24:00: as the end of an interval, midnight is the end of the day."""


@dataclass(frozen=True, slots=True)
class Unrolled:
    """Open runs ``[starts[i], ends[i])`` in seconds since the first midnight, with ``before[i]`` open seconds earlier.

    ``days``: per loaded day its spans in seconds of that day. ``workdays``: indices of the days with any open time.
    """

    days: list[Spans]
    workdays: list[int]
    starts: list[int]
    ends: list[int]
    before: list[int]


def spans_of(intervals: Iterable[tuple[time, time]], whose: str) -> Spans:
    """Open intervals of one day as its seconds; reversed or overlapping ones are refused, touching ones joined."""
    joined: list[tuple[int, int]] = []
    for opens, closes in intervals:
        a, b = _second(opens), _second(closes) or DAY
        if a >= b:
            raise Invalid("{whose}: {opens}-{closes} closes before it opens.", whose=whose, opens=opens, closes=closes)
        if joined and a < joined[-1][1]:
            raise Invalid(
                "{whose}: {opens}-{closes} overlaps or precedes the interval before it.",
                whose=whose,
                opens=opens,
                closes=closes,
            )
        if joined and a == joined[-1][1]:
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    return tuple(joined)


def _second(t: time) -> int:
    if t.microsecond or t.tzinfo is not None:
        raise Invalid("Opening hours are plain local times in whole seconds, not {given}.", given=t)
    return t.hour * 3600 + t.minute * 60 + t.second


def week_spans(week: Mapping[int, Iterable[tuple[time, time]]]) -> list[Spans]:
    """Spans per weekday, Monday first; a weekday that is not named is closed."""
    for weekday in week:
        if weekday not in range(7):
            raise Invalid("A weekday is 0 (Monday) to 6 (Sunday), not {given}.", given=weekday)
    return [spans_of(week.get(i, ()), WEEKDAYS[i]) for i in range(7)]


def unroll(week: list[Spans], exceptions: Mapping[date, Spans], first: date, last: date) -> Unrolled:
    """Every day from ``first`` to ``last`` (inclusive), an exception beating its weekday."""
    origin = first.toordinal()
    turned = week[first.weekday() :] + week[: first.weekday()]
    count = last.toordinal() - origin + 1
    days = (turned * (count // 7 + 1))[:count]
    for day, spans in exceptions.items():
        days[day.toordinal() - origin] = spans
    starts, ends = _runs(days)
    if not starts:
        raise Invalid("This calendar has no working time at all: give at least one weekday its hours.")
    before = list(accumulate((b - a for a, b in zip(starts, ends, strict=True)), initial=0))
    return Unrolled(days, [i for i, spans in enumerate(days) if spans], starts, ends, before)


def _runs(days: list[Spans]) -> tuple[list[int], list[int]]:
    """Starts and ends over all days; a day open until midnight runs on into one open from midnight."""
    starts: list[int] = []
    ends: list[int] = []
    last, midnight = -1, 0
    for spans in days:
        for a, b in spans:
            if midnight + a == last:
                ends[-1] = last = midnight + b
            else:
                starts.append(midnight + a)
                last = midnight + b
                ends.append(last)
        midnight += DAY
    return starts, ends

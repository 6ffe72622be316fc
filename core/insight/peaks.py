"""Weeks or months in which a category or a cause had more than chance explains, as complaints cluster (D28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import pandas as pd

from core.insight.chance import ALARM, holm, rose
from core.insight.clusters import Habits
from core.insight.comparison import Comparison
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.weeks_open import HALF
from core.rules.calendar import LOCAL, BeyondCalendar, WorkCalendar

FEW = 3  # stretches: of fewer none stands out
DAY = timedelta(days=1)


class Peak(NamedTuple):
    """The first day of a week or month, and how many there were in it."""

    first: date
    n: int


Peaks = Mapping[str, Peak | None]
"""Key → where it had most, where that is beyond chance; None where no stretch is. A key of too few is not in it."""


def of(found: pd.DataFrame, names: tuple[str, str], period: Filter, against: Comparison, habits: Habits) -> Peaks:
    """The peak of each key of ``found``: ``names`` are its columns of keys and of first days, beside ``count``.

    Each stretch against all of its key, by its part of the open time that is covered and has come (D27; today counts
    whole, so that an hour changes nothing), and by how much the counts of that key vary (``habits``); all stretches of
    all keys share one 5 % (Holm). ``period``: the days that were counted. Stretches open for less than half of the
    longest one are not judged, and none where the calendar does not know all these years.
    """
    key_name, day_name = names
    firsts = [moment.date() for moment in found[day_name].drop_duplicates().sort_values()]
    opened = _open(firsts, period, against)
    if len(opened) < FEW:
        return {}
    counts: dict[str, dict[date, int]] = {}
    for key, moment, count in zip(found[key_name], found[day_name], found["count"], strict=True):
        if moment.date() in opened:
            counts.setdefault(str(key), {})[moment.date()] = int(count)
    counts = {key: its for key, its in counts.items() if sum(its.values()) >= ENOUGH}
    whole = sum(opened.values())
    tests = [
        (key, Peak(first, n), rose(n, sum(its.values()) - n, opened[first] / whole, *habits.of(key)))
        for key, its in counts.items()
        for first, n in its.items()
    ]
    peaks: dict[str, Peak | None] = dict.fromkeys(counts)
    least = dict.fromkeys(counts, ALARM)
    for (key, peak, _p), adjusted in zip(tests, holm([p for _key, _peak, p in tests]), strict=True):
        if adjusted < least[key]:
            peaks[key], least[key] = peak, adjusted
    return peaks


def _open(firsts: list[date], period: Filter, against: Comparison) -> dict[date, int]:
    """First day → open seconds of the stretch that begins on it, of those that are judged."""
    if against.since is None or not firsts:
        return {}
    start, end = max(period.start, against.since), min(period.end, against.now.end)
    ends = [*(after - DAY for after in firsts[1:]), end]
    try:
        found = {
            first: _seconds(against.calendar, max(first, start), min(last, end))
            for first, last in zip(firsts, ends, strict=True)
        }
    except BeyondCalendar:
        return {}
    most = max(found.values())
    return {first: seconds for first, seconds in found.items() if seconds and seconds >= most * HALF}


def _seconds(calendar: WorkCalendar, first: date, last: date) -> int:
    begin, end = (datetime.combine(day, time(0), LOCAL).astimezone(UTC) for day in (first, last + DAY))
    return calendar.seconds_between(begin, end) if first <= last else 0

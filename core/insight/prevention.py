"""Whether preventive actions work: the complaints of a cause per open hour, before an action was done and since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from core.insight import causes, clusters, comparison, rates, weeks_open
from core.insight.dimensions import key_of
from core.insight.facts import Facts
from core.insight.filters import Filter, count_by, monday, week_of
from core.insight.slices import Slice
from core.rules.calendar import WorkCalendar

WEEKS_BEFORE = 8
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """Complaints closed with one cause. ``weeks``: per week, the ``WEEKS_BEFORE`` before the week of the action first.

    ``before`` and ``since``: per full week of office hours; the week in which the action was done, and the one that
    still runs, are in neither. None where no such week was open, or the register does not cover it (D27).
    ``low``, ``high``: the 95 % confidence interval of since ÷ before, None without both.
    ``rows``: what ``weeks`` count.
    """

    weeks: tuple[int, ...]
    before: float | None
    since: float | None
    low: float | None
    high: float | None
    rows: Slice


@dataclass(frozen=True, slots=True)
class _Span:
    """Counts of some weeks and how long each was open, in seconds."""

    counts: Sequence[int]
    open: Sequence[int]

    def per(self, full: int) -> float | None:
        """Per ``full`` open seconds."""
        return sum(self.counts) * full / sum(self.open) if any(self.open) else None


def rate(facts: Facts, visible: Filter, cause: str, done_on: date, today: date, calendar: WorkCalendar) -> Rate:
    """How often complaints were closed with ``cause`` before ``done_on`` and since; ``visible``: those counted.

    By the open hours of ``calendar``, so that Tết is no effect. How much the counts of the weeks before vary widens the
    interval (D28).
    """
    done, now, key = monday(done_on), monday(today), key_of("root_cause", cause)
    first = done - WEEKS_BEFORE * WEEK
    period = visible.between(first, today)
    its = causes.closed(facts, period).filter(pl.col("root_cause") == key)
    found = dict(count_by(its, week_of("closed_day")).iter_rows())
    weeks = [first + n * WEEK for n in range((now - first) // WEEK + 1)]
    covered = comparison.covered_since(facts, "closed")

    def span(chosen: Sequence[date]) -> _Span:
        return _Span(
            [found.get(week, 0) for week in chosen], [weeks_open.seconds(calendar, one) or 0 for one in chosen]
        )

    weeks_before = [week for week in weeks if week < done and covered is not None and week >= covered]
    before, usual = span(weeks_before), span(weeks_open.whole(calendar, weeks_before))
    since = span([week for week in weeks if done < week < now])
    full = max((*before.open, *since.open), default=0)
    low, high = _interval(before, since, usual)
    counts = tuple(found.get(week, 0) for week in weeks)
    return Rate(counts, before.per(full), since.per(full), low, high, Slice(period, "closed", root_cause=key))


def _interval(before: _Span, since: _Span, usual: _Span) -> tuple[float, float] | tuple[None, None]:
    """``usual``: those of the weeks before that tell how much counts vary; a week of Tết does not (D28)."""
    opened, counts = (sum(since.open), sum(before.open)), (sum(since.counts), sum(before.counts))
    if not all(opened) or not any(counts):
        return None, None
    spread = clusters.of({"": usual.counts}, usual.open).of("").spread if any(usual.counts) else clusters.ORDINARY
    return rates.interval(*counts, opened[0] / sum(opened), spread)

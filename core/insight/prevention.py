"""Whether preventive actions work: the complaints of a cause, week by week, before an action was done and since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from core.insight import causes
from core.insight.dimensions import key_of
from core.insight.facts import Facts
from core.insight.filters import Filter, count_by, monday, week_of
from core.insight.slices import Slice

WEEKS_BEFORE = 8
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """Complaints closed with one cause. ``weeks``: per week, the ``WEEKS_BEFORE`` before the week of the action first.

    ``before`` and ``since``: per week on average; the week in which the action was done, and the one that still runs,
    are in neither. ``since`` is None while no whole week has passed. ``rows``: what ``weeks`` count.
    """

    weeks: tuple[int, ...]
    before: float
    since: float | None
    rows: Slice


def rate(facts: Facts, visible: Filter, cause: str, done_on: date, today: date) -> Rate:
    """How often complaints were closed with ``cause`` before ``done_on`` and since; ``visible``: those counted."""
    done, now, key = monday(done_on), monday(today), key_of("root_cause", cause)
    first = done - WEEKS_BEFORE * WEEK
    period = visible.between(first, today)
    its = causes.closed(facts, period).filter(pl.col("root_cause") == key)
    found = dict(count_by(its, week_of("closed_day")).iter_rows())
    weeks = [first + n * WEEK for n in range((now - first) // WEEK + 1)]
    since = [found.get(week, 0) for week in weeks if done < week < now]
    counts = tuple(found.get(week, 0) for week in weeks)
    return Rate(
        counts,
        sum(counts[:WEEKS_BEFORE]) / WEEKS_BEFORE,
        sum(since) / len(since) if since else None,
        Slice(period, "closed", root_cause=key),
    )

"""The backlog: open complaints per segment and per age, as of ``now``, whatever the period."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import polars as pl

from core.insight.asked import asked_once
from core.insight.dimensions import AGES
from core.insight.facts import Facts, asked_of
from core.insight.filters import Filter
from core.insight.typed import OWING
from core.rules.calendar import ensure_aware
from core.rules.segments import OF_EVERYBODY, SEGMENTS, Columns, Reading
from core.rules.steps import State


@asked_once
def segments(facts: Facts, filter: Filter, now: datetime) -> dict[str, int]:
    """Open complaints per segment, the same segments as the queue: all, unacknowledged, due_today (still ahead today),
    overdue, waiting_customer, waiting_department, to_close, unexplained.
    """
    tests = _segments(filter, now)
    counts = [tests[name].sum().alias(name) for name in OF_EVERYBODY]
    return rows(facts, filter, now).select(counts).collect().row(0, named=True)


@asked_once
def ageing(facts: Facts, filter: Filter, now: datetime) -> pd.DataFrame:
    """Open complaints by age since they were recorded.

    Columns: age (key: the whole days a bucket starts at), from_days, to_days (exclusive; NaN for the last), count,
    overdue (how many of them have a clock past due). Buckets without complaints are there with 0.
    """
    open_now = rows(facts, filter, now).select(_age(now), _segments(filter, now)["overdue"].alias("late"))
    counted = open_now.group_by("age").agg(count=pl.len(), overdue=pl.col("late").sum()).collect()
    starts = [int(age) for age in AGES]
    buckets = pl.DataFrame({"age": AGES, "from_days": starts, "to_days": [*starts[1:], None]})
    whole = buckets.join(counted, on="age", how="left", maintain_order="left")
    return whole.with_columns(pl.col("count", "overdue").fill_null(0)).to_pandas()


def rows(
    facts: Facts, filter: Filter, now: datetime, *, segment: str | None = None, age: str | None = None
) -> pl.LazyFrame:
    """The open complaints that the figures here count, of one segment or age if given."""
    open_now = facts.complaints.lazy().filter(~is_closed() & filter.where(None))
    if segment:
        open_now = open_now.filter(_segments(filter, now)[segment])
    return open_now.filter(_age(now) == age) if age else open_now


def is_closed() -> pl.Expr:
    """Whether a complaint has ended, also where nobody knows when (D30)."""
    return pl.col("closed_at").is_not_null() | (pl.col("state") == State.closed.value)


def _segments(filter: Filter, now: datetime) -> dict[str, pl.Expr]:
    """Who looks as a department waits for its own answer, as in its queue."""
    own = filter.departments
    columns: Columns[pl.Expr] = Columns(
        state=pl.col("state"),
        due=pl.col("next_due_at"),
        unexplained_due=pl.col("unexplained_due_at"),
        waiting_department=pl.col("waiting_department") if own is None else asked_of(OWING, own),
        assignee_id=pl.col("assignee_id"),
        always=pl.col("id").is_not_null(),
    )
    read = Reading.at(now)
    return {name: SEGMENTS[name](columns, read).fill_null(value=False) for name in OF_EVERYBODY}


def _age(now: datetime) -> pl.Expr:
    """The bucket by whole days of 24 hours; what was recorded after ``now`` counts as new."""
    age = pl.lit(AGES[0])
    for start in AGES[1:]:
        age = (
            pl.when(pl.col("recorded_at") <= ensure_aware(now) - timedelta(days=int(start)))
            .then(pl.lit(start))
            .otherwise(age)
        )
    return age.alias("age")

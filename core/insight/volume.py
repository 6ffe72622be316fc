"""How much comes in: complaints recorded, by category, week, channel, weekday and hour."""

from __future__ import annotations

from datetime import date

import pandas as pd
import polars as pl

from core.insight import filters
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.rules.calendar import LOCAL


def total(facts: Facts, filter: Filter) -> int:
    """Complaints and inquiries recorded in the period, withdrawn ones included (D13)."""
    return filters.complaints(facts, filter).height


def by_category(facts: Facts, filter: Filter, today: date) -> pd.DataFrame:
    """``by`` category."""
    return by(facts, filter, today, "category")


def by(facts: Facts, filter: Filter, today: date, dimension: str) -> pd.DataFrame:
    """Complaints recorded in the period per key of a dimension, most first, and in ``Filter.before``.

    Columns: key, count, share (0…1 of all), before (count), change (count - before), ratio (count / before - 1; NaN
    when there was none before). A period still running is compared with as many days as have passed.
    """
    this = filters.count_keys(filters.complaints(facts, filter), dimension)
    before = filters.count_keys(filters.complaints(facts, filter.before(today)), dimension, "before")
    both = this.join(before, on="key", how="full", coalesce=True).fill_null(0)
    found = both.with_columns(
        pl.col("count", "before").cast(pl.Int64), share=pl.col("count") / pl.col("count").sum()
    ).with_columns(
        change=pl.col("count") - pl.col("before"),
        ratio=pl.when(pl.col("before") > 0).then(pl.col("count") / pl.col("before") - 1),
    )
    return found.sort("count", "before", "key", descending=[True, True, False]).to_pandas()


def by_week(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per week of the period. Columns: week (its Monday), count; a week without any is 0."""
    found = filters.count_by(filters.complaints(facts, filter), _week())
    return _every(pl.DataFrame({"week": filter.weeks()}), found, ["week"]).to_pandas()


def by_week_and_category(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per category and week of the period.

    Columns: category, week (its Monday), count. Categories in order of their total, each with every week; none is 0.
    """
    found = filters.count_by(filters.complaints(facts, filter), "category", _week())
    totals = found.group_by("category").agg(total=pl.col("count").sum())
    categories = totals.sort("total", "category", descending=[True, False]).select("category")
    frame = categories.join(pl.DataFrame({"week": filter.weeks()}), how="cross")
    return _every(frame, found, ["category", "week"]).to_pandas()


def by_channel_and_category(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per channel and category. Columns: channel, category, count; only pairs that occur."""
    found = filters.count_by(filters.complaints(facts, filter), "channel", "category")
    return found.sort("channel", "category").to_pandas()


def by_weekday_and_hour(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per local weekday and hour (D12); all 168 cells.

    Columns: weekday (Monday 0), hour (0…23), count.
    """
    local = pl.col("recorded_at").dt.convert_time_zone(LOCAL.key)
    weekday = (local.dt.weekday().cast(pl.Int64) - 1).alias("weekday")
    found = filters.count_by(filters.complaints(facts, filter), weekday, local.dt.hour().cast(pl.Int64).alias("hour"))
    week = pl.DataFrame({"weekday": range(7)}).join(pl.DataFrame({"hour": range(24)}), how="cross")
    return _every(week, found, ["weekday", "hour"]).to_pandas()


def _week() -> pl.Expr:
    return pl.col("recorded_day").dt.truncate("1w").alias("week")


def _every(cells: pl.DataFrame, found: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """``cells`` with their counts; a cell nothing fell into is 0, so that a quiet week does not vanish from a line."""
    return cells.join(found, on=on, how="left", maintain_order="left").with_columns(
        pl.col("count").fill_null(0).cast(pl.Int64)
    )

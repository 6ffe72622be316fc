"""How much comes in: complaints recorded, by category, week, channel, weekday and hour."""

from __future__ import annotations

import pandas as pd
import polars as pl

from core.insight import clusters, filters, peaks, rates
from core.insight.asked import asked_once
from core.insight.chance import ALARM, holm, rose
from core.insight.comparison import Comparison
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.peaks import Peaks

NAN = float("nan")


@asked_once
def total(facts: Facts, filter: Filter) -> int:
    """Complaints and inquiries recorded in the period, withdrawn ones included (D13)."""
    return filters.number_of(filters.complaints(facts, filter))


def by_category(facts: Facts, against: Comparison) -> pd.DataFrame:
    """``by`` category."""
    return by(facts, against, "category")


@asked_once
def by(facts: Facts, against: Comparison, dimension: str) -> pd.DataFrame:
    """Complaints recorded in the period per key of a dimension, most first, and in what it is compared with (D27).

    Columns: key, count, share (0…1 of all); before (count), ratio (rate per open hour now / before - 1; NaN when there
    was none before), p (``rates.changed``, by how much the counts of each key vary from week to week, D28), rise (the
    probability of at least ``count``), moved (p below ``ALARM`` after Holm's guard for looking at all keys at once).
    Where nothing may be compared, before, ratio, p and rise are NaN and nothing moved.
    """
    this = filters.count_keys(filters.complaints(facts, against.period), dimension)
    if against.before is None:
        return _shared(this.with_columns(before=NAN)).assign(ratio=NAN, p=NAN, rise=NAN, moved=False)
    before = filters.count_keys(filters.complaints(facts, against.before), dimension, "before")
    both = this.join(before, on="key", how="full", coalesce=True).fill_null(0)
    found = _shared(both.with_columns(pl.col("count", "before").cast(pl.Int64)))
    pairs = list(zip(found["count"].to_list(), found["before"].to_list(), strict=True))
    found["ratio"] = [rates.change(*pair, against.share) for pair in pairs]
    habits = clusters.before(facts, against, dimension, "recorded_day")
    of_keys = [habits.of(key) for key in found["key"]]
    found["p"] = [rates.changed(*pair, against.share, one) for pair, one in zip(pairs, of_keys, strict=True)]
    found["rise"] = [rose(*pair, against.share, *one) for pair, one in zip(pairs, of_keys, strict=True)]
    return found.assign(moved=[adjusted < ALARM for adjusted in holm(found["p"].to_list())])


def _shared(found: pl.DataFrame) -> pd.DataFrame:
    shares = found.with_columns(share=pl.col("count") / pl.col("count").sum())
    ordered = shares.sort("count", "before", "key", descending=[True, True, False])
    return ordered.select("key", "count", "share", "before").to_pandas()


@asked_once
def by_week(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per week of the period. Columns: week (its Monday), count; a week without any is 0."""
    found = filters.count_by(filters.complaints(facts, filter), filters.week_of("recorded_day"))
    return _every(pl.DataFrame({"week": filter.weeks()}), found, ["week"]).to_pandas()


@asked_once
def by_week_and_category(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per category and week of the period.

    Columns: category, week (its Monday), count. Categories in order of their total, each with every week; none is 0.
    """
    found = filters.count_by(filters.complaints(facts, filter), "category", filters.week_of("recorded_day"))
    totals = found.group_by("category").agg(total=pl.col("count").sum())
    categories = totals.sort("total", "category", descending=[True, False]).select("category")
    frame = categories.join(pl.DataFrame({"week": filter.weeks()}), how="cross")
    return _every(frame, found, ["category", "week"]).to_pandas()


@asked_once
def weeks_of_most(facts: Facts, against: Comparison) -> Peaks:
    """The week in which each category of ``by_week_and_category`` had more than chance explains."""
    found = by_week_and_category(facts, against.period)
    habits = clusters.before(facts, against, "category", "recorded_day")
    return peaks.of(found, ("category", "week"), against.period, against, habits)


@asked_once
def by_channel_and_category(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per channel and category. Columns: channel, category, count; only pairs that occur."""
    found = filters.count_by(filters.complaints(facts, filter), "channel", "category")
    return found.sort("channel", "category").to_pandas()


@asked_once
def by_weekday_and_hour(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Complaints recorded per local weekday and hour (D12); all 168 cells.

    Columns: weekday (Monday 0), hour (0…23), count.
    """
    weekday = (pl.col("recorded_day").dt.weekday().cast(pl.Int64) - 1).alias("weekday")
    hour = pl.col("recorded_hour").cast(pl.Int64).alias("hour")
    found = filters.count_by(filters.complaints(facts, filter), weekday, hour)
    week = pl.DataFrame({"weekday": range(7)}).join(pl.DataFrame({"hour": range(24)}), how="cross")
    return _every(week, found, ["weekday", "hour"]).to_pandas()


def _every(cells: pl.DataFrame, found: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """``cells`` with their counts; a cell nothing fell into is 0, so that a quiet week does not vanish from a line."""
    return cells.join(found, on=on, how="left", maintain_order="left").with_columns(
        pl.col("count").fill_null(0).cast(pl.Int64)
    )

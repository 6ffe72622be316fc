"""Why it happened: root causes as stated when a complaint was closed, and which of them rose beyond chance."""

from __future__ import annotations

from datetime import date

import pandas as pd
import polars as pl

from core.insight import clusters, peaks, rates
from core.insight.asked import asked_once
from core.insight.chance import ALARM, holm, rose
from core.insight.comparison import Comparison
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter, count_by, count_keys, number_of, week_of
from core.insight.peaks import Peaks

MONTHS = 12
RISEN = ("key", "count", "before", "ratio", "low", "high", "p", "adjusted", "rose")
_IS_CLOSED = pl.col("state") == "closed"  # withdrawn ones leave (D13)


@asked_once
def total(facts: Facts, filter: Filter) -> int:
    """Complaints closed in the period (local day of closing); withdrawn ones leave (D13)."""
    return number_of(closed(facts, filter))


@asked_once
def pareto(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Root causes of the complaints closed in the period, most frequent first.

    Columns: key ("none": closed without a stated cause), count, share (0…1 of all closed), cumulative (0…1).
    """
    ordered = count_keys(closed(facts, filter), "root_cause").sort("count", "key", descending=[True, False])
    share = pl.col("count") / pl.col("count").sum()
    return ordered.with_columns(share=share, cumulative=share.cum_sum()).to_pandas()


@asked_once
def risen(facts: Facts, against: Comparison) -> pd.DataFrame:
    """Every stated cause against what the period is compared with (D27), the clearest rise first.

    Columns: key, count, before, ratio (rate per open hour now / before - 1; NaN when there was none before), low, high
    (of ratio + 1: its 95 % confidence interval), p (probability of at least ``count`` of ``count + before`` if the rate
    per open hour had stayed the same: exact conditional test of two Poisson counts), adjusted (p after Holm's guard for
    looking at all causes at once), rose (adjusted < ``ALARM``). Empty where nothing may be compared.
    """
    if against.before is None:
        return pd.DataFrame(columns=RISEN).astype({"rose": bool})
    this = count_keys(closed(facts, against.now), "root_cause").filter(pl.col("key") != NONE)
    before = count_keys(closed(facts, against.before), "root_cause", "before").filter(pl.col("key") != NONE)
    both = this.join(before, on="key", how="full", coalesce=True).fill_null(0).sort("key").to_pandas()
    pairs = list(zip(both["count"].to_list(), both["before"].to_list(), strict=True))
    habits = clusters.before(facts, against, "root_cause", "closed_day", _IS_CLOSED)
    of_keys = [habits.of(key) for key in both["key"]]
    both["ratio"] = [rates.change(*pair, against.share) for pair in pairs]
    intervals = [rates.interval(*pair, against.share, one.spread) for pair, one in zip(pairs, of_keys, strict=True)]
    both["low"], both["high"] = [low for low, _high in intervals], [high for _low, high in intervals]
    both["p"] = [rose(*pair, against.share, *one) for pair, one in zip(pairs, of_keys, strict=True)]
    both["adjusted"] = holm(both["p"].to_list())
    both["rose"] = both["adjusted"] < ALARM
    return both.sort_values(["p", "key"], ignore_index=True)


@asked_once
def by_week(facts: Facts, filter: Filter, key: str) -> pd.DataFrame:
    """Complaints closed with one cause per week of the period. Columns: week (its Monday), count; none is 0."""
    rows = closed(facts, filter).filter(pl.col("root_cause") == key)
    found = count_by(rows, week_of("closed_day"))
    weeks = pl.DataFrame({"week": filter.weeks()}).join(found, on="week", how="left", maintain_order="left")
    return weeks.with_columns(pl.col("count").fill_null(0)).to_pandas()


@asked_once
def by_month(facts: Facts, filter: Filter, months: int = MONTHS) -> pd.DataFrame:
    """Stated causes of the complaints closed in the ``months`` local months up to the end of the period.

    The start of the period does not matter. Columns: key, month (its first day), count. Causes in order of their
    total, each with every month; none is 0.
    """
    firsts = _months(filter.end, months)
    rows = closed(facts, filter.between(firsts[0], filter.end)).drop_nulls("root_cause")
    per_day = count_by(rows, pl.col("root_cause").alias("key"), "closed_day", count="n")
    month = pl.col("closed_day").dt.truncate("1mo").alias("month")
    found = per_day.group_by("key", month).agg(count=pl.col("n").sum())
    totals = found.group_by("key").agg(total=pl.col("count").sum())
    keys = totals.sort("total", "key", descending=[True, False]).select("key")
    cells = keys.join(pl.DataFrame({"month": firsts}), how="cross")
    return cells.join(found, on=["key", "month"], how="left", maintain_order="left").fill_null(0).to_pandas()


@asked_once
def months_of_most(facts: Facts, against: Comparison) -> Peaks:
    """The month in which each cause of ``by_month`` had more than chance explains."""
    last = against.now.end
    habits = clusters.before(facts, against, "root_cause", "closed_day", _IS_CLOSED)
    period = against.period.between(_months(last, MONTHS)[0], last)
    return peaks.of(by_month(facts, against.now), ("key", "month"), period, against, habits)


@asked_once
def by_category(facts: Facts, filter: Filter) -> pd.DataFrame:
    """Causes × categories of the complaints closed in the period. Columns: key, category, count."""
    found = count_by(closed(facts, filter), pl.col("root_cause").alias("key"), "category")
    return found.sort("key", "category").to_pandas()


def closed(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """The complaints closed in the period that the figures here count."""
    return facts.complaints.lazy().filter(filter.where("closed_day") & _IS_CLOSED)


def _months(last: date, months: int) -> list[date]:
    whole = last.year * 12 + last.month - 1
    return [date((whole - i) // 12, (whole - i) % 12 + 1, 1) for i in range(months - 1, -1, -1)]

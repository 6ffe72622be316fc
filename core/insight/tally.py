"""How a figure is asked, and how the rows behind it are counted per key: what all questions of the registry share."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pandas as pd
import polars as pl

from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter

BUCKETS: Mapping[str, str] = {"day": "1d", "week": "1w", "month": "1mo"}
"""Key of a stretch of local days (D12) → what Polars calls it; a week begins on Monday."""
PERSON = "person"
PERSONS = "assignee_id"
"""The column that holds who has a case."""
SECONDS_PER_HOUR = 3600


class Asked(NamedTuple):
    """What somebody wants to know: of which rows, as of ``now``, split ``by`` dimensions and ``BUCKETS``.

    Without ``by`` a figure is one row.
    """

    facts: Facts
    filter: Filter
    now: datetime
    by: tuple[str, ...] = ()


def per(rows: pl.LazyFrame, asked: Asked, day: str, **sums: pl.Expr) -> pl.DataFrame:
    """``sums`` of the rows per combination of ``asked.by``: these as texts (buckets as their first day), then the sums.

    ``day``: the column of local days by which the rows lie in the period. What is split by one stretch of days alone
    has each of them, a quiet one with 0; else only what occurs, most of the first sum first.
    """
    if not asked.by:
        return rows.select(**sums).collect()
    keys = [_key(name, day).alias(name) for name in asked.by]
    found = rows.group_by(keys).agg(**sums).collect()
    return ordered(found, asked)


def ordered(found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """``found`` with its keys as texts and in order, as ``per`` gives it."""
    if not asked.by:
        return found
    coded = [name for name in asked.by if name not in BUCKETS]
    named = found.with_columns(pl.col(coded).cast(pl.String).fill_null(NONE))
    if asked.by[0] in BUCKETS and len(asked.by) == 1:
        every = pl.DataFrame({asked.by[0]: stretches(asked)}, schema={asked.by[0]: pl.Date})
        named = every.join(named, on=asked.by[0], how="left", maintain_order="left")
        return named.with_columns(pl.col(pl.Int64).fill_null(0), pl.col("^hours$").fill_null(0.0))
    first = next(name for name in named.columns if name not in asked.by)
    days = [name for name in asked.by if name in BUCKETS]
    falling = [False] * len(days) + [True] + [False] * len(coded)
    return named.sort(*days, first, *coded, descending=falling)


def stretches(asked: Asked) -> list[date]:
    """The first day of every stretch of the period, where the figure is split by one."""
    starts = pl.date_range(asked.filter.start, asked.filter.end, "1d", eager=True)
    return starts.dt.truncate(BUCKETS[asked.by[0]]).unique().sort().to_list()


def last_day(bucket: str, first: date) -> date:
    """The last day of the stretch that begins on ``first``."""
    if bucket == "month":
        return first.replace(day=monthrange(first.year, first.month)[1])
    return first + timedelta(days=6 if bucket == "week" else 0)


def number(test: pl.Expr | None = None) -> pl.Expr:
    """How many rows, or of how many the test holds."""
    return pl.len().cast(pl.Int64) if test is None else test.sum().cast(pl.Int64)


def hours(seconds: pl.Expr) -> Mapping[str, pl.Expr]:
    """The columns count, hours, median and p90 of working time; null where there is none."""
    return {
        "count": seconds.count().cast(pl.Int64),
        "hours": seconds.sum() / SECONDS_PER_HOUR,
        "median": seconds.quantile(0.5, "linear") / SECONDS_PER_HOUR,
        "p90": seconds.quantile(0.9, "linear") / SECONDS_PER_HOUR,
    }


def shared(found: pl.DataFrame, numerator: str, denominator: str) -> pd.DataFrame:
    """With ``share``: numerator ÷ denominator, 0…1; NaN where the denominator is 0."""
    part, whole = pl.col(numerator), pl.col(denominator)
    share = pl.when(whole > 0).then(part / whole)
    return found.with_columns(share.cast(pl.Float64).alias("share")).to_pandas()


def of_all(found: pl.DataFrame, column: str = "count") -> pd.DataFrame:
    """With ``all``, what the rows add up to, and each row's share of it."""
    whole = pl.col(column).sum().cast(found.schema[column])
    return shared(found.with_columns(whole.alias("all")), column, "all")


def _key(name: str, day: str) -> pl.Expr:
    if name in BUCKETS:
        return pl.col(day).dt.truncate(BUCKETS[name])
    return pl.col(PERSONS if name == PERSON else name)

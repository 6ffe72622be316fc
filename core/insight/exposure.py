"""Complaints against how many users or orders there were: a rate that growth alone does not raise (D36)."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import polars as pl

from core.insight.tally import Asked, number, per
from core.rules.calendar import local_day
from core.rules.exposure import months

THOUSAND = 1000
MONTH = "month"


def per_thousand(asked: Asked, measure: str) -> pd.DataFrame:
    """Complaints recorded in the whole months of the period that are over and of which ``measure`` is known.

    Columns: count, served (of all these months), per_thousand (complaints a thousand of them, a month).
    """
    known = pl.DataFrame(_whole(asked, measure), schema={MONTH: pl.Date, "served": pl.Int64}, orient="row")
    month = pl.col("recorded_day").dt.truncate("1mo")
    its = pl.col(MONTH).is_in(known[MONTH].implode())
    rows = asked.facts.complaints.lazy().filter(asked.filter.where("recorded_day")).with_columns(month.alias(MONTH))
    found = per(rows.filter(its), asked, "recorded_day", count=number())
    if MONTH in asked.by:
        found = found.join(known, on=MONTH, how="inner", maintain_order="left")
    else:
        found = found.with_columns(served=pl.lit(known["served"].sum(), pl.Int64))
    rate = pl.when(pl.col("served") > 0).then(pl.col("count") / pl.col("served") * THOUSAND)
    return found.with_columns(per_thousand=rate.cast(pl.Float64)).to_pandas()


def _whole(asked: Asked, measure: str) -> list[tuple[object, int]]:
    """Months that lie in the period as a whole and are over."""
    first, last = asked.filter.start, min(asked.filter.end, local_day(asked.now) - timedelta(days=1))
    served = months(asked.facts.in_force.exposure, measure)
    return [
        (month, number)
        for month, number in served.items()
        if first <= month and (month + timedelta(days=31)).replace(day=1) - timedelta(days=1) <= last
    ]

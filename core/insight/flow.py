"""How much comes in, ends and is open: complaints recorded, the cumulative flow, what is open now."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import polars as pl

from core.insight import backlog
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.tally import BUCKETS, Asked, number, of_all, ordered, per, shared
from core.rules.calendar import local_day
from core.rules.steps import State

DAY = timedelta(days=1)


def recorded(asked: Asked) -> pd.DataFrame:
    """Complaints and inquiries recorded in the period, withdrawn ones included (D13).

    Columns: count, all (of the period), share.
    """
    rows = asked.facts.complaints.lazy().filter(asked.filter.where("recorded_day"))
    return of_all(per(rows, asked, "recorded_day", count=number()))


def cumulative(asked: Asked) -> pd.DataFrame:
    """What came in, what ended (closed, withdrawn or merged), and what was open when each stretch ended, or by now.

    Columns: recorded, ended, open. A complaint counts once: one that was opened again is open since it was recorded.
    What is closed while nobody knows when (D30) is in none of them.
    """
    rows = asked.facts.complaints.lazy().filter(asked.filter.where(None) & is_timed())
    start, end = asked.filter.start, min(asked.filter.end, local_day(asked.now))
    came = per(rows.filter(pl.col("recorded_day").is_between(start, end)), asked, "recorded_day", recorded=number())
    ended = per(rows.filter(pl.col("closed_day").is_between(start, end)), asked, "closed_day", ended=number())
    if not asked.by:
        still = left(asked.facts, asked.filter, asked.now).select(open=number()).collect()
        return pl.concat([came, ended, still], how="horizontal").to_pandas()
    (by,) = asked.by
    if by in BUCKETS:
        was = rows.filter(_open_after(start - DAY)).select(number()).collect().item()
        growth = pl.col("recorded") - pl.col("ended")
        begun = came.join(ended, on=by, maintain_order="left").filter(pl.col(by) <= end)
        return begun.with_columns(open=was + growth.cum_sum()).to_pandas()
    still = per(left(asked.facts, asked.filter, asked.now), asked, "recorded_day", open=number())
    both = came.join(ended, on=by, how="full", coalesce=True).join(still, on=by, how="full", coalesce=True)
    return ordered(both.fill_null(0), asked).to_pandas()


def left(facts: Facts, filter: Filter, now: datetime) -> pl.LazyFrame:
    """The complaints that were open when the period ended, or are by now."""
    is_left = is_timed() & _open_after(min(filter.end, local_day(now)))
    return facts.complaints.lazy().filter(filter.where(None) & is_left)


def _open_after(day: date) -> pl.Expr:
    """What was open at the end of a local day."""
    return (pl.col("recorded_day") <= day) & (pl.col("closed_day").is_null() | (pl.col("closed_day") > day))


def open_now(asked: Asked) -> pd.DataFrame:
    """What is open as of ``now``, whatever the period. Columns: open, overdue (a promised time has passed), share."""
    rows = backlog.rows(asked.facts, asked.filter, asked.now)
    late = backlog.rows(asked.facts, asked.filter, asked.now, segment="overdue").select("id").collect()["id"]
    is_late = pl.col("id").is_in(late.implode())
    found = per(rows, asked, "recorded_day", open=number(), overdue=number(is_late))
    return shared(found, "overdue", "open")


def ages(asked: Asked) -> pd.DataFrame:
    """``backlog.ageing``: columns age (the whole days a bucket starts at), open, overdue, share."""
    found = backlog.ageing(asked.facts, asked.filter, asked.now)[["age", "count", "overdue"]]
    return shared(pl.from_pandas(found.rename(columns={"count": "open"})), "overdue", "open")


def is_timed() -> pl.Expr:
    """Whether its end is known, or it has none."""
    return pl.col("closed_at").is_not_null() | (pl.col("state") != State.closed.value)

"""Promises per key: kept in time, in the first go, and how long they took; each promise by itself (D10, D11)."""

from __future__ import annotations

import pandas as pd
import polars as pl

from core.insight.compliance import tallied
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.tally import BUCKETS, Asked, hours, number, ordered, per, shared
from core.insight.verdicts import counted, is_among
from core.rules.verdicts import BROKEN, FELL_DUE

RESULT = "resolve"


def kept(asked: Asked, stage: str) -> pd.DataFrame:
    """Obligations of one stage that fell due in the period: ``compliance.summary`` of it per key.

    Columns: due (met + missed + overdue), met, missed, overdue, running, cancelled, share (met ÷ due).
    """
    return _tallied(_judged(asked, stage), asked)


def answered(asked: Asked) -> pd.DataFrame:
    """Answers that departments owed in the period (D19), per key; columns as of ``kept``."""
    rows = asked.facts.requests.lazy().filter(asked.filter.where("due_day"))
    return _tallied(rows.with_columns(counted(asked.now).alias("verdict")), asked)


def first_go(asked: Asked) -> pd.DataFrame:
    """First cycles of *resolve* that fell due in the period (D6). Columns: first, first_met, share of them met."""
    first = _fell_due(asked).filter(pl.col("number") == 1)
    found = per(first, asked, "due_day", first=number(), first_met=number(~_is_broken()))
    return shared(found, "first_met", "first")


def ever_late(asked: Asked) -> pd.DataFrame:
    """Complaints with a *resolve* obligation fallen due in the period (D6), each once.

    Columns: complaints, breached (any of those obligations broken), share.
    """
    whose = pl.col("complaint_id")
    sums = {"complaints": whose.n_unique(), "breached": whose.filter(_is_broken()).n_unique()}
    found = per(_fell_due(asked), asked, "due_day", **{key: sum.cast(pl.Int64) for key, sum in sums.items()})
    return shared(found, "breached", "complaints")


def took(asked: Asked, stage: str) -> pd.DataFrame:
    """Working hours from start to end of the obligations of one stage due in the period that were done.

    Columns: count, hours (their sum), median, p90; as stored when the step was taken.
    """
    rows = done(asked.facts, asked.filter, stage)
    return per(rows, asked, "due_day", **hours(pl.col("working_seconds"))).to_pandas()


def done(facts: Facts, filter: Filter, stage: str) -> pl.LazyFrame:
    """The obligations of one stage due in the period that were done, with their ``working_seconds``."""
    is_done = pl.col("working_seconds").is_not_null() & pl.col("cancelled_at").is_null()
    return facts.cycles.lazy().filter(filter.where("due_day") & (pl.col("stage") == stage) & is_done)


def reasons(asked: Asked) -> pd.DataFrame:
    """Obligations that fell due in the period and were broken. Columns: count, explained (with a reason), share."""
    broken = _judged(asked).filter(_is_broken())
    found = per(broken, asked, "due_day", count=number(), explained=number(pl.col("breach_reason").is_not_null()))
    return shared(found, "explained", "count")


def _of(asked: Asked, stage: str | None) -> pl.Expr:
    wanted = asked.filter.where("due_day")
    return wanted & (pl.col("stage") == stage) if stage else wanted


def _judged(asked: Asked, stage: str | None = None) -> pl.LazyFrame:
    return asked.facts.cycles.lazy().filter(_of(asked, stage)).with_columns(counted(asked.now).alias("verdict"))


def _fell_due(asked: Asked) -> pl.LazyFrame:
    return _judged(asked, RESULT).filter(is_among(pl.col("verdict"), FELL_DUE))


def _is_broken() -> pl.Expr:
    return is_among(pl.col("verdict"), BROKEN)


def _tallied(judged: pl.LazyFrame, asked: Asked) -> pd.DataFrame:
    keys = {name: bucket for name in asked.by if (bucket := BUCKETS.get(name))}
    rows = judged.with_columns(pl.col("due_day").dt.truncate(bucket).alias(name) for name, bucket in keys.items())
    return ordered(tallied(rows, list(asked.by)), asked).to_pandas()

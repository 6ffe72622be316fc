"""Customers who complain again, told apart by their pseudonyms alone (D35)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import polars as pl

from core.insight.tally import Asked, number, per, shared
from core.insight.which import WHICH

AGAIN = timedelta(days=90)
"""An earlier complaint counts for so long: without an end every share would grow with the register."""


def complained_again(asked: Asked) -> pd.DataFrame:
    """Complaints recorded in the period by known customers, and those of them that follow on another one.

    Columns: known, again (the same customer's one before it was recorded at most ``AGAIN`` earlier), share. Merged
    complaints are in neither: they are the other one (D13). Who is limited to departments or a branch, or asks about
    one, is told by the complaints of these alone (D32).
    """
    first = asked.filter.start - AGAIN - timedelta(days=1)
    recorded = pl.col("recorded_day").is_between(first, asked.filter.end)
    seen = replace(asked.filter, narrowed=tuple(one for one in asked.filter.narrowed if one[0] == "branch")).where(None)
    before = pl.col("recorded_at").shift(1)
    is_same = pl.col("customer") == pl.col("customer").shift(1)
    rows = (
        asked.facts.complaints.lazy()
        .filter(recorded & WHICH["known"] & seen)
        .sort("customer", "recorded_at", "id")
        .with_columns(again=(is_same & (pl.col("recorded_at") - before <= AGAIN)).fill_null(value=False))
        .filter(asked.filter.where("recorded_day"))
    )
    return shared(per(rows, asked, "recorded_day", known=number(), again=number(pl.col("again"))), "again", "known")

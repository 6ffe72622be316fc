"""Customers who complain again, told apart by their pseudonyms alone (D35)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import polars as pl

from core.insight.asked import asked_once
from core.insight.cells import Array, Numbers, begins
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.tally import Asked, number, per, shared
from core.insight.which import WHICH

AGAIN = timedelta(days=90)
"""An earlier complaint counts for so long: without an end every share would grow with the register."""


def complained_again(asked: Asked) -> pd.DataFrame:
    """Complaints recorded in the period by known customers, and those of them that follow on another one.

    Columns: known, again, share; which these are says ``by_known``.
    """
    rows = by_known(asked.facts, asked.filter)
    return shared(per(rows, asked, "recorded_day", known=number(), again=number(pl.col("again"))), "again", "known")


def by_known(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """Complaints recorded in the period by known customers; ``again``: whether the same customer's one before it was
    recorded at most ``AGAIN`` earlier.

    Who is limited to departments or a branch, or asks about one, is told by the complaints of these alone (D32).
    """
    branch = tuple(one for one in filter.narrowed if one[0] == "branch")
    again = _again(facts, replace(filter.between(filter.start, filter.end), narrowed=branch))
    rows = facts.complaints.with_columns(again.alias("again")).lazy()
    return rows.filter(WHICH["known"] & filter.where("recorded_day"))


@asked_once
def _again(facts: Facts, filter: Filter) -> pl.Series:
    """Of each complaint, in their order, whether it follows so soon on another one that the filter keeps; of those of
    the period.
    """
    first = filter.start - AGAIN - timedelta(days=1)
    is_recorded = pl.col("recorded_day").is_between(first, filter.end)
    rows = (
        facts.complaints.lazy()
        .with_row_index("place")
        .filter(is_recorded & WHICH["known"] & filter.where(None))
        .select("place", "customer", "recorded_at", "id")
        .collect()
    )
    found = np.zeros(facts.complaints.height, np.bool_)
    several = rows[_of_several(rows["customer"].to_numpy())].sort("customer", "recorded_at", "id")
    is_next = pl.col("recorded_at") - pl.col("recorded_at").shift(1) <= AGAIN
    is_same = pl.col("customer") == pl.col("customer").shift(1)
    found[several.filter(is_same & is_next)["place"].to_numpy()] = True
    return pl.Series(found)


def _of_several(customers: Array) -> Numbers:
    """The places of the rows whose customer has another one too: most have none, and only these need be in order."""
    order = np.argsort(customers)
    is_new = begins(customers[order])
    found: Numbers = order[~(is_new & np.append(is_new[1:], True))]
    return found

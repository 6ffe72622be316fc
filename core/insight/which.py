"""Which complaints a figure counts, where no dimension says so: each by name, for the figure and for its rows (D15)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from core.rules.steps import State

RIGHT = ("upheld", "partly")
DECIDED = (*RIGHT, "rejected")
"""The outcomes that say whether the customer was right."""


def _outcome(outcomes: tuple[str, ...]) -> pl.Expr:
    return pl.col("outcome").is_in(outcomes).fill_null(value=False)


WHICH: Mapping[str, pl.Expr] = MappingProxyType(
    {
        # Merged ones go on elsewhere: they have no outcome of their own (D13).
        "ended": pl.col("state").is_in([State.closed.value, State.withdrawn.value]),
        "decided": _outcome(DECIDED),
        "upheld": _outcome(RIGHT),
        "proposed": pl.col("rounds") > 0,
        "proposed_again": pl.col("rounds") > 1,
        "ended_once": (pl.col("reopened") > 0) | pl.col("closed_at").is_not_null(),
        "reopened": pl.col("reopened") > 0,
        # A merged one is the other one (D13).
        "known": pl.col("customer").is_not_null() & (pl.col("state") != State.merged.value),
    }
)

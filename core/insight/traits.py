"""What complaints have in common that no dimension says: by which figures count them, and slices name them (D15)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

RIGHT = ("upheld", "partly")
DECIDED = (*RIGHT, "rejected")
"""The outcomes that say whether the customer was right."""
KNOWN, AGAIN = "known", "again"
"""By a customer who is known; who had another one before. Of these other complaints tell (``core.insight.repeats``)."""


def _outcome(among: tuple[str, ...]) -> pl.Expr:
    return pl.col("outcome").is_in(among).fill_null(value=False)


OF_COLUMNS: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "decided": _outcome(DECIDED),
        "upheld": _outcome(RIGHT),
        "conciliated": pl.col("rounds") > 0,
        "several": pl.col("rounds") > 1,
        "refused": pl.col("refused") > 0,
        "ended": pl.col("closed_at").is_not_null() | (pl.col("reopened") > 0),
        "reopened": pl.col("reopened") > 0,
    }
)
"""What the columns of a complaint say by themselves: with a decision, in favour of the customer, with a proposal, with
several, with one refused, ended at least once, opened again (D6, D17)."""
TRAITS = (*OF_COLUMNS, KNOWN, AGAIN)

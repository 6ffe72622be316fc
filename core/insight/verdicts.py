"""What became of an SLA cycle, as a column: the vectorised twin of ``core.rules.terms.verdict`` (D10)."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from core.rules.calendar import ensure_aware

VERDICTS = ("met", "missed", "overdue", "running", "cancelled")
FELL_DUE = ("met", "missed", "overdue")
KIND = pl.Enum(VERDICTS)


def verdict(now: datetime) -> pl.Expr:
    """``met`` stopped at or before due, ``missed`` after it, ``cancelled`` withdrawn, else ``overdue`` or ``running``.

    A withdrawn complaint leaves the rates and is counted on a line of its own (D13).
    """
    late = pl.col("stopped_at") > pl.col("due_at")
    return (
        pl.when(pl.col("cancelled_at").is_not_null())
        .then(pl.lit("cancelled"))
        .when(pl.col("stopped_at").is_not_null())
        .then(pl.when(late).then(pl.lit("missed")).otherwise(pl.lit("met")))
        .when(pl.col("due_at") < ensure_aware(now))
        .then(pl.lit("overdue"))
        .otherwise(pl.lit("running"))
        .cast(KIND)
        .alias("verdict")
    )


def counted(now: datetime) -> pl.Expr:
    """``verdict`` as a rate counts it: what was met before its due instant has come is ``running``, not yet due (D11).

    Without this a week would open near 100 %, since promises are kept early but broken only late, and sink until it ends.
    """
    return as_counted(verdict(now), now).alias("counted")


def as_counted(judged: pl.Expr, now: datetime) -> pl.Expr:
    """What a rate makes of the verdict ``judged`` of a row with its ``due_at``."""
    early = pl.col("due_at") > ensure_aware(now)
    return pl.when(early & (judged != "cancelled")).then(pl.lit("running").cast(KIND)).otherwise(judged)

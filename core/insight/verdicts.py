"""Verdicts as a column: ``core.rules.verdicts`` for a whole frame of SLA cycles (D10), and as rates count it (D11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from core.rules import verdicts
from core.rules.calendar import whole_second
from core.rules.verdicts import Verdict, is_past

VERDICTS: tuple[str, ...] = tuple(verdict.value for verdict in Verdict)
KIND = pl.Enum(VERDICTS)


def verdict(now: datetime) -> pl.Expr:
    """The verdict of each row from its ``due_at``, ``stopped_at``, ``cancelled_at`` (``core.rules.verdicts.verdict``).

    What was withdrawn or merged away before it was due leaves the rates and is counted on a line of its own (D13).
    """
    ended = pl.coalesce("stopped_at", pl.lit(whole_second(now)))
    late = is_past(pl.col("due_at"), ended)
    tests = (pl.col("cancelled_at").is_not_null(), pl.col("stopped_at").is_not_null(), late)
    return verdicts.decide(tests, _choose, _literal).alias("verdict")


def counted(now: datetime) -> pl.Expr:
    """``verdict`` as a rate counts it: what was met before its due instant has come is ``running``, not yet due (D11).

    Without this a week would open near 100 %, since promises are met early but broken only late, and sink until it
    ends.
    """
    return as_counted(verdict(now), now).alias("counted")


def as_counted(judged: pl.Expr, now: datetime) -> pl.Expr:
    """What a rate makes of the verdict ``judged`` of a row with its ``due_at``."""
    is_to_come = pl.col("due_at") > whole_second(now)
    return _choose(is_to_come & (judged != Verdict.CANCELLED.value), _literal(Verdict.RUNNING), judged)


def is_among(judged: pl.Expr, wanted: Sequence[str]) -> pl.Expr:
    """Whether the verdict ``judged`` is one of these, such as ``BROKEN`` or ``FELL_DUE``."""
    return judged.is_in([str(verdict) for verdict in wanted])


def _choose(test: pl.Expr, yes: pl.Expr, no: pl.Expr) -> pl.Expr:
    return pl.when(test).then(yes).otherwise(no)


def _literal(verdict: Verdict) -> pl.Expr:
    """Typed here, so that no row is turned from a text into a code."""
    return pl.lit(verdict.value, dtype=KIND)

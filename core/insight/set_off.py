"""When the event happened that set each clock off: earlier than it starts counting where that was outside office hours.

The register keeps when a clock starts counting (D2). Under other office hours, or a term that counts from the calendar
day, what counts is the event itself, so it is found again here, by the rules of ``core.rules.clocks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import polars as pl

from core.rules.clocks import NEGOTIATION
from core.rules.procedure import Procedure, Repeats
from core.rules.steps import Effect, events_with

RECEIVED, ACKNOWLEDGED = "received", "acknowledged"
REOPENS = events_with(Effect.REOPENS)
COLUMN = "set_off_at"


class Events(NamedTuple):
    """The events that set a term off, those that do ``instead``, and whether re-openings do so too (D6)."""

    first: frozenset[str]
    instead: frozenset[str]
    is_reopened: bool


SetOff = Mapping[tuple[str, str], Events]
"""(procedure, term) → by what its clocks are set off."""


def of(procedures: Iterable[Procedure]) -> SetOff:
    """By what the terms of these versions are set off, those of one term taken together."""
    found: dict[tuple[str, str], Events] = {}
    for procedure in procedures:
        for term in (*procedure.terms, NEGOTIATION):
            known = found.get((procedure.key, term.key), Events(frozenset(), frozenset(), is_reopened=False))
            found[procedure.key, term.key] = Events(
                known.first | {term.from_event},
                known.instead | ({term.else_from} if term.else_from else set()),
                known.is_reopened or term.repeats is Repeats.ON_REOPENING,
            )
    return found


def column(cycles: pl.DataFrame, complaints: pl.DataFrame, events: pl.DataFrame, by: SetOff) -> pl.Series:
    """The column ``set_off_at`` of ``cycles``, in their order; ``starts_at`` where no event is known that fits.

    ``complaints`` and ``cycles`` as facts hold them, ``events`` as ``core.insight.histories.events`` reads them.
    """
    moments = _moments(complaints, events)
    ends = pl.coalesce("stopped_at", "cancelled_at")
    rows = cycles.select(
        pl.int_range(pl.len()).alias("place"),
        "complaint_id",
        pl.col("procedure", "term").cast(pl.String),
        "number",
        "starts_at",
        ends.alias("ended_at"),
    )
    same = ("complaint_id", "term")
    before = rows.select(*same, pl.col("number") + 1, pl.col("ended_at").alias("since"))
    rows = rows.join(before, on=(*same, "number"), how="left", maintain_order="left")
    parts = [
        _of_term(its, moments, events_of)
        for (procedure, term), its in rows.partition_by("procedure", "term", as_dict=True).items()
        if (events_of := by.get((str(procedure), str(term))))
    ]
    if not parts:
        return cycles["starts_at"].alias(COLUMN)
    found = pl.concat(parts)
    whole = rows.join(found, on="place", how="left", maintain_order="left")
    return whole.select(pl.coalesce("at", "starts_at").alias(COLUMN)).to_series()


def _moments(complaints: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """complaint_id, kind, at: receipt and acknowledgement as the complaint itself says them, then the events."""
    own = [
        complaints.select(
            pl.col("id").alias("complaint_id"), pl.lit(kind).alias("kind"), pl.col(name).dt.truncate("1s").alias("at")
        )
        for kind, name in ((RECEIVED, "recorded_at"), (ACKNOWLEDGED, "acknowledged_at"))
    ]
    told = events.filter(pl.col("kind") != ACKNOWLEDGED).select("complaint_id", "kind", "at")
    return pl.concat([*own, told]).filter(pl.col("at").is_not_null())


def _of_term(rows: pl.DataFrame, moments: pl.DataFrame, by: Events) -> pl.DataFrame:
    """place, at; a row for each whose event is known.

    A later run is set off by the first re-opening after the run before it ended; the first one by the last event before
    it stopped that may set it off, where it was not stopped before there was any: then by what stands in for that.
    """
    again, first = rows.filter(by.is_reopened & (pl.col("number") > 1)), rows
    if by.is_reopened:
        first = rows.filter(pl.col("number") == 1)
    before_end = pl.min_horizontal("starts_at", "ended_at").alias("key")
    kinds = by.first | REOPENS if by.is_reopened else by.first
    found = [
        _nearest(first.with_columns(before_end), moments, kinds),
        _nearest(first.with_columns(before_end), moments, by.instead),
        _nearest(first.with_columns(pl.col("starts_at").alias("key")), moments, by.first),
        _nearest(again.with_columns(pl.col("since").alias("key")), moments, REOPENS, "forward"),
    ]
    return pl.concat(found).unique("place", keep="first", maintain_order=True)


def _nearest(
    rows: pl.DataFrame,
    moments: pl.DataFrame,
    kinds: Iterable[str],
    strategy: Literal["backward", "forward"] = "backward",
) -> pl.DataFrame:
    its = moments.filter(pl.col("kind").is_in(sorted(kinds))).select("complaint_id", "at").sort("at")
    wanted = rows.filter(pl.col("key").is_not_null()).select("place", "complaint_id", "starts_at", "key").sort("key")
    found = wanted.join_asof(
        its.with_columns(pl.col("at").alias("key")),
        on="key",
        by="complaint_id",
        strategy=strategy,
        check_sortedness=False,
    )
    return found.filter(pl.col("at") <= pl.col("starts_at")).select("place", "at")

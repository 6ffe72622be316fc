"""When the event happened that set each clock off: earlier than it starts counting where that was outside office hours.

The register keeps when a clock starts counting (D2). Under other office hours, or a term that counts from the calendar
day, what counts is the event itself, so it is found again here, by the rules of ``core.rules.clocks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import polars as pl

from core.insight.histories import kinds_of
from core.rules.clocks import NEGOTIATION
from core.rules.procedure import Procedure, Repeats
from core.rules.steps import Effect, events_with

RECEIVED, ACKNOWLEDGED = "received", "acknowledged"
REOPENS = events_with(Effect.REOPENS)
COLUMN = "set_off_at"
OWN = {RECEIVED: "recorded_at", ACKNOWLEDGED: "acknowledged_at"}
"""The events of which a complaint itself says when they happened, and in which column."""
_IS_REOPENING = pl.col("kind").is_in(sorted(REOPENS))
_IS_TOLD = (pl.col("number") == 1) & ~pl.col("is_reopened")
_PLACE = pl.int_range(pl.len()).alias("place")
_WANTED = (
    pl.col("complaint_id"),
    pl.col("procedure", "term").cast(pl.String),
    pl.col("number"),
    pl.col("starts_at"),
    pl.coalesce("stopped_at", "cancelled_at").alias("ended_at"),
    *(pl.col(name).dt.truncate("1s").alias(kind) for kind, name in OWN.items()),
)


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


def column(cycles: pl.DataFrame, events: pl.DataFrame, by: SetOff) -> pl.Series:
    """The column ``set_off_at`` of ``cycles``, in their order; ``starts_at`` where no event is known that fits.

    ``cycles`` as facts hold them, with ``OWN`` of their complaints besides; ``events`` as
    ``core.insight.histories.events`` reads them.
    """
    again = pl.Series([], dtype=pl.Int64)
    if not REOPENS.isdisjoint(kinds_of(events)):
        again = events.filter(_IS_REOPENING)["complaint_id"].unique()
    rows = cycles.select(_PLACE, *_WANTED, pl.col("complaint_id").is_in(again.implode()).alias("is_reopened"))
    found = []
    for (procedure, term), its in rows.partition_by("procedure", "term", as_dict=True).items():
        events_of = by.get((str(procedure), str(term)))
        if events_of is None:
            continue
        others = its
        if events_of.first | events_of.instead <= OWN.keys():
            told, others = its, its.clear()
            if again.len() or its["number"].max() != 1:
                told, others = its.filter(_IS_TOLD), its.filter(~_IS_TOLD)
            found.append(_as_told(told, events_of))
        if others.height:
            moments = _moments(others.unique("complaint_id"), events)
            found.append(_of_term(others.join(_since(its), on="place", how="left"), moments, events_of))
    if not found:
        return cycles["starts_at"].alias(COLUMN)
    known = pl.concat(found).drop_nulls("at")
    return cycles["starts_at"].clone().scatter(known["place"], known["at"]).alias(COLUMN)


def _since(rows: pl.DataFrame) -> pl.DataFrame:
    """place, since: of each later run when the run before it ended."""
    same = ("complaint_id", "term")
    before = rows.select(*same, pl.col("number") + 1, pl.col("ended_at").alias("since"))
    return rows.filter(pl.col("number") > 1).join(before, on=(*same, "number"), how="left").select("place", "since")


def _as_told(rows: pl.DataFrame, by: Events) -> pl.DataFrame:
    """place, at; of complaints that were never opened again, by what they say of themselves: nearly all, and fast."""
    before_end = pl.min_horizontal("starts_at", "ended_at")

    def last(kinds: Iterable[str], until: pl.Expr) -> pl.Expr:
        return pl.max_horizontal(
            pl.lit(None, pl.Datetime("us", "UTC")),
            *(pl.when(pl.col(kind) <= until).then(pl.col(kind)) for kind in kinds),
        )

    which = pl.coalesce(last(by.first, before_end), last(by.instead, before_end), last(by.first, pl.col("starts_at")))
    return rows.select("place", which.alias("at"))


def _moments(told: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """complaint_id, kind, at: receipt and acknowledgement as the complaint itself says them, then the events."""
    own = [
        told.select("complaint_id", pl.lit(kind).alias("kind"), pl.col(kind).alias("at"))
        for kind in (RECEIVED, ACKNOWLEDGED)
    ]
    its = events.join(told.select("complaint_id"), on="complaint_id", how="semi")
    others = its.filter(pl.col("kind") != ACKNOWLEDGED).select("complaint_id", "kind", "at")
    return pl.concat([*own, others]).filter(pl.col("at").is_not_null())


def _of_term(rows: pl.DataFrame, moments: pl.DataFrame, by: Events) -> pl.DataFrame:
    """place, at; a row for each whose event is known.

    A later run is set off by the first re-opening after the run before it ended. The first one is set off by the first
    event that may do so (of a term that re-opening does not repeat the last one before it stopped); where it was
    stopped before there was any, by what stands in for that.
    """
    again = rows.filter(by.is_reopened & (pl.col("number") > 1))
    first = rows.filter(pl.col("number") == 1) if by.is_reopened else rows
    may = moments.filter(pl.col("kind").is_in(sorted(by.first | REOPENS if by.is_reopened else by.first)))
    if by.is_reopened:
        may = may.group_by("complaint_id").agg(pl.col("at").min())
    instead = moments.filter(pl.col("kind").is_in(sorted(by.instead)))
    reopened = moments.filter(pl.col("kind").is_in(sorted(REOPENS)))
    before_end = first.with_columns(pl.min_horizontal("starts_at", "ended_at").alias("key"))
    found = [
        _nearest(before_end, may),
        _nearest(before_end, instead),
        _nearest(first.with_columns(pl.col("starts_at").alias("key")), may),
        _nearest(again.with_columns(pl.col("since").alias("key")), reopened, "forward"),
    ]
    return pl.concat(found).unique("place", keep="first", maintain_order=True)


def _nearest(
    rows: pl.DataFrame, moments: pl.DataFrame, strategy: Literal["backward", "forward"] = "backward"
) -> pl.DataFrame:
    """place, at: of each row the moment of its complaint next to its ``key``, not after it starts counting."""
    its = moments.select("complaint_id", "at", pl.col("at").alias("key")).sort("key")
    wanted = rows.filter(pl.col("key").is_not_null()).select("place", "complaint_id", "starts_at", "key").sort("key")
    found = wanted.join_asof(its, on="key", by="complaint_id", strategy=strategy, check_sortedness=False)
    return found.filter(pl.col("at") <= pl.col("starts_at")).select("place", "at")

"""Facts as of an earlier moment: what happened since is left out, as far as facts say when it happened.

What a complaint is about (category, level, department, kind) and how often it was opened again is what the register
knows now; whose verdict a correction changed is judged as corrected (D21).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from core.insight.asked import Answers
from core.insight.facts import Facts
from core.rules.calendar import whole_second
from core.rules.steps import State

CYCLE_ENDS = ("stopped_at", "cancelled_at")


def to(facts: Facts, moment: datetime) -> Facts:
    """The facts at ``moment``, for figures; what was received, promised or asked later is not in them."""
    at = whole_second(moment)
    cycles = _promised(facts, at)
    requests = facts.requests.lazy().filter(pl.col("asked_at") <= at).with_columns(_known(at, *CYCLE_ENDS))
    cycles = cycles.with_columns(*_known(at, *CYCLE_ENDS), _or_none("working_seconds", _is_known("stopped_at", at)))
    complaints = _complaints(facts, at, cycles, requests).collect()
    actions = facts.actions.lazy().filter(pl.col("approved_at") <= at)
    then = complaints.lazy().select("id", "closed_at")
    stays = facts.stays.lazy().filter(pl.col("starts_at") <= at).with_columns(*_known(at, "ends_at"))
    issues = facts.issues.lazy().join(then, left_on="complaint_id", right_on="id", how="inner")
    has_ended = pl.col("closed_at").is_not_null()
    return replace(
        facts,
        blocks=(),
        answers=Answers(),
        complaints=complaints,
        cycles=cycles.collect(),
        requests=requests.collect(),
        restatements=facts.restatements.filter(pl.col("corrected_at") <= at),
        amounts=facts.amounts.join(complaints.select("id"), left_on="complaint_id", right_on="id", how="semi"),
        issues=issues.with_columns(_or_none("outcome", has_ended), _or_none("root_cause", has_ended))
        .drop("closed_at")
        .collect(),
        stays=stays.collect(),
        moves=_moves(facts, at),
        actions=actions.with_columns(
            *_known(at, "done_at", "verified_at"), _or_none("effect", _is_known("verified_at", at))
        ).collect(),
    )


def _moves(facts: Facts, at: datetime) -> pl.DataFrame:
    """The steps taken by then. A receipt is told by its second, so that of a later moment of this one is left out."""
    is_later = (pl.col("recorded_at") > at) & (pl.col("recorded_at") < at + timedelta(seconds=1))
    later = facts.complaints.lazy().filter(is_later).select("id").collect()["id"]
    taken = pl.col("at") <= at
    return facts.moves.filter(taken & ~pl.col("complaint_id").is_in(later.implode()) if len(later) else taken)


def _promised(facts: Facts, at: datetime) -> pl.LazyFrame:
    """The clocks that ran by then; one that was set off outside office hours begins with the next opening (D2)."""
    when = facts.complaints.lazy().select("id", "recorded_at", "acknowledged_at")
    first, stage = pl.col("number") == 1, pl.col("stage").cast(pl.String)
    is_set_off = ((stage == "acknowledge") & (pl.col("recorded_at") <= at)) | (
        (stage == "resolve") & _is_known("acknowledged_at", at)
    )
    rows = facts.cycles.lazy().join(when, left_on="complaint_id", right_on="id", maintain_order="left")
    return rows.filter((pl.col("starts_at") <= at) | (first & is_set_off)).select(facts.cycles.columns)


def _complaints(facts: Facts, at: datetime, cycles: pl.LazyFrame, requests: pl.LazyFrame) -> pl.LazyFrame:
    """With the state that follows from what had been done by then, and what was owed."""
    runs = pl.all_horizontal(pl.col(name).is_null() for name in CYCLE_ENDS)
    due = cycles.filter(runs).group_by("complaint_id").agg(pl.col("due_at").min().alias("next_due_at"))
    asked = requests.filter(runs).select("complaint_id").unique().with_columns(waiting_department=True)
    is_later = pl.any_horizontal(pl.col(name) > at for name in ("acknowledged_at", "resolved_at", "closed_at"))
    had_ended = _is_known("closed_at", at)
    state = (
        pl.when(_is_known("resolved_at", at))
        .then(pl.lit(State.resolved.value))
        .when(_is_known("acknowledged_at", at))
        .then(pl.lit(State.investigating.value))
        .otherwise(pl.lit(State.received.value))
        .cast(facts.reading.codes.of("state"))
    )
    return (
        facts.complaints.lazy()
        .filter(pl.col("recorded_at") <= at)
        .with_columns(
            pl.when(is_later & ~had_ended).then(state).otherwise(pl.col("state")).alias("state"),
            _or_none("outcome", ~(pl.col("closed_at") > at).fill_null(value=False)),
            _or_none("root_cause", ~(pl.col("closed_at") > at).fill_null(value=False)),
            _or_none("closed_day", had_ended),
            *_known(at, "acknowledged_at", "resolved_at", "closed_at"),
            pl.when(pl.col("unexplained_due_at") <= at).then(pl.col("unexplained_due_at")).alias("unexplained_due_at"),
        )
        .drop("next_due_at", "waiting_department")
        .join(due, left_on="id", right_on="complaint_id", how="left", maintain_order="left")
        .join(asked, left_on="id", right_on="complaint_id", how="left", maintain_order="left")
        .with_columns(pl.col("waiting_department").fill_null(value=False))
        .select(facts.complaints.columns)
    )


def _is_known(name: str, at: datetime) -> pl.Expr:
    return (pl.col(name) <= at).fill_null(value=False)


def _known(at: datetime, *names: str) -> list[pl.Expr]:
    """These instants, none where they were still to come."""
    return [_or_none(name, pl.col(name) <= at) for name in names]


def _or_none(name: str, test: pl.Expr) -> pl.Expr:
    return pl.when(test).then(pl.col(name)).alias(name)

"""The procedure as it is really walked: which steps cases took, how long each had waited, where cases went back."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import polars as pl

from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.histories import PHASE_OF, PHASES
from core.insight.tally import Asked, hours, number, per, shared
from core.insight.times import PHASE, in_period, timed
from core.rules.steps import STATES, Phase

EVENT = "event"
STEP, TO = "step", "to_step"
_PLACES = {phase.value: place for place, phase in enumerate(PHASES)}
_NEXT = {state.value: (standing.next_phase or Phase.CLOSE).value for state, standing in STATES.items()}
"""The phase that a state waits for; where a case has ended, the one that it would come back from."""


class Walk(NamedTuple):
    """What of the steps somebody asks for: of a ``phase``, an ``event``, that went ``to`` an earlier phase."""

    phase: str | None = None
    event: str | None = None
    to: str | None = None


def steps(asked: Asked) -> pd.DataFrame:
    """The steps that were taken in the period, per phase or kind of event.

    Columns: complaints (that took such a one, each once), times, median, p90 (open hours since the step before), all
    (complaints that took any), share (complaints ÷ all). Phases come in the order of the procedure.
    """
    rows = _taken(asked.facts, asked.filter).filter(pl.col(PHASE).is_not_null())
    is_first = pl.col("was_at").is_null()
    waited = timed(
        rows.with_columns(pl.coalesce("was_at", "at").alias("was_at"), is_first.alias("is_first")),
        "was_at",
        "at",
        asked.facts.in_force.calendars,
    )
    seconds = pl.when(~pl.col("is_first")).then("seconds")
    sums = {
        "complaints": pl.col("complaint_id").n_unique().cast(pl.Int64),
        "times": number(),
        **{name: sum for name, sum in hours(seconds).items() if name in ("median", "p90")},
    }
    found = per(waited.lazy(), asked, "", **sums)
    if asked.by:
        phase = pl.col(asked.by[0])
        place = (phase if asked.by[0] == PHASE else phase.replace(PHASE_OF)).replace_strict(_PLACES, default=None)
        found = found.sort(place, pl.col("complaints"), descending=[False, True])
    whole = pl.lit(rows["complaint_id"].n_unique(), pl.Int64).alias("all")
    return shared(found.with_columns(whole), "complaints", "all")


def ways_back(asked: Asked) -> pd.DataFrame:
    """From which phase cases went back to which earlier one in the period; most complaints first.

    Columns: step, to_step, complaints (each once), times.
    """
    found = (
        _taken(asked.facts, asked.filter)
        .filter("is_back")
        .group_by(pl.col("before").alias(STEP), pl.col("after").alias(TO))
        .agg(pl.col("complaint_id").n_unique().cast(pl.Int64).alias("complaints"), number().alias("times"))
    )
    return found.sort("complaints", STEP, TO, descending=[True, False, False]).to_pandas()


def through(facts: Facts, filter: Filter, walk: Walk) -> pl.Series:
    """The ids of the complaints that took such a step in the period, each once."""
    taken = _taken(facts, filter)
    tests = [pl.col(EVENT) == walk.event] if walk.event else []
    if walk.to:
        tests += [pl.col("is_back"), pl.col("after") == walk.to]
        tests += [pl.col("before") == walk.phase] if walk.phase else []
    else:
        tests.append(pl.col(PHASE) == walk.phase if walk.phase else pl.col(PHASE).is_not_null())
    return taken.filter(tests)["complaint_id"].unique()


def _taken(facts: Facts, filter: Filter) -> pl.DataFrame:
    """A row per step of the period: complaint_id, procedure, event, phase (of the event, None for one that only moves
    the case), at, was_at (of the step before, None for the receipt), before and after (the phases that the case waited
    for), is_back (whether the one after is earlier).
    """
    ended_since = pl.col("closed_day").is_null() | (pl.col("closed_day") >= filter.start)
    whose = facts.complaints.lazy().filter(ended_since & filter.where(None)).select("id", "procedure")
    is_own = pl.col("complaint_id") == pl.col("complaint_id").shift(1)
    rows = (
        facts.moves.lazy()
        .with_columns(
            pl.when(is_own).then(pl.col("at").shift(1)).alias("was_at"),
            pl.when(is_own).then(pl.col("state").shift(1)).alias("was"),
        )
        .filter(in_period(pl.col("at"), filter))
        .join(whose, left_on="complaint_id", right_on="id")
        .collect()
    )
    event, text = pl.col(EVENT).cast(pl.String), pl.String
    known = rows.select(
        "complaint_id",
        "procedure",
        "at",
        "was_at",
        event,
        event.replace_strict(PHASE_OF, default=None, return_dtype=text).alias(PHASE),
        pl.col("was").cast(text).replace_strict(_NEXT, default=None, return_dtype=text).alias("before"),
        pl.col("state").cast(text).replace_strict(_NEXT, default=None, return_dtype=text).alias("after"),
    )
    before, after = (
        pl.col(name).replace_strict(_PLACES, default=None, return_dtype=pl.Int64) for name in ("before", "after")
    )
    return known.with_columns((after < before).fill_null(value=False).alias("is_back"))

"""The procedure as it is really walked: which steps cases took, how long each had waited, where cases went back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.histories import PHASE_OF, PHASES
from core.insight.tally import Asked, hours, number, shared
from core.insight.times import PHASE, in_period, timed
from core.rules.steps import STATES, Phase

EVENT = "event"
STEP, TO = "step", "to_step"
NAMES = tuple(phase.value for phase in PHASES)
NONE = 255  # the place of what has none
_PHASES = {event: NAMES.index(phase) for event, phase in PHASE_OF.items()}
_NEXT = {state.value: NAMES.index(standing.next_phase or Phase.CLOSE) for state, standing in STATES.items()}
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
    rows = _taken(asked.facts, asked.filter, pl.col(PHASE) != NONE)
    waited = timed(rows, "was_at", "at", asked.facts.in_force.calendars).lazy()
    times = hours(pl.when(~pl.col("is_first")).then("seconds"))
    sums = {
        "complaints": pl.col("complaint_id").n_unique().cast(pl.Int64),
        "times": number(),
        "median": times["median"],
        "p90": times["p90"],
        "place": pl.col(PHASE).first(),
    }
    keys = [pl.col(one).alias(f"by_{one}") for one in asked.by]
    found = (waited.group_by(keys).agg(**sums) if keys else waited.select(**sums)).collect()
    found = found.sort("place", "complaints", descending=[False, True]).with_columns(
        *(_named(one, f"by_{one}") for one in asked.by),
        pl.lit(rows["complaint_id"].n_unique(), pl.Int64).alias("all"),
    )
    return shared(found, "complaints", "all")


def ways_back(asked: Asked) -> pd.DataFrame:
    """From which phase cases went back to which earlier one in the period; most complaints first.

    Columns: step, to_step, complaints (each once), times.
    """
    found = (
        _taken(asked.facts, asked.filter, pl.col("is_back"))
        .group_by("before", "after")
        .agg(pl.col("complaint_id").n_unique().cast(pl.Int64).alias("complaints"), number().alias("times"))
        .select(_named(PHASE, "before").alias(STEP), _named(PHASE, "after").alias(TO), "complaints", "times")
    )
    return found.sort("complaints", STEP, TO, descending=[True, False, False]).to_pandas()


def through(facts: Facts, filter: Filter, walk: Walk) -> pl.Series:
    """The ids of the complaints that took such a step in the period, each once."""
    tests = [pl.col(EVENT).cast(pl.String) == walk.event] if walk.event else []
    if walk.to:
        tests += [pl.col("is_back"), pl.col("after") == NAMES.index(walk.to)]
    own = "before" if walk.to else PHASE
    tests.append(pl.col(own) == NAMES.index(walk.phase) if walk.phase else pl.col(own) != NONE)
    return _taken(facts, filter, pl.all_horizontal(tests))["complaint_id"].unique()


def _named(by: str, column: str) -> pl.Expr:
    """The keys of phases or events as texts."""
    if by == EVENT:
        return pl.col(column).cast(pl.String).alias(by)
    return pl.col(column).replace_strict(dict(enumerate(NAMES)), return_dtype=pl.String).alias(by)


def _taken(facts: Facts, filter: Filter, which: pl.Expr) -> pl.DataFrame:
    """A row per step of the period for which ``which`` holds: complaint_id, procedure, event, phase (of the event), at,
    was_at (of the step before; its own for the receipt, which ``is_first``), before and after (the phases that the case
    waited for), is_back (whether the one after is earlier). Phases are places in ``NAMES``, or ``NONE``.
    """
    moves = facts.moves
    lines = moves.select(in_period(pl.col("at"), filter).arg_true()).to_series()
    rows, were = moves[lines], moves[(lines.cast(pl.Int64) - 1).clip(0)]
    is_first = ((rows["complaint_id"] != were["complaint_id"]) | (lines == 0)).alias("is_first")
    before, after = _places(were["state"], _NEXT), _places(rows["state"], _NEXT)
    is_known = ~is_first.to_numpy()
    known = rows.select("complaint_id", EVENT, "at").with_columns(
        is_first,
        pl.Series(PHASE, _places(rows[EVENT], _PHASES)),
        pl.Series("before", np.where(is_known, before, NONE).astype(np.uint8)),
        pl.Series("after", after),
        pl.Series("is_back", is_known & (after < before)),
        were["at"].alias("was_at"),
    )
    ended_since = pl.col("closed_day").is_null() | (pl.col("closed_day") >= filter.start)
    whose = facts.complaints.lazy().filter(ended_since & filter.where(None)).select("id", "procedure")
    found = known.lazy().filter(which).join(whose, left_on="complaint_id", right_on="id").collect()
    return found.with_columns(pl.when("is_first").then("at").otherwise("was_at").alias("was_at"))


def _places(codes: pl.Series, known: Mapping[str, int]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """The place of each code by its text: ``NONE`` where it has none. Numbers, since there are millions of them."""
    keys = codes.unique().drop_nulls()
    numbers = keys.to_physical().to_numpy()
    places = np.full(int(numbers.max(initial=0)) + 1, NONE, np.uint8)
    places[numbers] = [known.get(text, NONE) for text in keys.cast(pl.String)]
    found: np.ndarray[tuple[int], np.dtype[np.uint8]] = places[codes.to_physical().to_numpy()]
    return found

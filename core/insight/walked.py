"""The procedure as it is really walked: which steps cases took, how long each had waited, where cases went back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from core.insight.cells import begins, cells, each_once, part
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.histories import PHASE_OF, PHASES
from core.insight.tally import Asked, number, shared
from core.insight.times import NEVER, PHASE, in_hours, in_period, in_seconds, of_complaints, worked
from core.rules.steps import STATES, Phase

EVENT = "event"
STEP, TO = "step", "to_step"
NAMES = tuple(phase.value for phase in PHASES)
NONE = 255  # the place of what has none
_PHASES = {event: NAMES.index(phase) for event, phase in PHASE_OF.items()}
_NEXT = {state.value: NAMES.index(standing.next_phase or Phase.CLOSE) for state, standing in STATES.items()}
"""The phase that a state waits for; where a case has ended, the one that it would come back from."""
_IS_BACK = (pl.col("before") != NONE) & (pl.col("after") < pl.col("before"))


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
    taken = _taken(asked.facts, asked.filter).lazy()
    rows = taken.filter(pl.col(PHASE) != NONE).select("complaint_id", "at", "since", "procedure", *asked.by).collect()
    split = cells(rows.height, [part(rows[name]) for name in asked.by])
    ends, since = in_seconds(rows["at"]), rows["since"]
    seconds = worked(ends - since.fill_null(0).to_numpy(), ends, rows["procedure"], asked.facts)
    seconds[since.is_null().to_numpy()] = NEVER  # nothing comes before the receipt
    whose = rows["complaint_id"].to_numpy()
    counts = pl.DataFrame(
        {
            "cell": np.arange(split.size),
            "complaints": each_once(split.of, split.size, whose),
            "times": np.bincount(split.of, minlength=split.size),
        }
    ).filter((pl.col("times") > 0) | (not asked.by))
    waited = in_hours(split.of, seconds, split.size).drop("count", "hours")
    found = split.named(counts.join(waited, on="cell", how="left", maintain_order="left"))
    every = pl.lit(np.count_nonzero(begins(whose)), pl.Int64).alias("all")
    return shared(_in_order(found, asked).with_columns(every), "complaints", "all")


def ways_back(asked: Asked) -> pd.DataFrame:
    """From which phase cases went back to which earlier one in the period; most complaints first.

    Columns: step, to_step, complaints (each once), times.
    """
    found = (
        _led(_taken(asked.facts, asked.filter))
        .lazy()
        .filter(_IS_BACK)
        .group_by("before", "after")
        .agg(pl.col("complaint_id").n_unique().cast(pl.Int64).alias("complaints"), number().alias("times"))
        .select(_named("before").alias(STEP), _named("after").alias(TO), "complaints", "times")
    )
    return found.sort("complaints", STEP, TO, descending=[True, False, False]).collect().to_pandas()


def through(facts: Facts, filter: Filter, walk: Walk) -> pl.Series:
    """The ids of the complaints that took such a step in the period, each once."""
    tests = [pl.col(EVENT).cast(pl.String) == walk.event] if walk.event else []
    if walk.to:
        tests += [_IS_BACK, pl.col("after") == NAMES.index(walk.to)]
    own = "before" if walk.to else PHASE
    tests.append(pl.col(own) == NAMES.index(walk.phase) if walk.phase else pl.col(own) != NONE)
    return _led(_taken(facts, filter)).filter(tests)["complaint_id"].unique()


def _taken(facts: Facts, filter: Filter) -> pl.DataFrame:
    """The steps of the period as facts hold them, with procedure and phase, a place in ``NAMES`` or ``NONE``."""
    wanted = facts.moves.lazy().filter(in_period(pl.col("at"), filter)).collect()
    rows = of_complaints(wanted, facts, filter, ["procedure"])
    return rows.with_columns(_places(rows[EVENT], _PHASES).alias(PHASE))


def _led(rows: pl.DataFrame) -> pl.DataFrame:
    """With before and after, the phases that the case waited for then; before is ``NONE`` of a receipt."""
    return rows.with_columns(_places(rows["was"], _NEXT).alias("before"), _places(rows["state"], _NEXT).alias("after"))


def _places(codes: pl.Series, known: Mapping[str, int]) -> pl.Series:
    """The place of each code by its text: ``NONE`` where it has none. Numbers, since there are millions of them."""
    its = part(codes)
    places = np.array([known.get(text or "", NONE) for text in its.keys.cast(pl.String)], np.uint8)
    return pl.Series(places[its.places])


def _in_order(found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Phases in the order of the procedure, events in that of their phases, the most frequent first; with names."""
    if not asked.by:
        return found
    key = pl.col(EVENT).cast(pl.String) if asked.by == (EVENT,) else _named(PHASE)
    place = key.replace_strict(_PHASES, return_dtype=pl.UInt8) if asked.by == (EVENT,) else pl.col(PHASE)
    return found.sort(place, "complaints", descending=[False, True]).with_columns(key)


def _named(column: str) -> pl.Expr:
    """The names of phases."""
    return pl.col(column).replace_strict(dict(enumerate(NAMES)), return_dtype=pl.String)

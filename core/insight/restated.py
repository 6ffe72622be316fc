"""Figures that corrections changed after they were given (D21): what they were, what they are, and since when."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import pandas as pd
import polars as pl

from core.insight.asked import asked_once
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.tally import Asked
from core.insight.typed import CYCLE
from core.insight.verdicts import counted, is_among
from core.rules.calendar import LOCAL
from core.rules.verdicts import FELL_DUE, Verdict

NAN = float("nan")


class Restated(NamedTuple):
    """The share met of one stage in a period, as it was before any correction and as it is.

    ``obligations``: how many fell due in the period, as they are now, whose verdict or due a correction
    changed. ``left``: those that fell due in it before and do not any more. ``due`` (met + missed + overdue) and
    ``met`` are as they are now; before means each restated obligation with the verdict and the due that it had when it
    was first corrected. ``first``, ``last``: the local days of these corrections.
    """

    obligations: int
    left: int
    due_before: int
    met_before: int
    due: int
    met: int
    first: date
    last: date

    @property
    def share_before(self) -> float:
        """Met ÷ due before, 0…1; NaN where nothing fell due."""
        return _share(self.met_before, self.due_before)

    @property
    def share(self) -> float:
        """Met ÷ due, 0…1; NaN where nothing falls due any more."""
        return _share(self.met, self.due)


COLUMNS = ("due_before", "met_before", "share_before", "due", "met", "share", "obligations", "left")


def per_promise(asked: Asked) -> pd.DataFrame:
    """``of`` each promise that corrections changed. Columns: stage, then ``COLUMNS``."""
    stages = asked.facts.restatements["stage"].unique().sort()
    found = {stage: of(asked.facts, asked.filter, asked.now, stage) for stage in stages}
    rows = [(stage, *(getattr(one, name) for name in COLUMNS)) for stage, one in found.items() if one is not None]
    return pd.DataFrame(rows, columns=["stage", *COLUMNS])


@asked_once
def of(facts: Facts, filter: Filter, now: datetime, stage: str) -> Restated | None:
    """How corrections restated the share met of ``stage`` in the period; None where they did not."""
    of_stage = facts.restatements.filter(pl.col("stage") == stage)
    if of_stage.is_empty():
        return None
    judged = facts.cycles.filter(filter.where("due_day") & (pl.col("stage") == stage))
    judged = judged.with_columns(counted(now).alias("verdict")).filter(is_among(pl.col("verdict"), FELL_DUE))
    now_restated = judged.join(of_stage, on=CYCLE, how="semi")
    given = is_among(pl.col("verdict_before"), FELL_DUE) & (pl.col("due_before") <= pl.col("corrected_at"))
    before = (
        of_stage.sort("seq")
        .unique(CYCLE, keep="first", maintain_order=True)
        .filter(filter.where("due_day", "due_before") & given)
    )
    if now_restated.is_empty() and before.is_empty():
        return None
    left = before.join(now_restated, on=CYCLE, how="anti")
    whose = pl.concat([now_restated.select(CYCLE), left.select(CYCLE)])
    days = of_stage.join(whose, on=CYCLE, how="semi")["corrected_at"].dt.convert_time_zone(LOCAL.key).dt.date()
    due, met = judged.height, _met(judged, "verdict")
    due_before = due - now_restated.height + before.height
    met_before = met - _met(now_restated, "verdict") + _met(before, "verdict_before")
    first, last = days.min(), days.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return Restated(now_restated.height, left.height, due_before, met_before, due, met, first, last)


def _met(rows: pl.DataFrame, column: str) -> int:
    return rows.filter(pl.col(column).cast(pl.String) == Verdict.MET.value).height


def _share(met: int, due: int) -> float:
    return met / due if due else NAN

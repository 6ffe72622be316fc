"""Compliance: the obligations that fell due in a period, and what became of them (D10, D11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from core.insight import filters, weeks_open
from core.insight.asked import asked_once
from core.insight.baseline import Bools, judge
from core.insight.comparison import covered_since
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.verdicts import VERDICTS, counted, is_among
from core.insight.weeks_open import WEEK
from core.rules import baselines
from core.rules.calendar import WorkCalendar, local_day
from core.rules.procedure import DATES
from core.rules.targets import USUAL, Targets, ordered, target_of
from core.rules.verdicts import BROKEN, FELL_DUE

RATED_STAGES = ("resolve", "acknowledge", DATES)  # the promises to the customer that have a rate of their own
NAN = float("nan")
SECONDS_PER_HOUR = 3600
TINY = 1e-9  # by which a sum of targets may be off
TARGET = (pl.col("target").filter(is_among(pl.col("verdict"), FELL_DUE)).mean(),)
"""Of rows of ``_judged``: the share of those that fell due which was to be met."""


class Baseline(NamedTuple):
    """What the newest weeks of a period are judged by: ``share`` (0…1) of ``due`` obligations in ``weeks`` weeks.

    ``spread``: how many times the binomial variance their shares have. ``since``: the Monday from which on weeks were
    taken; ``first``, ``last``: Mondays of the first and the last of them.
    """

    share: float
    due: int
    weeks: int
    spread: float
    since: date
    first: date
    last: date


@asked_once
def rated(facts: Facts) -> tuple[str, ...]:
    """The result, which every procedure promises, and what else of ``RATED_STAGES`` some complaint was ever promised.

    A procedure without a term for acknowledging (VHV) has no rate of it; dates are promised to some customers (D14).
    """
    promised = {RATED_STAGES[0], *facts.cycles["stage"].unique()}
    return tuple(stage for stage in RATED_STAGES if stage in promised)


@asked_once
def summary(facts: Facts, filter: Filter, now: datetime) -> pd.DataFrame:
    """Obligations of the period per stage.

    Columns: stage, due (met + missed + overdue: what fell due), met, missed, overdue, running (not yet due, met early
    or not, shown apart), cancelled (withdrawn or merged away before it was due, on a line of its own, D13), share (met
    / due, 0…1; NaN when nothing fell due), target (the share that was to be met: each obligation by the target of the
    day it fell due, D16; NaN when nothing did).
    """
    return tallied(_judged(facts, filter, now), ["stage"], TARGET).sort("stage").to_pandas()


@asked_once
def of(facts: Facts, filter: Filter, now: datetime, stage: str) -> dict[str, float]:
    """``summary`` of one stage: due, met, missed, overdue, running, cancelled, share, target."""
    found = tallied(_judged(facts, filter, now, stage), [], TARGET)
    return {name: NAN if value is None else value for name, value in found.row(0, named=True).items()}


def whole(weeks: pd.DataFrame) -> dict[str, float]:
    """``of`` from the weeks of ``by_week``: their sums, the share met of all that fell due, and its target."""
    sums = {name: int(weeks[name].sum()) for name in ("due", *VERDICTS)}
    to_be_met = float((weeks["target"] * weeks["due"]).sum())
    return {**sums, "share": _ratio(sums["met"], sums["due"]), "target": _ratio(to_be_met, sums["due"])}


def is_met(share: float, target: float) -> bool:
    """Whether a share met reaches its target (D16); exactly the target is enough."""
    return share >= target - TINY


@asked_once
def by(facts: Facts, filter: Filter, now: datetime, dimension: str, stage: str) -> pd.DataFrame:
    """``summary`` of one stage per key of a dimension: key, then its columns; most missed first."""
    rows = _judged(facts, filter, now, stage).rename({dimension: "key"})
    broken = pl.sum_horizontal(verdict.value for verdict in BROKEN)
    named = tallied(rows, ["key"], TARGET).with_columns(pl.col("key").cast(pl.String).fill_null(NONE))
    return named.sort(broken, "due", "key", descending=[True, True, False]).to_pandas()


def by_week(facts: Facts, filter: Filter, now: datetime, stage: str, calendar: WorkCalendar) -> pd.DataFrame:
    """One stage per week of the period as a p-chart.

    Columns: week (Monday of the week the obligations fell due in), due, met, missed, overdue, running, cancelled, share
    (NaN in a week without obligations: a gap, never 100 %), target (as in ``summary``; of a week without obligations
    that of its Monday), ended (the week is over: its share changes only by a withdrawal), centre, lower, upper (0…1;
    NaN while nothing shows what is usual; lower and upper also in a week that is not judged), signal ("below", "above"
    or ""), rule (which of ``baseline.RULES`` raised it, or ""), begins (Monday of the first week that rule looked at).

    What is usual stays as the first 26 judged weeks showed it, counted from where the register covers what falls due or
    from where somebody re-based (D28); a week is judged by what went before it and never by itself. ``calendar`` tells
    which weeks were open for less than half a full one (Tết): they are drawn and not judged.
    """
    return _charted(facts, filter.between(filter.start, filter.end), now, stage, calendar)[0].copy()


def baseline(facts: Facts, filter: Filter, now: datetime, stage: str, calendar: WorkCalendar) -> Baseline | None:
    """What the last weeks of ``by_week`` are judged by; None while nothing shows what is usual."""
    return _charted(facts, filter.between(filter.start, filter.end), now, stage, calendar)[1]


@asked_once
def _charted(
    facts: Facts, period: Filter, now: datetime, stage: str, calendar: WorkCalendar
) -> tuple[pd.DataFrame, Baseline | None]:
    weeks = period.weeks()
    tallies = _weekly(_judged(facts, period, now, stage), weeks)
    charted = tallies.to_pandas()
    charted["target"] = charted["target"].fillna(pd.Series([target_of(facts.targets, stage, week) for week in weeks]))
    charted["ended"] = [week + WEEK <= local_day(now) for week in weeks]
    since = covered_since(facts, "due")
    before = _mondays(since, weeks[0])
    if before:
        earlier = period.between(before[0], weeks[0] - timedelta(days=1))
        tallies = pl.concat([_weekly(_judged(facts, earlier, now, stage), before), tallies])
    every = [*before, *weeks]
    opened = frozenset(weeks_open.whole(calendar, every))
    is_open = np.array([week in opened for week in every])
    is_over = np.array([week + WEEK <= local_day(now) for week in every])
    verdicts, found = _verdicts(tallies, is_open, is_over, _segments(facts, stage, every, since))
    return pd.concat([charted, verdicts[len(before) :].reset_index(drop=True)], axis=1), found


def _verdicts(
    weekly: pl.DataFrame, is_open: Bools, is_over: Bools, segments: Sequence[tuple[int, int]]
) -> tuple[pd.DataFrame, Baseline | None]:
    """The columns of ``by_week`` that judge, of weeks in a row, and what the last of them are judged by."""
    due, met = (weekly[name].to_numpy().astype(float) for name in ("due", "met"))
    weeks = weekly["week"].to_list()
    columns: dict[str, Any] = {name: np.full(len(weeks), np.nan) for name in ("centre", "lower", "upper")}
    columns |= {name: np.full(len(weeks), "", object) for name in ("signal", "rule")}
    begins, found = list(weeks), None
    for begin, end in segments:
        part = slice(begin, end)
        judged = judge(due[part], met[part], is_open[part], is_over[part])
        for name, values in columns.items():
            values[part] = getattr(judged, name)
        begins[part] = [weeks[begin + i] for i in judged.begins]
        found = None
        if judged.usual is not None:
            first, last = judged.base[0], judged.base[-1]
            its_met, its_due, count, spread = (value.item() for value in judged.usual)
            its = weeks[begin], weeks[begin + first], weeks[begin + last]
            found = Baseline(its_met / its_due, int(its_due), int(count), spread, *its)
    return pd.DataFrame(columns | {"begins": begins}), found


def _mondays(since: date | None, until: date) -> list[date]:
    """The weeks from that of ``since`` on before the Monday ``until``."""
    if since is None:
        return []
    first = filters.monday(since)
    return [first + i * WEEK for i in range((until - first) // WEEK)]


def _segments(facts: Facts, stage: str, weeks: Sequence[date], since: date | None) -> list[tuple[int, int]]:
    """Where in ``weeks`` another level begins to be usual, and where it ends; nothing while the register is empty."""
    if since is None:
        return []
    covered = filters.monday(since)
    mondays = sorted({covered, *(max(covered, monday) for monday in baselines.begins(facts.in_force.rebased, stage))})
    at = [(monday - weeks[0]) // WEEK for monday in mondays if monday <= weeks[-1]]
    return list(pairwise([*at, len(weeks)]))


@asked_once
def first_cycles(facts: Facts, filter: Filter, now: datetime) -> dict[str, float]:
    """What re-opening hides (D6), of the complaints with a *resolve* obligation fallen due in the period.

    complaints (each once), breached (any of those obligations broken), and of the first cycles among them: first,
    first_met; first_share = first_met / first, breached_share = breached / complaints (NaN when there are none).
    """
    rows = _judged(facts, filter, now, "resolve").filter(is_among(pl.col("verdict"), FELL_DUE))
    broken, first = is_among(pl.col("verdict"), BROKEN), pl.col("number") == 1
    counted = rows.select(
        complaints=pl.col("complaint_id").n_unique(),
        breached=pl.col("complaint_id").filter(broken).n_unique(),
        first=first.sum(),
        first_met=(first & ~broken).sum(),
    )
    found = counted.collect().row(0, named=True)
    return found | {
        "first_share": _ratio(found["first_met"], found["first"]),
        "breached_share": _ratio(found["breached"], found["complaints"]),
    }


@asked_once
def time_to_resolve(facts: Facts, filter: Filter, now: datetime) -> dict[str, float]:
    """Working hours from first acknowledged to result notified, of the *resolve* obligations of the period now done.

    count (how many are done), median, p90 (hours of open time as stored when the step was taken; NaN when none is
    done).
    """
    done = (
        _judged(facts, filter, now, "resolve")
        .filter(pl.col("working_seconds").is_not_null() & pl.col("cancelled_at").is_null())
        .select("working_seconds")
        .collect()
    )
    hours = done["working_seconds"] / SECONDS_PER_HOUR
    median, p90 = hours.quantile(0.5, "linear"), hours.quantile(0.9, "linear")
    return {"count": done.height, "median": _number(median), "p90": _number(p90)}


@asked_once
def breach_reasons(facts: Facts, filter: Filter, now: datetime, stage: str) -> pd.DataFrame:
    """Why obligations of one stage were not met, most frequent first.

    Columns: key ("none": nobody has said why yet), count (missed + overdue obligations, each by its own reason),
    cumulative (0…1).
    """
    broken = _judged(facts, filter, now, stage).filter(is_among(pl.col("verdict"), BROKEN))
    found = filters.count_keys(broken, "breach_reason")
    ordered = found.sort("count", "key", descending=[True, False])
    return ordered.with_columns(cumulative=pl.col("count").cum_sum() / pl.col("count").sum()).to_pandas()


def _judged(facts: Facts, filter: Filter, now: datetime, stage: str | None = None) -> pl.LazyFrame:
    """Obligations of the period with the verdict a rate counts; lazy: only the columns a figure needs are gathered."""
    wanted = filter.where("due_day")
    if stage:
        wanted &= pl.col("stage") == stage
    judged = counted(now).alias("verdict"), target(facts.targets)
    return facts.cycles.lazy().filter(wanted).with_columns(judged)


def target(targets: Targets) -> pl.Expr:
    """The column ``target``: of each cycle by its stage and the day it falls due (``core.rules.targets.target_of``)."""
    share: pl.Expr = pl.lit(USUAL)
    for one in ordered(targets):
        begun = (pl.col("stage") == one.stage) & (pl.col("due_day") >= one.since)
        share = pl.when(begun).then(pl.lit(one.share)).otherwise(share)
    return share.alias("target")


def tallied(rows: pl.LazyFrame, keys: list[str], more: Sequence[pl.Expr] = ()) -> pl.DataFrame:
    """Rows with a ``verdict``, counted per combination of ``keys``: these, then the columns of ``summary``.

    Without its target, which is among ``more`` where the rows have one.
    """
    counts = [(pl.col("verdict") == name).sum().cast(pl.Int64).alias(name) for name in VERDICTS]
    counted = rows.group_by(keys).agg(*counts, *more) if keys else rows.select(*counts, *more)
    due = pl.sum_horizontal(verdict.value for verdict in FELL_DUE)
    share = pl.when(due > 0).then(pl.col("met") / due)
    names = [expression.meta.output_name() for expression in more]
    return counted.select(*keys, due.alias("due"), *VERDICTS, share.alias("share"), *names).collect()


def _weekly(rows: pl.LazyFrame, weeks: list[date]) -> pl.DataFrame:
    found = tallied(rows, ["due_week"], TARGET).rename({"due_week": "week"})
    every = pl.DataFrame({"week": weeks}).join(found, on="week", how="left", maintain_order="left")
    return every.with_columns(pl.col("due", *VERDICTS).fill_null(0))


def _ratio(part: float, whole: int) -> float:
    return part / whole if whole else NAN


def _number(value: float | None) -> float:
    return NAN if value is None else value

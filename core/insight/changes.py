"""Whether the number of a card is beyond chance another one than in the period beside it: shares, medians, counts."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from core.insight import clusters, figures, promises, rates, volume, weeks_open
from core.insight.asked import asked_once
from core.insight.chance import Clusters, Floats, apart
from core.insight.clusters import LEAST_WEEKS, UNKNOWN
from core.insight.comparison import Comparison
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.rates import ENOUGH

WEEK = "week"
SURE = 1.0


@asked_once
def share(facts: Facts, name: str, against: Comparison, now: datetime) -> float:
    """The probability of a share of the registry so far from that of the other period, if both had one rate.

    By as much as it varies from week to week. 1 where nothing is compared, or one of both is of fewer than ``ENOUGH``.
    """
    part, whole = figures.get(name).share or ("", "")
    if against.before is None:
        return SURE
    found = [
        figures.ask(name, facts, period, now)[[part, whole]].iloc[0] for period in (against.period, against.before)
    ]
    (of, n), (of_other, m) = ((int(row[part]), int(row[whole])) for row in found)
    if min(n, m) < ENOUGH:
        return SURE
    weeks = clusters.weeks_before(against)
    if len(weeks) < LEAST_WEEKS:
        return apart(of, n, of_other, m, UNKNOWN)
    its = figures.ask(name, facts, clusters.within(weeks, against), now, (WEEK,))
    its = its[its[WEEK].dt.date.isin(weeks)]
    habits = clusters.of_shares(its[part].to_numpy(float), its[whole].to_numpy(float))
    return apart(of, n, of_other, m, habits)


@asked_once
def median(facts: Facts, stage: str, against: Comparison) -> float:
    """The probability of medians of ``promises.took`` so far apart, if half of both periods took as long.

    Mood's test: of each period the share that took longer than half of both together did, which varies from week to
    week like any share. 1 as of ``share``.
    """
    if against.before is None:
        return SURE
    now, before = (_seconds(facts, stage, period) for period in (against.period, against.before))
    if min(len(now), len(before)) < ENOUGH:
        return SURE
    middle = float(np.median(np.concatenate((now, before))))
    slower, slower_before = (int((its > middle).sum()) for its in (now, before))
    return apart(slower, len(now), slower_before, len(before), _habits(facts, stage, against, middle))


@asked_once
def recorded(facts: Facts, against: Comparison) -> float:
    """The probability of as many more or fewer complaints recorded per open hour, if the rate had stayed the same.

    By as much as the count of all complaints varies from week to week. 1 where nothing is compared, or both are fewer
    than ``ENOUGH``.
    """
    if against.before is None:
        return SURE
    now, before = volume.total(facts, against.period), volume.total(facts, against.before)
    if max(now, before) < ENOUGH:
        return SURE
    weeks, its = clusters.weeks_before(against), UNKNOWN
    if len(weeks) >= LEAST_WEEKS:
        found = volume.by_week(facts, clusters.within(weeks, against))
        counts = found.loc[found[WEEK].dt.date.isin(weeks), "count"].to_list()
        its = clusters.of({"": counts}, [weeks_open.seconds(against.calendar, one) or 0 for one in weeks]).of("")
    return rates.changed(now, before, against.share, its)


def _seconds(facts: Facts, stage: str, period: Filter) -> Floats:
    return (
        promises.done(facts, period, stage)
        .select("working_seconds")
        .collect()["working_seconds"]
        .to_numpy()
        .astype(float)
    )


def _habits(facts: Facts, stage: str, against: Comparison, middle: float) -> Clusters:
    """How the share that took longer than ``middle`` seconds varied in the weeks before the period."""
    weeks = clusters.weeks_before(against)
    if len(weeks) < LEAST_WEEKS:
        return UNKNOWN
    rows = promises.done(facts, clusters.within(weeks, against), stage).filter(pl.col("due_week").is_in(weeks))
    counts = {"all": pl.len(), "slower": (pl.col("working_seconds") > middle).sum()}
    its = rows.group_by("due_week").agg(**counts).collect()
    return clusters.of_shares(*(its[column].to_numpy().astype(float) for column in ("slower", "all")))

"""How complaints cluster (D28): one fault brings many, so counts vary more than if each customer came by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from core.insight import baseline, filters, weeks_open
from core.insight.chance import Clusters, Floats
from core.insight.comparison import Comparison
from core.insight.facts import Facts
from core.insight.filters import Filter

WEEKS = 26  # before a period: they show how much counts vary
LEAST_WEEKS = 8  # of fewer no spread is estimated
ORDINARY = 2.0  # the spread that is taken for granted until so many weeks are known
SOME = 5.0  # expected in a week: from so many on, one week far apart from the others is an event and no habit
FAR = 16.0  # its squared deviation


UNKNOWN = Clusters(ORDINARY, None)


class Habits(NamedTuple):
    """Key → how its complaints come; ``others``: those of a key that the weeks before did not have."""

    of_keys: Mapping[str, Clusters]
    others: Clusters

    def of(self, key: str) -> Clusters:
        """How the complaints of this key come."""
        return self.of_keys.get(key, self.others)


NOTHING_KNOWN = Habits({}, UNKNOWN)


def before(facts: Facts, against: Comparison, dimension: str, day: str, also: pl.Expr | None = None) -> Habits:
    """Key of a dimension → how its counts clustered in the up to ``WEEKS`` whole weeks before the period.

    ``day``: the column of local days by which the complaints are counted; ``also``: what else they must be. Weeks that
    the register does not cover, or that were open for less than half a full one (Tết), tell nothing.
    """
    weeks = weeks_before(against)
    if len(weeks) < LEAST_WEEKS:
        return NOTHING_KNOWN
    wanted = within(weeks, against).where(day)
    rows = facts.complaints.lazy().filter(wanted if also is None else wanted & also)
    found = {
        (key, day): n
        for key, day, n in filters.count_by(rows, pl.col(dimension).alias("key"), filters.week_of(day)).rows()
    }
    keys = dict.fromkeys(key for key, _week in found)
    exposure = [weeks_open.seconds(against.calendar, one) or 0 for one in weeks]
    return of({key: [found.get((key, one), 0) for one in weeks] for key in keys}, exposure)


def weeks_before(against: Comparison) -> list[date]:
    """The Mondays of the up to ``WEEKS`` weeks before the period that are covered and were open for half or more."""
    if against.since is None:
        return []
    monday = filters.monday(against.period.start)
    weeks = [monday - timedelta(weeks=n) for n in range(WEEKS, 0, -1)]
    return weeks_open.whole(against.calendar, [week for week in weeks if week >= against.since])


def within(weeks: Sequence[date], against: Comparison) -> Filter:
    """The rows of the period's keys from the first of these weeks to the last."""
    return against.period.between(weeks[0], weeks[-1] + timedelta(days=6))


def of_shares(parts: Floats, wholes: Floats) -> Clusters:
    """How a share varies from week to week: ``parts`` of ``wholes`` in each of some weeks.

    φ as of the baseline of a promise (``baseline.shown_by``): never below 1, a week far apart from all others left out.
    Of fewer than ``LEAST_WEEKS`` weeks with anything an ordinary spread is taken for granted.
    """
    counts = wholes > 0
    if counts.sum() < LEAST_WEEKS:
        return UNKNOWN
    usual = baseline.shown_by(wholes[counts], parts[counts])
    return Clusters(float(usual.spread.item()), int(usual.weeks.item()) - 1)


def of(counts: Mapping[str, Sequence[float]], exposure: Sequence[float]) -> Habits:
    """Key → how its counts per week cluster; ``exposure``: how long each of these weeks was open.

    A key that is seldom counted tells little of itself: none has a smaller spread than all keys together. Of fewer than
    ``LEAST_WEEKS`` weeks an ordinary spread is taken for granted.
    """
    if len(exposure) < LEAST_WEEKS or not counts:
        return NOTHING_KNOWN
    weeks = np.asarray(exposure, float)
    found = [_spread(np.asarray(one, float), weeks) for one in counts.values()]
    squares, freedom = (sum(column) for column in zip(*found, strict=True))
    together = max(1.0, squares / freedom)
    of_keys = {
        key: Clusters(max(together, its / its_freedom), len(weeks) - 1)
        for key, (its, its_freedom) in zip(counts, found, strict=True)
    }
    return Habits(of_keys, Clusters(together, len(weeks) - 1))


def _spread(counts: Floats, exposure: Floats) -> tuple[float, int]:
    """The squared deviations of these weeks, in which something was counted, and their degrees of freedom."""
    squares = _squares(counts, exposure, np.ones(len(counts), bool))
    expected = exposure * counts.sum() / exposure.sum()
    kept = (squares <= FAR * max(1.0, float(np.median(squares)))) | (expected < SOME)
    kept = kept if counts[kept].any() else ~kept | kept
    squares = _squares(counts, exposure, kept)[kept]
    return float(squares.sum()), len(squares) - 1


def _squares(counts: Floats, exposure: Floats, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    expected = exposure * counts[kept].sum() / exposure[kept].sum()
    return np.asarray((counts - expected) ** 2 / expected)

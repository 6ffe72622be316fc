"""What is usual of a share met a week, and which weeks are not (D28): a frozen baseline, limits, run rules.

A baseline is of one segment: the weeks from where the register begins, or from where somebody re-based, up to where
somebody re-bases the next time. Nothing here knows dates: a segment is a row of weeks, the oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.insight.chance import Floats, as_normal, deviation

Bools = NDArray[np.bool_]
WEEKS = 26  # judged weeks that make a baseline
WITHIN = 52  # the weeks in which they lie: what is still short after a year stays short
LEAST_WEEKS, LEAST_DUE = 8, 20  # fewer weeks, or fewer obligations in them, show nothing
LIMIT = 3.6  # normal score of the limits of a single week
TWO_SIGMA = 2.0
TOGETHER = {"two_of_three": 3.5, "four": 2.7, "eight": 3.1}
"""Run rule → normal score that its weeks reach together.

They and ``LIMIT`` share out the false alarms of a look: those of four weeks of three promises in less than three looks
of a hundred, those of a chart of a quarter, to either side, in five, also where complaints come in clusters of three
(``tests/insight/test_false_alarms.py``).
"""
RULES = ("limit", *TOGETHER)
SPAN = {"two_of_three": 3, "four": 4, "eight": 8}  # weeks that a run rule looks at
APART = 4.0  # a week of the baseline so many median deviations from the others tells of something else
MEDIAN = 0.4549  # of the square of a normal deviate


class Usual(NamedTuple):
    """What a baseline shows: ``met`` of ``due`` obligations in ``weeks`` weeks.

    ``spread``: how many times the binomial variance their shares have (φ, at least 1): complaints of one cause are met
    or missed together, and staffing differs from week to week. Each may be an array: a baseline a week.
    """

    met: Floats
    due: Floats
    weeks: Floats
    spread: Floats

    @property
    def centre(self) -> Floats:
        """The share met, 0 … 1."""
        return self.met / self.due

    def spread_of(self, due: Floats) -> Floats:
        """How many times the binomial variance ``due`` obligations of one week have.

        Clusters of a certain size, and rates that differ from week to week, come to the same in weeks as large as those
        of the baseline. In larger ones the second does more, in smaller ones the first, and nobody knows which it is.
        """
        return 1 + (self.spread - 1) * np.maximum(1.0, (due - 1) / np.maximum(self.due / self.weeks - 1, 1.0))

    def scores(self, due: Floats, met: Floats, spread: Floats) -> Floats:
        """Normal scores of ``met`` of ``due``, which vary by ``spread``; NaN where nothing was due.

        That the baseline is an estimate itself is in them: its share by a larger variance, its spread by Student's t.
        """
        share = (self.met + 0.5) / (self.due + 1)  # neither 0 nor 1, which no number of weeks can show
        found = deviation(met, due, share, spread + self.spread * due / self.due)
        return np.where(self.spread > 1, as_normal(found, self.weeks - 1), found)

    def limits(self, due: Floats) -> tuple[Floats, Floats]:
        """The lowest and the highest share of ``due`` that are within ``LIMIT``; NaN where nothing was due."""
        spread = self.spread_of(due)
        lowest = _lowest(due, lambda met: self.scores(due, met, spread) >= -LIMIT)
        least_unmet = _lowest(due, lambda unmet: self.scores(due, due - unmet, spread) <= LIMIT)
        with np.errstate(invalid="ignore", divide="ignore"):
            return lowest / due, 1 - least_unmet / due


@dataclass(frozen=True, slots=True)
class Judged:
    """Of each week of a segment: centre, lower, upper (0 … 1, NaN where it is not judged), signal and rule.

    ``signal``: "below", "above" or ""; ``rule``: the first of ``RULES`` that raised it, or "", and ``begins`` the first
    of the weeks that it looked at. ``base``: the weeks that make the baseline, ``usual``: what it shows after the last
    week, None while that is not enough.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    signal: list[str]
    rule: list[str]
    begins: list[int]
    base: list[int]
    usual: Usual | None


def judge(due: Floats, met: Floats, is_judged: Bools, is_over: Bools) -> Judged:
    """Judge each week by the first ``WEEKS`` weeks before it that were judged, have ended and raised no signal.

    So a verdict stays, whatever comes after. ``is_judged``: it was open long enough; ``is_over``: it has ended. The
    limits judge a running week too, the run rules do not.
    """
    signals, rules, begins, base = [""] * len(due), [""] * len(due), list(range(len(due))), list[int]()
    usuals = np.full((len(Usual._fields), len(due)), np.nan)
    counts = is_judged & (due > 0)
    runs = list[int]()  # weeks that the run rules look at
    usual, week = None, 0
    while week < len(due):
        is_frozen = len(base) >= WEEKS or week >= WITHIN
        end = len(due) if is_frozen else week + 1
        part = week + np.flatnonzero(counts[week:end])
        if usual is not None:
            usuals[:, week:end] = np.reshape(np.asarray(usual), (-1, 1))
            for i, rule, side, begin in _signals(usual, due, met, part, runs, is_over):
                signals[i], rules[i], begins[i] = "below" if side < 0 else "above", rule, begin
        runs += [i for i in part.tolist() if is_over[i] and rules[i] != "limit"]
        if not is_frozen and len(part) and is_over[week] and not signals[week]:
            base.append(week)
            usual = _enough(due[base], met[base])
        week = end
    each = Usual(*usuals)
    lower, upper = each.limits(np.where(counts & ~np.isnan(each.met), due, np.nan))
    return Judged(each.centre, lower, upper, signals, rules, begins, base, usual)


def shown_by(due: Floats, met: Floats) -> Usual:
    """What these weeks show; those far apart from all others are left out: an outage before any week was judged.

    The weeks are the last axis, so that many registers can be asked at once.
    """
    kept = np.ones(due.shape, bool)
    for _again in range(2):
        squares = _squares(due, met, kept)
        median = np.median(squares, axis=-1, keepdims=True) / MEDIAN
        kept = squares <= APART**2 * np.maximum(1.0, median)
    of_all, of_met, weeks = (np.sum(one, axis=-1, where=kept, keepdims=True) for one in (due, met, kept))
    squares = np.sum(_squares(due, met, kept), axis=-1, where=kept, keepdims=True)
    return Usual(of_met, of_all, weeks.astype(float), np.maximum(1.0, squares / np.maximum(weeks - 1, 1)))


def run_rules(usual: Usual, due: Floats, met: Floats) -> dict[str, Floats]:
    """Run rule → of each week on which side it is beyond the rule (-1, 1), or 0; the weeks are the last axis."""
    spread = usual.spread_of(due)
    alone = usual.scores(due, met, spread)
    found = {rule: np.zeros(due.shape) for rule in TOGETHER}
    for rule, least in TOGETHER.items():
        span = SPAN[rule]
        if due.shape[-1] < span:
            continue
        summed = _summed(due, span)
        together = usual.scores(summed, _summed(met, span), _summed(due * spread, span) / summed)
        for side in (-1.0, 1.0):
            is_so = _pattern(rule, side * alone, span) & (side * together > least)
            found[rule][..., span - 1 :][is_so] = side
    return found


def _squares(due: Floats, met: Floats, kept: Bools) -> Floats:
    """The squared deviation of each week from the share of those that are kept, in binomial variances."""
    of_all, of_met = (np.sum(one, axis=-1, where=kept, keepdims=True) for one in (due, met))
    share = (of_met + 0.5) / (of_all + 1)
    return np.asarray((met - due * share) ** 2 / (due * share * (1 - share)))


def _enough(due: Floats, met: Floats) -> Usual | None:
    """What these weeks show; None where they are too few to judge any other."""
    if len(due) < LEAST_WEEKS:
        return None
    usual = shown_by(due, met)
    return usual if usual.weeks >= LEAST_WEEKS and usual.due >= LEAST_DUE else None


def _signals(
    usual: Usual, due: Floats, met: Floats, part: NDArray[np.int64], runs: list[int], is_over: Bools
) -> Iterator[tuple[int, str, float, int]]:
    """(week, the first rule that it breaks, side, first week of the rule) of the weeks ``part``.

    ``runs``: the weeks before, for the run rules.

    A week beyond the limits is told of by itself and in no run: else it would carry the weeks after it with it.
    """
    alone = usual.scores(due[part], met[part], usual.spread_of(due[part]))
    is_beyond = np.abs(alone) > LIMIT
    for i in np.flatnonzero(is_beyond):
        yield int(part[i]), "limit", float(alone[i]), int(part[i])
    new = part[~is_beyond & is_over[part]]
    weeks = np.array([*runs[-max(SPAN.values()) + 1 :], *new], np.int64)
    told = set[int]()
    for rule, sides in run_rules(usual, due[weeks], met[weeks]).items():
        for i in np.flatnonzero(sides[len(weeks) - len(new) :]) + len(weeks) - len(new):
            if weeks[i] not in told:
                told.add(int(weeks[i]))
                yield int(weeks[i]), rule, float(sides[i]), int(weeks[i - SPAN[rule] + 1])


def _pattern(rule: str, scores: Floats, span: int) -> Bools:
    """Whether the ``span`` weeks up to each lie as the rule says, above what is usual; the last of them always does."""
    if rule == "two_of_three":
        is_far = scores > TWO_SIGMA
        return np.asarray((_summed(is_far.astype(float), span) >= 2) & is_far[..., span - 1 :])  # noqa: PLR2004
    return np.asarray(_summed((scores > 0).astype(float), span) == span)


def _summed(values: Floats, span: int) -> Floats:
    """The sum of each value and the ``span`` - 1 before it, from the first that has as many on."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, span, axis=-1).sum(axis=-1))


def _lowest(most: Floats, is_within: Callable[[Floats], Bools]) -> Floats:
    """The lowest whole number 0 … ``most`` that is within, by halving: all from one on are. NaN where ``most`` is."""
    low, high = np.zeros(len(most)), most.copy()
    for _ in range(int(np.nanmax(most, initial=1)).bit_length()):
        middle = np.floor((low + high) / 2)
        is_in = is_within(middle)
        low, high = np.where(is_in, low, np.minimum(middle + 1, high)), np.where(is_in, middle, high)
    return high

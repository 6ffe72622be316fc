from math import comb
from statistics import NormalDist

import numpy as np
import pytest

from core.insight.chance import as_normal, deviation, holm, rose, score


def exactly(n: int, p: float, ks: range) -> float:
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in ks)


@pytest.mark.parametrize(("n", "p"), [(10, 0.97), (12, 0.5), (60, 0.92), (100, 0.92), (400, 0.99), (30, 0.99)])
def test_a_score_is_the_tail_of_the_binomial_however_small(n: int, p: float) -> None:
    tails = [exactly(n, p, range(k + 1)) for k in range(n)]
    for k, tail in enumerate(tails):
        if tail > 1e-6:
            assert NormalDist().cdf(float(score(k, n, p))) == pytest.approx(tail, rel=0.12), (n, p, k)


def test_half_the_observations_that_cluster_in_pairs_tell_as_much() -> None:
    pairs = deviation(np.array([80.0]), np.array([100.0]), np.array([0.92]), np.array([2.0]))
    assert pairs[0] == pytest.approx(float(score(40, 50, 0.92)))


@pytest.mark.parametrize(("t", "freedom", "tail"), [(2.060, 25, 0.025), (3.450, 25, 0.001), (2.365, 7, 0.025)])
def test_students_t_is_read_as_the_normal_score_of_the_same_tail(t: float, freedom: int, tail: float) -> None:
    """Tabled quantiles of Student's t."""
    for side in (-1, 1):
        score = float(as_normal(np.array(side * t), freedom))
        assert NormalDist().cdf(-abs(score)) == pytest.approx(tail, rel=0.02)
        assert score * side > 0


ROSE = [
    (5, 0, 1 / 32, "all five of five in the later half: 1 in 32"),
    (0, 0, 1.0, "nothing happened"),
    (0, 7, 1.0, "it fell"),
    (3, 3, exactly(6, 0.5, range(3, 7)), "as many as before"),
]


@pytest.mark.parametrize(("now", "before", "p", "why"), ROSE)
def test_a_rise_is_judged_by_the_exact_tail(now: int, before: int, p: float, why: str) -> None:
    assert rose(now, before) == pytest.approx(p), why


def test_large_counts_do_not_overflow() -> None:
    assert rose(60_000, 58_000) < 1e-6
    assert float(score(46_200, 50_000, 0.93)) < -5


CLUSTERED = [
    # now, before, spread, lowest and highest probability, why
    (60, 30, 1.0, 0.0, 0.002, "each by itself, twice as many are no chance"),
    (60, 30, 6.0, 0.05, 0.2, "in clusters of six they may be"),
    (0, 30, 6.0, 1.0, 1.0, "it fell"),
    (40, 0, 6.0, 0.0, 0.02, "none before"),
]


@pytest.mark.parametrize(("now", "before", "spread", "low", "high", "why"), CLUSTERED, ids=[r[-1] for r in CLUSTERED])
def test_what_comes_in_clusters_must_rise_further(
    now: int, before: int, spread: float, low: float, high: float, why: str
) -> None:
    assert low <= rose(now, before, 0.5, spread) <= high, why
    assert rose(now, before, 0.5, spread, 25) >= rose(now, before, 0.5, spread), "less certain of its spread"


def test_holm_multiplies_the_smallest_most_and_never_reorders() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]

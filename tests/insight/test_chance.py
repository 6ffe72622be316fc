from math import comb
from statistics import NormalDist

import numpy as np
import pytest

from core.insight.chance import ALARM, Clusters, apart, as_normal, deviation, holm, rose, score


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


def fisher(part: int, whole: int, other_part: int, other_whole: int) -> float:
    """Twice the smaller tail of the exact test of four counts."""
    n, together = whole + other_whole, part + other_part

    def chance(k: int) -> float:
        return comb(whole, k) * comb(other_whole, together - k) / comb(n, together) if together >= k else 0.0

    below = sum(chance(k) for k in range(part + 1))
    above = sum(chance(k) for k in range(part, min(whole, together) + 1))
    return min(1.0, 2 * min(below, above))


SHARES = [(20, 20), (20, 60), (60, 20), (100, 40), (200, 200)]


@pytest.mark.parametrize(("n", "m"), SHARES)
def test_two_shares_are_apart_as_by_the_exact_test(n: int, m: int) -> None:
    for part in range(0, n + 1, max(1, n // 20)):
        for other in range(0, m + 1, max(1, m // 20)):
            exact = fisher(part, n, other, m)
            found = apart(part, n, other, m)
            assert found == pytest.approx(apart(other, m, part, n)), "neither is the first"
            if exact > ALARM * 1.25:
                assert found > ALARM, (part, n, other, m, exact, found)
            if 0.002 < exact < ALARM / 2:
                assert found < ALARM, (part, n, other, m, exact, found)


@pytest.mark.parametrize("p", [0.02, 0.1, 0.5, 0.87, 0.97])
@pytest.mark.parametrize(("n", "m"), [(20, 20), (20, 60), (40, 100)])
def test_shares_of_one_rate_are_called_apart_at_most_once_in_twenty(n: int, m: int, p: float) -> None:
    of_n, of_m = ([comb(size, k) * p**k * (1 - p) ** (size - k) for k in range(size + 1)] for size in (n, m))
    alarms = sum(
        chance * other_chance
        for part, chance in enumerate(of_n)
        for other, other_chance in enumerate(of_m)
        if chance * other_chance > 1e-9 and apart(part, n, other, m) < ALARM
    )
    assert alarms <= ALARM


def test_shares_that_cluster_are_seldom_apart() -> None:
    assert apart(30, 100, 50, 100) < 0.01
    assert apart(30, 100, 50, 100, Clusters(4.0, None)) > ALARM
    assert apart(15, 50, 25, 50) < apart(30, 100, 50, 100, Clusters(2.0, 8)), "as many fewer, and known from nine weeks"
    assert apart(30, 100, 50, 100, Clusters(2.0, None)) == pytest.approx(apart(15, 50, 25, 50), rel=0.1)


NOTHING = [(0, 0, 5, 20), (5, 20, 0, 0), (20, 20, 30, 30), (0, 20, 0, 30), (10, 20, 15, 30)]


@pytest.mark.parametrize("counts", NOTHING)
def test_shares_that_are_alike_or_of_nothing_are_not_apart(counts: tuple[int, int, int, int]) -> None:
    assert apart(*counts) == 1.0

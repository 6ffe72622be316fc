from math import comb

import pytest

from core.insight.chance import holm, limits, rose


def exactly(n: int, p: float, ks: range) -> float:
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in ks)


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (10, 0.97), (12, 0.5), (60, 0.92), (400, 0.99), (5, 0.0), (5, 1.0)])
def test_limits_leave_no_more_than_the_agreed_risk_on_each_side_and_waste_none(n: int, p: float) -> None:
    low, high = limits(n, p)
    risk = 0.0027 / 2
    assert exactly(n, p, range(low)) <= risk < exactly(n, p, range(low + 1))
    assert exactly(n, p, range(high + 1, n + 1)) <= risk < exactly(n, p, range(high, n + 1))


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
    low, high = limits(50_000, 0.93)
    assert 46_200 < low < 46_500 < high < 46_800


def test_holm_multiplies_the_smallest_most_and_never_reorders() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]

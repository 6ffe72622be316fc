"""Two counts beside each other, per open hour: ratio, interval and chance (D27)."""

from __future__ import annotations

from math import inf, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight import rates

COUNTS, SHARES = st.integers(0, 400), st.floats(0.05, 0.95)

RATIOS = [
    # now, before, open now, open before, change, why
    (412, 301, 500, 500, 0.3688, "37 % more in the same time"),
    (8, 40, 1, 5, 0.0, "a fifth of the time, a fifth of the complaints"),
    (40, 40, 5, 4, -0.2, "as many in more time is fewer an hour"),
    (0, 9, 1, 1, -1.0, "none any more"),
]


@pytest.mark.parametrize(
    ("now", "before", "hours", "earlier", "change", "why"), RATIOS, ids=[row[-1] for row in RATIOS]
)
def test_the_change_is_that_of_rates_per_open_hour(
    now: int, before: int, hours: int, earlier: int, change: float, why: str
) -> None:
    assert rates.change(now, before, hours / (hours + earlier)) == pytest.approx(change, abs=1e-4), why


def test_nothing_before_has_no_ratio() -> None:
    assert isnan(rates.change(5, 0, 0.5))


INTERVALS = [
    # now, before, share, low, high, why
    (30, 28, 0.5, 0.6186, 1.8611, "the limits of Clopper and Pearson for 30 of 58 (0.3822, 0.6505), as odds"),
    (9, 0, 0.5, 1.9744, inf, "none before: no upper end; 0.025 ** (1 / 9) as odds"),
    (0, 9, 0.5, 0.0, 0.5065, "none now: the other way round"),
    (30, 28, 0.25, 3 * 0.6186, 3 * 1.8611, "in a third of the time"),
    (500, 400, 0.5, 1.0957, 1.4260, "exp(log 1.25 ± 1.96 √(1/500 + 1/400))"),
]


@pytest.mark.parametrize(
    ("now", "before", "share", "low", "high", "why"), INTERVALS, ids=[row[-1] for row in INTERVALS]
)
def test_the_interval_of_the_ratio(now: int, before: int, share: float, low: float, high: float, why: str) -> None:
    assert rates.interval(now, before, share) == pytest.approx((low, high), rel=1e-3), why


def test_exact_and_approximate_intervals_meet_where_one_takes_over() -> None:
    exact, approximate = rates.interval(99, 150, 0.5), rates.interval(100, 150, 0.5)
    assert exact == pytest.approx(approximate, rel=0.03)


@given(COUNTS, st.integers(1, 400), SHARES, st.integers(2, 5))
def test_as_many_times_the_counts_in_as_many_times_the_hours_is_the_same_rate(
    now: int, before: int, share: float, times: int
) -> None:
    hours, earlier = share, 1 - share
    longer = times * hours / (times * hours + earlier)
    assert rates.ratio(now * times, before, longer) == pytest.approx(rates.ratio(now, before, share))


@given(st.integers(1, 400), SHARES)
def test_a_period_against_itself_changes_by_nothing_and_is_no_surprise(count: int, share: float) -> None:
    assert rates.change(count, count, 0.5) == 0
    assert rates.changed(count, count, 0.5) == 1
    low, high = rates.interval(count, count, 0.5)
    assert low < 1 < high
    assert low * high == pytest.approx(1)
    assert rates.changed(0, 0, share) == 1


@given(COUNTS, COUNTS.filter(bool), SHARES)
def test_the_ratio_lies_in_its_interval_and_either_way_round_is_as_surprising(
    now: int, before: int, share: float
) -> None:
    low, high = rates.interval(now, before, share)
    assert low <= rates.ratio(now, before, share) <= high
    assert rates.changed(now, before, share) == pytest.approx(rates.changed(before, now, 1 - share), abs=1e-9)

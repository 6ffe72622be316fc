"""Two counts beside each other, each by how long it was counted: their ratio, how certain it is, and chance (D27).

``share`` is always the part of the open time of both periods that belongs to this one: ``now`` of ``now + before``
things happened in it, and if the rate per open hour had stayed the same, each of them did so with probability
``share`` (the conditional test of two Poisson counts; Przyborowski and Wilenski 1940).
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, lgamma, log, log1p, nan, sqrt

from core.insight.chance import rose

ENOUGH = 20  # fewer than this mean little as a share or a ratio: nothing is announced from them
CONFIDENCE = 0.95
Z = 1.959963984540054  # the standard normal deviate that leaves (1 - CONFIDENCE) / 2 above it
MANY = 100  # from this many on both sides the logarithm of the ratio is as good as normal
STEPS = 60  # halvings of 0…1: closer than a float can say


def ratio(now: float, before: float, share: float) -> float:
    """Rate per open hour now ÷ before; NaN where there was nothing before."""
    return now / before * (1 - share) / share if before else nan


def change(now: float, before: float, share: float) -> float:
    """``ratio`` - 1: 0.37 is 37 % more per open hour."""
    return ratio(now, before, share) - 1


def interval(now: int, before: int, share: float) -> tuple[float, float]:
    """The 95 % confidence interval of ``ratio``: from Clopper and Pearson's of the probability behind ``share``.

    Infinity above where nothing was before; exact for small counts, by the logarithm's standard error for large ones.
    """
    if now >= MANY and before >= MANY:
        middle, error = ratio(now, before, share), Z * sqrt(1 / now + 1 / before)
        return middle * exp(-error), middle * exp(error)
    n = now + before
    return _as_ratio(1 - _highest(before, n), share), _as_ratio(_highest(now, n), share)


def changed(now: int, before: int, share: float) -> float:
    """The probability of counts at least as far apart, to either side, if the rate had stayed the same."""
    as_many = rose(now, before, share)
    as_few = max(0.0, 1 - as_many + _pmf(now, now + before, share))
    return min(1.0, 2 * min(as_many, as_few))


def _highest(k: int, n: int) -> float:
    """The highest probability with which ``k`` of ``n`` or fewer is not yet surprising (2.5 %)."""
    if k == n:
        return 1.0
    tail = (1 - CONFIDENCE) / 2
    return _where(lambda p: _at_most(k, n, p) > tail)


def _where(is_below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low


def _at_most(k: int, n: int, p: float) -> float:
    """P(X ≤ k) of a binomial, added up from whichever side has fewer terms."""
    if k > n - k - 1:
        return 1 - sum(_pmf(i, n, p) for i in range(k + 1, n + 1))
    return sum(_pmf(i, n, p) for i in range(k + 1))


def _pmf(i: int, n: int, p: float) -> float:
    return exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log1p(-p))


def _as_ratio(probability: float, share: float) -> float:
    return probability / (1 - probability) * (1 - share) / share if probability < 1 else inf

"""How surprising a count is: normal scores of binomial tails, also of counts that cluster, and the guard of a look."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ALARM = 0.05  # the chance, over everything one look tests, of calling a change what is none (D28)
EPSILON = 1e-9


class Clusters(NamedTuple):
    """How complaints come: ``spread`` is how many times Poisson's variance their counts have (φ, at least 1).

    ``freedom``: degrees of freedom of that estimate; None where it is none.
    """

    spread: float
    freedom: int | None


APART = Clusters(1.0, None)
"""Each for a reason of its own: Poisson counts."""


def score(x: Floats | float, n: Floats | float, p: Floats | float) -> Floats:
    """The normal score z of P(X ≤ ``x``) for X ~ Binomial(``n``, ``p``), 0 < p < 1; NaN where n is 0.

    Peizer and Pratt's approximation (1968), which is within some per cent of the tail itself however small it is, for
    rates near 100 % too, and takes parts of counts: n observations that cluster tell as much as n / φ that do not.
    """
    x, n, p = (np.asarray(value, float) for value in (x, n, p))
    q = 1 - p
    below, above = np.maximum(x + 0.5, EPSILON), np.maximum(n - x - 0.5, EPSILON)
    correction = 0.02 * (q / (x + 1) - p / np.maximum(n - x, EPSILON) + (q - 0.5) / (n + 1))
    distance = x + 2 / 3 - (n + 1 / 3) * p + correction
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = 1 + q * _bend(below / (n * p)) + p * _bend(above / (n * q))
        return np.asarray(np.where(n > 0, distance * np.sqrt(bend / ((n + 1 / 6) * p * q)), np.nan))


def deviation(x: Floats, n: Floats, p: Floats, spread: Floats) -> Floats:
    """How far ``x`` of ``n`` is from what chance at rate ``p`` explains, as a normal score: below 0 for too few.

    ``spread``: how many times the binomial variance such counts have. NaN where ``n`` is 0. Never nearer than chance:
    a count may be expected as well from below as from above, and is 0 then.
    """
    alone, part = n / spread, x / spread
    is_below = part < alone * p
    found = score(np.where(is_below, part, alone - part), alone, np.where(is_below, p, 1 - p))
    return np.asarray(np.where(is_below, 1, -1) * np.minimum(found, 0.0))


def as_normal(t: Floats, freedom: Floats | float) -> Floats:
    """The normal score with the same tail as Student's ``t`` (Wallace 1959)."""
    shrunk = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(t * t / freedom))
    return np.asarray(np.sign(t) * shrunk)


def rose(now: int, before: int, share: float = 0.5, spread: float = 1.0, freedom: int | None = None) -> float:
    """P(at least ``now`` of ``now + before``) if two periods have one rate (conditional Poisson test).

    ``share``: the part of both open times that lies in this period (D27); half for equally long ones. ``spread`` and
    ``freedom``: by how much such counts vary more than Poisson's do, and how well that is known
    (``core.insight.clusters``). Exact where they do not.
    """
    if spread <= 1:
        return min(1.0, float(_pmf(now + before, share)[now:].sum()))
    if not now:
        return 1.0
    z = score(before / spread, (now + before) / spread, 1 - share)
    return NormalDist().cdf(float(z if freedom is None else as_normal(z, freedom)))


def apart(part: int, whole: int, other_part: int, other_whole: int, clusters: Clusters = APART) -> float:
    """The probability of two shares at least so far apart, to either side, if both had one rate; 1 where one is of 0.

    The test of Fisher's four counts by Yates's correction, which is no bolder than the exact one. ``clusters``: that of
    their shares; as many fewer observations tell of them.
    """
    n = whole + other_whole
    together = part + other_part
    if not whole or not other_whole or together in (0, n):
        return 1.0
    variance = whole * other_whole * together * (n - together) / (n * n * (n - 1))
    beyond = abs(part - whole * together / n) - clusters.spread / 2
    z = np.asarray(max(0.0, beyond) / np.sqrt(clusters.spread * variance))
    found = z if clusters.freedom is None or clusters.spread <= 1 else as_normal(z, clusters.freedom)
    return min(1.0, 2 * NormalDist().cdf(-float(found)))


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted so that the chance of any false alarm among all of them stays below the level (Holm 1979)."""
    order = np.argsort(p)
    steps = (len(p) - np.arange(len(p))) * np.asarray(p, dtype=float)[order]
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(p) else steps
    return [float(value) for value in adjusted]


def _bend(ratio: Floats) -> Floats:
    """Peizer and Pratt's g: (1 - r² + 2 r ln r) / (1 - r)², 0 where r is 1."""
    is_near = np.abs(1 - ratio) < 1e-4  # noqa: PLR2004 -- from here the quotient loses its digits
    safe = np.where(is_near, 0.5, ratio)
    return np.where(is_near, (1 - ratio) / 3, (1 - safe * safe + 2 * safe * np.log(safe)) / (1 - safe) ** 2)


def _pmf(n: int, p: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """P(X = k) for k = 0 … n of a binomial; through logarithms, so that large n does not overflow."""
    if p in (0.0, 1.0):
        sure = np.zeros(n + 1)
        sure[n if p else 0] = 1.0
        return sure
    k = np.arange(n + 1)
    factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    log = factorials[n] - factorials - factorials[::-1] + k * np.log(p) + (n - k) * np.log1p(-p)
    return np.asarray(np.exp(log))

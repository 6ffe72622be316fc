"""How surprising a count is: exact binomial probabilities, without approximations that fail for small weeks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

THREE_SIGMA = 0.0027  # the share of points a three-sigma chart lets fall outside its limits by chance
ALARM = 0.05  # the chance, over all keys looked at together, of calling a change what is none


def limits(n: int, p: float, alpha: float = THREE_SIGMA) -> tuple[int, int]:
    """(lowest, highest) count of ``n`` as chance at rate ``p`` explains; each tail beyond has at most ``alpha`` / 2."""
    below = np.cumsum(_pmf(n, p))  # P(X ≤ k)
    above = np.cumsum(_pmf(n, p)[::-1])[::-1]  # P(X ≥ k)
    return int(np.argmax(below > alpha / 2)), int(n - np.argmax(above[::-1] > alpha / 2))


def rose(now: int, before: int, share: float = 0.5) -> float:
    """P(at least ``now`` of ``now + before``) if two periods have one rate (exact conditional Poisson).

    ``share``: the part of both open times that lies in this period (D27); half for equally long ones.
    """
    return min(1.0, float(_pmf(now + before, share)[now:].sum()))


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted so that the chance of any false alarm among all of them stays below the level (Holm 1979)."""
    order = np.argsort(p)
    steps = (len(p) - np.arange(len(p))) * np.asarray(p, dtype=float)[order]
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(p) else steps
    return [float(value) for value in adjusted]


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

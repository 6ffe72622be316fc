"""Rows counted per cell of a split, the cells being small whole numbers: millions of rows need no hash table then.

What is counted once per complaint relies on facts: the rows of a complaint stand together, so the next complaint begins
where the number of the complaint changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Array = NDArray[Any]
WIDEST = 1 << 16  # so many numbers are taken as they are, without looking which of them occur
MOST_AMOUNT = (1 << 32) - 1  # beside the number of a cell in one number


@dataclass(frozen=True, slots=True)
class Part:
    """What rows are split by: the place of each row among ``keys``, where the key of no value is the last."""

    places: Array
    keys: pl.Series


@dataclass(frozen=True, slots=True)
class Cells:
    """The cell of each row, 0 … ``size`` - 1, and the keys that make it: those of the last part change first."""

    of: Array
    keys: tuple[pl.Series, ...]

    @property
    def size(self) -> int:
        """How many combinations of keys there may be."""
        return prod(map(len, self.keys))

    def parts(self, cells: Array) -> list[Part]:
        """The place of each of these cells among the keys of each part."""
        found, rest = list[Part](), cells.astype(np.int64)
        for keys in reversed(self.keys):
            above = rest // len(keys)
            found.append(Part(rest - above * len(keys), keys))
            rest = above
        return found[::-1]

    def named(self, found: pl.DataFrame) -> pl.DataFrame:
        """``found`` with the keys of each cell, a column for each part, in the place of its column cell."""
        columns = (one.keys.gather(one.places) for one in self.parts(found["cell"].to_numpy()))
        return found.select(*columns, pl.exclude("cell"))


@dataclass(frozen=True, slots=True)
class Sums:
    """A row for each complaint and cell that there are: the cell, the complaint (its place among them), the sum."""

    cells: Cells
    whose: Numbers
    amounts: Numbers

    def by(self, names: Sequence[str]) -> Sums:
        """The same split by these parts alone."""
        if list(names) == [keys.name for keys in self.cells.keys]:
            return self
        parts = {one.keys.name: one for one in self.cells.parts(self.cells.of)}
        return added_up(cells(len(self.whose), [parts[name] for name in names]), self.whose, self.amounts)


def part(column: pl.Series) -> Part:
    """The rows by the values of a column of codes, whole numbers or days."""
    numbers = column.to_physical()
    least, greatest = (int(end or 0) for end in (numbers.min(), numbers.max()))  # type: ignore[arg-type]
    plain = (numbers.fill_null(least) if numbers.null_count() else numbers).to_numpy()
    if numbers.null_count() == len(numbers):
        known, places = plain[:0], plain
    elif greatest - least < WIDEST:
        known, places = np.arange(least, greatest + 1), plain - plain.dtype.type(least)
    else:
        known, places = np.unique(plain, return_inverse=True)
    keys = _typed(pl.Series(column.name, known.astype(plain.dtype)), column.dtype)
    if numbers.null_count():
        places = np.where(numbers.is_null().to_numpy(), len(known), places)
        keys = keys.extend_constant(None, 1)
    return Part(places, keys)


def cells(rows: int, parts: Sequence[Part]) -> Cells:
    """The combinations of the keys of the parts; there have to be fewer than 2³¹."""
    keys = tuple(one.keys for one in parts)
    size = prod(map(len, keys))
    kind = np.uint16 if size <= WIDEST else np.int64
    found: Array = np.zeros(rows, kind)
    for number, one in enumerate(parts):
        if number:
            found *= kind(len(one.keys))
        found += one.places.astype(kind, copy=False)
    return Cells(found, keys)


def begins(*columns: Array) -> Bools:
    """Whether a row differs from the one before it in any of the columns; the first one does."""
    found = np.ones(len(columns[0]), np.bool_)
    if len(found) > 1:
        np.not_equal(columns[0][1:], columns[0][:-1], out=found[1:])
        for column in columns[1:]:
            found[1:] |= column[1:] != column[:-1]
    return found


def each_once(cells: Array, size: int, whose: Array) -> Numbers:
    """How many complaints have a row in each cell; ``whose``: the complaint of each row, those of one together.

    It takes a byte per complaint and cell: for a few dozen cells.
    """
    complaints = np.cumsum(begins(whose)) - 1
    has_any = np.zeros((size, complaints[-1] + 1 if complaints.size else 0), np.bool_)
    has_any.reshape(-1)[cells * np.int64(has_any.shape[1]) + complaints] = True
    return np.array([np.count_nonzero(one) for one in has_any])


def added_up(cells: Cells, whose: Array, amounts: Numbers) -> Sums:
    """The sums of the amounts (0 or more, below 2³²) of each complaint in each cell; ``whose``: as in ``each_once``."""
    pairs: Numbers = np.cumsum(begins(whose), dtype=np.int64)  # the complaint, and then the cell
    pairs *= cells.size
    pairs += cells.of
    if (pairs[1:] < pairs[:-1]).any():
        pairs, amounts = _in_order(pairs, amounts)
    places = np.flatnonzero(begins(pairs))
    sums = np.add.reduceat(amounts, places) if places.size else amounts
    pairs = pairs[places]
    complaints = pairs // max(1, cells.size)
    return Sums(Cells(pairs - complaints * cells.size, cells.keys), complaints, sums)


def _in_order(pairs: Numbers, amounts: Numbers) -> tuple[Numbers, Numbers]:
    """Both by the pairs: in one number where they fit, which is sorted faster than their places."""
    if pairs.max() > MOST_AMOUNT >> 1:
        order = np.argsort(pairs)
        return pairs[order], amounts[order]
    keyed = pairs << 32
    keyed |= amounts
    keyed.sort()
    return keyed >> 32, keyed & MOST_AMOUNT


def quantiles(cells: Array, amounts: Numbers, size: int, shares: Iterable[float]) -> pl.DataFrame:
    """Of each cell that has any amount: cell, count, sum, and a column for each of the shares, by linear interpolation.

    Amounts are below 2³²; those below 0 are unknown and left out.
    """
    keyed = np.left_shift(cells, 32, dtype=np.int64)  # cell and amount in one number, which is sorted fast
    keyed |= amounts  # -1 where it is unknown
    keyed.sort()
    keyed = keyed[np.searchsorted(keyed, 0) :]
    known = np.arange(size) if size <= WIDEST else np.unique(keyed >> 32)
    ends = np.searchsorted(keyed, (known + 1) << 32)
    counts = np.diff(ends, prepend=0)
    known, starts, counts = (one[counts > 0] for one in (known, ends - counts, counts))
    keyed &= MOST_AMOUNT
    found = {"cell": known, "count": counts, "sum": np.add.reduceat(keyed, starts) if starts.size else counts}
    for share in shares:
        place = (counts - 1) * share
        low, high = (keyed[starts + end(place).astype(np.int64)] for end in (np.floor, np.ceil))
        found[str(share)] = low + (high - low) * (place - np.floor(place))
    return pl.DataFrame(found)


def _typed(numbers: pl.Series, kind: pl.DataType) -> pl.Series:
    return numbers.cat.to(kind) if isinstance(kind, pl.Categorical) else numbers.cast(kind)

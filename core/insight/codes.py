"""Keys as small numbers: each column of codes has one list of keys, shared by all facts of a register in a process."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

import polars as pl

from core.insight.dimensions import COLUMNS

WIDE = pl.UInt32
NARROW = pl.UInt16  # the entries of a list, which are never as many as 65,536
SMALL = (*COLUMNS, "event", "was")
"""What is kept so: the dimensions of a complaint, and of its steps, which are many rows, the kinds and the states."""


class Codes:
    """The categorical type of each column of codes.

    A key keeps its number as long as this object lives, so that rows kept in a file and rows read since then stand in
    one column. ``known``: for each column the keys in the order of their numbers, as ``keys`` gave them.
    """

    def __init__(self, known: Mapping[str, Sequence[str]] | None = None) -> None:
        self._lock = threading.Lock()
        self._namespace = uuid4().hex
        self._columns: dict[str, pl.Series] = {}  # Polars forgets the numbers of a type that no column has
        for column, keys in (known or {}).items():
            pl.Series(keys, dtype=self.of(column))

    def of(self, column: str) -> pl.DataType:
        """The type of this column."""
        with self._lock:
            if column not in self._columns:
                size = NARROW if column in SMALL else WIDE
                kind = pl.Categorical(pl.Categories(column, self._namespace, physical=size))
                self._columns[column] = pl.Series([], dtype=kind)
            return self._columns[column].dtype


def keys(used: Iterable[pl.Series]) -> list[str]:
    """The keys of a column in the order of their numbers, from the parts of it that are used.

    A number that no row has is filled with a text that no key can be.
    """
    found: dict[int, str] = {}
    for series in used:
        its = series.unique().drop_nulls()  # few: only these are made texts
        found.update(zip(its.to_physical(), its.cast(pl.String), strict=True))
    return [found.get(code, f"-{code}") for code in range(max(found, default=-1) + 1)]

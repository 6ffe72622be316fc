"""Ordered rows of several tables read side by side, so that one pass needs neither a query per row nor much memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Generic, TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

BATCH = 2_000
R = TypeVar("R")


def stream(session: Session, statement: Select[*tuple[object, ...]]) -> Iterator[Row[*tuple[object, ...]]]:
    """The rows of ``statement``, a batch in memory at a time."""
    return iter(session.execute(statement.execution_options(yield_per=BATCH)))


class Side(Generic[R]):
    """Rows ordered by a key; all rows of one key are taken together."""

    def __init__(self, rows: Iterator[R], key: Callable[[R], int]) -> None:
        self._groups = groupby(rows, key)
        self._advance()

    def _advance(self) -> None:
        found = next(self._groups, None)
        self.next_key: int | None = None if found is None else found[0]
        self._rows: list[R] = [] if found is None else list(found[1])

    def take(self, key: int) -> list[R]:
        """The rows of ``key``, which must be the smallest not taken yet; none when this side has none."""
        if self.next_key != key:
            return []
        rows = self._rows
        self._advance()
        return rows


def keys(*sides: Side[R]) -> Iterator[int]:
    """Every key that any side has, ascending; the caller takes it from all sides before asking for the next."""
    while waiting := [side.next_key for side in sides if side.next_key is not None]:
        yield min(waiting)

"""A drawing: a figure, a sentence that describes it, and its numbers as a table whose cells name their rows (D15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from core.i18n import number
from core.insight import charts
from core.insight.charts import Figure, Point
from core.insight.dimensions import keys
from core.insight.slices import Slice


@dataclass(frozen=True, slots=True)
class Counted:
    """A number and the rows it counted."""

    n: int
    slice: Slice

    @property
    def text(self) -> str:
        """The number as the reader writes it."""
        return number(self.n)


Cell = str | Counted


@dataclass(frozen=True, slots=True)
class Drawing:
    """``figure`` for Plotly, ``alt`` for who cannot see it, ``headers`` and ``rows`` for who wants the numbers."""

    figure: Figure
    alt: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


def grid(alt: str, names: tuple[str, Sequence[str], Sequence[str]], cells: Sequence[Sequence[Counted]]) -> Drawing:
    """Counts as a heat map and a table; ``names``: of the rows' dimension, of the rows, of the columns."""
    title, down, across = names
    points = [
        [
            Point(name, cell.n, f"{line_name} · {name}: {cell.text}", query_of(cell.slice))
            for name, cell in zip(across, line, strict=True)
        ]
        for line_name, line in zip(down, cells, strict=True)
    ]
    rows: list[tuple[Cell, ...]] = [(name, *line) for name, line in zip(down, cells, strict=True)]
    return Drawing(charts.heat(down, across, points), alt, (title, *across), rows)


def ordered(dimension: str, found: Iterable[str]) -> list[str]:
    """The keys that occur, in the catalogue's order, then those no longer listed."""
    occurring = set(found)
    known = [key for key in keys(dimension) if key in occurring]
    return [*known, *sorted(occurring.difference(known))]


@lru_cache(maxsize=8192)
def query_of(slice: Slice) -> str:
    """The slice as ``customdata`` of a point and as the tail of a link."""
    return urlencode(slice.to_query())

"""A drawing: a figure, a sentence that describes it, and its numbers as a table whose cells name their rows (D15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from core.i18n import gettext as _
from core.i18n import ngettext, number, percent
from core.insight import charts, known
from core.insight.charts import Bar, Figure, Point
from core.insight.dimensions import keys
from core.insight.peaks import Peaks
from core.insight.rates import CONFIDENCE, ENOUGH, changed
from core.insight.slices import Slice
from core.rules.known_events import KnownEvent

NAMED = 2  # parts that a title names at most


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
    """``figure`` for Plotly, ``alt`` for who cannot see it, ``headers`` and ``rows`` for who wants the numbers.

    ``finding``: what it shows in a few words, empty where that is nothing beyond chance or made of too few.
    """

    figure: Figure
    alt: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    finding: str = ""

    @property
    def described(self) -> str:
        """``alt`` with the finding."""
        return f"{self.alt}: {self.finding}" if self.finding else self.alt

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


def largest(parts: Iterable[tuple[str, int]], whole: int, *, named: int = NAMED) -> str:
    """``Bên thứ ba, Chờ phòng ban 57 % của 127``: the part, or the two, that is larger than each other beyond chance.

    Empty where none is, where there is one part alone, and of fewer than ``ENOUGH`` (D27). ``parts``: name → count;
    ``named``: how many of them are named at most.
    """
    falling = sorted(parts, key=lambda part: -part[1])
    if whole < ENOUGH:
        return ""
    for n in range(1, min(named + 1, len(falling))):
        if changed(falling[n - 1][1], falling[n][1], 1 / 2) < 1 - CONFIDENCE:
            first = falling[:n]
            share = percent(sum(count for _name, count in first) / whole)
            names = ", ".join(name for name, _count in first)
            return _("{names} {share} of {n}").format(names=names, share=share, n=number(whole))
    return ""


def largest_bar(bars: Sequence[Bar]) -> str:
    """``largest`` of bars that are parts of a whole; a quiet one adds to the whole alone: it says nothing itself."""
    whole = sum(round(bar.end) for bar in bars)
    return largest(((bar.name, round(bar.end)) for bar in bars if not bar.is_quiet), whole)


def peaked(key: str, n: int, peaks: Peaks, words: tuple[Callable[[date], str], str]) -> str:
    """``412 hồ sơ, tuần 41 nhiều bất thường (61)``: how many in all, and where there were more than chance explains.

    ``n``: of this key in all; of fewer than ``ENOUGH`` nothing. ``words``: how a stretch with unusually many is named,
    and what is said where there is none.
    """
    if n < ENOUGH:
        return ""
    told = ngettext("{n} complaint", "{n} complaints", n).format(n=number(n))
    if key not in peaks:
        return told
    named, nowhere = words
    peak = peaks[key]
    return f"{told}, {nowhere}" if peak is None else f"{told}, {named(peak.first)} ({number(peak.n)})"


def with_events(
    drawing: Drawing, events: Sequence[KnownEvent], spans: Sequence[tuple[date, date]], *, axis: str
) -> Drawing:
    """``drawing`` with what is known to have happened (D28): bands, a column of the table, words for who hears it.

    ``spans``: the first and last day of each row, which is a step 0, 1, 2 … of the axis. ``axis``: as ``marked_with``.
    """
    marks = [] if drawing.is_empty else known.marks(events, [first for first, _last in spans], spans[-1][1])
    if not marks:
        return drawing
    shape = drawing.figure["layout"]
    lower, _top = shape["yaxis"].get("domain", (0, 1))
    beneath = {**shape["yaxis"], "domain": [lower, charts.HEAD_ROOM - charts.GAP]}
    figure = {"data": drawing.figure["data"], "layout": {**shape, "yaxis": beneath}}
    return replace(
        drawing,
        figure=charts.marked_with(figure, marks, axis),
        alt=known.described(drawing.alt, events),
        headers=(*drawing.headers, _("Known events")),
        rows=[(*row, known.during(events, *span)) for row, span in zip(drawing.rows, spans, strict=True)],
    )


def grid(
    alt: str,
    names: tuple[str, Sequence[str], Sequence[str]],
    cells: Sequence[Sequence[Counted]],
    *,
    quiet: str = "",
) -> Drawing:
    """Counts as a heat map and a table; ``names``: of the rows' dimension, of the rows, of the columns.

    ``quiet``: the row that says nothing by itself.
    """
    title, down, across = names
    points = [
        [
            Point(name, cell.n, f"{line_name} · {name}: {cell.text}", query_of(cell.slice))
            for name, cell in zip(across, line, strict=True)
        ]
        for line_name, line in zip(down, cells, strict=True)
    ]
    rows: list[tuple[Cell, ...]] = [(name, *line) for name, line in zip(down, cells, strict=True)]
    counts = [
        (f"{line_name} · {name}", cell.n)
        for line_name, line in zip(down, cells, strict=True)
        for name, cell in zip(across, line, strict=True)
        if line_name != quiet
    ]
    found = largest(counts, sum(cell.n for line in cells for cell in line), named=1)
    return Drawing(charts.heat(down, across, points), alt, (title, *across), rows, found)


def ordered(dimension: str, found: Iterable[str]) -> list[str]:
    """The keys that occur, in the catalogue's order, then those no longer listed."""
    occurring = set(found)
    known = [key for key in keys(dimension) if key in occurring]
    return [*known, *sorted(occurring.difference(known))]


@lru_cache(maxsize=8192)
def query_of(slice: Slice) -> str:
    """The slice as ``customdata`` of a point and as the tail of a link."""
    return urlencode(slice.to_query())

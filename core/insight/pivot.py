"""Any figure of the registry as a table: one or two splits down, one across, with totals asked for anew (D15).

A total of shares is made of all numerators and denominators, one of medians of all rows: never the mean of means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import isnan
from typing import NamedTuple

import pandas as pd

from core.insight import dimensions, figures
from core.insight.asked import asked_once
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.figures import ALL, Figure
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.insight.tally import BUCKETS
from core.insight.times import KEYS

ORDERS = ("most", "value", "name")
"""Of the rows: those of most cases first, those of the highest number, or as the lists have them."""
MOST_ACROSS = 24
MOST_DOWN = 50
MOST_SPLITS = 2
"""Of the rows; the columns have one more."""

OF_ALL = (ALL, "served")
"""Columns that are the same for whatever a figure is split by."""

Number = float | int | None
Numbers = Mapping[str, Number]
"""What a figure says of a cell: column → number, None where there is nothing to count."""
Key = tuple[str, ...]
"""What a row stands for: a key of each of its splits, of a stretch of days its first day."""
NO_NUMBERS: Numbers = {}


class Wanted(NamedTuple):
    """A figure by name, which of its columns is shown, by what it is split down and across ("" for nothing), the order
    of the rows (one of ``ORDERS``).
    """

    figure: str
    number: str
    down: Key = ()
    across: str = ""
    order: str = ORDERS[0]


@dataclass(frozen=True)
class Pivot:
    """``down``, ``across``: all keys that occur, in order. ``cells``: (row, column) → numbers; ``of_rows``,
    ``of_columns`` and ``total``: of all columns of a row, of all rows of a column, of everything.
    """

    wanted: Wanted
    filter: Filter
    down: Sequence[Key]
    across: Sequence[str]
    cells: Mapping[tuple[Key, str], Numbers]
    of_rows: Mapping[Key, Numbers]
    of_columns: Mapping[str, Numbers]
    total: Numbers

    @cached_property
    def figure(self) -> Figure:
        """What is shown."""
        return figures.get(self.wanted.figure)

    def numbers(self, row: Key = (), column: str = "") -> Numbers:
        """Of a cell; without ``column`` the total of a row, without ``row`` that of a column, without both of all."""
        if row and column:
            return self.cells.get((row, column), NO_NUMBERS)
        if row:
            return self.of_rows.get(row, NO_NUMBERS)
        return self.of_columns.get(column, NO_NUMBERS) if column else self.total

    def rows(self, name: str, row: Key = (), column: str = "") -> Slice | None:
        """Exactly the rows that column ``name`` of the figure counts in a cell; None where no list shows them."""
        found = self.figure.counted(name, self.filter)
        pairs = [*zip(self.wanted.down, row, strict=False), *([(self.wanted.across, column)] if column else [])]
        for split, key in pairs:
            found = found.part(split, key) if found is not None else None
        return found

    @property
    def shown_across(self) -> Sequence[str]:
        """The columns that a screen shows: of stretches of days the last ones, else those of most cases."""
        return self.across[-MOST_ACROSS:] if self.wanted.across in BUCKETS else self.across[:MOST_ACROSS]

    @property
    def shown_down(self) -> Sequence[Key]:
        """The rows that a screen shows."""
        return self.down[:MOST_DOWN]


def offered(figure: Figure, facts: Facts) -> tuple[str, ...]:
    """By what a figure can be split here."""
    return figure.splits(facts.counted)


def wanted(name: str, number: str, down: Iterable[str], across: str, order: str, facts: Facts) -> Wanted:
    """What an address asks for, as far as it makes sense: another figure, column or split falls back or is left out."""
    figure = figures.FIGURES.get(name)
    if figure is None or not figure.by:
        name, figure = "volume", figures.FIGURES["volume"]
    known = offered(figure, facts)
    rows = [one for one in dict.fromkeys(down) if one in known][: min(MOST_SPLITS, figure.most)]
    if len([one for one in rows if one in BUCKETS]) > 1:
        rows = rows[:1]
    has_days = bool(BUCKETS.keys() & set(rows))
    fits = across in known and across not in rows and len(rows) < figure.most and not (has_days and across in BUCKETS)
    return Wanted(
        name,
        number if number in figure.columns else figure.number,
        tuple(rows),
        across if fits else "",
        order if order in ORDERS else ORDERS[0],
    )


@asked_once
def ask(facts: Facts, wanted: Wanted, filter: Filter, now: datetime) -> Pivot:
    """The table; each total is a question of its own, asked together (``figures.ask_each``)."""
    down, across = wanted.down, (wanted.across,) if wanted.across else ()
    splits = tuple(dict.fromkeys(((), down, across, (*down, *across))))
    answers = dict(zip(splits, figures.ask_each(wanted.figure, facts, filter, now, splits), strict=True))

    def found(*by: str) -> dict[Key, Numbers]:
        answer = answers[by]
        names = [str(name) for name in answer.columns if name not in by]
        keys = [_keys(answer[name]) for name in by]
        numbers = [[_number(value) for value in answer[name].to_list()] for name in names]
        lines = zip(*keys, strict=True) if by else [()]
        return {
            key: dict(zip(names, line, strict=True))
            for key, line in zip(lines, zip(*numbers, strict=True), strict=True)
        }

    total = found()[()]
    of_rows = found(*down) if down else {}
    of_columns = {key: numbers for (key,), numbers in found(*across).items()} if across else {}
    cells = {(key[:-1], key[-1]): numbers for key, numbers in found(*down, *across).items()} if down and across else {}
    order = _Order(wanted, figures.get(wanted.figure))
    return Pivot(
        wanted,
        filter,
        order.rows(of_rows),
        order.columns(of_columns),
        cells,
        of_rows,
        of_columns,
        total,
    )


class _Order:
    def __init__(self, wanted: Wanted, figure: Figure) -> None:
        self.wanted, self.figure = wanted, figure

    def rows(self, found: Mapping[Key, Numbers]) -> list[Key]:
        """Stretches of days as they follow one another; else as it was asked for."""
        places = [_places(split) for split in self.wanted.down]

        def of(key: Key) -> tuple[object, ...]:
            days = tuple(one if split in BUCKETS else "" for split, one in zip(self.wanted.down, key, strict=True))
            names = tuple(place(one) for place, one in zip(places, key, strict=True))
            return (days, *self._size(found[key]), names) if self.wanted.order != "name" else (days, names)

        return sorted(found, key=of)

    def columns(self, found: Mapping[str, Numbers]) -> list[str]:
        """Stretches of days as they follow one another; else those of most cases first, or as the lists have them."""
        if self.wanted.across in BUCKETS:  # from the first on that has anything: before it the register was not there
            days = sorted(found)
            return days[next((n for n, day in enumerate(days) if _has_any(found[day])), 0) :]
        place = _places(self.wanted.across)
        if self.wanted.order == "name":
            return sorted(found, key=place)
        return sorted(found, key=lambda key: (-(found[key].get(self.figure.of) or 0), place(key)))

    def _size(self, numbers: Numbers) -> Iterator[float]:
        """The number it is ordered by, the highest first and nothing last; then of how many."""
        if self.wanted.order == "value":
            value = numbers.get(self.wanted.number)
            yield float("inf") if value is None else -value
        yield -(numbers.get(self.figure.of) or 0)


def _has_any(numbers: Numbers) -> bool:
    return any(n for name, n in numbers.items() if name not in OF_ALL)


def _places(split: str) -> Callable[[str], tuple[bool, int, str]]:
    """Where a key stands among those of its split: as the lists have them, then others, no value last."""
    is_listed = split in dimensions.DIMENSIONS or split.startswith(dimensions.FIELD)
    known = {key: place for place, key in enumerate(dimensions.keys(split) if is_listed else KEYS.get(split, ()))}
    return lambda key: (key == NONE, known.get(key, len(known)), key)


def _keys(column: pd.Series) -> list[str]:
    """The keys of a split, of stretches of days their first days as 2026-11-02."""
    return [value if isinstance(value, str) else str(value)[:10] for value in column.to_list()]


def _number(value: object) -> Number:
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    return float(value) if isinstance(value, float) else int(value)  # type: ignore[call-overload]

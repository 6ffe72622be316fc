"""Drawings of root causes."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import pandas as pd

from core.i18n import gettext as _
from core.i18n import number, percent
from core.insight import charts, known
from core.insight.comparison import Comparison
from core.insight.dimensions import NONE, name_of
from core.insight.drawings.drawing import Counted, Drawing, grid, largest_bar, ordered, peaked, query_of
from core.insight.filters import Filter
from core.insight.findings import before_words, signed
from core.insight.peaks import Peaks
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.rules.known_events import KnownEvent

MOST_TIMES = 10  # above this, how many times as often says no more


def pareto(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``causes.pareto``; those without a stated cause hatched."""
    rows, total = list(found.itertuples()), int(found["count"].sum())
    names = [name_of("root_cause", row.key) for row in rows]
    slices = [Slice(filter, "closed", root_cause=row.key) for row in rows]
    hover = _("{name}: {count}, {share}; with those above {cumulative}")
    bars = [
        charts.Bar(
            name,
            row.count,
            hover.format(
                name=name, count=number(row.count), share=percent(row.share), cumulative=percent(row.cumulative)
            ),
            query_of(slice),
            charts.count_of(row.count, total),
            is_quiet=row.key == NONE,
        )
        for row, name, slice in zip(rows, names, slices, strict=True)
    ]
    table = [
        (name, Counted(row.count, slice), charts.share_of(row.share, total), charts.share_of(row.cumulative, total))
        for name, row, slice in zip(names, rows, slices, strict=True)
    ]
    headers = (_("Root cause"), _("Complaints closed"), _("Share"), _("Cumulative"))
    alt = _("Root causes of the complaints closed in this period")
    return Drawing(charts.bars(bars), alt, headers, table, largest_bar(bars))


def risen(found: pd.DataFrame, against: Comparison) -> Drawing:
    """``causes.risen`` as a table: what there was, what there is, what that tells, and how far the rate has changed."""
    now, before = against.now, against.before or against.now
    table = [
        (
            name_of("root_cause", row.key),
            Counted(row.count, Slice(now, "closed", root_cause=row.key)),
            Counted(row.before, Slice(before, "closed", root_cause=row.key)),
            _reading(row),
            _change(row),
        )
        for row in found.itertuples()
    ]
    headers = (_("Root cause"), _("This period"), before_words(against), _("Reading"), _("Change (95 % interval)"))
    return Drawing({}, _("Which causes rose beyond chance"), headers, table)


def months(found: pd.DataFrame, filter: Filter, peaks: Peaks, events: Sequence[KnownEvent] = ()) -> dict[str, Drawing]:
    """``causes.by_month``: cause → its months, all drawn on one scale.

    ``peaks``: ``causes.months_of_most``; ``events``: known ones (D28).
    """
    most = int(found["count"].max()) if len(found) else 0
    shown, parts = known.on_chart(events, filter), found.groupby("key", sort=False)
    return {str(key): _months(str(key), part, filter, most, shown, peaks) for key, part in parts}


def categories(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``causes.by_category`` as a grid: causes down, the most frequent first, categories across."""
    counts = {(row.key, row.category): int(row.count) for row in found.itertuples()}
    across = ordered("category", found["category"])
    down = list(found.groupby("key")["count"].sum().sort_values(ascending=False).index)
    slices = {(a, b): replace(Slice(filter, "closed").only("category", b), root_cause=a) for a in down for b in across}
    return grid(
        _("Root causes per category"),
        (_("Root cause"), [name_of("root_cause", a) for a in down], [name_of("category", b) for b in across]),
        [[Counted(counts.get((a, b), 0), slices[a, b]) for b in across] for a in down],
        quiet=name_of("root_cause", NONE),
    )


class _Risen(Protocol):
    """A row of ``causes.risen``."""

    rose: bool
    count: int
    before: int
    ratio: float
    low: float
    high: float


def _reading(row: _Risen) -> str:
    if row.rose:
        return _("rose")
    return _("fell") if row.high < 1 else _("within chance")


def _change(row: _Risen) -> str:
    """``+37 % (+10 % … +71 %)``; of too few the interval alone, which says how little they tell."""
    if not row.before:
        low = signed(row.low - 1)
        return _("new, at least {low}").format(low=low) if row.low > 1 else _("new")
    if min(row.count, row.before) < ENOUGH:
        return span(row.low, row.high)
    return f"{signed(row.ratio)} ({span(row.low, row.high)})"


def span(low: float, high: float) -> str:
    """``+10 % … +71 %`` of the interval of a ratio."""
    most = signed(min(high, MOST_TIMES) - 1)
    most = most if high <= MOST_TIMES else _("over {high}").format(high=most)
    return f"{signed(low - 1)} … {most}"


def _months(
    key: str, part: pd.DataFrame, filter: Filter, most: int, events: Sequence[KnownEvent], peaks: Peaks
) -> Drawing:
    firsts = [month.date() for month in part["month"]]
    slices = [Slice(filter.between(first, min(_last(first), filter.end)), "closed", root_cause=key) for first in firsts]
    cells = [Counted(count, slice) for count, slice in zip(part["count"].to_list(), slices, strict=True)]
    points = [
        charts.Point(f"{first:%m/%y}", cell.n, f"{first:%m/%Y}: {cell.text}", query_of(cell.slice))
        for first, cell in zip(firsts, cells, strict=True)
    ]
    marks = known.marks(events, firsts, _last(firsts[-1]))

    def month(first: date) -> str:
        return _("{month} unusually many").format(month=f"{first:%m/%Y}")

    return Drawing(
        charts.panel(points, most=most, known=marks),
        known.described(_("{name} per month").format(name=name_of("root_cause", key)), events if marks else ()),
        (_("Month"), _("Complaints closed"), *((_("Known events"),) if marks else ())),
        [
            (f"{first:%m/%Y}", cell, *((known.during(events, first, _last(first)),) if marks else ()))
            for first, cell in zip(firsts, cells, strict=True)
        ],
        peaked(key, int(part["count"].sum()), peaks, (month, _("no month unusually many"))),
    )


def _last(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])

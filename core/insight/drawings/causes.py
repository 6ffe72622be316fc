"""Drawings of root causes."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date

import pandas as pd

from core.i18n import gettext as _
from core.i18n import number, percent
from core.insight import charts
from core.insight.dimensions import NONE, name_of
from core.insight.drawings.drawing import Cell, Counted, Drawing, ordered, query_of
from core.insight.filters import Filter
from core.insight.slices import Slice


def pareto(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``causes.pareto``; those without a stated cause hatched."""
    rows = list(found.itertuples())
    names = [name_of("root_cause", row.key) for row in rows]
    slices = [Slice(filter, "closed", root_cause=row.key) for row in rows]
    hover = [
        _("{name}: {count}, {share}; with those above {cumulative}").format(
            name=name, count=number(row.count), share=percent(row.share), cumulative=percent(row.cumulative)
        )
        for name, row in zip(names, rows, strict=True)
    ]
    figure = charts.bars(
        names,
        found["count"].to_list(),
        hover,
        [query_of(slice) for slice in slices],
        labels=[f"{number(row.count)} · {percent(row.share)}" for row in rows],
        quiet=[row.key == NONE for row in rows],
    )
    table = [
        (name, Counted(row.count, slice), percent(row.share), percent(row.cumulative))
        for name, row, slice in zip(names, rows, slices, strict=True)
    ]
    headers = (_("Root cause"), _("Complaints closed"), _("Share"), _("Cumulative"))
    return Drawing(figure, _("Root causes of the complaints closed in this period"), headers, table)


def risen(found: pd.DataFrame, filter: Filter, today: date) -> Drawing:
    """``causes.risen`` as a table: what there was, what there is, and how likely chance alone would do that."""
    rows = list(found.itertuples())
    now, before = filter.so_far(today), filter.before(today)
    table = [
        (
            name_of("root_cause", row.key),
            Counted(row.count, Slice(now, "closed", root_cause=row.key)),
            Counted(row.before, Slice(before, "closed", root_cause=row.key)),
            _chance(row.adjusted),
            _("rose") if row.rose else _("within chance"),
        )
        for row in rows
    ]
    headers = (_("Root cause"), _("This period"), _("Before"), _("Chance"), _("Reading"))
    return Drawing({}, _("Which causes rose beyond chance"), headers, table)


def months(found: pd.DataFrame, filter: Filter) -> dict[str, Drawing]:
    """``causes.by_month``: cause → its months, all drawn on one scale."""
    most = int(found["count"].max()) if len(found) else 0
    return {str(key): _months(str(key), part, filter, most) for key, part in found.groupby("key", sort=False)}


def categories(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``causes.by_category`` as a grid: causes down, categories across."""
    counts = {(row.key, row.category): int(row.count) for row in found.itertuples()}
    across = ordered("category", found["category"])
    down = list(found.groupby("key")["count"].sum().sort_values(ascending=False).index)
    slices = {(a, b): replace(Slice(filter, "closed").only("category", b), root_cause=a) for a in down for b in across}
    causes = [name_of("root_cause", a) for a in down]
    names = [name_of("category", b) for b in across]
    grid = [[counts.get((a, b), 0) for b in across] for a in down]
    hover = [
        [f"{cause} · {name}: {number(count)}" for name, count in zip(names, line, strict=True)]
        for cause, line in zip(causes, grid, strict=True)
    ]
    figure = charts.heat(causes, names, grid, hover, [[query_of(slices[a, b]) for b in across] for a in down])
    table: list[tuple[Cell, ...]] = [
        (cause, *(Counted(counts.get((a, b), 0), slices[a, b]) for b in across))
        for cause, a in zip(causes, down, strict=True)
    ]
    return Drawing(figure, _("Root causes per category"), (_("Root cause"), *names), table)


def _chance(p: float) -> str:
    return f"< {percent(0.001, 1)}" if p < 0.001 else percent(p, 1 if p < 0.1 else 0)


def _months(key: str, part: pd.DataFrame, filter: Filter, most: int) -> Drawing:
    firsts = [month.date() for month in part["month"]]
    slices = [Slice(filter.between(first, min(_last(first), filter.end)), "closed", root_cause=key) for first in firsts]
    words = [f"{first:%m/%Y}" for first in firsts]
    counts = part["count"].to_list()
    return Drawing(
        charts.panel(
            [f"{first:%m/%y}" for first in firsts],
            counts,
            [f"{word}: {number(count)}" for word, count in zip(words, counts, strict=True)],
            [query_of(slice) for slice in slices],
            most=most,
        ),
        _("{name} per month").format(name=name_of("root_cause", key)),
        (_("Month"), _("Complaints closed")),
        [(word, Counted(count, slice)) for word, count, slice in zip(words, counts, slices, strict=True)],
    )


def _last(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])

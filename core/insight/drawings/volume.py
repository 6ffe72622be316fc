"""Drawings of volume: how many complaints are recorded, of what, where and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import isnan

import pandas as pd

from core.i18n import WEEKDAYS, language, number, percent
from core.i18n import gettext as _
from core.insight import charts
from core.insight.control_chart import week_name, week_words
from core.insight.dimensions import name_of, title
from core.insight.drawings.drawing import Cell, Counted, Drawing, grid, ordered, query_of
from core.insight.filters import Filter
from core.insight.slices import Slice


def categories(found: pd.DataFrame, filter: Filter, today: date) -> Drawing:
    """``volume.by_category``: this period as bars, the period before as a stroke on each."""
    words = _("Category"), _("Complaints per category, this period and the period before")
    return _compared(found, filter, today, "category", words)


def choices(found: pd.DataFrame, filter: Filter, today: date, dimension: str) -> Drawing:
    """``volume.by`` the choices of a category's field, drawn as the categories are."""
    name = title(dimension, [key] if (key := filter.one_category) else [])
    alt = _("Complaints by “{name}”, this period and the period before").format(name=name)
    return _compared(found, filter, today, dimension, (name, alt))


def _compared(found: pd.DataFrame, filter: Filter, today: date, dimension: str, words: tuple[str, str]) -> Drawing:
    heading, alt = words
    rows = list(found.itertuples())
    names = [name_of(dimension, row.key) for row in rows]
    slices = [Slice(filter).only(dimension, row.key) for row in rows]
    earlier = [Slice(filter.before(today)).only(dimension, row.key) for row in rows]
    hover = _("{name}: {count}, {share} of all; {before} in the period before")
    bars = [
        charts.Bar(
            name,
            row.count,
            hover.format(name=name, count=number(row.count), share=percent(row.share), before=number(row.before)),
            query_of(slice),
            f"{number(row.count)} · {percent(row.share)}",
            before=(row.before, query_of(was)),
        )
        for row, name, slice, was in zip(rows, names, slices, earlier, strict=True)
    ]
    return Drawing(
        charts.bars(bars),
        alt,
        (heading, _("Complaints"), _("Share"), _("Before"), _("Change")),
        [
            (name, Counted(row.count, slice), percent(row.share), Counted(row.before, was), ratio_words(row.ratio))
            for row, name, slice, was in zip(rows, names, slices, earlier, strict=True)
        ],
    )


def weekly(found: pd.DataFrame, filter: Filter) -> dict[str, Drawing]:
    """``volume.by_week_and_category``: category → its weeks, all drawn on one scale."""
    most = int(found["count"].max()) if len(found) else 0
    return {
        str(category): _weeks(str(category), part, filter, most)
        for category, part in found.groupby("category", sort=False)
    }


def channels(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``volume.by_channel_and_category`` as a grid: categories down, channels across, both in the catalogue's order."""
    counts = {(row.category, row.channel): int(row.count) for row in found.itertuples()}
    across = ordered("channel", found["channel"])
    down = ordered("category", found["category"])
    slices = {(a, b): Slice(filter).only("category", a).only("channel", b) for a in down for b in across}
    return grid(
        _("Complaints per category and channel"),
        (_("Category"), [name_of("category", key) for key in down], [name_of("channel", key) for key in across]),
        [[Counted(counts.get((a, b), 0), slices[a, b]) for b in across] for a in down],
    )


def hours(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``volume.by_weekday_and_hour`` as a punch card."""
    counts = {(row.weekday, row.hour): int(row.count) for row in found.itertuples()}
    cells = [
        [Counted(counts.get((day, hour), 0), replace(Slice(filter), weekday=day, hour=hour)) for hour in range(24)]
        for day in range(7)
    ]
    names = WEEKDAYS[language()]
    points = [
        [
            charts.Point(name, cell.n, f"{name} {hour}:00–{hour}:59: {cell.text}", query_of(cell.slice))
            for hour, cell in enumerate(line)
        ]
        for name, line in zip(names, cells, strict=True)
    ]
    busy = [hour for hour in range(24) if any(line[hour].n for line in cells)]
    rows: list[tuple[Cell, ...]] = [
        (name, *(line[hour] for hour in busy)) for name, line in zip(names, cells, strict=True)
    ]
    return Drawing(
        charts.punch_card(names, points),
        _("Complaints per weekday and hour of receipt"),
        (_("Weekday"), *(_("{hour} h").format(hour=hour) for hour in busy)),
        rows if busy else (),
    )


def ratio_words(ratio: float) -> str:
    """``+12 %``, ``-3 %``; a dash where there was nothing before."""
    return "–" if isnan(ratio) else f"{'+' if ratio > 0 else ''}{percent(ratio)}"


def _weeks(category: str, part: pd.DataFrame, filter: Filter, most: int) -> Drawing:
    mondays = [week.date() for week in part["week"]]
    slices = [Slice(filter).only("category", category).during(day, day + timedelta(days=6)) for day in mondays]
    cells = [Counted(count, slice) for count, slice in zip(part["count"].to_list(), slices, strict=True)]
    points = [
        charts.Point(week_name(day), cell.n, f"{week_words(day)}: {cell.text}", query_of(cell.slice))
        for day, cell in zip(mondays, cells, strict=True)
    ]
    return Drawing(
        charts.panel(points, most=most),
        _("{name} per week").format(name=name_of("category", category)),
        (_("Week"), _("Complaints")),
        [(week_words(day), cell) for day, cell in zip(mondays, cells, strict=True)],
    )

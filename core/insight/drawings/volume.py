"""Drawings of how much comes in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from core.i18n import WEEKDAYS, language, number, percent
from core.i18n import gettext as _
from core.insight import charts
from core.insight.control_chart import week_name, week_words
from core.insight.dimensions import name_of
from core.insight.drawings.drawing import Cell, Counted, Drawing, ordered, query_of
from core.insight.filters import Filter
from core.insight.slices import Slice


def categories(found: pd.DataFrame, filter: Filter, today: date) -> Drawing:
    """``volume.by_category``: this period as bars, the period before as a stroke on each."""
    names = [name_of("category", key) for key in found["key"]]
    slices = [Slice(filter).only("category", key) for key in found["key"]]
    earlier = [Slice(filter.before(today)).only("category", key) for key in found["key"]]
    rows = list(found.itertuples())
    labels = [f"{number(row.count)} · {percent(row.share)}" for row in rows]
    hover = [
        _("{name}: {count}, {share} of all; {before} in the period before").format(
            name=name, count=number(row.count), share=percent(row.share), before=number(row.before)
        )
        for name, row in zip(names, rows, strict=True)
    ]
    return Drawing(
        charts.bars(
            names,
            found["count"].to_list(),
            hover,
            [query_of(slice) for slice in slices],
            labels=labels,
            before=found["before"].to_list(),
            before_queries=[query_of(slice) for slice in earlier],
        ),
        _("Complaints per category, this period and the period before"),
        (_("Category"), _("Complaints"), _("Share"), _("Before"), _("Change")),
        [
            (name, Counted(row.count, slice), percent(row.share), Counted(row.before, was), moved(row.ratio))
            for name, row, slice, was in zip(names, rows, slices, earlier, strict=True)
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
    names = {key: name_of("channel", key) for key in across}
    hover = [[f"{name_of('category', a)} · {names[b]}: {number(counts.get((a, b), 0))}" for b in across] for a in down]
    figure = charts.heat(
        [name_of("category", a) for a in down],
        list(names.values()),
        [[counts.get((a, b), 0) for b in across] for a in down],
        hover,
        [[query_of(slices[a, b]) for b in across] for a in down],
    )
    rows: list[tuple[Cell, ...]] = [
        (name_of("category", a), *(Counted(counts.get((a, b), 0), slices[a, b]) for b in across)) for a in down
    ]
    return Drawing(figure, _("Complaints per category and channel"), (_("Category"), *names.values()), rows)


def hours(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``volume.by_weekday_and_hour`` as a punch card."""
    counts = [[0] * 24 for _day in range(7)]
    for row in found.itertuples():
        counts[row.weekday][row.hour] = int(row.count)
    slices = [[replace(Slice(filter), weekday=day, hour=hour) for hour in range(24)] for day in range(7)]
    names = WEEKDAYS[language()]
    hover = [
        [f"{names[day]} {hour}:00–{hour}:59: {number(counts[day][hour])}" for hour in range(24)] for day in range(7)
    ]
    busy = [hour for hour in range(24) if any(counts[day][hour] for day in range(7))]
    figure = charts.punch_card(names, counts, hover, [[query_of(slice) for slice in line] for line in slices])
    rows: list[tuple[Cell, ...]] = [
        (names[day], *(Counted(counts[day][hour], slices[day][hour]) for hour in busy)) for day in range(7)
    ]
    return Drawing(
        figure,
        _("Complaints per weekday and hour of receipt"),
        (_("Weekday"), *(_("{hour} h").format(hour=hour) for hour in busy)),
        rows if busy else (),
    )


def moved(ratio: float) -> str:
    """``+12 %``, ``-3 %``; a dash where there was nothing before."""
    return "–" if ratio != ratio else f"{'+' if ratio > 0 else ''}{percent(ratio)}"


def _weeks(category: str, part: pd.DataFrame, filter: Filter, most: int) -> Drawing:
    rows: list[Any] = list(part.itertuples())
    slices = [Slice(filter).only("category", category).during(row.week.date(), _sunday(row.week)) for row in rows]
    return Drawing(
        charts.panel(
            [week_name(row.week) for row in rows],
            part["count"].to_list(),
            [f"{week_words(row.week)}: {number(row.count)}" for row in rows],
            [query_of(slice) for slice in slices],
            most=most,
        ),
        _("{name} per week").format(name=name_of("category", category)),
        (_("Week"), _("Complaints")),
        [(week_words(row.week), Counted(row.count, slice)) for row, slice in zip(rows, slices, strict=True)],
    )


def _sunday(monday: pd.Timestamp) -> date:
    sunday: date = monday.date() + timedelta(days=6)
    return sunday

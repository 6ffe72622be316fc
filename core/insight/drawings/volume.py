"""Drawings of volume: how many complaints are recorded, of what, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

import pandas as pd

from core.i18n import WEEKDAYS, language, number, percent
from core.i18n import gettext as _
from core.insight import charts, findings, known
from core.insight.comparison import Comparison
from core.insight.control_chart import spans_years, week_name, week_number, week_words
from core.insight.dimensions import name_of, title
from core.insight.drawings.drawing import (
    Cell,
    Counted,
    Drawing,
    grid,
    largest,
    largest_bar,
    ordered,
    peaked,
    query_of,
)  # fmt: skip
from core.insight.filters import Filter
from core.insight.peaks import Peaks
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.insight.weeks_open import WEEK
from core.rules.known_events import KnownEvent


def categories(found: pd.DataFrame, against: Comparison) -> Drawing:
    """``volume.by_category``: this period as bars, what it is compared with as a paler one behind each."""
    return _compared(found, against, "category", (_("Category"), _("Complaints per category")))


def choices(found: pd.DataFrame, against: Comparison, dimension: str) -> Drawing:
    """``volume.by`` the choices of a category's field, drawn as the categories are."""
    name = title(dimension, [key] if (key := against.period.one_category) else [])
    return _compared(found, against, dimension, (name, _("Complaints by “{name}”").format(name=name)))


def _compared(found: pd.DataFrame, against: Comparison, dimension: str, words: tuple[str, str]) -> Drawing:
    heading, alt = words
    other, total = findings.other(against), int(found["count"].sum())
    bars, table = [], []
    for row in found.itertuples():
        name, slice = name_of(dimension, row.key), Slice(against.period).only(dimension, row.key)
        count, share = number(row.count), percent(row.share)
        hover, label = _("{name}: {count}, {share} of all"), charts.count_of(row.count, total)
        cells: list[Cell] = [name, Counted(row.count, slice), charts.share_of(row.share, total)]
        before = None
        if against.before is not None:
            was = Counted(int(row.before), Slice(against.before).only(dimension, row.key))
            before = was.n, query_of(was.slice)
            hover, label = _("{name}: {count}, {share} of all; {other} {before}"), f"{label} · {_on_bar(row, against)}"
            cells += [was, charts.marked(findings.signed(row.ratio), was.n) if was.n else "–"]
        text = hover.format(name=name, count=count, share=share, other=other, before=number(before[0] if before else 0))
        bars.append(charts.Bar(name, row.count, text, query_of(slice), label, before=before))
        table.append(tuple(cells))
    headers: tuple[str, ...] = (heading, _("Complaints"), _("Share"))
    if against.before is not None:
        change = _("Change") if against.open_now == against.open_before else _("Change per open hour")
        headers, alt = (
            (*headers, findings.before_words(against), change),
            _("{what}, beside {other}").format(what=alt, other=other),
        )
    return Drawing(charts.bars(bars, before=other), alt, headers, table, largest_bar(bars))


class _Row(Protocol):
    count: int
    before: float
    ratio: float


def _on_bar(row: _Row, against: Comparison) -> str:
    """``+37 %``; where in the other period there were too few for a percentage, how many."""
    if row.before >= ENOUGH:
        return findings.signed(row.ratio)
    few = _("against {n}") if against.is_chosen else _("before {n}")
    return few.format(n=number(row.before))


def weekly(found: pd.DataFrame, filter: Filter, peaks: Peaks, events: Sequence[KnownEvent] = ()) -> dict[str, Drawing]:
    """``volume.by_week_and_category``: category → its weeks, all drawn on one scale.

    ``peaks``: ``volume.weeks_of_most``; ``events``: known ones (D28).
    """
    most = int(found["count"].max()) if len(found) else 0
    drawn = {}
    for category, part in found.groupby("category", sort=False):
        key = str(category)
        drawn[key] = _weeks(key, part, filter, most, known.on_chart(events, filter, category=key), peaks)
    return drawn


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
        largest(
            ((f"{hour}:00–{hour}:59", sum(line[hour].n for line in cells)) for hour in busy),
            sum(cell.n for line in cells for cell in line),
        ),
    )


def _weeks(
    category: str, part: pd.DataFrame, filter: Filter, most: int, events: Sequence[KnownEvent], peaks: Peaks
) -> Drawing:
    mondays = [week.date() for week in part["week"]]
    with_year = spans_years(mondays)
    its = Slice(filter).only("category", category)
    slices = [its.during(day, day + timedelta(days=6)) for day in mondays]
    cells = [Counted(count, slice) for count, slice in zip(part["count"].to_list(), slices, strict=True)]
    points = [
        charts.Point(
            week_name(day, with_year), cell.n, f"{week_words(day, with_year)}: {cell.text}", query_of(cell.slice)
        )
        for day, cell in zip(mondays, cells, strict=True)
    ]
    marks = known.marks(events, mondays, mondays[-1] + WEEK - known.DAY)

    def week(monday: date) -> str:
        return _("week {week} unusually many").format(week=week_number(monday, with_year))

    return Drawing(
        charts.panel(points, most=most, known=marks),
        known.described(_("{name} per week").format(name=name_of("category", category)), events if marks else ()),
        (_("Week"), _("Complaints"), *((_("Known events"),) if marks else ())),
        [
            (
                week_words(day, with_year),
                cell,
                *((known.during(events, day, day + WEEK - known.DAY),) if marks else ()),
            )
            for day, cell in zip(mondays, cells, strict=True)
        ],
        peaked(category, int(part["count"].sum()), peaks, (week, _("no week unusually many"))),
    )

"""Drawings of promises kept and missed, and of what is still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from core.i18n import gettext as _
from core.i18n import number, percent
from core.insight import charts
from core.insight.control_chart import control_chart, week_words
from core.insight.dimensions import NONE, name_of
from core.insight.drawings.drawing import Cell, Counted, Drawing, query_of
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.insight.verdicts import FELL_DUE

UNKEPT = ("missed", "overdue")


def weeks(found: pd.DataFrame, filter: Filter, stage: str) -> Drawing:
    """``compliance.by_week`` as a control chart."""
    rows = list(found.itertuples())
    slices = [
        Slice(filter, "due", stage=stage).during(row.week.date(), row.week.date() + timedelta(days=6)) for row in rows
    ]
    fell_due, running = (
        [query_of(replace(slice, verdict=verdict)) for slice in slices] for verdict in (FELL_DUE, ("running",))
    )
    figure = control_chart(found, fell_due, running)
    table: list[tuple[Cell, ...]] = [
        (week_words(row.week), charts.share(row.share), *_verdicts(row, slice))
        for row, slice in zip(rows, slices, strict=True)
    ]
    return Drawing(
        figure,
        _("{stage}: share met per week, with limits, and what fell due").format(stage=name_of("stage", stage)),
        (_("Week"), *_verdict_headers()),
        table if found[["due", "running", "cancelled"]].to_numpy().any() else (),
    )


def by(found: pd.DataFrame, filter: Filter, stage: str, dimension: str, title: str) -> Drawing:
    """``compliance.by``: the unkept of each key as bars, its share met beside."""
    rows = list(found.itertuples())
    names = [name_of(dimension, row.key) for row in rows]
    slices = [Slice(filter, "due", stage=stage).only(dimension, row.key) for row in rows]
    hover = [
        _("{name}: {share} met, {unkept} of {due} not").format(
            name=name, share=charts.share(row.share), unkept=number(row.missed + row.overdue), due=number(row.due)
        )
        for name, row in zip(names, rows, strict=True)
    ]
    labels = [f"{number(row.missed + row.overdue)} · {charts.share(row.share)}" for row in rows]
    queries = [query_of(replace(slice, verdict=UNKEPT)) for slice in slices]
    counts = [row.missed + row.overdue for row in rows]
    figure = charts.bars(names, counts, hover, queries, labels=labels, color=charts.MISSED)
    table: list[tuple[Cell, ...]] = [
        (name, charts.share(row.share), *_verdicts(row, slice))
        for name, row, slice in zip(names, rows, slices, strict=True)
    ]
    alt = _("{stage} not met, {title}").format(stage=name_of("stage", stage), title=title)
    return Drawing(figure, alt, (title, *_verdict_headers()), table)


def reasons(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``compliance.breach_reasons`` as a Pareto."""
    names = [name_of("breach_reason", key) for key in found["key"]]
    slices = [Slice(filter, "due", verdict=UNKEPT, breach_reason=key) for key in found["key"]]
    rows = list(found.itertuples())
    total = int(found["count"].sum()) if len(found) else 0
    hover = [
        _("{name}: {count}, {share}; with those above {cumulative}").format(
            name=name,
            count=number(row.count),
            share=percent(row.count / total),
            cumulative=percent(row.cumulative),
        )
        for name, row in zip(names, rows, strict=True)
    ]
    figure = charts.bars(
        names,
        found["count"].to_list(),
        hover,
        [query_of(slice) for slice in slices],
        labels=[f"{number(row.count)} · {percent(row.count / total)}" for row in rows],
        color=charts.MISSED,
        quiet=[key == NONE for key in found["key"]],
    )
    table = [
        (name, Counted(row.count, slice), percent(row.cumulative))
        for name, row, slice in zip(names, rows, slices, strict=True)
    ]
    return Drawing(figure, _("Why obligations were missed"), (_("Reason"), _("Obligations"), _("Cumulative")), table)


def ageing(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``backlog.ageing``: open complaints by age, those with a clock past due in front."""
    rows = list(found.itertuples())
    slices = [Slice(filter, "open", age=row.age) for row in rows]
    late = [replace(slice, segment="overdue") for slice in slices]
    names = [age_words(row.from_days, row.to_days) for row in rows]
    hover = [
        _("{name}: {count} open, {overdue} overdue").format(
            name=name, count=number(row.count), overdue=number(row.overdue)
        )
        for name, row in zip(names, rows, strict=True)
    ]
    whole = (_("Open"), [row.count for row in rows], [query_of(slice) for slice in slices])
    part = (_("Overdue"), [row.overdue for row in rows], [query_of(slice) for slice in late])
    figure = charts.overlaid(names, whole, part, hover)
    table = [
        (name, Counted(row.count, slice), Counted(row.overdue, overdue))
        for name, row, slice, overdue in zip(names, rows, slices, late, strict=True)
    ]
    return Drawing(
        figure,
        _("Open complaints by age"),
        (_("Age"), _("Open"), _("Overdue")),
        table if found["count"].any() else (),
    )


def age_words(start: int, end: float) -> str:
    """``< 1 ngày``, ``3–7 ngày``, ``≥ 30 ngày``."""
    if end != end:
        return _("≥ {days} days").format(days=start)
    return _("< 1 day") if start == 0 else _("{start}–{end} days").format(start=start, end=int(end))


def _verdict_headers() -> tuple[str, ...]:
    return (_("Share met"), _("Fell due"), _("Met"), _("Missed"), _("Overdue"), _("Not yet due"), _("Withdrawn"))


def _verdicts(row: object, slice: Slice) -> tuple[Counted, ...]:
    """What fell due, and what became of it, each opening its rows."""
    due = Counted(row.due, replace(slice, verdict=FELL_DUE))  # type: ignore[attr-defined]
    each = ("met", "missed", "overdue", "running", "cancelled")
    return (due, *(Counted(getattr(row, name), replace(slice, verdict=(name,))) for name in each))

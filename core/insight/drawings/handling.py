"""Drawings of how long handling takes, where the time goes, how much is open, and how the procedure is walked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import exp, isnan, log, sqrt
from typing import Any, Protocol

import pandas as pd

from core.i18n import gettext as _
from core.i18n import named, number
from core.insight import charts, known
from core.insight.charts import GRID, INK, MET, MISSED, PALE, SECOND, Bar
from core.insight.clusters import ORDINARY
from core.insight.control_chart import spans_years, week_name, week_words
from core.insight.dimensions import NONE, name_of
from core.insight.drawings.drawing import NAMED, Cell, Counted, Drawing, query_of, with_events
from core.insight.filters import Filter
from core.insight.findings import in_hours
from core.insight.histories import PHASES
from core.insight.rates import ENOUGH, Z
from core.insight.slices import Slice
from core.insight.tally import PERSON
from core.insight.times import PHASE, WAITING
from core.insight.walked import EVENT
from core.rules.known_events import KnownEvent
from core.rules.verdicts import FELL_DUE, Verdict

LONGEST, FEW = 53, 26  # weeks of a period that is drawn by weeks, as lines or as bars; a longer one by months
SEVERAL = 3  # weeks or months of which a title says between what they lie
SHOWN = 13  # names beneath an axis
LAST = timedelta(days=1)
NINETIETH = 1.2816  # the standard normal deviate that nine of ten lie below
Names = Mapping[str, str]
"""Ids of people → their names, as far as whoever looks is told them."""


def bucket(filter: Filter, most: int = LONGEST) -> str:
    """By what stretches of days a period is drawn: weeks where there are at most so many, else months."""
    return "week" if len(filter.weeks()) <= most else "month"


def durations(
    found: pd.DataFrame,
    filter: Filter,
    stage: str,
    usual: float,
    other: str,
    events: Sequence[KnownEvent] = (),
) -> Drawing:
    """The figure ``*_hours`` by week or month: what half and nine of ten took, and how many these were.

    ``usual``: the median of the period it is compared with, NaN for none, which is called ``other``. ``events``: known
    ones (D28).
    """
    spans = _spans(found, filter)
    slices = [Slice(filter, "due", stage=stage, stopped=True).during(*span.days) for span in spans]
    queries = [query_of(slice) for slice in slices]
    rows = list(found.itertuples())
    counts = [int(row.count) for row in rows]
    hover = _("{when}: half within {median}, 90 % within {p90}, of {n}")
    texts = [
        hover.format(when=span.words, median=in_hours(row.median), p90=in_hours(row.p90), n=number(row.count))
        for span, row in zip(spans, rows, strict=True)
    ]
    figure = _above_counts(
        spans,
        [
            _line(_("90 % within"), _numbers(found["p90"]), texts, queries, MISSED, "dot"),
            _line(_("Half within"), _numbers(found["median"]), texts, queries, MET, "solid"),
            *([] if isnan(usual) else [_level(_("half, {other}").format(other=other), usual, len(spans))]),
        ],
        [_counts(_("Ended promises"), counts, texts, queries, PALE)],
        {"ticksuffix": _(" h"), "rangemode": "tozero", "gridcolor": GRID, "nticks": 6},
        max(counts, default=0),
    )
    table: list[tuple[Cell, ...]] = [
        (span.words, in_hours(row.median), in_hours(row.p90), Counted(int(row.count), slice))
        for span, row, slice in zip(spans, rows, slices, strict=True)
    ]
    alt = _("{stage}: open hours per week, in the median and for nine of ten").format(stage=name_of("stage", stage))
    headers = (_("Week or month"), _("Half within"), _("90 % within"), _("Ended promises"))
    drawing = Drawing(figure, alt, headers, table if any(counts) else (), _between(rows))
    shown = known.on_chart(events, filter, stage=stage)
    return with_events(drawing, shown, [span.days for span in spans], axis="y3")


def _between(rows: Sequence[Any]) -> str:
    """Between which times the medians of weeks or months lie, of those with enough to tell."""
    medians = [row.median for row in rows if row.count >= ENOUGH]
    if len(medians) < SEVERAL:
        return ""
    low, high = in_hours(min(medians)), in_hours(max(medians))
    if low == high:
        return _("half within {median}").format(median=low)
    return _("half within {low} to {high}").format(low=low, high=high)


def spent(found: pd.DataFrame, filter: Filter, by: str, names: Names) -> Drawing:
    """``time_spent`` by who is waited for, by phase or by person, or ``department_hours`` by department."""
    opens, counted = _opening(filter, by), _("questions") if by == "department" else _("complaints")
    whole = float(found["hours"].sum())
    hover = _("{name}: {hours}, {share} of all; {n} {what}, half within {median}")
    bars, table = [], list[tuple[Cell, ...]]()
    if by == PHASE:
        found = found.sort_values(by, key=lambda keys: keys.map([*PHASES].index), kind="stable")
    for row in found.itertuples():
        key = str(getattr(row, by))
        name, slice, hours = _named(by, key, names), opens(key), in_hours(row.hours)
        share = charts.share(row.hours / whole if whole else float("nan"))
        text = hover.format(
            name=name, hours=hours, share=share, n=number(row.count), what=counted, median=in_hours(row.median)
        )
        label = f"{hours} · {share}"
        bars.append(
            Bar(name, int(row.count), text, query_of(slice), label, is_quiet=key == NONE, length=round(row.hours, 2))
        )
        cells = (in_hours(row.median), in_hours(row.p90), Counted(int(row.count), slice))
        table.append((name, hours, share, *cells))
    counts = _("Questions") if by == "department" else _("Complaints")
    headers = (_("Where"), _("Open hours"), _("Share"), _("Half within"), _("90 % within"), counts)
    finding = _longest([(_named(by, str(getattr(row, by)), names), row) for row in found.itertuples()], by, whole)
    return Drawing(charts.bars(bars), _("Where the open hours went"), headers, table if whole else (), finding)


def _longest(parts: Sequence[tuple[str, Any]], by: str, whole: float) -> str:
    """``Phòng Pháp chế 35 % của 380 giờ``: the part, or the two, ahead of the next beyond chance (D27).

    A sum of hours varies by how many cases there are and by how long each takes: about log-normal, as its median and
    its ninetieth percentile show. ``parts``: name, and row of ``times.spent``.
    """
    falling = sorted((one for one in parts if one[1].count), key=lambda one: -one[1].hours)
    for n in range(1, min(NAMED + 1, len(falling))):
        first, (_name, last), (_next, after) = falling[:n], falling[n - 1], falling[n]
        if any(str(getattr(row, by)) == NONE or row.count < ENOUGH for _name, row in first):
            return ""
        if last.hours - after.hours > Z * sqrt(_variance(last) + _variance(after)):
            share = charts.share(sum(row.hours for _name, row in first) / whole)
            return _("{names} {share} of {n}").format(
                names=", ".join(name for name, _row in first), share=share, n=in_hours(whole)
            )
    return ""


class _Spent(Protocol):
    """A row of ``times.spent``."""

    count: int
    hours: float
    median: float
    p90: float


def _variance(row: _Spent) -> float:
    """Of the sum of hours, of cases that cluster as they ordinarily do (D28)."""
    spread = log(row.p90 / row.median) / NINETIETH if row.median > 0 else 1.0
    return float(ORDINARY * row.hours**2 / row.count * exp(spread**2))


def flow(found: pd.DataFrame, filter: Filter, today: date, events: Sequence[KnownEvent] = ()) -> Drawing:
    """The figure ``flow`` by week or month: what was open at the end above, what came and ended beneath.

    ``events``: known ones (D28).
    """
    spans = _spans(found, filter, today)
    columns = ("recorded", "ended", "open")
    of = {
        name: [Slice(filter, kind).during(*span.days) for span in spans]
        for name, kind in zip(columns, ("recorded", "ended", "left"), strict=True)
    }
    counts = {name: [int(count) for count in found[name]] for name in columns}
    queries = {name: [query_of(slice) for slice in slices] for name, slices in of.items()}
    hover = _("{when}: {recorded} recorded, {ended} ended, {open} open at its end")
    texts = [
        hover.format(when=span.words, **{name: number(counts[name][i]) for name in columns})
        for i, span in enumerate(spans)
    ]
    figure = _above_counts(
        spans,
        [_line(_("Open at the end"), [float(n) for n in counts["open"]], texts, queries["open"], MET, "solid")],
        [
            _counts(_("Recorded"), counts["recorded"], texts, queries["recorded"], PALE),
            _counts(_("Ended"), counts["ended"], texts, queries["ended"], SECOND, hatch="/"),
        ],
        {"gridcolor": GRID} | charts.counted(max(counts["open"], default=0)),
        max([0, *counts["recorded"], *counts["ended"]]),
    )
    table: list[tuple[Cell, ...]] = [
        (span.words, *(Counted(counts[name][i], of[name][i]) for name in columns)) for i, span in enumerate(spans)
    ]
    headers = (_("Week or month"), _("Recorded"), _("Ended"), _("Open at the end"))
    is_any = any(map(any, counts.values()))
    alt, finding = _("Complaints recorded, ended and open, week by week"), ""
    if (most := max(counts["open"], default=0)) >= ENOUGH:
        last = counts["open"][-1]
        sentence = _("{n} open at the end, at most {most}")
        if last == most:
            is_highest = min(counts["open"]) < most
            sentence = _("{n} open at the end, the most of the period") if is_highest else _("{n} open at the end")
        finding = sentence.format(n=number(last), most=number(most))
    drawing = Drawing(figure, alt, headers, table if is_any else (), finding)
    return with_events(drawing, known.on_chart(events, filter), [span.days for span in spans], axis="y3")


def people(found: pd.DataFrame, filter: Filter, names: Names) -> Drawing:
    """``workload`` by person as a table, who has most open first."""
    due = Slice(filter, "due", stage="resolve", verdict=FELL_DUE)
    table: list[tuple[Cell, ...]] = []
    for row in found.sort_values(["open", "recorded"], ascending=False, kind="stable").itertuples():
        key = str(row.person)
        table.append(
            (
                _named(PERSON, key, names),
                Counted(int(row.open), Slice(filter, "open", person=key)),
                Counted(int(row.recorded), Slice(filter, person=key)),
                Counted(int(row.ended), Slice(filter, "ended", person=key)),
                Counted(int(row.due), replace(due, person=key)),
                Counted(int(row.met), replace(due, verdict=(Verdict.MET,), person=key)),
                charts.share_of(row.share, int(row.due)),
            )
        )
    headers = (
        _("Person"),
        _("Open now"),
        _("Recorded"),
        _("Ended"),
        _("Results due"),
        _("In time"),
        _("Share met"),
    )
    return Drawing({}, _("Work of each person"), headers, table)


def walked(found: pd.DataFrame, back: pd.DataFrame, filter: Filter) -> Drawing:
    """``walked`` by event, and ``walked_back``, as a table; by phase it is drawn by ``core.ui.procedures.walked``."""
    table: list[tuple[Cell, ...]] = [
        (
            named(EVENT, row.event),
            Counted(int(row.complaints), Slice(filter, "walked", event=row.event)),
            charts.share_of(row.share, int(row.all)),
            number(row.times),
            in_hours(row.median),
            in_hours(row.p90),
        )
        for row in found.itertuples()
    ]
    for way in back.itertuples():
        name = _("{step} → back to {to}").format(step=named(PHASE, way.step), to=named(PHASE, way.to_step))
        its = Slice(filter, "walked", phase=way.step, to=way.to_step)
        table.append((name, Counted(int(way.complaints), its), "–", number(way.times), "–", "–"))
    headers = (_("Step"), _("Complaints"), _("Share"), _("Times"), _("Half waited"), _("90 % waited"))
    return Drawing({}, _("The steps as cases took them"), headers, table)


def _opening(filter: Filter, by: str) -> Callable[[str], Slice]:
    """Key → the rows that it counts."""
    waited = Slice(filter, "waited")
    return {
        WAITING: lambda key: replace(waited, waits_for=key),
        PHASE: lambda key: replace(waited, phase=key),
        PERSON: lambda key: replace(waited, person=key),
        "department": lambda key: Slice(filter, "let_go").only("department", key),
    }[by]


def _named(by: str, key: str, names: Names) -> str:
    if by == PERSON:
        return names.get(key) or named("no value", PERSON)
    return named(by, key) if by in (WAITING, PHASE) else name_of(by, key)


class _Span:
    """A week or a month of a figure: its first and last day, its name beneath an axis, its words."""

    def __init__(self, first: date, last: date, name: str, words: str) -> None:
        self.days, self.name, self.words = (first, last), name, words


def _spans(found: pd.DataFrame, filter: Filter, today: date | None = None) -> list[_Span]:
    """The stretches of a figure that is split by one; none reaches beyond ``today``."""
    by = "week" if "week" in found else "month"
    firsts = [moment.date() for moment in found[by]]
    lasts = [after - LAST for after in firsts[1:]] + [max(filter.end, *firsts)] if firsts else []
    if today is not None:
        lasts = [min(last, today) for last in lasts]
    with_year = spans_years(firsts)
    return [
        _Span(first, last, week_name(first, with_year), week_words(first, with_year))
        if by == "week"
        else _Span(first, last, f"{first:%m/%y}", f"{first:%m/%Y}")
        for first, last in zip(firsts, lasts, strict=True)
    ]


def _numbers(values: Sequence[float]) -> list[float | None]:
    return [None if isnan(value) else round(value, 2) for value in values]


def _line(
    name: str, values: Sequence[float | None], hover: Sequence[str], queries: Sequence[str], color: str, dash: str
) -> charts.Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(range(len(values))),
        "y": list(values),
        "connectgaps": False,
        "cliponaxis": False,
        "hovertext": [charts.letters(text) for text in hover],
        "hoverinfo": "text",
        "customdata": list(queries),
        "line": {"color": color, "width": 2.2, "dash": dash},
        "marker": {"color": color, "size": 7, "symbol": "circle" if dash == "solid" else "diamond"},
    }


def _level(name: str, value: float, size: int) -> charts.Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": charts.letters(name),
        "x": [-0.4, size - 0.6],
        "y": [round(value, 2)] * 2,
        "hoverinfo": "skip",
        "line": {"color": INK, "width": 1.2, "dash": "dash"},
    }


def _counts(
    name: str, counts: Sequence[int], hover: Sequence[str], queries: Sequence[str], color: str, *, hatch: str = ""
) -> charts.Figure:
    return {
        "type": "bar",
        "name": name,
        "x": list(range(len(counts))),
        "y": list(counts),
        "yaxis": "y2",
        "hovertext": [charts.letters(text) for text in hover],
        "hoverinfo": "text",
        "customdata": list(queries),
        "marker": {"color": color, "pattern": {"shape": hatch}},
    }


def _above_counts(
    spans: Sequence[_Span],
    lines: Sequence[charts.Figure],
    bars: Sequence[charts.Figure],
    axis: charts.Figure,
    most: int,
) -> charts.Figure:
    """Lines above bars of counts, both over the same weeks or months."""
    ticks = list(range(len(spans)))
    every = max(1, -(-len(ticks) // SHOWN))
    shown = ticks[::-1][::every][::-1]
    shape = charts.layout(
        height=340,
        showlegend=True,
        barmode="group",
        bargap=0.22,
        xaxis={
            "anchor": "y2",
            "tickvals": shown,
            "ticktext": [charts.letters(spans[i].name) for i in shown],
            "showgrid": False,
            "range": [-0.6, len(ticks) - 0.4],
        },
        yaxis={"domain": [0.36, 1], **axis},
        yaxis2={"domain": [0, 0.26], "gridcolor": GRID} | charts.counted(most),
    )
    return {"data": [*lines, *bars], "layout": shape}

"""Compliance per week as a control chart, with what fell due and what is still to come beneath it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from math import isnan
from typing import NamedTuple

import pandas as pd

from core.i18n import N_, number
from core.i18n import gettext as _
from core.insight.charts import (
    BAND,
    GRID,
    HEAD_ROOM,
    INK,
    MET,
    MISSED,
    PALE,
    RUNNING,
    Figure,
    counted,
    layout,
    marked_with,
    share,
    target_words,
)  # fmt: skip
from core.insight.known import Mark


class Week(NamedTuple):
    """A row of ``compliance.by_week``."""

    week: date
    due: int
    met: int
    missed: int
    overdue: int
    running: int
    cancelled: int
    share: float
    target: float
    ended: bool
    centre: float
    lower: float
    upper: float
    signal: str
    rule: str
    begins: date


def week_rows(weeks: pd.DataFrame) -> list[Week]:
    """The rows of ``compliance.by_week``."""
    return [Week(monday.date(), *others) for monday, *others in weeks[list(Week._fields)].itertuples(index=False)]


def spans_years(weeks: Sequence[date]) -> bool:
    """Whether these weeks lie in more than one year, so that their numbers alone do not name them."""
    return len({week.isocalendar().year for week in weeks}) > 1


def week_number(week: date, with_year: bool) -> str:
    """``46``; ``46/2025`` with its ISO year."""
    year, n, _weekday = week.isocalendar()
    return f"{n}/{year}" if with_year else str(n)


def week_name(week: date, with_year: bool) -> str:
    """``T46``, ``T46/25``: the ISO week."""
    name = _("W{week}").format(week=week.isocalendar().week)
    return f"{name}/{week.isocalendar().year % 100:02d}" if with_year else name


def week_words(week: date, with_year: bool) -> str:
    """``Tuần 46 (09/11–15/11)``, ``Tuần 46 (10/11–16/11/2025)``."""
    last = week + timedelta(days=6)
    first, end = week.strftime("%d/%m"), last.strftime("%d/%m/%Y" if with_year else "%d/%m")
    return _("Week {week} ({first}–{last})").format(week=week.isocalendar().week, first=first, last=end)


def unusually(signal: str, rule: str) -> str:
    """How a week is unusual (``compliance.by_week``), in a few words; empty where it is not."""
    words = {
        ("below", "limit"): N_("below the lower limit"),
        ("above", "limit"): N_("above the upper limit"),
        ("below", "two_of_three"): N_("two of three weeks far below usual"),
        ("above", "two_of_three"): N_("two of three weeks far above usual"),
        ("below", "four"): N_("four weeks running below usual"),
        ("above", "four"): N_("four weeks running above usual"),
        ("below", "eight"): N_("eight weeks running below usual"),
        ("above", "eight"): N_("eight weeks running above usual"),
    }
    return _(words[signal, rule]) if signal else ""


def control_chart(
    weeks: pd.DataFrame, fell_due: Sequence[str], running: Sequence[str], known: Sequence[Mark] = ()
) -> Figure:
    """``compliance.by_week`` drawn: the queries name what fell due in each week, and what is not yet due.

    Shares are a line that breaks where nothing fell due; an unusual week is a diamond, red below, a week still running
    a hollow circle; the solid line is the target of its time (D16), the band are the limits, the dashes what is usual.
    Beneath: what fell due, and hatched what is not yet due. ``known``: the events that are drawn on it (D28).
    """
    rows = week_rows(weeks)
    ticks = list(range(len(rows)))
    with_year = spans_years([row.week for row in rows])
    hover = [_hover(row, with_year) for row in rows]
    drawn = [
        _band(rows),
        _centre(rows),
        _target(rows),
        _line(rows, ticks, hover, fell_due),
        *_counts(rows, ticks, hover, fell_due, running),
    ]
    every = max(1, -(-len(rows) // 13))
    shown = ticks[::-1][::every][::-1]
    most = max((row.due + row.running for row in rows), default=0)
    shape = layout(
        height=380,
        showlegend=True,
        barmode="stack",
        bargap=0.22,
        xaxis={
            "anchor": "y2",
            "tickvals": shown,
            "ticktext": _heads([rows[i].week for i in shown], with_year),
            "showgrid": False,
            "range": [-0.6, len(rows) - 0.4],
        },
        yaxis={"domain": [0.32, 1], "range": _range(rows), "ticksuffix": "\u00a0%", "gridcolor": GRID, "nticks": 6},
        yaxis2={"domain": [0, 0.22], "gridcolor": GRID} | counted(most),
    )
    if known:
        shape["yaxis"]["domain"] = [0.32, HEAD_ROOM - 0.02]
    return marked_with({"data": drawn, "layout": shape}, known, "y3")


def _heads(weeks: Sequence[date], with_year: bool) -> list[str]:
    """The names of weeks beneath an axis; of several years each beneath its first one."""
    years = [week.isocalendar().year for week in weeks]
    first = [with_year and (i == 0 or years[i] != years[i - 1]) for i in range(len(weeks))]
    return [
        f"{week_name(week, False)}<br>{year}" if is_first else week_name(week, False)
        for week, year, is_first in zip(weeks, years, first, strict=True)
    ]


def _line(rows: list[Week], ticks: list[int], hover: list[str], queries: Sequence[str]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": _("Met"),
        "x": ticks,
        "y": _percents(row.share for row in rows),
        "connectgaps": False,
        "cliponaxis": False,
        "hovertext": hover,
        "hoverinfo": "text",
        "customdata": list(queries),
        "line": {"color": MET, "width": 2.5},
        "marker": {
            "color": [MISSED if row.signal == "below" else MET for row in rows],
            "size": [13 if row.signal else 8 for row in rows],
            "symbol": [("diamond" if row.signal else "circle") + ("" if row.ended else "-open") for row in rows],
            "line": {"width": [1 if row.ended else 2 for row in rows]},
        },
    }


def _band(rows: list[Week]) -> Figure:
    """The limits, a box a week that is judged; weeks in a row are one shape, since Plotly fills no line with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    for is_judged, run in groupby(enumerate(rows), lambda one: not isnan(one[1].lower)):
        weeks = list(run)
        if is_judged:
            above = [(i + side, row.upper) for i, row in weeks for side in (-0.5, 0.5)]
            below = [(i + side, row.lower) for i, row in reversed(weeks) for side in (0.5, -0.5)]
            edge = [*above, *below, above[0]]
            x += [*(at for at, _share in edge), None]
            y += [*_percents(share for _at, share in edge), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "fill": "toself",
        "fillcolor": BAND,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "name": _("Control limits"),
    }


def _centre(rows: list[Week]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _("Usual"),
        **_level([row.centre for row in rows]),
        "hoverinfo": "skip",
        "line": {"color": INK, "width": 1.2, "dash": "dash", "shape": "hvh"},
    }


def _level(shares: Sequence[float]) -> Figure:
    """Over the whole breadth of each week, like the limits: between the middles of weeks one week alone has no line."""
    values = _percents(shares)
    return {"x": [-0.5, *range(len(values)), len(values) - 0.5], "y": [*values[:1], *values, *values[-1:]]}


def _target(rows: list[Week]) -> Figure:
    targets = {round(row.target, 4) for row in rows}
    name = _("Target {share}").format(share=target_words(targets.pop())) if len(targets) == 1 else _("Target")
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        **_level([row.target for row in rows]),
        "hoverinfo": "skip",
        "line": {"color": INK, "width": 1.6, "shape": "hvh"},
    }


def _counts(
    rows: list[Week], ticks: list[int], hover: list[str], fell_due: Sequence[str], running: Sequence[str]
) -> list[Figure]:
    bar = {"type": "bar", "x": ticks, "yaxis": "y2", "hovertext": hover, "hoverinfo": "text"}
    due = {"y": [row.due for row in rows], "name": _("Fell due"), "customdata": list(fell_due)}
    to_come = {"y": [row.running for row in rows], "name": _("Not yet due"), "customdata": list(running)}
    counts = [bar | due | {"marker": {"color": PALE, "pattern": {"shape": ""}}}]
    if any(row.running for row in rows):
        counts.append(bar | to_come | {"marker": {"color": RUNNING, "pattern": {"shape": "/"}}})
    return counts


def _percents(shares: Iterable[float]) -> list[float | None]:
    return [None if isnan(value) else round(value * 100, 2) for value in shares]


def _range(rows: list[Week]) -> list[float]:
    """From a little below the lowest point, limit or target to 100 %, so that a change of a few points is visible.

    Never beyond, since no share is more than all: a marker at 100 % reaches over the edge instead.
    """
    drawn = _percents(value for row in rows for value in (row.share, row.lower, row.target))
    lowest = min((value for value in drawn if value is not None), default=0.0)
    return [max(-3.0, lowest - max(3.0, (100 - lowest) * 0.12)), 100.0]


def _hover(row: Week, with_year: bool) -> str:
    lines = [week_words(row.week, with_year), _("nothing fell due")]
    if row.due:
        met = _("{share} met: {met} of {due}; target {target}")
        lines[1] = met.format(
            share=share(row.share), met=number(row.met), due=number(row.due), target=target_words(row.target)
        )
    lines += [
        sentence.format(n=number(count))
        for count, sentence in (
            (row.missed, _("{n} missed")),
            (row.overdue, _("{n} overdue")),
            (row.running, _("{n} not yet due")),
            (row.cancelled, _("{n} withdrawn or merged before due")),
        )
        if count
    ]
    if not isnan(row.lower):
        lines.append(
            _("usual {centre}, limits {lower} to {upper}").format(
                centre=share(row.centre), lower=share(row.lower), upper=share(row.upper)
            )
        )
    elif row.due and not isnan(row.centre):
        lines.append(_("open for less than half a week: not judged"))
    if row.signal:
        lines.append(unusually(row.signal, row.rule))
    return "<br>".join(lines)

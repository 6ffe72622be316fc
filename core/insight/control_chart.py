"""Compliance per week as a control chart, with what fell due and what is still to come beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from core.i18n import gettext as _
from core.i18n import number, short_day
from core.insight.charts import BAND, GRID, INK, MET, MISSED, PALE, RUNNING, Figure, layout, share


def week_name(week: date) -> str:
    """``T46``: the ISO week."""
    return _("W{week}").format(week=week.isocalendar().week)


def week_words(week: date) -> str:
    """``Tuần 46 (09/11–15/11)``."""
    last = week + timedelta(days=6)
    return _("Week {week} ({first}–{last})").format(
        week=week.isocalendar().week, first=short_day(week), last=short_day(last)
    )


def control_chart(weeks: pd.DataFrame, fell_due: Sequence[str], running: Sequence[str]) -> Figure:
    """``compliance.by_week`` drawn: the queries name what fell due in each week, and what is not yet due.

    Shares are a line that breaks where nothing fell due; a week outside its limits is a red diamond, a week still running a
    hollow circle; the band are the limits, the dashes the centre from the weeks before. Beneath: what fell due, and hatched
    what is not yet due.
    """
    rows = [row._asdict() for row in weeks.itertuples()]
    ticks = list(range(len(rows)))
    hover = [_hover(row) for row in rows]
    drawn = [
        *_band(rows, ticks),
        _centre(rows, ticks),
        _line(rows, ticks, hover, fell_due),
        *_counts(rows, ticks, hover, fell_due, running),
    ]
    every = max(1, -(-len(rows) // 13))
    shown = ticks[::-1][::every][::-1]
    shape = layout(
        height=380,
        showlegend=True,
        barmode="stack",
        bargap=0.22,
        xaxis={
            "anchor": "y2",
            "tickvals": shown,
            "ticktext": [week_name(rows[i]["week"]) for i in shown],
            "showgrid": False,
            "range": [-0.6, len(rows) - 0.4],
        },
        yaxis={"domain": [0.32, 1], "range": _range(rows), "ticksuffix": " %", "gridcolor": GRID, "nticks": 6},
        yaxis2={"domain": [0, 0.22], "gridcolor": GRID, "nticks": 3, "rangemode": "tozero"},
    )
    return {"data": drawn, "layout": shape}


def _line(rows: list[dict[str, Any]], ticks: list[int], hover: list[str], queries: Sequence[str]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": _("Met"),
        "x": ticks,
        "y": _percents(rows, "share"),
        "connectgaps": False,
        "hovertext": hover,
        "hoverinfo": "text",
        "customdata": list(queries),
        "line": {"color": MET, "width": 2.5},
        "marker": {
            "color": [MISSED if row["signal"] == "below" else MET for row in rows],
            "size": [13 if row["signal"] else 8 for row in rows],
            "symbol": [("diamond" if row["signal"] else "circle") + ("" if row["ended"] else "-open") for row in rows],
            "line": {"width": [1 if row["ended"] else 2 for row in rows]},
        },
    }


def _band(rows: list[dict[str, Any]], ticks: list[int]) -> list[Figure]:
    edge = {"type": "scatter", "mode": "lines", "x": ticks, "hoverinfo": "skip", "line": {"width": 0, "shape": "hvh"}}
    return [
        edge | {"y": _percents(rows, "upper"), "showlegend": False},
        edge | {"y": _percents(rows, "lower"), "fill": "tonexty", "fillcolor": BAND, "name": _("Control limits")},
    ]


def _centre(rows: list[dict[str, Any]], ticks: list[int]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _("Usual (26 weeks before)"),
        "x": ticks,
        "y": _percents(rows, "centre"),
        "hoverinfo": "skip",
        "line": {"color": INK, "width": 1.2, "dash": "dash", "shape": "hvh"},
    }


def _counts(
    rows: list[dict[str, Any]], ticks: list[int], hover: list[str], fell_due: Sequence[str], running: Sequence[str]
) -> list[Figure]:
    bar = {"type": "bar", "x": ticks, "yaxis": "y2", "hovertext": hover, "hoverinfo": "text"}
    parts = [("due", _("Fell due"), PALE, "", fell_due), ("running", _("Not yet due"), RUNNING, "/", running)]
    return [
        bar
        | {"y": [row[key] for row in rows], "name": name, "customdata": list(queries)}
        | {"marker": {"color": color, "pattern": {"shape": hatch}}}
        for key, name, color, hatch, queries in parts
        if key == "due" or any(row["running"] for row in rows)
    ]


def _percents(rows: list[dict[str, Any]], key: str) -> list[float | None]:
    return [None if row[key] is None or row[key] != row[key] else round(row[key] * 100, 2) for row in rows]


def _range(rows: list[dict[str, Any]]) -> list[float]:
    """From a little below the lowest point or limit to 100 %, so that a change of a few points can be seen."""
    seen = [value for key in ("share", "lower") for value in _percents(rows, key) if value is not None]
    lowest = min(seen, default=0.0)
    return [max(-3.0, lowest - max(3.0, (100 - lowest) * 0.12)), 101.5]


def _hover(row: dict[str, Any]) -> str:
    lines = [week_words(row["week"])]
    lines.append(
        _("{share} met: {met} of {due}").format(
            share=share(row["share"]), met=number(row["met"]), due=number(row["due"])
        )
        if row["due"]
        else _("nothing fell due")
    )
    lines += [
        sentence.format(n=number(row[key]))
        for key, sentence in (
            ("missed", _("{n} missed")),
            ("overdue", _("{n} overdue")),
            ("running", _("{n} not yet due")),
            ("cancelled", _("{n} withdrawn")),
        )
        if row[key]
    ]
    if row["centre"] == row["centre"]:
        lines.append(
            _("usual {centre}, limits {lower} to {upper}").format(
                centre=share(row["centre"]), lower=share(row["lower"]), upper=share(row["upper"])
            )
        )
    return "<br>".join(lines)

"""Figures as plain dictionaries: what Plotly draws, with words, numbers and dates as the reader writes them.

Colours are positions of the theme's chart palette (``#000001`` is its first), which the browser fills in for light or
dark; see ``.streamlit/config.toml``. No meaning rests on colour alone: a shape, a hatch or a word carries it too.
``customdata`` of a point is the query of its rows (``Slice.to_query``, encoded), so that a click opens exactly what
was counted (D15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from core.i18n import gettext as _
from core.i18n import language, number, percent
from core.insight.known import Mark
from core.insight.rates import ENOUGH
from core.rules.marks import visible

Figure = dict[str, Any]
MET, SECOND, RUNNING, MISSED, OVERDUE, PALE = (f"#00000{i}" for i in (1, 2, 6, 7, 8, 9))
SEQUENTIAL = [[i / 9, f"#0000{11 + i}"] for i in range(10)]
BAND = "rgba(128, 140, 155, 0.16)"
GRID = "rgba(128, 140, 155, 0.22)"
EVENT, EVENT_EDGE = "rgba(214, 158, 46, 0.22)", "rgba(180, 120, 20, 0.75)"
HEAD_ROOM = 0.9  # of the height: above it stand the triangles of known events
GAP = 0.04  # of the height, beneath them
INK = "#000036"  # the theme's quiet text
ROW, PANEL, LABEL = 34, 150, 26
LETTER = 0.033  # of the width left for bars and labels on a phone
TINY = 1e-6  # of a per cent
MOST_NAMES = 13  # beneath an axis
HEADS, HEAD_WIDTH, FEW_COLUMNS = 140, 20, 6  # pixels, letters, columns of a heat map


@dataclass(frozen=True, slots=True)
class Point:
    """One mark of a chart: the ``name`` on its axis, its ``count``, the ``hover`` text, the ``query`` of its rows."""

    name: str
    count: int
    hover: str
    query: str


@dataclass(frozen=True, slots=True)
class Bar(Point):
    """A horizontal bar: a point with the ``label`` text that follows it.

    ``before``: the count of the period before and the query of its rows, drawn as a wider, paler bar behind.
    ``is_quiet``: no value of its own (not stated yet), hatched. ``length``: how long, where that is no count of rows.
    """

    label: str = ""
    before: tuple[int, str] | None = None
    is_quiet: bool = False
    length: float | None = None

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.count if self.length is None else self.length


def bars(rows: Sequence[Bar], *, color: str = SECOND, now: str = "", before: str = "") -> Figure:
    """Horizontal bars, the first on top, each followed by its label; behind them those of the period before, if any.

    ``now``, ``before``: what this period ("this period" where nothing is said) and that other one are called.
    """
    compares = any(row.before for row in rows)
    ends = [max(row.end, row.before[0] if row.before else 0) for row in rows]
    traces = [_bars_of_period(rows, color, 0.42 if compares else 0.68, now or _("this period")), _labels(rows, ends)]
    if compares:
        traces.insert(0, _bars_before(rows, before))
    shape = layout(
        height=48 + ROW * max(1, len(rows)) + (LABEL if compares else 0),
        xaxis={"visible": False, "range": [0, max([1, *ends]) * _room(rows)]},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
        barmode="overlay",
        showlegend=compares,
    )
    return {"data": traces, "layout": shape}


def _room(rows: Sequence[Bar]) -> float:
    """How many times the longest bar the axis is long, so that the longest label has room behind it on a phone."""
    longest = max((len(row.label) for row in rows), default=0)
    return max(1.45, 1 / (1 - min(longest * LETTER, 0.6)))


def _bars_of_period(rows: Sequence[Bar], color: str, width: float, name: str) -> Figure:
    hatch = {"shape": ["/" if row.is_quiet else "" for row in rows] or ""}
    return _horizontal(rows) | {
        "name": name,
        "x": [row.end for row in rows],
        "customdata": [row.query for row in rows],
        "meta": [row.count for row in rows],
        "width": width,
        "marker": {"color": color, "pattern": hatch},
    }


def _bars_before(rows: Sequence[Bar], name: str) -> Figure:
    before = [row.before or (0, "") for row in rows]
    return _horizontal(rows) | {
        "name": name,
        "x": [count for count, _query in before],
        "customdata": [query for _count, query in before],
        "width": 0.78,
        "marker": {"color": PALE},
    }


def _horizontal(rows: Sequence[Bar]) -> Figure:
    names, hover = [wrapped(row.name) for row in rows], [letters(row.hover) for row in rows]
    return {"type": "bar", "orientation": "h", "y": names, "hovertext": hover, "hoverinfo": "text"}


def _labels(rows: Sequence[Bar], ends: Sequence[float]) -> Figure:
    """The labels after the bars, as a trace of its own."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(ends),
        "y": [wrapped(row.name) for row in rows],
        "text": [f" {letters(row.label)}" for row in rows],
        "textposition": "middle right",
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def marked_with(figure: Figure, known: Sequence[Mark], axis: str) -> Figure:
    """``figure`` with known events: a band each, and at its head a triangle that says what happened (D28).

    ``axis``: the free vertical axis on which the triangles stand, such as ``y3``.
    """
    if not known:
        return figure
    heads = {
        "type": "scatter",
        "mode": "markers",
        "name": _("Known event"),
        "x": [(one.start + one.end) / 2 for one in known],
        "y": [0.5] * len(known),
        "yaxis": axis,
        "hovertext": [letters(one.words) for one in known],
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {"symbol": "triangle-down", "size": 11, "color": INK},
    }
    bands = [
        {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "x0": one.start,
            "x1": one.end,
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "fillcolor": EVENT,
            "line": {"width": 1, "color": EVENT_EDGE, "dash": "dot"},
        }
        for one in known
    ]
    above = {"domain": [HEAD_ROOM, 1], "range": [0, 1], "visible": False, "fixedrange": True}
    shape = {**figure["layout"], "shapes": bands, f"yaxis{axis.removeprefix('y')}": above}
    return {"data": [*figure["data"], heads], "layout": shape}


def panel(points: Sequence[Point], *, most: int, known: Sequence[Mark] = ()) -> Figure:
    """One of several small charts on the same scale 0 … ``most``: a count per week or month, every step on its axis.

    ``known``: the events that are drawn on it.
    """
    trace = {
        "type": "bar",
        "x": list(range(len(points))),
        "y": [point.count for point in points],
        "hovertext": [letters(point.hover) for point in points],
        "hoverinfo": "text",
        "customdata": [point.query for point in points],
        "marker": {"color": SECOND},
    }
    ticks = [letters(point.name) for point in points]
    every = max(1, -(-len(ticks) // 5))
    shape = layout(
        height=PANEL,
        margin={"l": 30, "r": 4, "t": 6, "b": 22},
        xaxis={"tickvals": list(range(0, len(ticks), every)), "ticktext": ticks[::every], "showgrid": False},
        yaxis={"gridcolor": GRID} | counted(most) | ({"domain": [0, HEAD_ROOM - GAP]} if known else {}),
        bargap=0.25,
    )
    return marked_with({"data": [trace], "layout": shape}, known, "y2")


def heat(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Point]]) -> Figure:
    """Counts in a grid, a line of ``cells`` per row, each written in its cell; an empty cell is blank.

    Plotly selects no cell of a heat map, so what is clicked is an unseen mark in the middle of each.
    """
    names = [wrapped(name) for name in rows]
    trace = {
        "type": "heatmap",
        "x": list(range(len(columns))),
        "y": names,
        "z": [[cell.count or None for cell in line] for line in cells],
        "text": [[number(cell.count) if cell.count else "" for cell in line] for line in cells],
        "texttemplate": "%{text}",
        "hoverinfo": "skip",
        "colorscale": SEQUENTIAL,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    unseen = {"marker": {"opacity": 0}}
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": [x for _line in cells for x in range(len(columns))],
        "y": [name for name in names for _column in columns],
        "hovertext": [letters(cell.hover) for line in cells for cell in line],
        "hoverinfo": "text",
        "customdata": [cell.query if cell.count else "" for line in cells for cell in line],
        "meta": [cell.count for line in cells for cell in line],
        "cliponaxis": False,
        "selected": unseen,
        "unselected": unseen,
        **unseen,
    }
    shape = layout(
        height=HEADS + ROW * max(1, len(rows)),
        xaxis={
            "side": "top",
            "range": [-0.5, len(columns) - 0.5],
            "tickvals": list(range(len(columns))),
            "ticktext": heads(columns),
            "autotickangles": [0, -90],
            "showgrid": False,
            "automargin": True,
            "ticks": "",
        },
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
        hoverdistance=-1,
    )
    return {"data": [trace, marks], "layout": shape}


def punch_card(weekdays: Sequence[str], cells: Sequence[Sequence[Point]]) -> Figure:
    """Weekdays × 24 hours as dots whose area is the count: readable without colour and on a narrow screen."""
    dots = [(day, hour, cell) for day, line in enumerate(cells) for hour, cell in enumerate(line) if cell.count]
    most = max((cell.count for _day, _hour, cell in dots), default=1)
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [hour for _day, hour, _cell in dots],
        "y": [day for day, _hour, _cell in dots],
        "hovertext": [letters(cell.hover) for _day, _hour, cell in dots],
        "hoverinfo": "text",
        "customdata": [cell.query for _day, _hour, cell in dots],
        "marker": {
            "size": [cell.count for _day, _hour, cell in dots],
            "sizemode": "area",
            "sizeref": 2 * most / 20**2,
            "sizemin": 1.5,
            "color": SECOND,
            "line": {"width": 0},
        },
    }
    shape = layout(
        height=300,
        margin={"l": 8, "r": 12, "t": 8, "b": 30},
        xaxis={"range": [-0.7, 23.7], "tickvals": [0, 6, 8.5, 12, 17.5, 23], "showgrid": False, "zeroline": False},
        yaxis={
            "range": [len(weekdays) - 0.4, -0.6],
            "tickvals": list(range(len(weekdays))),
            "ticktext": list(weekdays),
            "automargin": True,
            "gridcolor": GRID,
            "zeroline": False,
        },
    )
    shape["xaxis"]["ticktext"] = ["0h", "6h", "8:30", "12h", "17:30", "23h"]
    return {"data": [trace], "layout": shape}


def overlaid(
    name: str, whole: Sequence[Point], part_name: str, part: Sequence[Point], *, colors: tuple[str, str]
) -> Figure:
    """Vertical bars of a ``whole`` and, narrower, hatched and in front, the ``part`` of each; ``colors`` of both."""
    traces = [
        {
            "type": "bar",
            "x": list(range(len(points))),
            "y": [point.count for point in points],
            "hovertext": [letters(point.hover) for point in points],
            "hoverinfo": "text",
            "customdata": [point.query for point in points],
            "name": legend,
            "width": width,
            "marker": {"color": color, "pattern": {"shape": hatch}},
        }
        for legend, points, width, color, hatch in (
            (name, whole, 0.7, colors[0], ""),
            (part_name, part, 0.42, colors[1], "/"),
        )
    ]
    texts = [number(point.count) if point.count else "" for point in whole]
    traces[0] |= {"text": texts, "textposition": "outside"}
    most = max([1, *(point.count for point in whole)])
    every = max(1, -(-len(whole) // MOST_NAMES))
    shape = layout(
        height=230,
        barmode="overlay",
        xaxis={
            "showgrid": False,
            "tickvals": list(range(0, len(whole), every)),
            "ticktext": [letters(point.name) for point in whole[::every]],
        },
        yaxis={"visible": False, "range": [0, most * 1.2]},
        showlegend=True,
    )
    return {"data": traces, "layout": shape}


def counted(most: int) -> Figure:
    """An axis of counts 0 … ``most``: up to four ticks, each a whole number."""
    step = max(1, -(-most // 3))
    power = 10 ** (len(str(step)) - 1)
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= step)
    return {"range": [0, max(most, 1) * 1.05], "tick0": 0, "dtick": step, "rangemode": "tozero"}


def layout(**more: object) -> Figure:
    """What every figure has in common; nothing zooms, so that a thumb scrolls the page and not the chart."""
    common: Figure = {
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": bool(more.get("showlegend")),
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": {"text": ""}},
        "separators": ".," if language() == "en" else ",.",
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
    }
    for axis in ("xaxis", "yaxis", "xaxis2", "yaxis2"):
        own = more.get(axis)
        if isinstance(own, dict):
            more[axis] = {"fixedrange": True, "zeroline": False, **own}
    return common | more


def letters(text: str) -> str:
    """``text`` as Plotly shows it letter by letter: what would be a tag of its pseudo-HTML (a link, too) is text."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def heads(names: Sequence[str]) -> list[str]:
    """Names above columns, short enough to stand upright on a phone: two lines above a few columns, one above many."""
    most = 2 if len(names) <= FEW_COLUMNS else 1
    return ["<br>".join(letters(line) for line in _cut(_lines(name, HEAD_WIDTH), most)) for name in names]


def _cut(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]


def wrapped(name: str, width: int = 24) -> str:
    """``name`` over lines of at most ``width`` letters where it has spaces, each as ``letters``."""
    return "<br>".join(letters(line) for line in _lines(name, width))


def _lines(name: str, width: int) -> list[str]:
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def share(value: float, digits: int = 0) -> str:
    """A share 0…1 in per cent; no obligations (NaN) is a dash."""
    return percent(None if isnan(value) else value, digits)


def share_of(value: float, n: int) -> str:
    """``share`` of ``n``, marked where these are few: 67 % of three is no figure to act on."""
    return marked(share(value), n) if n else share(value)


def share_made_of(part: float, whole: float) -> str:
    """``83 % (5/6)``: a share with what it is made of; a dash where there is nothing to take a share of."""
    return f"{percent(part / whole)} ({number(part)}/{number(whole)})" if whole else share(float("nan"))


def count_of(count: int, whole: float) -> str:
    """``37 · 29 %``, a count and which part of the whole it is; of a few only the count (D27)."""
    return number(count) if whole < ENOUGH else f"{number(count)} · {percent(count / whole)}"


def target_words(target: float) -> str:
    """``95 %``, ``95,5 %``: a target as it was set."""
    return percent(target, 0 if abs(target * 100 - round(target * 100)) < TINY else 1)


def marked(ratio: str, n: int) -> str:
    """A percentage made of ``n``, marked where these are fewer than ``ENOUGH``."""
    return _("{share} (fewer than {n})").format(share=ratio, n=ENOUGH) if n < ENOUGH else ratio

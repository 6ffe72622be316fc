"""Figures as plain dictionaries: what Plotly draws, with words, numbers and dates as the reader writes them.

Colours are positions of the theme's chart palette (``#000001`` is its first), which the browser fills in for light or dark; see
``.streamlit/config.toml``. No meaning rests on colour alone: a shape, a hatch or a word says it too. ``customdata`` of a point
is the query of its rows (``Slice.to_query``, encoded), so that a click opens exactly what was counted (D15).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.i18n import gettext as _
from core.i18n import language, number, percent

Figure = dict[str, Any]
MET, SECOND, RUNNING, MISSED, OVERDUE, PALE = (f"#00000{i}" for i in (1, 2, 6, 7, 8, 9))
SEQUENTIAL = [[i / 9, f"#0000{11 + i}"] for i in range(10)]
BAND = "rgba(128, 140, 155, 0.16)"
GRID = "rgba(128, 140, 155, 0.22)"
INK = "#000036"  # the theme's quiet text
ROW, PANEL, LABEL = 34, 150, 26


def bars(
    names: Sequence[str],
    counts: Sequence[int],
    hover: Sequence[str],
    queries: Sequence[str],
    *,
    labels: Sequence[str],
    color: str = SECOND,
    before: Sequence[int] | None = None,
    before_queries: Sequence[str] = (),
    quiet: Sequence[bool] = (),
) -> Figure:
    """Horizontal bars, the first on top, each followed by its ``labels`` text.

    ``before``: the count of the period before as a wider, paler bar behind. ``quiet``: bars that are no value of their own
    (not stated yet), hatched.
    """
    rows = [wrapped(name) for name in names]
    bar: Figure = {"type": "bar", "orientation": "h", "y": rows, "hovertext": list(hover), "hoverinfo": "text"}
    ends = [max(pair) for pair in zip(counts, before or counts, strict=True)]
    hatch = {"shape": ["/" if said else "" for said in quiet] or ""}
    traces = [
        bar
        | {
            "name": _("this period"),
            "x": list(counts),
            "customdata": list(queries),
            "width": 0.68 if before is None else 0.42,
            "marker": {"color": color, "pattern": hatch},
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": ends,
            "y": rows,
            "text": [f" {label}" for label in labels],
            "textposition": "middle right",
            "cliponaxis": False,
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    if before is not None:
        pale = {"name": _("the period before"), "x": list(before), "width": 0.78, "marker": {"color": PALE}}
        traces.insert(0, bar | pale | {"customdata": list(before_queries)})
    shape = layout(
        height=48 + ROW * max(1, len(rows)) + (LABEL if before is not None else 0),
        xaxis={"visible": False, "range": [0, max([1, *ends]) * 1.45]},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
        barmode="overlay",
        showlegend=before is not None,
    )
    return {"data": traces, "layout": shape}


def panel(
    ticks: Sequence[str], counts: Sequence[int], hover: Sequence[str], queries: Sequence[str], *, most: int
) -> Figure:
    """One of several small charts on the same scale 0 … ``most``: a count per week or month, every step on its axis."""
    trace = {
        "type": "bar",
        "x": list(range(len(counts))),
        "y": list(counts),
        "hovertext": list(hover),
        "hoverinfo": "text",
        "customdata": list(queries),
        "marker": {"color": SECOND},
    }
    every = max(1, -(-len(ticks) // 5))
    shape = layout(
        height=PANEL,
        margin={"l": 30, "r": 4, "t": 6, "b": 22},
        xaxis={"tickvals": list(range(0, len(ticks), every)), "ticktext": list(ticks[::every]), "showgrid": False},
        yaxis={"range": [0, most * 1.05 or 1], "nticks": 3, "gridcolor": GRID, "rangemode": "tozero"},
        bargap=0.25,
    )
    return {"data": [trace], "layout": shape}


def heat(
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Sequence[Sequence[int]],
    hover: Sequence[Sequence[str]],
    queries: Sequence[Sequence[str]],
) -> Figure:
    """Counts in a grid, each written in its cell; an empty cell is blank."""
    trace = {
        "type": "heatmap",
        "x": [wrapped(name, 12) for name in columns],
        "y": [wrapped(name) for name in rows],
        "z": [[count or None for count in line] for line in counts],
        "text": [[number(count) if count else "" for count in line] for line in counts],
        "texttemplate": "%{text}",
        "hovertext": [list(line) for line in hover],
        "hoverinfo": "text",
        "customdata": [list(line) for line in queries],
        "colorscale": SEQUENTIAL,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    shape = layout(
        height=80 + ROW * max(1, len(rows)),
        xaxis={"side": "top", "showgrid": False, "automargin": True, "ticks": ""},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
    )
    return {"data": [trace], "layout": shape}


def punch_card(
    weekdays: Sequence[str],
    counts: Sequence[Sequence[int]],
    hover: Sequence[Sequence[str]],
    queries: Sequence[Sequence[str]],
) -> Figure:
    """Weekdays × 24 hours as dots whose area is the count, so that it can be read without colour and on a narrow screen."""
    cells = [(day, hour) for day in range(len(weekdays)) for hour in range(24) if counts[day][hour]]
    most = max((counts[day][hour] for day, hour in cells), default=1)
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [hour for _, hour in cells],
        "y": [day for day, _ in cells],
        "hovertext": [hover[day][hour] for day, hour in cells],
        "hoverinfo": "text",
        "customdata": [queries[day][hour] for day, hour in cells],
        "marker": {
            "size": [counts[day][hour] for day, hour in cells],
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
    ticks: Sequence[str],
    whole: tuple[str, Sequence[int], Sequence[str]],
    part: tuple[str, Sequence[int], Sequence[str]],
    hover: Sequence[str],
) -> Figure:
    """Vertical bars of a ``whole`` and, narrower, hatched and in front, the ``part`` of it that is overdue.

    Each as (name, counts, queries).
    """
    bar = {"type": "bar", "x": list(ticks), "hovertext": list(hover), "hoverinfo": "text"}
    traces = [
        bar
        | {"name": name, "y": list(counts), "customdata": list(queries), "width": width}
        | {"marker": {"color": color, "pattern": {"shape": hatch}}}
        for (name, counts, queries), width, color, hatch in ((whole, 0.7, RUNNING, ""), (part, 0.42, OVERDUE, "/"))
    ]
    traces[0] |= {"text": [number(count) if count else "" for count in whole[1]], "textposition": "outside"}
    shape = layout(
        height=230,
        barmode="overlay",
        xaxis={"showgrid": False, "type": "category"},
        yaxis={"visible": False, "range": [0, max([1, *whole[1]]) * 1.2]},
        showlegend=True,
    )
    return {"data": traces, "layout": shape}


def layout(**more: Any) -> Figure:
    """What every figure has in common; nothing zooms, so that a thumb scrolls the page and not the chart."""
    common: Figure = {
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": any(key == "showlegend" and value for key, value in more.items()),
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": {"text": ""}},
        "separators": ".," if language() == "en" else ",.",
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
    }
    for axis in ("xaxis", "yaxis", "xaxis2", "yaxis2"):
        if axis in more:
            more[axis] = {"fixedrange": True, "zeroline": False, **more[axis]}
    return common | more


def wrapped(name: str, width: int = 24) -> str:
    """``name`` over lines of at most ``width`` letters where it has spaces."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)


def share(value: float, digits: int = 0) -> str:
    """A share 0…1 in per cent; no obligations (NaN) is a dash."""
    return percent(None if value != value else value, digits)

"""Drawings of what-if: the share kept per week as it was and as it would have been, and the same per key (D37)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import isnan
from typing import Any, Protocol

import pandas as pd

from core.i18n import gettext as _
from core.i18n import number
from core.insight import charts
from core.insight.charts import GRID, INK, MET, SECOND, Figure
from core.insight.control_chart import spans_years, week_name, week_words
from core.insight.dimensions import name_of, title
from core.insight.drawings.drawing import Cell, Counted, Drawing, largest, query_of, with_events
from core.insight.findings import beside_target, in_words, on_target
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.insight.whatif import NUMBERS
from core.rules.known_events import KnownEvent
from core.rules.verdicts import BROKEN, Verdict


def weeks(found: pd.DataFrame, of: Slice | None, alt: str, today: date, events: Sequence[KnownEvent] = ()) -> Drawing:
    """One term of ``whatif.Answer.weeks`` as two lines and the target; ``of``: what opens all that fell due.

    None where the register has no list of exactly these promises. ``today``: weeks that it lies in are not judged yet.
    ``events``: known ones that touch it (D28).
    """
    rows = list(found.itertuples())
    mondays = [row.week.date() for row in rows]
    with_year = spans_years(mondays)
    slices = [of.during(monday, monday + timedelta(days=6)) if of else None for monday in mondays]
    queries = [query_of(slice) if slice else "" for slice in slices]
    hover = [
        "<br>".join(
            (
                week_words(monday, with_year),
                _("as it was: {words}").format(words=_of(row.met, row.due)),
                _("if so: {words}").format(words=_of(row.met_then, row.due_then)),
                _("target {target}").format(target=charts.target_words(row.target)),
            )
        )
        for monday, row in zip(mondays, rows, strict=True)
    ]
    places = list(range(len(rows)))
    every = max(1, -(-len(rows) // 13))
    figure: Figure = {
        "data": [
            _line(_("Target"), places, _percents(row.target for row in rows), hover, ["" for _row in rows])
            | {"mode": "lines", "line": {"color": INK, "width": 1.6, "shape": "hvh"}, "hoverinfo": "skip"},
            _line(_("As it was"), places, _percents(row.share for row in rows), hover, queries)
            | {"line": {"color": MET, "width": 2.5}, "marker": {"size": 8, "symbol": "circle", "color": MET}},
            _line(_("If so"), places, _percents(row.share_then for row in rows), hover, ["" for _row in rows])
            | {
                "line": {"color": SECOND, "width": 2.5, "dash": "dot"},
                "marker": {"size": 9, "symbol": "diamond", "color": SECOND},
            },
        ],
        "layout": charts.layout(
            height=320,
            showlegend=True,
            xaxis={
                "tickvals": places[::every],
                "ticktext": [week_name(monday, with_year) for monday in mondays[::every]],
                "showgrid": False,
                "range": [-0.6, len(rows) - 0.4],
            },
            yaxis={"range": _range(rows), "ticksuffix": "\u00a0%", "gridcolor": GRID, "nticks": 6},
        ),
    }
    table = [
        (week_words(monday, with_year), charts.target_words(row.target), *_cells(row, slice))
        for monday, row, slice in zip(mondays, rows, slices, strict=True)
    ]
    drawing = Drawing(figure, alt, (_("Week"), _("Target"), *_headers()), table, _on_target(ended(found, today)))
    return with_events(drawing, events, [(monday, monday + timedelta(days=6)) for monday in mondays], axis="y2")


def by(found: pd.DataFrame, of: Slice | None, dimension: str, alt: str) -> Drawing:
    """One term and dimension of ``whatif.Answer.splits``: how many more or fewer were late, per key.

    What really was opens its rows; no list shows what would have been.
    """
    rows = list(found.itertuples())
    slices = [of.only(dimension, row.key) if of else None for row in rows]
    bars = [
        charts.Bar(
            name_of(dimension, row.key),
            row.due_then - row.met_then,
            f"{name_of(dimension, row.key)}: {_of(row.met, row.due)} → {_of(row.met_then, row.due_then)}",
            "",
            f"{charts.share_of(row.share, row.due)} → {charts.share_of(row.share_then, row.due_then)}",
            before=(row.due - row.met, query_of(replace(slice, verdict=BROKEN)) if slice else ""),
        )
        for row, slice in zip(rows, slices, strict=True)
    ]
    table = [(name_of(dimension, row.key), *_cells(row, slice)) for row, slice in zip(rows, slices, strict=True)]
    figure = charts.bars(bars, color=charts.MISSED, before=_("late as it was"))
    figure["data"][1]["name"] = _("late if so")
    return Drawing(figure, alt, (title(dimension), *_headers()), table, _moved(rows, dimension))


def ended(found: pd.DataFrame, today: date) -> pd.DataFrame:
    """The weeks of ``whatif.Answer.weeks`` that are over, as the control chart judges them."""
    return found[found["week"] <= pd.Timestamp(today - timedelta(days=7))]


def _on_target(found: pd.DataFrame) -> str:
    """In how many weeks the target was met, and in how many it would have been (D16)."""
    rows = list(found.itertuples())
    met, n = on_target((row.due, row.share, row.target) for row in rows)
    met_then, n_then = on_target((row.due_then, row.share_then, row.target) for row in rows)
    if not n or not n_then:
        return ""
    if n == 1:
        return _of_one_week(next(row for row in rows if row.due >= ENOUGH))
    was = _("target met in {n} of {all} weeks").format(n=number(met), all=number(n))
    if (met, n) == (met_then, n_then):
        return was
    return _("{was}, if so in {n} of {all}").format(was=was, n=number(met_then), all=number(n_then))


class _Week(Protocol):
    """A row of ``whatif.Answer.weeks``."""

    due: int
    share: float
    due_then: int
    share_then: float
    target: float


def _of_one_week(row: _Week) -> str:
    """``chưa đạt chỉ tiêu 95 % (86 % của 77), nếu vậy 68 % của 77``: counting one week says nothing."""
    was = in_words(row.due, row.share, row.target)
    if row.share == row.share_then:
        return was
    share = beside_target(row.share_then, row.target)
    return _("{was}, if so {share} of {n}").format(was=was, share=share, n=number(row.due_then))


def _moved(rows: Sequence[Any], dimension: str) -> str:
    """How many more or fewer would have been late, and the part, or the two, that most of these are."""
    if sum(row.due for row in rows) < ENOUGH:
        return ""
    late = [(name_of(dimension, row.key), (row.due_then - row.met_then) - (row.due - row.met)) for row in rows]
    more = sum(n for _name, n in late)
    parts = [(name, abs(n)) for name, n in late if n * more > 0]
    found = largest(parts, sum(n for _name, n in parts))
    return "; ".join(told for told in (late_words(more), found) if told)


def late_words(more: int) -> str:
    """``thêm 37 lần trễ``, ``bớt 5 lần trễ``: how many more are late than were."""
    if not more:
        return _("as many late")
    sentence = _("{n} more late") if more > 0 else _("{n} fewer late")
    return sentence.format(n=number(abs(more)))


def _headers() -> tuple[str, ...]:
    return (
        _("Fell due"), _("Kept"), _("Share kept"), _("Fell due, if so"), _("Kept, if so"), _("Share kept, if so"),
        _("Better"), _("Worse"),
    )  # fmt: skip


def _cells(row: object, of: Slice | None) -> Sequence[Cell]:
    due, met, due_then, met_then, better, worse = (int(getattr(row, name)) for name in NUMBERS)
    return (
        Counted(due, of) if of else number(due),
        Counted(met, replace(of, verdict=(Verdict.MET,))) if of else number(met),
        charts.share_of(_share(met, due), due),
        number(due_then),
        number(met_then),
        charts.share_of(_share(met_then, due_then), due_then),
        number(better),
        number(worse),
    )


def _share(met: int, due: int) -> float:
    return met / due if due else float("nan")


def _of(met: int, due: int) -> str:
    words = _("{share} ({met} of {due})")
    return words.format(share=charts.share_of(_share(met, due), due), met=number(met), due=number(due))


def _line(
    name: str, places: list[int], shares: list[float | None], hover: Sequence[str], queries: Sequence[str]
) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": places,
        "y": shares,
        "connectgaps": False,
        "cliponaxis": False,
        "hovertext": list(hover),
        "hoverinfo": "text",
        "customdata": list(queries),
    }


def _percents(shares: Iterable[float]) -> list[float | None]:
    return [None if isnan(share) else round(share * 100, 2) for share in shares]


def _range(rows: Sequence[object]) -> list[float]:
    """From a little below the lowest point or target to 100 %, never beyond."""
    drawn = _percents(getattr(row, name) for row in rows for name in ("share", "share_then", "target"))
    lowest = min((share for share in drawn if share is not None), default=0.0)
    return [max(-3.0, lowest - max(3.0, (100 - lowest) * 0.12)), 100.0]

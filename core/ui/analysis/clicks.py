"""What a click on a chart does: it filters the page by what was clicked, and opens its rows where it is filtered so.

The callback of a chart runs before the page and knows no catalogue: it keeps the query of the point, and the filter
bar, which comes first on a page, takes it up. What the bar cannot be filtered by (a reason of misses, an hour of the
week, days outside the period) opens its rows at once, and so does any point of a page without a bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import parse_qsl

import streamlit as st

from core.insight import comparison
from core.insight.filters import PRESETS, Filter
from core.insight.slices import Slice

CLICKED = "chart_clicked"  # (key of the chart, query of the point), until somebody takes it up
CLICKS = "chart_clicks"
BACK = "back"
"""What the URL says of the period that a click narrowed: a preset, or its days as ``comparison.chosen`` writes them."""


def widget(key: str) -> str:
    """The key of a chart: another one after each click, since a chart keeps the point selected that was clicked."""
    return f"{key}.{st.session_state.get(CLICKS, 0)}"


def note(key: str, widget: str) -> None:
    """Keep the point that was clicked, if it stands for any rows."""
    points = st.session_state[widget]["selection"]["points"]
    query = points[0].get("customdata") if points else None
    found = str(query[0] if isinstance(query, list) else query or "")
    if found:
        st.session_state[CLICKED] = (key, found)
        st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1


def narrowing(page: Filter, today: date) -> dict[str, str | tuple[str, ...] | None]:
    """What the click changes in the query of a page filtered by ``page``; empty where it filters nothing more."""
    _key, query = st.session_state.get(CLICKED, ("", ""))
    found = within(page, Slice.from_query(dict(parse_qsl(query)), today).filter) if query else {}
    if found:
        del st.session_state[CLICKED]
    return found


def within(page: Filter, clicked: Filter) -> dict[str, str | tuple[str, ...] | None]:
    """What the query has to say so that a page filtered by ``page`` is filtered by ``clicked`` too.

    Empty where it is already, or where ``clicked`` lies outside its period: then only its rows can be shown.
    """
    if clicked.until != page.until or not page.start <= clicked.start <= clicked.end <= page.end:
        return {}
    found: dict[str, str | tuple[str, ...] | None] = {
        name: keys for name, keys in clicked.narrowed if keys != page.keys_of(name)
    }
    if (clicked.start, clicked.end) != (page.start, page.end):
        found |= {"period": "custom", "from": clicked.start.isoformat(), "to": clicked.end.isoformat()}
        found[BACK] = st.query_params.get(BACK) or words(page)
    return found


def words(page: Filter) -> str:
    """The period of a page in one word, which ``period`` reads back."""
    return comparison.chosen(page.start, page.end) if page.preset == "custom" else page.preset


def period(back: str) -> Mapping[str, str | None] | None:
    """What the query says of the period ``back``; None where it is none."""
    if back in PRESETS and back != "custom":
        return {"period": back, "from": None, "to": None, "until": None, BACK: None}
    days = comparison.days_of(back)
    if days is None:
        return None
    return {"period": "custom", "from": days[0].isoformat(), "to": days[1].isoformat(), "until": None, BACK: None}


def to_open(key: str) -> str:
    """The query of the point of this chart whose rows are to be opened, once; empty where there is none."""
    clicked, query = st.session_state.get(CLICKED, ("", ""))
    if clicked != key:
        return ""
    del st.session_state[CLICKED]
    return str(query)

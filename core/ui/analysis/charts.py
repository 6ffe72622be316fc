"""Charts on the screen: a drawing with its title, its numbers as a table, and a click that opens exactly its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from urllib.parse import parse_qsl

import plotly.io
import streamlit as st
from plotly.basedatatypes import BaseFigure
from streamlit.elements.plotly_chart import PlotlyState

from core.i18n import gettext as _
from core.insight.charts import Figure
from core.insight.drawings.drawing import Cell, Counted, Drawing, query_of
from core.rules.marks import visible
from core.ui import components
from core.ui.analysis import metrics
from core.ui.context import PageContext
from core.ui.text import Markdown, Words, joined, md, plain

_click = components.of_act("click", "document.querySelector(data.link)?.click()")
PANELS = 3
CONFIG = {"displayModeBar": False, "showTips": False}


class ThemedFigure(BaseFigure):  # type: ignore[misc] # plotly is untyped
    """A figure that is a plain dictionary already: tests check every figure against Plotly's schema, no run does."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure

    def to_dict(self) -> Figure:
        """The figure with the theme that Streamlit's browser side completes for light and dark."""
        return {"data": self._figure["data"], "layout": {"template": _template(), **self._figure["layout"]}}


def block(context: PageContext, title: Words, drawing: Drawing, *, key: str, help: Words) -> None:
    """A bordered part of a page: title with its definition, chart, and behind a button its numbers as a table."""
    with part(context, title, drawing, key=key, help=help):
        pass


@contextmanager
def part(context: PageContext, title: Words, drawing: Drawing, *, key: str, help: Words) -> Iterator[None]:
    """``block`` with room for a control between title and chart."""
    with st.container(border=True):
        head(context, title, drawing, key=key, help=help)
        yield
        if drawing.is_empty:
            st.caption(f":material/info: {_('Nothing to show for this period and filter.')}")
        else:
            show(context, drawing, key=key)


def head(context: PageContext, title: Words, drawing: Drawing, *, key: str, help: Words | None = None) -> None:
    """The title of a part, with its definition, and the button that shows the numbers."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.subheader(title, anchor=False, help=help, width="stretch")
        if not drawing.is_empty:
            same = _("The same numbers as a table, each opening its rows")
            with st.popover(_("Numbers"), icon=":material/table:", type="tertiary", help=same, key=f"{key}_table"):
                table(context, drawing)


def show(context: PageContext, drawing: Drawing, *, key: str) -> None:
    """The chart; a click on a point opens its rows where this person may see them."""
    if not context.may_open("explore"):
        st.plotly_chart(ThemedFigure(drawing.figure), key=key, config=CONFIG, alt=visible(drawing.alt))
        return
    event = st.plotly_chart(
        ThemedFigure(drawing.figure),
        key=key,
        config=CONFIG,
        alt=visible(drawing.alt),
        on_select="rerun",
        selection_mode="points",
    )
    query = _clicked(event)
    if query:
        _open(context, query, key)


def panels(context: PageContext, drawings: Mapping[str, tuple[str, Drawing]]) -> None:
    """Small charts beside one another, below one another on a phone: key → (title, drawing), all on one scale."""
    items = list(drawings.items())
    for start in range(0, len(items), PANELS):
        for column, (key, (title, drawing)) in zip(st.columns(PANELS), items[start : start + PANELS], strict=False):
            with column, st.container(border=True):
                head(context, plain(title), drawing, key=key)
                show(context, drawing, key=key)


def table(context: PageContext, drawing: Drawing, *, most: int | None = None) -> None:
    """The numbers of a drawing, each a link to its rows where this person may see them; the first ``most`` lines."""
    linked = context.may_open("explore")
    rule = Markdown(" | ".join("---" if i == 0 else "--:" for i in range(len(drawing.headers))))
    rows = [joined(" | ", (_cell(cell, linked) for cell in row)) for row in drawing.rows[:most]]
    st.markdown(joined("\n", (md("| {line} |", line=line) for line in (joined(" | ", drawing.headers), rule, *rows))))


def _open(context: PageContext, query: str, key: str) -> None:
    """Follow the link to the rows, and leave it there where scripts may not run.

    Not ``st.switch_page``: it writes the new query under the old page first, so that going back would narrow this page.
    """
    with st.container(key=f"{key}_rows"):
        metrics.to_page(context, "explore", _("Open these rows"), dict(parse_qsl(query)))
    _click({"link": f".st-key-{key}_rows a"})


def _cell(cell: Cell, linked: bool) -> Markdown:
    if not isinstance(cell, Counted):
        return plain(cell)
    if not linked or not cell.n:
        return plain(cell.text)
    return md("[{text}](/explore?{query})", text=cell.text, query=Markdown(query_of(cell.slice)))


def _clicked(event: PlotlyState) -> str:
    """The query of the point clicked, if it stands for any rows."""
    points = event["selection"]["points"]
    query = points[0].get("customdata") if points else None
    return str(query[0] if isinstance(query, list) else query or "")


@cache
def _template() -> Figure:
    template: Figure = plotly.io.templates["streamlit"].to_plotly_json()
    return template

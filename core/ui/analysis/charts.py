"""Charts on the screen: a drawing with its title, its numbers as a table and as files, and what a click on it does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from urllib.parse import parse_qsl

import plotly.io
import streamlit as st
from plotly.basedatatypes import BaseFigure

from core.i18n import N_
from core.i18n import gettext as _
from core.insight.charts import Figure
from core.insight.drawings.drawing import Cell, Counted, Drawing, query_of
from core.insight.filters import Filter
from core.papers import figure
from core.papers.csv import MEDIA_TYPE
from core.papers.figure import Told
from core.rules.calendar import local_day
from core.rules.marks import visible
from core.ui import components
from core.ui.analysis import clicks, metrics
from core.ui.context import PageContext
from core.ui.text import Markdown, Words, joined, md, plain

_click = components.of_act("click", "document.querySelector(data.link)?.click()")
_save = components.of_script("picture", (Path(__file__).parent / "picture.js").read_text(encoding="utf-8"))
PANELS = 3
CONFIG = {"displayModeBar": False, "showTips": False}
PICTURES = "pictures_saved"
PICTURE_IS = N_("The chart as it is drawn here, with its title, period and filter.")
CLICK_DOES = N_("A click on the chart filters the page by what it shows there; another one opens the rows.")
DATA_ARE = N_("What is drawn, as a table; above it what it is, by which filter and as of when.")


class ThemedFigure(BaseFigure):  # type: ignore[misc] # plotly is untyped
    """A figure that is a plain dictionary already: tests check every figure against Plotly's schema, no run does."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure

    def to_dict(self) -> Figure:
        """The figure with the theme that Streamlit's browser side completes for light and dark."""
        return {"data": self._figure["data"], "layout": {"template": _template(), **self._figure["layout"]}}


def block(
    context: PageContext, title: Words, drawing: Drawing, *, key: str, help: Words, of: Filter | None = None
) -> None:
    """A bordered part of a page: title with its definition, chart, and behind a button its numbers as a table."""
    with part(context, title, drawing, key=key, help=help, of=of):
        pass


@contextmanager
def part(
    context: PageContext, title: Words, drawing: Drawing, *, key: str, help: Words, of: Filter | None = None
) -> Iterator[None]:
    """``block`` with room for a control between title and chart."""
    with st.container(border=True):
        head(context, title, drawing, key=key, help=help, of=of)
        yield
        if drawing.is_empty:
            st.caption(f":material/info: {_('Nothing to show for this period and filter.')}")
        else:
            show(context, drawing, key=key)


def head(
    context: PageContext,
    title: Words,
    drawing: Drawing,
    *,
    key: str,
    help: Words | None = None,
    of: Filter | None = None,
) -> None:
    """The title of a part, with its definition, and the button that shows the numbers and saves them or the picture.

    ``of``: what is counted on a page that no bar filters; else what the address says.
    """
    picture = None
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.subheader(
            _heading(title, drawing),
            anchor=False,
            help=_with_click(help) if drawing.figure and of is None else help,
            width="stretch",
        )
        if not drawing.is_empty:
            same = _("The same numbers as a table, each opening its rows; as files too")
            with st.popover(_("Numbers"), icon=":material/table:", type="tertiary", help=same, key=f"{key}_table"):
                more = (drawing.finding,) if drawing.finding else ()
                told = Told(drawing.alt, help or "", of or _filter(context), context.now, more)
                picture = _files(context, drawing, key, told)
                table(context, drawing)
    if picture is not None:
        _save_picture(picture, key)


def _heading(title: Words, drawing: Drawing) -> Words:
    """What is drawn, and what it shows where that is something: a board reads no more than the titles."""
    if not drawing.finding:
        return title
    return md("{title}: {finding}", title=Markdown(title), finding=drawing.finding)


def _with_click(help: Words | None) -> Words | None:
    return None if help is None else joined("\n\n", [Markdown(help), Markdown(_(CLICK_DOES))])


def _files(context: PageContext, drawing: Drawing, key: str, told: Told) -> Told | None:
    """Buttons that save what is drawn as a picture or as data; what is to be drawn beside the picture if one is wanted.

    The data are written when they are asked for, on another thread that knows no language: the words are ready here.
    """
    wanted = False
    with st.container(horizontal=True, gap="small"):
        if drawing.figure:
            wanted = st.button(_("Picture (PNG)"), icon=":material/image:", key=f"{key}_png", help=_(PICTURE_IS))
        if context.may("export"):
            rows = [[cell.n if isinstance(cell, Counted) else cell for cell in row] for row in drawing.rows]
            st.download_button(
                _("Data (CSV)"),
                partial(figure.write, told.lines, drawing.headers, rows, figure.dialect()),
                told.file_name("csv"),
                MEDIA_TYPE,
                icon=":material/download:",
                key=f"{key}_csv",
                help=_(DATA_ARE),
                on_click="ignore",
            )
    return told if wanted else None


def _filter(context: PageContext) -> Filter:
    """By what the page is filtered."""
    return Filter.from_query(st.query_params.to_dict(), local_day(context.now)).seen_by(context.person)


def _save_picture(told: Told, key: str) -> None:
    """Have the browser save the chart ``key`` with its title, period and filter: they stand outside its picture."""
    asked = st.session_state[PICTURES] = st.session_state.get(PICTURES, 0) + 1
    title, *rest = told.lines
    small = " · ".join(line for line in rest if line != told.definition)
    data = {"chart": f".st-key-{_class(clicks.widget(key))}", "title": title, "small": small}
    _save(data=data | {"name": told.file_name("png")}, height=1, key=f"picture_{key}_{asked}")


def _class(key: str) -> str:
    """A key as Streamlit writes it into the page."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)


def show(context: PageContext, drawing: Drawing, *, key: str) -> None:
    """The chart; a click on a point filters the page by it, or opens its rows where this person may see them."""
    widget = clicks.widget(key)
    st.plotly_chart(
        ThemedFigure(drawing.figure),
        key=widget,
        config=CONFIG,
        alt=visible(drawing.described),
        on_select=partial(clicks.note, key, widget),
        selection_mode="points",
    )
    query = clicks.to_open(key)
    if query and context.may_open("explore"):
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


@cache
def _template() -> Figure:
    template: Figure = plotly.io.templates["streamlit"].to_plotly_json()
    return template

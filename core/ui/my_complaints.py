"""The list of what somebody logged and follows: time left, what they wrote, where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import ngettext, number, short_moment
from core.register.reads.queue import Line
from core.ui import go
from core.ui.pages import file_of
from core.ui.queue.table import left
from core.ui.rows import Cell, Column, Row
from core.ui.steps import state_word

PAGE_ROWS = 25


def title(total: int, still_open: int) -> str:
    """How many were logged, and how many of them are open."""
    logged = ngettext("You logged {n} complaint", "You logged {n} complaints", total).format(n=number(total))
    return logged + (_(", {n} still open").format(n=number(still_open)) if total else "")


def columns() -> tuple[Column, ...]:
    """The columns of ``rows_of``."""
    return (
        Column(_("Case code"), 9, "first"),
        Column(_("Due"), 13, "last"),
        Column(_("What they say"), 0, "second"),
        Column(_("Category, step"), 13, "third"),
    )


def rows_of(lines: Sequence[Line], now: datetime) -> list[Row]:
    """One row per complaint, leading to its page."""
    return [_row(line, now) for line in lines]


def back_link() -> None:
    """The way from a complaint back to the list."""
    st.page_link(file_of("my_complaints"), label=_("My complaints"), icon=":material/arrow_back:")


def _row(line: Line, now: datetime) -> Row:
    category = name_of(catalogues().categories, line.category)
    return Row(
        key=line.code,
        href=go.address("complaint", code=line.code),
        cells=(
            Cell(line.code, short_moment(line.recorded_at, now)),
            left(line, now),
            Cell(line.snippet),
            Cell(category, state_word(line.state)),
        ),
    )

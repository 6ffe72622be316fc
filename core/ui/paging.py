"""Pages of a long list: which one the URL asks for, and the way to the others."""

from __future__ import annotations

import streamlit as st

from core.i18n import N_
from core.i18n import gettext as _
from core.i18n import number as written
from core.ui import address
from core.ui.text import plain

ROWS = N_("Rows {first} to {last} of {total}")


def number(name: str, total: int, size: int) -> int:
    """The page of list ``name`` in the URL, 1 for the first."""
    return address.number(name, most=_pages(total, size))


def turn(name: str, total: int, size: int, page: int, *, template: str = ROWS, is_long: bool = False) -> None:
    """Which rows of list ``name`` these are (``template`` has first, last and total), and the way to the others.

    Nothing where one page holds all, unless the list is called long: then the rows are counted all the same.
    """
    if total <= size and not is_long:
        return
    widget = f"{name}_page_{page}"  # the query decides, also after the browser's back button
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        first, last = (page - 1) * size + 1, min(page * size, total)
        st.caption(plain(_(template).format(first=written(first), last=written(last), total=written(total))))
        if total > size:
            st.pagination(
                _pages(total, size), default=page, key=widget, on_change=lambda: _go(name, st.session_state[widget])
            )


def _go(name: str, page: int) -> None:
    address.put(**{name: page if page > 1 else None})


def _pages(total: int, size: int) -> int:
    return max(1, -(-total // size))

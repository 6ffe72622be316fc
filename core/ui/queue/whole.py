"""For which rows of the queue the steps at its foot are: those ticked on the page, or all of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.i18n import ngettext, number
from core.register.case.incidents import MOST
from core.register.reads import queue
from core.ui.context import PageContext
from core.ui.queue import view as queue_view
from core.ui.queue.view import View
from core.ui.text import plain

WHOLE = "queue_whole_list"


@dataclass(frozen=True, slots=True)
class _Whole:
    """All rows of the list ``shown`` as they were when they were chosen, which holds while ``ticks`` are the ticks."""

    shown: str
    ticks: Mapping[str, int]
    versions: Mapping[str, int]


def of(shown: str, ticks: Mapping[str, int]) -> Mapping[str, int]:
    """Code → version on the screen, or when all were chosen, of what the steps are for."""
    whole: _Whole | None = st.session_state.get(WHOLE)
    if whole is None:
        return ticks
    if (whole.shown, whole.ticks) != (shown, ticks):  # for good: ticked again, a page is no more than this page
        del st.session_state[WHOLE]
        return ticks
    return whole.versions


def offer_all(context: PageContext, view: View, shown: str, ticks: Mapping[str, int]) -> None:
    """Once a whole page is ticked: a button that chooses every row of the list, as far as one act goes."""
    if of(shown, ticks) is not ticks or not ticks:
        return
    with context.register.read() as session:
        found = queue.versions(
            session, view.segment, by=context.person, now=context.now, narrow=view.narrow, most=MOST + 1
        )
    codes = list(found)
    size = queue_view.PAGE_ROWS
    pages = [codes[first : first + size] for first in range(0, len(codes), size)]
    if len(pages) == 1 or not any(ticks.keys() == set(page) for page in pages):
        return
    first = {code: found[code] for code in codes[:MOST]}
    if len(codes) > MOST:
        label = ngettext("Choose the first {n}", "Choose the first {n}", MOST)
    else:
        label = ngettext("Choose all {n}", "Choose all {n}", len(codes))

    def choose() -> None:
        st.session_state[WHOLE] = _Whole(shown, ticks, first)

    st.button(plain(label.format(n=number(len(first)))), icon=":material/select_all:", key="queue_all", on_click=choose)

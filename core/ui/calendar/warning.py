"""The warning that a deadline can reach a year whose days off nobody approved yet."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.register.calendar import calendars
from core.ui import address
from core.ui.context import PageContext
from core.ui.pages import file_of
from core.ui.text import md


def show(context: PageContext, *, on_calendar: bool = False) -> None:
    """One line for those who can see to it, with the way to the calendar for those who may change it."""
    if not context.may("watch_calendar"):
        return
    with context.register.read() as session:
        year = calendars.missing_year(session, now=context.now)
    if year is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            md(
                _("Deadlines can reach {year}, and its calendar is not approved: new complaints may be refused."),
                year=year,
            ),
            icon=":material/event_busy:",
        )
        label, icon = md(_("Approve {year}"), year=year), ":material/calendar_month:"
        if on_calendar:  # a link to the present page would leave the address as it is
            st.button(label, icon=icon, key="calendar_go", on_click=lambda: address.put(year=year))
        elif context.may_open("calendar"):
            st.page_link(file_of("calendar"), label=label, icon=icon, query_params={"year": str(year)})

"""Lịch làm việc: a year at a glance, days off and worked Saturdays, changed by looking first (D8)."""

import streamlit as st

from core.register.calendar import calendars
from core.rules.calendar import local_day
from core.ui import doing, frame
from core.ui.calendar import change, day_dialog, lists, warning, words, year_view
from core.ui.calendar import draft as calendar_draft
from core.ui.text import plain

context = frame.open_page("calendar")
today = local_day(context.now)
with context.register.read() as session:
    days = calendars.current(session)
    closed = calendars.closed_weekdays(session, now=context.now)
year = lists.choose_year(days, today)
is_coming = year > days.last_year
draft = calendar_draft.of_tab()
special = draft.of_year(days, year)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(plain(words.finding(days, year, closed)), anchor=False)
    lists.year_list(days, year, today)
    day_dialog.add_button(days, year, closed, today)
if not is_coming:
    st.caption(plain(words.summary(days, year, closed)))
    warning.show(context, on_calendar=True)
doing.show_notice()
change.show(context, days)

proposals, months = st.columns([1, 1.4], gap="medium") if is_coming else (st.container(), st.container())
with proposals:
    lists.show_proposals(days, year, today)
with months:
    marks = lists.marks(special, draft)
    legend = lists.legend(marks, with_today=year == today.year)
    year_view.show(year, marks, today=today, closed=closed, legend=legend, key="calendar_months")
if special:
    lists.show_year(year, special, draft)
lists.show_versions(context)
day_dialog.open_if_chosen(days, closed)

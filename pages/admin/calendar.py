"""Lịch làm việc: a year at a glance, days off and worked Saturdays, changed by looking first (D8)."""

import streamlit as st

from core.register import calendars
from core.rules.calendar import local_day
from core.ui import (
    calendar_change,
    calendar_day,
    calendar_draft,
    calendar_lists,
    calendar_warning,
    calendar_words,
    frame,
    year_view,
)

desk = frame.open_page("calendar")
today = local_day(desk.now)
with desk.register.read() as session:
    days = calendars.current(session)
    closed = calendars.closed_weekdays(session)
year = calendar_lists.choose_year(days, today)
is_coming = year > days.last_year
draft = calendar_draft.of_tab()
special = draft.of_year(days, year)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(calendar_words.finding(days, year, closed), anchor=False)
    calendar_lists.year_list(days, year, today)
    calendar_day.add_button(days, year, closed, today)
if not is_coming:
    st.caption(calendar_words.summary(days, year, closed))
    calendar_warning.show(desk, on_calendar=True)
calendar_change.show_told()
calendar_change.show(desk, days)

proposals, months = st.columns([1, 1.4], gap="medium") if is_coming else (st.container(), st.container())
with proposals:
    calendar_lists.show_proposals(days, year, today)
with months:
    marks = calendar_lists.marks(special, draft)
    legend = calendar_lists.legend(marks, with_today=year == today.year)
    year_view.show(year, marks, today=today, closed=closed, legend=legend, key="calendar_months")
if special:
    calendar_lists.show_year(year, special, draft)
calendar_lists.show_versions(desk)
calendar_day.open_if_chosen(days, closed)

"""Tổng quan: what needs a person now; for those who answer for it, how the week is going."""

import streamlit as st

from core.insight import facts, findings
from core.insight.filters import Filter
from core.rules.calendar import local_day
from core.ui import calendar_warning, filter_bar, frame, metrics, overview_parts

desk = frame.open_page("overview")
known = facts.current(desk.register)
this_week = filter_bar.narrowed_to(desk, Filter.of("this_week", local_day(desk.now)))
counts = overview_parts.counts(desk, known, this_week)

st.title(findings.attention(counts), anchor=False)
calendar_warning.show(desk)
if known.is_empty:
    metrics.nothing_yet(desk)
    st.stop()

overview_parts.needs(desk, counts, this_week)
if desk.may_open("sla"):
    overview_parts.week(desk, known, this_week)
    overview_parts.newest(desk, known, this_week)

"""Tổng quan: what needs a person now; for those who answer for it, how the week is going."""

import streamlit as st

from core.insight import facts, findings
from core.insight.filters import Filter
from core.rules.calendar import local_day
from core.ui import frame
from core.ui.analysis import filter_bar, metrics, overview
from core.ui.calendar import warning

desk = frame.open_page("overview")
known = facts.current(desk.register)
this_week = filter_bar.narrowed_to(desk, Filter.of("this_week", local_day(desk.now)))
counts = overview.counts(desk, known, this_week)

st.title(findings.attention(counts), anchor=False)
warning.show(desk)
if known.is_empty:
    metrics.nothing_yet(desk)
    st.stop()

overview.needs(desk, counts, this_week)
if desk.may_open("sla"):
    overview.week(desk, known, this_week)
    overview.newest(desk, known, this_week)

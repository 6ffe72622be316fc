"""Tổng quan: what needs a person now; for those who answer for it, how the week is going."""

import streamlit as st

from core.insight import facts, findings
from core.insight.filters import Filter
from core.rules import roles
from core.rules.calendar import local_day
from core.ui import frame
from core.ui.analysis import metrics, overview
from core.ui.calendar import warning
from core.ui.catalogues import proposed
from core.ui.text import plain

context = frame.open_page("overview")
known = facts.current(context.register)
this_week = Filter.of("this_week", local_day(context.now)).seen_by(context.person)
counts = overview.counts(context, known, this_week)

st.title(
    plain(findings.attention(counts, of_department=roles.answers_for_department(context.person.role))), anchor=False
)
warning.show(context)
proposed.show_waiting(context)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()

overview.needs(context, known, counts, this_week)
if context.may_open("sla"):
    overview.week(context, known, this_week)
    overview.newest(context, known, this_week)

"""Thời gian xử lý: how long it takes, where the time goes, what is open, and whose work it is (D18)."""

import streamlit as st

from core.insight import facts, findings
from core.insight.filters import monday
from core.insight.times import WAITING
from core.ui import frame
from core.ui.analysis import filter_bar, handling, known_events, metrics
from core.ui.text import plain

context = frame.open_page("handling")
known = facts.current(context.register)
chosen = filter_bar.read(context, "handling")
against = filter_bar.compared(context, known, chosen, of="due")
took = handling.one(context, known, "resolve_hours", chosen)
spent = handling.asked(context, known, "time_spent", chosen, WAITING)

st.title(plain(findings.handling(took, spent)), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
if not filter_bar.show(context, known, chosen, of="due", against=against):
    metrics.nothing_here()
    st.stop()

events = known_events.read(context, monday(chosen.start), chosen.end)
stages = handling.promised(known)
handling.numbers(context, known, stages, against)
left, right = st.columns(2)
with left:
    handling.per_week(context, known, stages, against, events)
with right:
    handling.spent(context, known, chosen)
handling.flow(context, known, chosen, events)
handling.people(context, known, chosen)

"""Kết quả và quay lại: how cases end, who was right, what comes back, and what is counted by itself (D6, D17, D34)."""

import streamlit as st

from core.insight import facts, findings
from core.insight.filters import monday
from core.ui import frame
from core.ui.analysis import filter_bar, handling, known_events, metrics, outcomes
from core.ui.text import plain

context = frame.open_page("outcomes")
known = facts.current(context.register)
chosen = filter_bar.read(context, "outcomes")
against = filter_bar.compared(context, known, chosen)
upheld, reopened = (handling.one(context, known, name, chosen) for name in ("upheld", "reopened"))

st.title(plain(findings.outcomes(upheld, reopened)), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
if not filter_bar.show(context, known, chosen, against=against):
    metrics.nothing_here()
    st.stop()

events = known_events.read(context, monday(chosen.start), chosen.end)
outcomes.numbers(context, known, against)
left, right = st.columns(2)
with left:
    outcomes.decided(context, known, chosen, events)
with right:
    outcomes.outcomes(context, known, chosen)
left, right = st.columns(2)
with left:
    outcomes.split(context, known, chosen)
with right:
    outcomes.issues(context, known, chosen)
outcomes.amounts(context, known, chosen)

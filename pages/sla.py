"""SLA: the share of obligations met per week; where and why others were not; and which ones they are."""

import streamlit as st

from core.insight import compliance, facts, findings
from core.ui import address, doing, frame
from core.ui.analysis import filter_bar, known_events, metrics, misses, sla
from core.ui.text import plain

context = frame.open_page("sla")
known = facts.current(context.register)
chosen = filter_bar.read(context, "sla")
stages = compliance.rated(known)
stage = address.word("stage", stages, stages[0])
against = filter_bar.compared(context, known, chosen, of="due")
weeks = {name: compliance.by_week(known, chosen, context.now, name, against.calendar) for name in stages}

st.title(plain(findings.compliance(weeks, stage)), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
if not filter_bar.show(context, known, chosen, of="due", against=against):
    metrics.nothing_here()
    st.stop()

events = known_events.read(context, weeks[stage]["week"].iloc[0].date(), chosen.end)
doing.show_notice()
sla.numbers(context, known, weeks, against)
metrics.choose_stage(stages, stage, key="sla_stage", default=compliance.RATED_STAGES[0], forget=("page",))
sla.restatement(context, known, chosen, stage)
left, right = st.columns([2, 1])
with left:
    sla.per_week(context, known, against, stage, weeks[stage], events)
with right:
    sla.reasons(context, known, chosen, stage)
left, right = st.columns(2)
with left:
    sla.split(context, known, chosen, stage)
with right:
    sla.ageing(context, known, chosen)
sla.of_departments(context, known, chosen)
misses.show(context, known, chosen, stage)

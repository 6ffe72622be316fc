"""SLA: were the promised times kept, week by week; where and why not; and which ones were missed."""

import streamlit as st

from core.insight import compliance, facts, findings
from core.ui import address, filter_bar, frame, metrics, misses, sla_parts

desk = frame.open_page("sla")
known = facts.current(desk.register)
chosen = filter_bar.read(desk, "sla")
stage = address.word("stage", tuple(sla_parts.STAGES), "resolve")
weeks = {name: compliance.by_week(known, chosen, desk.now, name) for name in sla_parts.STAGES}

st.title(findings.compliance(weeks["resolve"]), anchor=False)
if known.is_empty:
    metrics.nothing_yet(desk)
    st.stop()
if not filter_bar.show(desk, known, chosen, of="due"):
    metrics.nothing_here()
    st.stop()

sla_parts.numbers(desk, known, chosen, weeks)
sla_parts.choose_stage(stage)
left, right = st.columns([2, 1])
with left:
    sla_parts.per_week(desk, chosen, stage, weeks[stage])
with right:
    sla_parts.reasons(desk, known, chosen)
left, right = st.columns(2)
with left:
    sla_parts.split(desk, known, chosen, stage)
with right:
    sla_parts.ageing(desk, known, chosen)
misses.show(desk, known, chosen, stage)

"""Sự cố: one cause of which several customers complain; what is done is done once for all of their complaints."""

import streamlit as st

from core.register.reads import incidents
from core.rules.steps import JOIN
from core.ui import doing, frame, style
from core.ui.incidents import acts, begin, outcome, view
from core.ui.text import plain

context = frame.open_page("incidents")
code = st.query_params.get("code", "").strip().upper()
with context.register.read() as session:
    found = incidents.listed(session, by=context.person, now=context.now)
    code = code or next((one.code for one in found if one.ended_at is None), "")
    whole = incidents.read(session, code, by=context.person, now=context.now) if code else None

st.title(plain(view.title(found)), anchor=False)
doing.show_notice()
outcome.show()
if context.may(JOIN):
    begin.show(context)
if found:
    view.show_list(found, context.now)
if whole:
    view.head(whole)
    style.order_on_phones("incident", "incident_acts", "incident_asked", "incident_complaints")
    with st.container(key="incident"):
        left, right = st.columns([1.7, 1], gap="medium")
    with right, st.container(key="incident_acts"):
        acts.show(context, whole)
    with left:
        with st.container(key="incident_asked"):
            view.asked(whole, context.now)
        with st.container(key="incident_complaints"):
            view.complaints(context, whole)
doing.finish()

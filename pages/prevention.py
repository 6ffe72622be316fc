"""Phòng ngừa: analyses for the board, actions and decisions by due, evidence to verify, effects to check (D25)."""

import streamlit as st

from core.insight import facts
from core.register.reads import prevention
from core.rules.prevention import ANALYSE, APPROVE
from core.ui import doing, frame
from core.ui.incidents import outcome
from core.ui.meeting import decisions
from core.ui.prevention import approvals, figures, lists
from core.ui.text import plain

context = frame.open_page("prevention")
with context.register.read() as session:
    by, now = context.person, context.now
    owed = prevention.owed(session, by=by, now=now)
    late = prevention.count(session, prevention.is_late(now), by=by)
    approving = prevention.waiting(session, by=by)
    missing = prevention.missing(session, by=by)
    undone = prevention.lines(session, prevention.UNDONE, by=by)
    to_verify = prevention.lines(session, prevention.to_verify(), by=by)
    to_check = prevention.lines(session, prevention.to_check(now), by=by, most=lists.MOST_EFFECTS)

st.title(plain(lists.title(owed.total, late)), anchor=False)
doing.show_notice()
outcome.show()
if context.may(APPROVE):
    approvals.show(context, *approving)
else:
    approvals.tell(approving[0])
if context.may(ANALYSE):
    lists.missing(*missing, now)
lists.actions(*undone, now)
decisions.owed(context)
lists.evidence(*to_verify, now)
lists.effects(context, facts.current(context.register), *to_check)
figures.show(context)
doing.finish()

"""Hồ sơ: one complaint: its state, its clocks and why they are due then, the next step, the whole timeline."""

import streamlit as st

from core.errors import NotAllowed, NotFound
from core.i18n import gettext as _
from core.register.reads import dossier as dossiers
from core.register.reads.dossier import Dossier
from core.ui import errors, evidence, frame, my_complaints, style
from core.ui.case import (
    checklist,
    clocks,
    head,
    incident,
    latest,
    papers,
    prevention,
    search,
    step_form,
    stepper,
    timeline,
)
from core.ui.queue import view

context = frame.open_page("complaint")


def show(dossier: Dossier) -> None:
    """Head and steps; then clocks, statement and history, beside them the next step (on a phone before all these)."""
    head.show(dossier, context)
    stepper.show(dossier, context.now)
    with st.container(key="case_due"):
        clocks.show_next(dossier, context.now)
    style.on_phones_only("case_due")
    style.order_on_phones(
        "case", "next_step", "case_clocks", "case_papers", "case_latest", "case_statement", "case_history"
    )
    with st.container(key="case"):
        left, right = st.columns([1.7, 1], gap="medium")
    with right:
        step_form.show(context, dossier)
        papers.show(dossier)
        incident.offer(context, dossier)
    with left:
        with st.container(key="case_clocks"):
            clocks.show(dossier, context.now)
        with st.container(key="case_latest"):
            latest.show_framed(dossier)
            checklist.show(dossier)
        with st.container(key="case_statement"):
            head.show_statement(dossier)
        with st.container(key="case_history"):
            history, files, customer, plan = st.tabs([_("Timeline"), _("Evidence"), _("Customer"), _("Prevention")])
        with history:
            timeline.show(dossier.whole_story)
        with files:
            evidence.show(dossier.whole_story, key="case_evidence")
        with customer:
            head.show_customer(dossier, context)
        with plan:
            prevention.show(dossier, context.now)
    style.ctrl_enter_everywhere()


if context.may_open("queue"):
    view.back_link()
elif context.may_open("my_complaints"):
    my_complaints.back_link()
code = st.query_params.get("code", "").strip().upper()
if not code:
    search.show(context)
else:
    try:
        with context.register.read() as session:
            found = dossiers.read(session, code, by=context.person, now=context.now, language=context.language)
    except NotFound as unknown:
        errors.show(unknown)
        search.show(context)
    except NotAllowed:
        if not step_form.show_parting(code):
            raise
    else:
        show(found)

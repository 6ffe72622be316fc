"""A direction of a superior or the board on the screens (Minh Tuấn 3, MISA 2): asked for, given, reminded of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.i18n import due_words, named
from core.i18n import gettext as _
from core.register.case.steps.recording import StepFields
from core.register.reads.timeline import Moment
from core.rules.marks import visible
from core.rules.steps import DIRECT, ESCALATE
from core.ui.steps.handling import promised_results
from core.ui.steps.view import EventView, Form, StepView
from core.ui.text import md

NEEDED_IN = 1
"""Working days in which a direction is asked for, unless another time is chosen."""


def escalate(form: Form) -> StepFields:
    """Who is asked what, by when; an internal mark that moves no promise."""
    known = {key: named("addressee", key) for key in form.dossier.procedure.escalates_to}
    whom = form.choose(_("Who is asked"), known, "addressee", next(iter(known)))
    text = form.text(_("What is to be decided, and what do you propose?"))
    due_at = form.due_at(_("Direction needed by"), min([form.in_working_days(NEEDED_IN), *promised_results(form)]))
    st.caption(_("An internal mark: what was promised to the customer runs on."))
    return {"addressee": whom, "text": text, "due_at": due_at, "files": form.files()}


def direct(form: Form) -> StepFields:
    """What is to be done."""
    _tell_question(form)
    return {"text": form.text(_("What is to be done?"))}


def approve(form: Form) -> StepFields:
    """What was proposed is to be done."""
    _tell_question(form)
    return {"text": form.text(_("More about it (optional)"))}


def return_(form: Form) -> StepFields:
    """Why not."""
    _tell_question(form)
    return {"text": form.text(_("Why is it returned, and what is missing?"))}


def remind(form: Form) -> StepFields:
    """Whoever was asked is reminded."""
    return {"text": form.text(_("A word to them (optional)"))}


def recall(form: Form) -> StepFields:
    """Why no direction is needed any more."""
    return {"text": form.text(_("Why is the request taken back?"))}


def _tell_question(form: Form) -> None:
    """What is asked, whole, where it is answered."""
    awaited = form.dossier.direction
    if awaited and awaited.question:
        st.caption(md("{who}:", who=awaited.who))
        st.text(visible(awaited.question))


def escalated_details(moment: Moment) -> list[str]:
    """Of whom, and until when."""
    due_at, whom = moment.payload.get("due_at"), moment.payload.get("addressee")
    due = _("needed by {due}").format(due=due_words(datetime.fromisoformat(due_at))) if due_at else ""
    return [named("addressee", whom) if whom else "", due]


VIEWS: Mapping[str, StepView] = {
    ESCALATE: StepView(escalate, EventView("arrow_upward", escalated_details)),
    DIRECT: StepView(direct, EventView("assistant_direction")),
    "approve_proposal": StepView(approve, EventView("approval")),
    "return_proposal": StepView(return_, EventView("assignment_return")),
    "remind_direction": StepView(remind, EventView("notification_important")),
    "recall_direction": StepView(recall, EventView("cancel_schedule_send")),
}

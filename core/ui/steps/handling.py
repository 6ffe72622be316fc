"""Step 4 of the procedure on the screens: departments and the customer are asked, and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import day, due_words
from core.i18n import gettext as _
from core.register.case.steps.recording import StepFields
from core.register.clocks import promises
from core.register.reads.timeline import Moment
from core.rules.catalogue import offered
from core.rules.steps import State
from core.rules.verdicts import Verdict
from core.ui import fields
from core.ui.badges import Badge
from core.ui.steps.view import WORKING_DAYS, EventView, Form, StepView, names_in
from core.ui.text import plain


def forward(form: Form) -> StepFields:
    """Which department is asked what, by when (POPS step 4)."""
    department = form.choose(_("Department"), names_in(offered(catalogues().departments)), "department")
    question = form.text(_("What should they check or decide?"))
    with form.context.register.read() as session:
        complaint = form.dossier.complaint
        last_day = promises.day_after(session, complaint, WORKING_DAYS, now=form.context.now)
        default = min([promises.office_closes(session, complaint, last_day), *_promised(form)])
    due_at = fields.moment(_("Answer needed by"), form.key("due_at"), default, persist="session")
    if due_at:
        st.caption(plain(due_words(due_at)))
    fields.mend(form.problems, "due_at")
    lacking = [one.field for one in form.dossier.values if one.field.required and not one.is_other and not one.value]
    if lacking:
        st.caption(_("This must be known before it is forwarded:"))
    given = form.details(lacking)
    return {"department": department, "text": question, "due_at": due_at, "details": given, "files": form.files()}


def _promised(form: Form) -> list[datetime]:
    """Until when the customer waits for the result, where that is to come: an answer after it helps nobody."""
    results = {term.key for term in form.dossier.procedure.terms if term.stage == "resolve"}
    clocks = form.dossier.clocks
    return [clock.due_at for clock in clocks if clock.verdict is Verdict.RUNNING and clock.term in results]


def answer(form: Form) -> StepFields:
    """What the department found (POPS step 4)."""
    return {"text": form.text(_("What did the department find or decide?")), "files": form.files()}


def ask_customer(form: Form) -> StepFields:
    """What the customer is asked, and when we ask again (D5)."""
    told = form.told("ask_customer", _("What is the customer asked?"))
    with form.context.register.read() as session:
        default = promises.day_after(session, form.dossier.complaint, WORKING_DAYS, now=form.context.now)
    chase_on = st.date_input(
        _("Ask again on"), value=default, format=fields.DATE_FORMAT, key=form.key("chase_on"), persist_state="session"
    )
    fields.mend(form.problems, "chase_on")
    return {**told, "chase_on": chase_on}


def record_reply(form: Form) -> StepFields:
    """What the customer answered."""
    return {"text": form.text(_("What did the customer answer?")), "files": form.files()}


def forwarded_details(moment: Moment) -> list[str]:
    """To whom, and until when."""
    due_at = moment.payload.get("due_at")
    due = _("answer before {due}").format(due=due_words(datetime.fromisoformat(due_at))) if due_at else ""
    return [*department_details(moment), due]


def department_details(moment: Moment) -> list[str]:
    """Which department."""
    return [name_of(catalogues().departments, moment.payload.get("department"))]


def asked_details(moment: Moment) -> list[str]:
    """When we ask again."""
    chase_on = moment.payload.get("chase_on")
    return [_("ask again on {day}").format(day=day(date.fromisoformat(chase_on))) if chase_on else ""]


VIEWS: Mapping[str, StepView] = {
    "forward": StepView(forward, EventView("forward", forwarded_details)),
    "answer": StepView(answer, EventView("reply", department_details)),
    "ask_customer": StepView(ask_customer, EventView("contact_support", asked_details)),
    "record_reply": StepView(record_reply, EventView("chat")),
}
STATE_BADGES: Mapping[str, Badge] = {
    State.investigating: Badge("state", "investigating", ":material/manage_search:", "blue"),
    State.waiting_customer: Badge("state", "waiting_customer", ":material/hourglass_top:", "gray"),
}

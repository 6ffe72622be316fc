"""Step 4 of the procedure on the screens: departments and the customer are asked, and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import day, due_words, named, number
from core.i18n import gettext as _
from core.register.case.steps.recording import StepFields
from core.register.reads.timeline import Moment
from core.rules.catalogue import offered
from core.rules.checklist import DETAIL, EVIDENCE
from core.rules.evidence_kinds import KINDS, RECORDING
from core.rules.steps import State
from core.rules.verdicts import Verdict
from core.ui import evidence
from core.ui.badges import Badge
from core.ui.details import name_of as name_of_field
from core.ui.steps.view import EventView, Form, StepView, came_details, names_in, wanted_words
from core.ui.text import plain, spoken


def forward(form: Form) -> tuple[StepFields, ...]:
    """Which departments are asked what, by when (POPS step 4): alike, or each its own question and time (D19)."""
    departments = form.several(_("Departments"), names_in(offered(catalogues().departments)), "department")
    question = form.text(_("What should they check or decide?"))
    due_at = form.due_at(_("Answer needed by"), min([form.in_working_days(), *promised_results(form)]))
    asked: list[StepFields] = [{"department": one, "text": question, "due_at": due_at} for one in departments]
    if len(departments) > 1 and st.checkbox(_("Another question or time for some"), key=form.key("own")):
        asked = [_of_its_own(form, one) for one in asked]
    first, *others = asked or [StepFields(department=None, text=question, due_at=due_at)]
    lacking = [one.field for one in form.dossier.values if one.field.required and not one.is_other and not one.value]
    if lacking:
        st.caption(_("This must be known before it is forwarded:"))
    given = form.details(lacking)
    return ({**first, "details": given, "files": form.files()}, *others)


def _of_its_own(form: Form, asked: StepFields) -> StepFields:
    """What this department is asked instead, if anything, and by when."""
    department, question, due_at = asked["department"], asked["text"], asked["due_at"]
    name = name_of(catalogues().departments, department)
    own = form.text(spoken(_("{department}: what instead? (optional)").format(department=name)), f"text.{department}")
    label = spoken(_("{department}: answer needed by").format(department=name))
    return {**asked, "text": own.strip() or question, "due_at": form.due_at(label, due_at, f"due_at.{department}")}


def promised_results(form: Form) -> list[datetime]:
    """Until when the customer waits for the result, where that is to come: an answer after it helps nobody."""
    results = {term.key for term in form.dossier.procedure.terms if term.stage == "resolve"}
    clocks = form.dossier.clocks
    return [clock.due_at for clock in clocks if clock.verdict is Verdict.RUNNING and clock.term in results]


def answer(form: Form) -> StepFields:
    """What the department found (POPS step 4)."""
    request = form.request()
    text = form.text(_("What did the department find or decide?"))
    return {"request": request, "text": text, "files": form.files()}


def return_request(form: Form) -> StepFields:
    """Why it is not theirs, and whose it is (D19)."""
    request = form.request()
    text = form.text(_("Why is it not the department's?"))
    departments = names_in(offered(catalogues().departments))
    belongs_to = form.choose(_("Whose is it? (if known)"), departments, "belongs_to")
    return {"request": request, "text": text, "belongs_to": belongs_to, "files": form.files()}


def recall(form: Form) -> StepFields:
    """Why the answer is not needed any more (D19)."""
    request = form.request()
    return {"request": request, "text": form.text(_("Why is the question taken back?")), "files": form.files()}


def remind(form: Form) -> StepFields:
    """The department is asked once more for its answer (D19)."""
    request = form.request()
    return {"request": request, "text": form.text(_("More for the department (optional)")), "files": form.files()}


def ask_customer(form: Form) -> StepFields:
    """What the customer is asked, what must come, and when we ask again (D5)."""
    told = form.told("ask_customer", _("What is the customer asked?"))
    wanted = form.several(_("What must come?"), _what_may_come(form), "wanted")
    more = form.text(_("What else must come? One thing a line (optional)"), "wanted_more")
    return {**told, "wanted": wanted, "wanted_more": more, "chase_on": form.chase_on(), "files": form.files()}


def _what_may_come(form: Form) -> dict[str, str]:
    """What the category must know and is not known, and the kinds of evidence; without what was asked for already."""
    values = form.dossier.values
    names = {f"{DETAIL}{one.field.key}": name_of_field(one.field) for one in values if not (one.is_other or one.value)}
    names |= {f"{EVIDENCE}{kind}": named(evidence.KIND, kind) for kind in KINDS if kind != RECORDING}
    asked = {f"{DETAIL}{one.field.key}" if one.field else f"{EVIDENCE}{one.kind}" for one in form.dossier.missing}
    return {what: name for what, name in names.items() if what not in asked}


def chase(form: Form) -> StepFields:
    """The customer is asked once more, and when next (D17)."""
    channel = form.channel()
    told = form.told("chase", _("What was written or said (optional)"), channel)
    return {"channel": channel, **told, "chase_on": form.chase_on(), "files": form.files()}


def end_waiting(form: Form) -> StepFields:
    """Nobody answers (D17)."""
    silence = form.dossier.procedure.silence
    rule = _("Possible once the customer was asked again {chases} times and had {days} working days to answer.")
    st.caption(plain(rule.format(chases=number(silence.chases), days=number(silence.working_days))))
    text = form.text(_("What was tried? (optional)"))
    return {"text": text, "due_at": form.result_due_at(), "files": form.files()}


def record_reply(form: Form) -> StepFields:
    """What the customer answered."""
    text = form.text(_("What did the customer answer?"))
    return {"text": text, "came": form.came(), "files": form.files()}


def forwarded_details(moment: Moment) -> list[str]:
    """To whom, and until when."""
    due_at = moment.payload.get("due_at")
    due = _("answer before {due}").format(due=due_words(datetime.fromisoformat(due_at))) if due_at else ""
    return [*department_details(moment), due]


def department_details(moment: Moment) -> list[str]:
    """Which department."""
    return [name_of(catalogues().departments, moment.payload.get("department"))]


def returned_details(moment: Moment) -> list[str]:
    """Which department, and whose it says that it is."""
    other = moment.payload.get("belongs_to")
    name = name_of(catalogues().departments, other) if other else ""
    return [*department_details(moment), _("belongs to {department}").format(department=name) if other else ""]


def asked_details(moment: Moment) -> list[str]:
    """What must come, and when we ask again."""
    chase_on, wanted = moment.payload.get("chase_on"), ", ".join(map(wanted_words, moment.wanted))
    return [
        _("must come: {things}").format(things=wanted) if wanted else "",
        _("ask again on {day}").format(day=day(date.fromisoformat(chase_on))) if chase_on else "",
    ]


VIEWS: Mapping[str, StepView] = {
    "forward": StepView(forward, EventView("forward", forwarded_details)),
    "answer": StepView(answer, EventView("reply", department_details)),
    "return_request": StepView(return_request, EventView("assignment_return", returned_details)),
    "recall": StepView(recall, EventView("cancel_schedule_send", department_details)),
    "remind": StepView(remind, EventView("notification_important", department_details)),
    "ask_customer": StepView(ask_customer, EventView("contact_support", asked_details)),
    "chase": StepView(chase, EventView("notifications_active", asked_details)),
    "end_waiting": StepView(end_waiting, EventView("notifications_off")),
    "record_reply": StepView(record_reply, EventView("chat", came_details)),
}
STATE_BADGES: Mapping[str, Badge] = {
    State.investigating: Badge("state", "investigating", ":material/manage_search:", "blue"),
    State.waiting_customer: Badge("state", "waiting_customer", ":material/hourglass_top:", "gray"),
}

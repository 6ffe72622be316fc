"""Steps 6 and 7 of the procedure on the screens: result notified, closed; besides them withdrawn and re-opened."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words, named
from core.i18n import gettext as _
from core.register.case.steps.ending import WITHDRAWN
from core.register.case.steps.recording import StepFields
from core.register.reads.timeline import Moment
from core.rules import roles
from core.rules.admission import INADMISSIBLE
from core.rules.catalogue import counted_as, offered
from core.rules.steps import State
from core.ui.badges import Badge
from core.ui.steps import issues
from core.ui.steps.misses import FOR_IMPORTS_ONLY, asked_with_closing, explained_details
from core.ui.steps.view import EventView, Form, StepView, channel_details, names_in
from core.ui.text import Words, plain


def notify_result(form: Form) -> StepFields:
    """The result as told to the customer (POPS step 6)."""
    _warn_of_owed(form)
    _warn_of_direction(form)
    channel = form.channel()
    told = form.told("notify_result", _("The result as told to the customer"), channel)
    return {"channel": channel, **told, "files": form.files()}


def _warn_of_owed(form: Form) -> None:
    """Which departments still owe an answer: telling the result is possible, and ends the waiting for them (D19).

    What a department that replies itself owes is what it does here.
    """
    departments = catalogues().departments
    replies = roles.answers_for_department(form.context.person.role)
    others = [one for one in form.dossier.requests if not (replies and one.is_own)]
    if others:
        names = [f"{name_of(departments, one.department)} ({due_words(one.due_at)})" for one in others]
        sentence = _("Still waiting for an answer of: {departments}. Telling the result ends the waiting.")
        st.warning(plain(sentence.format(departments=", ".join(names))), icon=":material/hourglass_top:")


def _warn_of_direction(form: Form) -> None:
    """That a direction is awaited: telling the result ends the waiting, or is not possible yet (MISA 3)."""
    awaited = form.dossier.direction
    if form.dossier.is_direction_owed:
        sentence = _("By this procedure the result is told once the direction that was asked for is there.")
    elif awaited:
        sentence = _("Still waiting for a direction of {whom}. Telling the result ends the waiting.").format(
            whom=named("addressee in a sentence", awaited.addressee)
        )
    else:
        return
    st.warning(plain(sentence), icon=":material/assistant_direction:")


def close(form: Form) -> StepFields:
    """Outcome, root cause, lesson; the reason of each missed deadline that has none yet (POPS step 7)."""
    return {**closing(form), "files": form.files()}


def closing(form: Form) -> StepFields:
    """The same without files, for a form that asks for them with another step."""
    complaint = form.dossier.complaint
    outcomes = outcomes_of_closing(is_taken=not form.dossier.against)
    usual = "answered" if complaint.kind == "inquiry" else None
    stood = {f"issue_causes.{one.number}": one.root_cause for one in form.dossier.issues}
    filled: StepFields = {
        "outcome": form.choose(_("How did it end?"), outcomes, "outcome", usual),
        "root_cause": form.choose(_("Root cause"), causes_for(complaint.category), "root_cause", complaint.root_cause),
    }

    def ask(name: str, label: Words, names: Mapping[str, str]) -> str | None:
        return form.choose(label, names, name, stood.get(name))

    filled |= issues.ends(ask, form.dossier.issues, outcomes, causes_for)
    filled["breach_reason"] = asked_with_closing(form)
    filled["lesson"] = form.text(_("What do we learn? (optional)"), "lesson")
    return filled


def withdraw(form: Form) -> StepFields:
    """Why the customer takes it back (D13)."""
    return {"text": form.text(_("Why does the customer take it back?")), "files": form.files()}


def reopen(form: Form) -> StepFields:
    """Why it opens again (D6)."""
    return {"text": form.text(_("Why does it open again?")), "files": form.files()}


def closed_details(moment: Moment) -> list[str]:
    """How it ended, why it happened, why it was late."""
    known, payload = catalogues(), moment.payload
    cause, reason = payload.get("root_cause"), payload.get("breach_reason")
    return [
        name_of(known.outcomes, payload.get("outcome")),
        _("cause: {cause}").format(cause=name_of(known.causes, cause)) if cause else "",
        *issues.ended_details(moment),
        _("late because: {reason}").format(reason=name_of(known.breach_reasons, reason)) if reason else "",
        *explained_details(moment),
    ]


def outcomes_of_closing(*, is_taken: bool = True) -> dict[str, str]:
    """The outcomes that closing may give; ``is_taken``: the rules take the complaint, or a lead has admitted it."""
    names = names_in(offered(catalogues().outcomes))
    if not is_taken:
        return {key: name for key, name in names.items() if key == INADMISSIBLE}
    return {key: name for key, name in names.items() if key not in (WITHDRAWN, FOR_IMPORTS_ONLY, INADMISSIBLE)}


def causes_for(category: str) -> dict[str, str]:
    """The causes that explain this category first, or what it belongs to or was merged into; the rest after them."""
    causes, categories = offered(catalogues().causes), catalogues().categories
    meant = {category, counted_as(categories, category)}
    meant |= {categories[key].parent for key in meant if key in categories}
    fitting = [key for key, entry in causes.items() if meant.intersection(entry.suits)]
    return {key: name_of(causes, key) for key in (*fitting, *(key for key in causes if key not in fitting))}


VIEWS: Mapping[str, StepView] = {
    "notify_result": StepView(notify_result, EventView("campaign", channel_details)),
    "close": StepView(close, EventView("task_alt", closed_details)),
    "withdraw": StepView(withdraw, EventView("undo")),
    "reopen": StepView(reopen, EventView("restart_alt")),
}
STATE_BADGES: Mapping[str, Badge] = {
    State.resolved: Badge("state", "resolved", ":material/task:", "blue"),
    State.closed: Badge("state", "closed", ":material/check_circle:", "gray"),
    State.withdrawn: Badge("state", "withdrawn", ":material/undo:", "gray"),
}

"""Steps outside the order of the procedure, on the screens: assigning, notes, files, what the category must know."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalogues import shown
from core.i18n import gettext as _
from core.register.case.steps.recording import StepFields
from core.register.people import absences
from core.register.people.absences import Away
from core.register.reads.timeline import Moment
from core.register.reads.visible import holders_who_see
from core.rules.calendar import local_day
from core.rules.steps import ADMIT, CLOSED_UNTIMED, VERIFY
from core.ui import fields, words
from core.ui.details import name_of
from core.ui.steps.view import EventView, Form, StepView, came_details
from core.ui.text import plain


def assign(form: Form) -> StepFields:
    """Who works on it from now on: oneself, first in the list, or a colleague, with a word to them (D23)."""
    me, complaint = form.context.person, form.dossier.complaint
    with form.context.register.read() as session:
        colleagues = holders_who_see(session, [complaint.code])
        away = absences.away(session, local_day(form.context.now))
    names = {str(one.id): one.name for one in sorted(colleagues, key=lambda one: one.id != me.id)}
    names.pop(str(complaint.assignee_id), None)  # who holds it already
    mine = str(me.id) if str(me.id) in names and complaint.assignee_id is None else None
    chosen = form.choose(_("Who works on it"), names, "assignee_id", mine)
    warn_of_absence(away, chosen, names, form.key("assignee_id"))
    return {"assignee_id": int(chosen) if chosen else None, "text": form.text(_("A word to them (optional)"))}


def warn_of_absence(
    away: Mapping[int, Away], chosen: str | None, names: Mapping[str, str], key: str, kind: type = str
) -> None:
    """That the chosen colleague is away, with a button that chooses who stands in, where they are among ``names``."""
    absence = away.get(int(chosen)) if chosen else None
    if absence is None or chosen is None:
        return
    sentence = f"{names[chosen]}: {words.away(absence)}."
    st.warning(plain(sentence), icon=":material/event_busy:")
    if str(absence.deputy_id) in names:

        def choose() -> None:
            st.session_state[key] = kind(absence.deputy_id)

        label = _("Choose {deputy}").format(deputy=absence.deputy)
        st.button(plain(label), key=f"{key}.deputy", icon=":material/swap_horiz:", on_click=choose)


def note(form: Form) -> StepFields:
    """An internal note; by some procedures also what the work log says of the matter (Minh Tuấn 2)."""
    text, looked = form.text(_("Note, for colleagues only")), False
    if form.dossier.procedure.checks_work_log:
        looked = st.checkbox(_("The work log was looked at: the note says what it tells"), key=form.key("work_log"))
    st.caption(_("Write @ and a login name to tell a colleague: @an.tran"))
    return {"text": text, "work_log": looked, "came": form.came(), "files": form.files()}


def add_evidence(form: Form) -> StepFields:
    """Files that belong to the case, or where a recording of a call lies (POPS I.3, step 4)."""
    files = form.files(is_open=True)
    place = form.short_text(_("Recording kept elsewhere: its id or address (optional)"), "recording")
    at = fields.moment(_("When was the call? (optional)"), form.key("recording_at"), None)
    fields.mend(form.problems, "recording_at")
    text = form.text(_("What is this? (optional)"))
    return {"files": files, "recording": place, "recording_at": at, "text": text, "came": form.came()}


def complete(form: Form) -> StepFields:
    """What the category must know, as it is known, to be completed or corrected."""
    dossier = form.dossier
    own = [value for value in dossier.values if not value.is_other]
    asked = [value.field for value in own if not (value.field.personal and dossier.is_masked)]
    if not asked:
        st.caption(_("This category asks for nothing more."))
    typed = form.details(asked, {value.field.key: value.value for value in own})
    fields.mend(form.problems, "details")
    return {"details": typed, "came": form.came(), "files": form.files()}


def verify(form: Form) -> StepFields:
    """What was found of the customer: what is right still is chosen, anything else typed (MISA 2)."""
    facts = [one for one in form.dossier.facts if not one.value.field.retired]
    known = {one.value.field.key: one.value for one in facts if one.value.value}
    names = {key: f"{name_of(value.field)}: {shown(value.field, value.value)}" for key, value in known.items()}
    still = form.several(_("Checked, and right still"), names, "still") if names else []
    typed = form.details([one.value.field for one in facts if one.value.field.key not in still], name="facts")
    fields.mend(form.problems, "facts")
    return {"facts": typed, "still": still}


def admit(form: Form) -> StepFields:
    """Why it is taken although the rules do not (VHV 1)."""
    return {"text": form.text(_("Why is it taken all the same?"))}


def undo(_form: Form) -> StepFields:
    """Nothing is asked: what it was taken back for says the step that is taken in its place."""
    return {}


def assigned_details(moment: Moment) -> list[str]:
    """To whom."""
    return [_("to {name}").format(name=moment.assignee)]


def noted_details(moment: Moment) -> list[str]:
    """Whether the work log was looked at, and what came."""
    return [*([_("work log looked at")] if moment.payload.get("work_log") else []), *came_details(moment)]


VIEWS = {
    "assign": StepView(assign, EventView("person", assigned_details)),
    "note": StepView(note, EventView("sticky_note_2", noted_details)),
    "add_evidence": StepView(add_evidence, EventView("attach_file", came_details)),
    "details": StepView(complete, EventView("list_alt_check", came_details)),
    VERIFY: StepView(verify, EventView("person_check")),
    ADMIT: StepView(admit, EventView("verified_user")),
    "undo": StepView(undo, EventView("history")),
}
OTHER_EVENTS = {"recalculated": EventView("circle"), CLOSED_UNTIMED: EventView("task_alt")}

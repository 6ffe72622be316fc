"""A complaint goes on in another one, and by itself again (D13), on the screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words, moment
from core.i18n import gettext as _
from core.register.case import merging
from core.register.case.steps.recording import StepFields
from core.register.log.tables import Complaint
from core.register.reads.timeline import Moment
from core.rules.steps import MERGE, MERGED_IN, OPEN, TAKEN_OUT, UNMERGE, State
from core.ui.badges import Badge
from core.ui.pages import file_of
from core.ui.steps.view import EventView, Form, StepView
from core.ui.text import md, plain

BY_CODE = "by_code"
INTO = "into"
"""In the address of a complaint: the code of the one in which it is to go on."""
LONGEST_CODE = 20


def merge(form: Form) -> StepFields:
    """The complaint in which it goes on: one of the customer's other open ones, or any by its code."""
    complaint = form.dossier.complaint
    theirs = [one for one in form.dossier.others if State(one.state) in OPEN]
    known = {**{one.code: _words(one) for one in theirs}, BY_CODE: _("Another one, by its code")}
    _warn_of_owed(form)
    chosen = form.choose(_("In which complaint does it go on?"), known, "merged_into", _likeliest(theirs, complaint))
    if chosen == BY_CODE:
        typed = st.text_input(
            _("Case code"),
            key=form.key("merged_into.code"),
            placeholder="KN-2026-000123",
            max_chars=LONGEST_CODE,
            persist_state="page",
        )
        chosen = (typed or "").strip().upper()
    if chosen:
        _show_other(form, chosen)
    text = form.text(_("Why do they belong together? (optional where both are of one customer)"))
    return {"merged_into": chosen or None, "text": text}


def _likeliest(theirs: Iterable[Complaint], complaint: Complaint) -> str | None:
    """The customer's complaint that was received first, if it was before this one."""
    first = min(theirs, key=merging.place, default=None)
    if first is None:
        return BY_CODE
    return first.code if merging.place(first) < merging.place(complaint) else None


def _words(complaint: Complaint) -> str:
    category = name_of(catalogues().categories, complaint.category)
    return " · ".join([complaint.code, category, moment(complaint.recorded_at)])


def _show_other(form: Form, code: str) -> None:
    """Where it really goes, where the chosen one went on elsewhere; and the way round where that one came later."""
    complaint = form.dossier.complaint
    with form.context.register.read() as session:
        other = merging.survivor(session, code, form.context.person)
    if other is None or not other.is_seen or other.code == complaint.code:
        return
    if other.code != code:
        st.caption(plain(_("{code} went on in {end}: this one goes there too.").format(code=code, end=other.code)))
    if other.place > merging.place(complaint):
        later = _(
            "{code} was received later. A merge goes into the complaint received first, so that no deadline of the "
            "customer moves: {code} can go on in this one instead."
        )
        st.info(plain(later.format(code=other.code)), icon=":material/swap_horiz:")
        st.page_link(
            file_of("complaint"),
            label=md(_("Merge {code} into this one"), code=other.code),
            icon=":material/merge:",
            query_params={"code": other.code, INTO: complaint.code},
        )


def _warn_of_owed(form: Form) -> None:
    """A question that a department still works on is settled first: nobody would see its answer any more."""
    if form.dossier.requests:
        departments = catalogues().departments
        names = [f"{name_of(departments, one.department)} ({due_words(one.due_at)})" for one in form.dossier.requests]
        sentence = _("Still waiting for an answer of: {departments}. Wait for it, or take the question back first.")
        st.warning(plain(sentence.format(departments=", ".join(names))), icon=":material/hourglass_top:")


def unmerge(form: Form) -> StepFields:
    """Why it is a complaint of its own after all."""
    return {"text": form.text(_("Why does it go on by itself?"))}


def begin(form_key: str, code: str, known: Iterable[str]) -> Mapping[str, str]:
    """Name → value of the widgets of a form that an address began with the complaint ``code``."""
    if code in known:
        return {f"{form_key}.merged_into": code}
    return {f"{form_key}.merged_into": BY_CODE, f"{form_key}.merged_into.code": code}


def other_details(moment: Moment) -> list[str]:
    """Which complaint it went to or was taken out of."""
    return [moment.payload.get("merged_into") or moment.payload.get("merged") or ""]


VIEWS: Mapping[str, StepView] = {
    MERGE: StepView(merge, EventView("merge", other_details)),
    UNMERGE: StepView(unmerge, EventView("call_split", other_details)),
}
OTHER_EVENTS = {MERGED_IN: EventView("merge", other_details), TAKEN_OUT: EventView("call_split", other_details)}
STATE_BADGES: Mapping[str, Badge] = {State.merged: Badge("state", "merged", ":material/merge:", "gray")}

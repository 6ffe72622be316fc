"""Correcting on the screens (D21): what is wrong, what stands, what it should be, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import moment, named
from core.register.case import complaints
from core.register.case.customers import DETAILS
from core.register.case.steps.correction import LISTS, is_timed
from core.register.case.steps.ending import WITHDRAWN
from core.register.case.steps.recording import Becomes, StepFields
from core.register.clocks.restatements import Change
from core.register.log.act import Act
from core.register.reads.dossier import Dossier
from core.register.reads.timeline import Changed, Moment
from core.rules import correction, roles
from core.rules.admission import INADMISSIBLE
from core.rules.catalogue import offered
from core.rules.clocks import Cycle
from core.rules.correction import (
    AT_THE_END,
    CONTACT,
    HAPPENED,
    KEYS,
    LEVEL,
    MOMENTS,
    OF_ISSUES,
    PRODUCT,
    TEXTS,
    TIMES,
)
from core.rules.misses import name_of as promise_name
from core.rules.steps import CORRECT, State
from core.rules.verdicts import Verdict
from core.ui import badges, fields, words
from core.ui.steps import issues
from core.ui.steps.misses import FOR_IMPORTS_ONLY
from core.ui.steps.view import EventView, Form, StepView, names_in
from core.ui.text import md, plain

MAY_BE_EMPTY = ("branch", PRODUCT, "platform")
TEXT_HEIGHT = 180  # pixels
NONE = ""
"""The choice that empties a field."""


def correct(form: Form) -> StepFields:
    """First what is wrong; then what stands, what it should be, what that moves, and why."""
    known = {field: field_name(field) for field in _offered(form)}
    corrects = form.choose(_("What is to be corrected?"), known, "corrects")
    if corrects is None:
        return {"corrects": None}
    issue = issues.chosen(form) if corrects in OF_ISSUES else None
    of, becomes = _asked(form, corrects, issue)
    given: StepFields = {"corrects": corrects, "of": of, "issue": issue, "becomes": becomes}
    if corrects in (*TIMES, PRODUCT):
        _show_effect(form, given)
    given["text"] = form.text(_("Why is it corrected?"))
    return given


def _offered(form: Form) -> Iterator[str]:
    """What this person may correct of this complaint."""
    dossier, complaint = form.dossier, form.dossier.complaint
    leads = roles.may(form.context.person.role, "correct_times")
    for field in KEYS:
        if not leads and correction.needs_lead(field, dossier.procedure):
            continue
        if field in OF_ISSUES and not dossier.issues:
            continue
        if field in AT_THE_END and (complaint.state != State.closed or complaint.outcome is None):
            continue
        if field == LEVEL and not dossier.procedure.gives_levels:
            continue
        if field in MAY_BE_EMPTY and not offered(getattr(catalogues(), LISTS[field])):
            continue
        if field == HAPPENED and not _timed(dossier):
            continue
        yield field


def _asked(form: Form, corrects: str, issue: int | None) -> tuple[int | None, Becomes]:
    """The step whose time is wrong, where that is asked, and the right value; begun with what stands.

    ``issue``: of which further issue.
    """
    if corrects == CONTACT:
        return None, _contact(form)
    if corrects in TEXTS:
        stands = {"statement": form.dossier.statement, "remedy": form.dossier.remedy}[corrects]
        _begin(form, corrects, stands)
        key = form.key(f"becomes.{corrects}")
        return None, fields.text_area(plain(field_name(corrects)), key, form.problems, "becomes", TEXT_HEIGHT)
    if corrects == HAPPENED:
        return _time_of_step(form)
    if corrects in MOMENTS:
        stood: datetime | None = getattr(form.dossier.complaint, corrects)
        _tell(moment(stood) if stood else "")
        return None, _moment(form, corrects, stood)
    return None, _key(form, corrects, issue)


def _contact(form: Form) -> Mapping[str, str]:
    contact = form.dossier.contact
    known = {name: getattr(contact, name) if contact else "" for name in DETAILS}
    known["name"] = form.dossier.named_as or known["name"]
    typed: dict[str, str] = {}
    for name in DETAILS:
        _begin(form, name, known[name])
        key = form.key(f"becomes.{name}")
        typed[name] = st.text_input(plain(field_name(name)), key=key, persist_state="page") or ""
        fields.mend(form.problems, name)
    fields.mend(form.problems, "becomes")
    return typed


def _key(form: Form, corrects: str, issue: int | None) -> str | None:
    if corrects in OF_ISSUES:
        meant = [one for one in form.dossier.issues if one.number == issue]
        stands: str | None = getattr(meant[0], OF_ISSUES[corrects]) if meant else None
    else:
        stands = getattr(form.dossier.complaint, corrects)
    known = getattr(catalogues(), LISTS[corrects])
    _tell(name_of(known, stands) if stands else "")
    names = names_in(offered(known))
    if corrects in MAY_BE_EMPTY and stands:
        names = {NONE: _("nothing"), **names}
    for key in (stands or NONE, WITHDRAWN, INADMISSIBLE, FOR_IMPORTS_ONLY):
        names.pop(key, None)
    chosen = fields.choice(_("It should be"), names, form.key(f"becomes.{corrects}"), form.problems, "becomes")
    return chosen or None


def _time_of_step(form: Form) -> tuple[int | None, datetime | None]:
    steps = {str(one.seq): f"{named('event', one.kind)} · {moment(one.at)}" for one in reversed(_timed(form.dossier))}
    chosen = form.choose(_("Which step?"), steps, "of")
    if chosen is None:
        return None, _moment(form, HAPPENED, None)
    seq = int(chosen)
    stands = next(one.at for one in form.dossier.moments if one.seq == seq)
    return seq, _moment(form, f"{HAPPENED}.{seq}", stands)


def _timed(dossier: Dossier) -> list[Moment]:
    return [one for one in dossier.moments if is_timed(one.kind) and one.undone_at is None]


def _moment(form: Form, name: str, stands: datetime | None) -> datetime | None:
    at = fields.moment(_("It was really"), form.key(f"becomes.{name}"), stands, persist="session")
    fields.mend(form.problems, "becomes")
    # The field knows minutes: what was not touched is what stands, to the second.
    return stands if at and stands and at == stands.replace(second=0, microsecond=0) else at


def _begin(form: Form, name: str, stands: str) -> None:
    """The field of ``name`` holds what stands until somebody types."""
    st.session_state.setdefault(form.key(f"becomes.{name}"), stands)


def _tell(stands: str) -> None:
    st.caption(plain(_("It says: {value}").format(value=stands or _("nothing"))))


def _show_effect(form: Form, given: StepFields) -> None:
    """Which deadlines and verdicts the correction changes, before it is saved."""
    if given["becomes"] is None:
        return
    act = Act(form.context.person, form.context.now)
    try:
        with form.context.register.read() as session:
            found = complaints.foresee(session, form.dossier.complaint.code, given, act)
    except PopsError:
        return  # saving says why
    if not found:
        st.caption(_("No deadline and no verdict changes."))
    for change in found:
        st.markdown(
            md(
                ":orange[:material/event_repeat: {promise}: {before} → {after}]",
                promise=_promise(form.dossier, change),
                before=_side(change.before),
                after=_side(change.after),
            )
        )


def _side(side: tuple[Cycle, Verdict] | None) -> str:
    if side is None:
        return _("nothing")
    return f"{_('due {due}').format(due=moment(side[0].due_at))}, {badges.VERDICT_BADGES[side[1]].word}"


def _promise(dossier: Dossier, change: Change) -> str:
    named_so = (words.promise(one) for one in dossier.clocks if promise_name(one) == promise_name(change))
    return next(named_so, change.term)


def held(one: Moment) -> dict[str, object]:
    """Name → value of the widgets with which a correction would be recorded as ``one`` says."""
    found: dict[str, object] = {}
    for change in one.changes:
        of = one.payload["of"]
        name = f"{HAPPENED}.{of}" if change.field == HAPPENED else change.field
        is_moment = change.field in MOMENTS and change.becomes
        found[name] = fields.typed(datetime.fromisoformat(change.becomes)) if is_moment else change.becomes
    return found


def field_name(field: str) -> str:
    """What can be corrected, in words."""
    return named("correction", field)


def corrected_details(one: Moment) -> list[str]:
    """What was corrected: field, old → new; a long text stands beneath the line."""
    return [_told(change, one.corrects) for change in one.changes]


def _told(change: Changed, of: str) -> str:
    if change.field in TEXTS:
        return field_name(change.field)
    name = _("time of “{step}”").format(step=named("event", of)) if of else field_name(change.field)
    if change.issue:
        name = f"{name} ({change.issue})"
    return f"{name}: {_value(change.field, change.was)} → {_value(change.field, change.becomes)}"


def _value(field: str, value: str) -> str:
    if not value:
        return _("nothing")
    if field in MOMENTS:
        return moment(datetime.fromisoformat(value))
    return name_of(getattr(catalogues(), LISTS[field]), value) if field in LISTS else value


VIEWS = {CORRECT: StepView(correct, EventView("edit_document", corrected_details))}

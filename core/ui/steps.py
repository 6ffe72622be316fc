"""What each step asks for: one short function per step, returning the fields the register expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words
from core.i18n import gettext as _
from core.register.case.complaints import WORKING_ROLES
from core.register.case.evidence import MAX_FILE, MEDIA, FileDraft
from core.register.clocks import promises
from core.register.people import accounts
from core.register.reads.dossier import Dossier
from core.rules.catalogue import Catalogue
from core.ui import badges, fields, style
from core.ui.case.head import levels_of
from core.ui.frame import Desk, plain

Fields = dict[str, Any]
WORKING_DAYS = 2  # how long a department, or a customer, is given unless somebody says otherwise


@dataclass(frozen=True)
class Form:
    """The form of one step on one complaint: ``prefix`` keys its widgets, ``problems`` are what was wrong with it last."""

    desk: Desk
    dossier: Dossier
    prefix: str
    problems: Mapping[str, str]

    def key(self, name: str) -> str:
        """The key of a field's widget."""
        return f"{self.prefix}.{name}"

    def text(self, label: str, name: str = "text") -> str:
        """A text of several lines."""
        return fields.text_area(label, self.key(name), self.problems, name)

    def choose(self, label: str, options: Mapping[str, str], name: str, first: str | None = None) -> str | None:
        """One key of ``options``."""
        return fields.choice(label, options, self.key(name), self.problems, name, first=first)

    def files(self) -> tuple[FileDraft, ...]:
        """Files to keep with the step."""
        style.upload_in_our_language()
        given = st.file_uploader(
            _("Files, up to {size} MB each").format(size=MAX_FILE >> 20),
            type=sorted(MEDIA),
            accept_multiple_files=True,
            key=self.key("files"),
        )
        fields.mend(self.problems, "files")
        return tuple(FileDraft(file.name, file) for file in given)

    def channel(self) -> str | None:
        """Through which channel the customer was told, at first the one they came through."""
        known = {key: name_of(catalogues().channels, key) for key in self.dossier.procedure.channels}
        return self.choose(_("Through which channel"), known, "channel", self.dossier.complaint.channel)


def acknowledge(form: Form) -> Fields:
    """The first answer (POPS step 2)."""
    return {"channel": form.channel(), "text": form.text(_("What was answered (optional)"))}


def classify(form: Form) -> Fields:
    """Inquiry or complaint, category, level (POPS step 3)."""
    complaint = form.dossier.complaint
    kind = st.segmented_control(
        _("Inquiry or complaint?"),
        list(badges.KINDS),
        default=complaint.kind,
        required=True,
        format_func=lambda key: _(badges.KINDS[key]),
        key=form.key("kind"),
        persist_state="session",
    )
    fields.mend(form.problems, "kind")
    known = {key: name_of(catalogues().categories, key) for key in form.dossier.procedure.categories}
    said = {"kind": kind, "category": form.choose(_("Category"), known, "category", complaint.category)}
    if form.dossier.procedure.levels:
        said["level"] = form.choose(_("Level"), levels_of(form.dossier), "level", complaint.level)
    return said


def assign(form: Form) -> Fields:
    """A lead gives it to a colleague, an agent takes it."""
    me = form.desk.person
    with form.desk.register.read() as session:
        colleagues = [
            one
            for one in accounts.list_people(session)
            if one.role in WORKING_ROLES and one.active and (me.role == "lead" or one.id == me.id)
        ]
    names = {str(one.id): one.name for one in colleagues}
    chosen = form.choose(_("Who works on it"), names, "assignee_id", str(me.id) if me.role == "agent" else None)
    return {"assignee_id": int(chosen) if chosen else None}


def forward(form: Form) -> Fields:
    """Which department is asked what, by when (POPS step 4)."""
    department = form.choose(_("Department"), _names(catalogues().departments), "department")
    question = form.text(_("What should they check or decide?"))
    with form.desk.register.read() as session:
        complaint = form.dossier.complaint
        day = promises.day_after(session, complaint, WORKING_DAYS, now=form.desk.now)
        default = promises.office_closes(session, complaint, day)
    due_at = fields.moment(_("Answer needed by"), form.key("due_at"), default, kept="session")
    if due_at:
        st.caption(plain(due_words(due_at)))
    fields.mend(form.problems, "due_at")
    return {"department": department, "text": question, "due_at": due_at, "files": form.files()}


def answer(form: Form) -> Fields:
    """What the department found (POPS step 4)."""
    return {"text": form.text(_("What did the department find or decide?")), "files": form.files()}


def ask_customer(form: Form) -> Fields:
    """What the customer is asked, and when we ask again (D5)."""
    question = form.text(_("What is the customer asked?"))
    with form.desk.register.read() as session:
        day = promises.day_after(session, form.dossier.complaint, WORKING_DAYS, now=form.desk.now)
    chase_on = st.date_input(
        _("Ask again on"), value=day, format=fields.DATE_FORMAT, key=form.key("chase_on"), persist_state="session"
    )
    fields.mend(form.problems, "chase_on")
    return {"text": question, "chase_on": chase_on}


def record_reply(form: Form) -> Fields:
    """What the customer answered."""
    return {"text": form.text(_("What did the customer answer?")), "files": form.files()}


def notify_result(form: Form) -> Fields:
    """The result as told to the customer (POPS step 6)."""
    channel = form.channel()
    return {"channel": channel, "text": form.text(_("The result as told to the customer")), "files": form.files()}


def close(form: Form) -> Fields:
    """Outcome, root cause, lesson; a reason where a deadline was missed (POPS step 7)."""
    complaint, known = form.dossier.complaint, catalogues()
    outcomes = {key: name for key, name in _names(known.outcomes).items() if key not in ("withdrawn", "not_recorded")}
    said: Fields = {
        "outcome": form.choose(
            _("How did it end?"), outcomes, "outcome", "answered" if complaint.kind == "inquiry" else None
        ),
        "root_cause": form.choose(_("Root cause"), _causes(complaint.category), "root_cause"),
    }
    if form.dossier.is_late:
        reasons = {key: name for key, name in _names(known.breach_reasons).items() if key != "not_recorded"}
        said["breach_reason"] = form.choose(_("Why was the deadline missed?"), reasons, "breach_reason")
    said["lesson"] = form.text(_("What do we learn? (optional)"), "lesson")
    return said


def withdraw(form: Form) -> Fields:
    """Why the customer takes it back (D13)."""
    return {"text": form.text(_("Why does the customer take it back?"))}


def reopen(form: Form) -> Fields:
    """Why it opens again (D6)."""
    return {"text": form.text(_("Why does it open again?"))}


def note(form: Form) -> Fields:
    """An internal note."""
    return {"text": form.text(_("Note, for colleagues only"))}


def add_evidence(form: Form) -> Fields:
    """Files that belong to the case (POPS step 4)."""
    return {"files": form.files(), "text": form.text(_("What are these files? (optional)"))}


ASK: Mapping[str, Callable[[Form], Fields]] = {
    step.__name__: step
    for step in (
        acknowledge,
        classify,
        assign,
        forward,
        answer,
        ask_customer,
        record_reply,
        notify_result,
        close,
        withdraw,
        reopen,
        note,
        add_evidence,
    )
}


def happened_at(form: Form) -> datetime | None:
    """When the step was taken; None for now."""
    at = fields.when(_("It happened"), form.key("happened_at"), form.desk.now, (), kept="session")
    fields.mend(form.problems, "happened_at")
    return None if at == form.desk.now else at


def _names(catalogue: Catalogue) -> dict[str, str]:
    return {key: name_of(catalogue, key) for key in catalogue}


def _causes(category: str) -> dict[str, str]:
    """The causes that explain this category first, the rest after them."""
    causes = catalogues().causes
    fitting = [key for key, entry in causes.items() if category in entry.suits]
    return {key: name_of(causes, key) for key in (*fitting, *(key for key in causes if key not in fitting))}

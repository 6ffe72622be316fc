"""Beside the log form: what was typed may belong to a case, or to an incident, that is there already (D24)."""

from __future__ import annotations

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues, name_of
from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import moment, ngettext, number
from core.register.case import complaints, incidents
from core.register.case.draft import Draft
from core.register.case.incident import LONGEST_TITLE
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.people import form_drafts
from core.register.reads import alike
from core.register.reads.alike import Alike
from core.rules.details import fields_of_all
from core.rules.steps import JOIN
from core.rules.text import snippet
from core.ui import fields, links, uploads
from core.ui.context import PageContext
from core.ui.details import name_of as name_of_field
from core.ui.incidents import outcome
from core.ui.log.sheet import Sheet
from core.ui.steps import error_words
from core.ui.steps.incident import words_of
from core.ui.text import plain

SHOWN = 3
TITLE = 60  # letters of the statement that a new incident is called by


def show(context: PageContext, sheet: Sheet, draft: Draft) -> Alike:
    """Cases to add it to, and the incident to join or to open; nothing for who has neither to do with."""
    if not context.may(JOIN):
        return Alike()
    with context.register.read() as session:
        found = alike.find(session, draft, by=context.person, now=context.now)
    if found.duplicates:
        _duplicates(context, sheet, draft, found)
    if found.incident:
        st.info(
            plain(
                _("Others say the same: {incident}").format(
                    incident=words_of(found.incident.code, found.incident.title)
                )
            ),
            icon=":material/crisis_alert:",
        )
        st.checkbox(_("Join the incident when it is saved"), key=sheet.key("join"))
    elif found.proposes_incident:
        _propose(sheet, draft, found)
    return found


def _duplicates(context: PageContext, sheet: Sheet, draft: Draft, found: Alike) -> None:
    n = len(found.duplicates)
    st.warning(
        ngettext(
            "The same customer said this within seven days: add it there, or go on where it is something else.",
            "The same customer has {n} such cases of seven days: add it there, or go on where it is something else.",
            n,
        ).format(n=number(n)),
        icon=":material/content_copy:",
    )
    for one in found.duplicates[:SHOWN]:
        with st.container(border=True, gap="xsmall"):
            links.to_case(one, context.now)
            pressed = st.button(
                _("Add it to this case"),
                key=sheet.key(f"add.{one.code}"),
                icon=":material/add_comment:",
                disabled=not draft.statement.strip(),
                width="stretch",
            )
            if pressed:
                add_to(context, sheet, draft, one.code)
    fields.mend({"add": sheet.not_added} if sheet.not_added else {}, "add")


def _propose(sheet: Sheet, draft: Draft, found: Alike) -> None:
    text = ngettext(
        "{n} customer says the same within a day: is it one cause?",
        "{n} customers say the same within a day: is it one cause?",
        found.customers,
    )
    st.info(text.format(n=number(found.customers)), icon=":material/crisis_alert:")
    label = ngettext(
        "Open an incident with {n} other complaint when it is saved",
        "Open an incident with {n} other complaints when it is saved",
        len(found.others),
    )
    if st.checkbox(plain(label.format(n=number(len(found.others)))), key=sheet.key("open")):
        st.session_state.setdefault(sheet.key("title"), snippet(draft.statement, TITLE))
        st.text_input(_("What happened?"), key=sheet.key("title"), max_chars=LONGEST_TITLE)


def join(session: Session, sheet: Sheet, found: Alike, code: str, act: Act) -> None:
    """The complaint that was just logged joins, or opens, the incident that was chosen; all or nothing of it."""
    if found.incident and st.session_state.get(sheet.key("join")):
        result = incidents.join(session, found.incident.code, {code: None}, act)
        said = _("Joined incident {code}").format(code=found.incident.code)
    elif found.proposes_incident and st.session_state.get(sheet.key("open")):
        title = str(st.session_state.get(sheet.key("title")) or "")
        opened, result = incidents.begin(session, {code: None, **dict(found.others)}, title, act)
        said = _("Incident {code} opened").format(code=opened)
    else:
        return
    if code in result.refused:
        raise result.refused[code]
    outcome.keep(said, result)


def add_to(context: PageContext, sheet: Sheet, draft: Draft, code: str) -> None:
    """What was typed becomes a note on the case ``code``, with its files; the draft is over."""
    step = "add_evidence" if draft.files or draft.recording else "note"
    given: StepFields = {"text": words_for_note(draft), "files": draft.files, "recording": draft.recording}
    for file in draft.files:
        file.content.seek(0)
    try:
        with context.register.write() as session:
            complaints.take(session, code, step, given, Act(context.person, context.now))
            form_drafts.end(session, context.person.id, form_drafts.LOG, sheet.reference, now=context.now)
    except PopsError as error:
        sheet.not_added = error_words(error)
        return
    uploads.forget(file.content for file in draft.files)
    sheet.saved, sheet.was_added = code, True
    st.rerun()


def words_for_note(draft: Draft) -> str:
    """What the customer said this time, through which channel and when, and what the form asked besides."""
    asked = fields_of_all(catalogues().categories, (draft.category, *draft.issues))
    more = [name_of(catalogues().categories, category) for category in draft.issues]
    lines = [
        _("The customer wrote or called again through {channel}, {moment}:").format(
            channel=name_of(catalogues().channels, draft.channel), moment=moment(draft.recorded_at)
        ),
        draft.statement.strip(),
        _("The customer sent it {moment}").format(moment=moment(draft.sent_at)) if draft.sent_at else "",
        _("It happened {moment}").format(moment=moment(draft.incident_at)) if draft.incident_at else "",
        _("The customer wants: {remedy}").format(remedy=draft.remedy.strip()) if draft.remedy.strip() else "",
        _("It is also about: {categories}").format(categories=", ".join(more)) if more else "",
        *(f"{name_of_field(asked[key])}: {text}" for key, text in draft.details.items() if text and key in asked),
    ]
    return "\n".join(filter(None, lines))

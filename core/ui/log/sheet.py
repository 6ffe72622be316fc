"""The unsent draft of `Ghi nhận`: remembered while other pages are open, checked field by field, logged once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st
from sqlalchemy.orm import Session
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import Invalid, PopsError
from core.i18n import N_
from core.register import rulebook
from core.register.case import customers, intake
from core.register.case.customers import CustomerDraft, StoredCustomer
from core.register.case.draft import Draft
from core.register.case.intake import Settled
from core.register.log.act import Act
from core.register.people import form_drafts
from core.register.reads import known_customers
from core.register.reads.known_customers import Known
from core.rules.procedure import Procedure
from core.ui import drafts, fields, uploads
from core.ui.context import PageContext
from core.ui.drafts import Filling
from core.ui.incidents.outcome import why_of
from core.ui.steps import answer_text

DETAILS: Mapping[str, str] = {"name": N_("Name"), "phone": N_("Phone"), "email": N_("E-mail"), "account": N_("Account")}
LABELS: Mapping[str, str] = {
    "channel": N_("Channel"),
    "recorded_at": N_("Received"),
    "sent_at": N_("When the customer sent it"),
    "recording": N_("Recording of the call: its id or address"),
    **DETAILS,
    "statement": N_("What does the customer say?"),
    "category": N_("Category"),
    "issues": N_("What else is it about?"),
    "product": N_("Product"),
    "platform": N_("Platform"),
    "branch": N_("Branch"),
    "level": N_("Level"),
    "kind": N_("Inquiry or complaint? (if known already)"),
    "incident_at": N_("When it happened"),
    "remedy": N_("What does the customer want?"),
    "files": N_("Evidence"),
    "settles": N_("How does the contact end?"),
    "told": N_("The result as told to the customer"),
    "outcome": N_("How did it end?"),
    "root_cause": N_("Root cause"),
    "breach_reason": N_("Why was the deadline missed?"),
    "minutes": N_("Settlement minutes"),
    "procedure": N_("Procedure"),
}
NOT_OF_THE_FORM = {"title", "incident"}
"""Fields beside the form, of the incident that the complaint joins or opens."""
STATE = "log"


@dataclass
class Sheet:
    """One unsent draft of this browser tab: its reference, its files, whether saving was tried, its code once saved.

    ``was_shown``: the saved code has been on the screen. ``begins_with``: where the cursor stands first. ``kept``: when
    the server kept the draft that was put back. ``tries``: how often saving was tried, so that each refusal puts the
    cursor where it belongs. ``cursor``: the key of the field that is to be mended first, as it was when that was tried.
    ``was_added``: ``saved`` is a case that it was added to, ``not_added``: why that was refused.
    """

    reference: str
    number: int = 1
    files: list[UploadedFile] = field(default_factory=list)
    dropped: list[UploadedFile] = field(default_factory=list)
    tried: bool = False
    tries: int = 0
    cursor: str = ""
    refused: str = ""
    saved: str = ""
    was_shown: bool = False
    channel: str | None = None
    begins_with: str = "channel"
    kept: datetime | None = None
    was_added: bool = False
    not_added: str = ""

    @property
    def filling(self) -> Filling:
        """The draft as it is kept on the server; its token is the reference, so that it is logged once after all."""
        return Filling(form_drafts.LOG, self.reference, self.key(""))

    def key(self, name: str) -> str:
        """The key of a widget; another draft has other widgets."""
        return f"log.{self.number}.{name}"


class Slots:
    """A place under each field for its problem, filled once the whole draft is known."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._places: dict[str, tuple[DeltaGenerator, str]] = {}

    def under(self, *names: str, key: str = "") -> None:
        """Keep a place here for what is wrong with ``names``; ``key``: of the field's widget, where its name is not."""
        for name in names:
            self._places[name] = (st.empty(), key or self._sheet.key(name))

    def fill(self, problems: Mapping[str, str]) -> None:
        """Show each problem under its field; ``problems``: field → untranslated sentence."""
        for name, (place, _key) in self._places.items():
            if problems.get(name):
                place.markdown(fields.problem_words(problems[name]))

    def first_to_mend(self, problems: Mapping[str, str]) -> str | None:
        """The key of the first field on the screen that has a problem."""
        return next((key for name, (_place, key) in self._places.items() if problems.get(name)), None)


def of_tab(context: PageContext) -> Sheet:
    """The draft of this tab; where there is none the one kept on the server, or a new one."""
    if STATE not in st.session_state:
        st.session_state[STATE] = _kept(context) or Sheet(intake.new_reference(context.now))
    sheet: Sheet = st.session_state[STATE]
    if sheet.was_shown and sheet.key("next") not in st.session_state:
        start_next(context)  # back from another page: the saved one has been read
        sheet = st.session_state[STATE]
    return sheet


def _kept(context: PageContext) -> Sheet | None:
    kept = drafts.find(context, form_drafts.LOG)
    if kept is None:
        return None
    sheet = Sheet(reference=kept.token, kept=kept.saved_at)
    drafts.put_back(sheet.filling, kept.fields)
    return sheet


def give_up(context: PageContext, sheet: Sheet) -> None:
    """Discard what was typed and start anew."""
    drafts.end(context, sheet.filling)
    start_next(context)


def start_next(context: PageContext) -> None:
    """Put a new draft in place of the saved one; the channel stays, since the next call comes through it too."""
    before: Sheet = st.session_state[STATE]
    reference = intake.new_reference(context.now)
    st.session_state[STATE] = Sheet(reference, before.number + 1, channel=before.channel, begins_with="contact")


def procedures(context: PageContext) -> dict[str, Procedure]:
    """The procedures in use, the organisation's own first."""
    with context.register.read() as session:
        return rulebook.current_procedures(session, context.now)


def known_customer(context: PageContext, contact: str) -> Known | None:
    """The customer behind what was typed into the contact field."""
    if not contact.strip():
        return None
    with context.register.read() as session:
        return known_customers.find(session, contact, context.person)


def fitting(context: PageContext, draft: CustomerDraft) -> StoredCustomer | None:
    """The known customer whose complaint this would be if it were saved now, where this person may know them."""
    with context.register.read() as session:
        found = customers.Finder(session, [draft], now=context.now).known(draft)
        may_know = found is not None and known_customers.may_know(session, found["id"], context.person)
        return found if may_know else None


def problems(context: PageContext, draft: Draft, settled: Settled | None) -> dict[str, str]:
    """Field → untranslated sentence for what must be mended before the draft can be logged, settled or not."""
    with context.register.read() as session:
        found = intake.check(session, draft, now=context.now, by=context.person)
        if settled:
            found |= intake.check_settled(session, draft, settled, now=context.now, by=context.person)
        return found


Then = Callable[[Session, str, Act], None]
"""What is done in the same transaction with the code of a complaint that is new, settled or not."""


def save(context: PageContext, sheet: Sheet, draft: Draft, settled: Settled | None, then: Then) -> None:
    """Log the draft; on success the run starts anew with its code, else the sheet remembers that it was tried."""
    sheet.tried, sheet.refused, sheet.tries = True, "", sheet.tries + 1
    files = draft.files + (settled.minutes if settled else ())
    for file in files:
        file.content.seek(0)
    try:
        with context.register.write() as session:
            code = _log(context, session, sheet, draft, settled, then)
            form_drafts.end(session, context.person.id, form_drafts.LOG, sheet.reference, now=context.now)
    except PopsError as error:
        is_at_field = isinstance(error, Invalid) and error.fields and not error.fields.keys() & NOT_OF_THE_FORM
        sheet.refused = "" if is_at_field else why_of(error)
        return
    uploads.forget(file.content for file in files)
    sheet.saved = code
    st.rerun()


def _log(
    context: PageContext, session: Session, sheet: Sheet, draft: Draft, settled: Settled | None, then: Then
) -> str:
    """The code under which the draft was logged, and settled (D26)."""
    act = Act(context.person, context.now)
    if settled is None:
        complaint, is_new = intake.log_once(session, draft, sheet.reference, act)
        if is_new:
            then(session, complaint.code, act)
        return complaint.code

    def filled(code: str, said: str) -> str:
        return answer_text.filled_for(session, context, code, "notify_result", said) if settled.answer_text else said

    complaint = intake.settle_once(session, draft, settled, sheet.reference, act, filled)
    if complaint.incident is None:  # a form that was sent twice has joined it the first time
        then(session, complaint.code, act)
    return complaint.code

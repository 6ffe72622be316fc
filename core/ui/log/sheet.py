"""The unsent draft of `Ghi nhận`: remembered while other pages are open, checked field by field, logged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import Invalid, PopsError
from core.i18n import N_
from core.register import rulebook
from core.register.case import customers, intake
from core.register.case.customers import CustomerDraft, StoredCustomer
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.tables import Complaint, Customer
from core.register.people import form_drafts
from core.rules.procedure import Procedure
from core.ui import drafts, fields, uploads
from core.ui.context import PageContext
from core.ui.drafts import Filling
from core.ui.steps import error_words

DETAILS: Mapping[str, str] = {"name": N_("Name"), "phone": N_("Phone"), "email": N_("E-mail"), "account": N_("Account")}
LABELS: Mapping[str, str] = {
    "channel": N_("Channel"),
    "recorded_at": N_("Received"),
    **DETAILS,
    "statement": N_("What does the customer say?"),
    "category": N_("Category"),
    "product": N_("Product"),
    "platform": N_("Platform"),
    "branch": N_("Branch"),
    "level": N_("Level"),
    "incident_at": N_("When it happened"),
    "remedy": N_("What does the customer want?"),
    "files": N_("Evidence"),
    "procedure": N_("Procedure"),
}
STATE = "log"


@dataclass
class Sheet:
    """One unsent draft of this browser tab: its reference, its files, whether saving was tried, its code once saved.

    ``was_shown``: the saved code has been on the screen. ``begins_with``: where the cursor stands first. ``kept``: when
    the server kept the draft that was put back.
    """

    reference: str
    number: int = 1
    files: list[UploadedFile] = field(default_factory=list)
    dropped: list[UploadedFile] = field(default_factory=list)
    tried: bool = False
    refused: str = ""
    saved: str = ""
    was_shown: bool = False
    channel: str | None = None
    begins_with: str = "channel"
    kept: datetime | None = None

    @property
    def filling(self) -> Filling:
        """The draft as it is kept on the server; its token is the reference, so that it is logged once after all."""
        return Filling(form_drafts.LOG, self.reference, self.key(""))

    def key(self, name: str) -> str:
        """The key of a widget; another draft has other widgets."""
        return f"log.{self.number}.{name}"


@dataclass(frozen=True)
class Known:
    """A customer found again, with the complaints that are still open and how many there were in all."""

    customer: Customer
    open: Sequence[Complaint]
    count: int


class Slots:
    """A place under each field for its problem, filled once the whole draft is known."""

    def __init__(self) -> None:
        self._places: dict[str, DeltaGenerator] = {}

    def under(self, *names: str) -> None:
        """Keep a place here for what is wrong with ``names``."""
        for name in names:
            self._places[name] = st.empty()

    def fill(self, problems: Mapping[str, str]) -> None:
        """Show each problem under its field; ``problems``: field → untranslated sentence."""
        for name, place in self._places.items():
            if problems.get(name):
                place.markdown(fields.problem_words(problems[name]))


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
        customer = customers.find(session, contact)
        if customer is None:
            return None
        return Known(
            customer,
            customers.open_complaints(session, customer.id),
            len(customers.history(session, customer.id)),
        )


def fitting(context: PageContext, draft: CustomerDraft) -> StoredCustomer | None:
    """The known customer whose complaint this would be if it were saved now."""
    with context.register.read() as session:
        return customers.Finder(session, [draft], now=context.now).known(draft)


def problems(context: PageContext, draft: Draft) -> dict[str, str]:
    """Field → untranslated sentence for what must be mended before the draft can be logged."""
    with context.register.read() as session:
        return intake.check(session, draft, now=context.now)


def save(context: PageContext, sheet: Sheet, draft: Draft) -> None:
    """Log the draft; on success the run starts anew with its code, else the sheet remembers that it was tried."""
    sheet.tried, sheet.refused = True, ""
    for file in draft.files:
        file.content.seek(0)
    try:
        with context.register.write() as session:
            complaint, _new = intake.log_once(session, draft, sheet.reference, Act(context.person, context.now))
            code = complaint.code
            form_drafts.end(session, context.person.id, form_drafts.LOG, sheet.reference, now=context.now)
    except PopsError as error:
        sheet.refused = "" if isinstance(error, Invalid) and error.fields else error_words(error)
        return
    uploads.forget(file.content for file in draft.files)
    sheet.saved = code
    st.rerun()

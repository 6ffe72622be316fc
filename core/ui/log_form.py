"""The form of `Ghi nhận`: fields in the order of a phone call, kept while the person looks elsewhere, logged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.catalogues import catalogues, name_of
from core.errors import Invalid, PopsError
from core.i18n import N_, label
from core.i18n import gettext as _
from core.register import customers, drafts, rulebook
from core.register.customers import CustomerDraft
from core.register.draft import Draft
from core.register.evidence import MAX_FILE, MEDIA, FileDraft
from core.register.tables import Complaint, Customer
from core.rules.catalogue import Catalogue
from core.rules.procedure import Procedure
from core.ui import faces, fields, style
from core.ui.frame import Desk, plain

MINUTES = (5, 15, 30)
DETAILS: Mapping[str, str] = {"name": N_("Name"), "phone": N_("Phone"), "email": N_("E-mail"), "account": N_("Account")}
LABELS: Mapping[str, str] = {
    "channel": N_("Channel"),
    "recorded_at": N_("Received"),
    **DETAILS,
    "statement": N_("What does the customer say?"),
    "category": N_("Category"),
    "product": N_("Product"),
    "platform": N_("Platform"),
    "level": N_("Level"),
    "incident_at": N_("When it happened"),
    "remedy": N_("What does the customer want?"),
    "files": N_("Evidence"),
    "procedure": N_("Procedure"),
}
STATE = "log"


@dataclass
class Sheet:
    """One unsent draft of this browser tab: its reference, its files, whether saving was tried, and its code once saved.

    ``was_shown``: the saved code has been on the screen. ``begins_with``: where the cursor stands first.
    """

    number: int = 1
    reference: str = field(default_factory=drafts.new_reference)
    files: list[Any] = field(default_factory=list)
    uploads: int = 0
    tried: bool = False
    refused: str = ""
    saved: str = ""
    was_shown: bool = False
    channel: str | None = None
    begins_with: str = "channel"

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
    """A place under each field for the sentence that says what to mend, filled once the whole draft is known."""

    def __init__(self) -> None:
        self._places: dict[str, Any] = {}

    def under(self, *names: str) -> None:
        """Keep a place here for what is wrong with ``names``."""
        for name in names:
            self._places[name] = st.empty()

    def fill(self, problems: Mapping[str, str]) -> None:
        """Say what is wrong, each under its field."""
        for name, place in self._places.items():
            if problems.get(name):
                place.markdown(f":red[:material/error: {plain(_(problems[name]))}]")


def sheet() -> Sheet:
    """The draft of this tab; a new one where there is none."""
    if STATE not in st.session_state:
        st.session_state[STATE] = Sheet()
    found: Sheet = st.session_state[STATE]
    if found.was_shown and found.key("next") not in st.session_state:
        start_next()  # back from another page: the saved one has been read
    kept: Sheet = st.session_state[STATE]
    return kept


def start_next() -> None:
    """Put a new draft in place of the saved one; the channel stays, since calls come after calls."""
    before: Sheet = st.session_state[STATE]
    st.session_state[STATE] = Sheet(number=before.number + 1, channel=before.channel, begins_with="contact")


def procedures(desk: Desk) -> dict[str, Procedure]:
    """The procedures in use, the house's own first."""
    with desk.register.read() as session:
        known = rulebook.current_procedures(session)
    return dict(sorted(known.items(), key=lambda item: item[0] != desk.settings.procedure))


def known_customer(desk: Desk, contact: str) -> Known | None:
    """The customer behind what was typed into the contact field."""
    if not contact.strip():
        return None
    with desk.register.read() as session:
        customer = customers.find(session, contact)
        if customer is None:
            return None
        return Known(
            customer,
            customers.open_complaints(session, customer.id),
            len(customers.history(session, customer.id)),
        )


def show(desk: Desk, on: Sheet) -> tuple[Draft, Known | None, Slots]:
    """Draw the fields; returns what they hold, the customer found, and the places for what must be mended."""
    slots = Slots()
    known_procedures = procedures(desk)
    procedure = known_procedures[st.session_state.get(on.key("procedure")) or next(iter(known_procedures))]
    shown = catalogues()
    channel = _pills(on, "channel", procedure.channels, shown.channels, slots, first=on.channel)
    on.channel = channel or on.channel
    recorded_at = fields.when(_("Received"), on.key("recorded_at"), desk.now, MINUTES, kept="session")
    slots.under("recorded_at")
    customer, known = _who(desk, on, slots)
    statement = st.text_area(_(LABELS["statement"]), key=on.key("statement"), height=130, persist_state="session")
    slots.under("statement")
    category = _pills(on, "category", procedure.categories, shown.categories, slots)
    level = _level(on, procedure, slots)
    left, right = st.columns(2)
    with left:
        product = _list(on, "product", shown.products, slots)
        incident_at = fields.moment(_(LABELS["incident_at"]), on.key("incident_at"), None, kept="session")
        slots.under("incident_at")
    with right:
        platform = _list(on, "platform", shown.platforms, slots)
        remedy = st.text_input(
            _(LABELS["remedy"]),
            key=on.key("remedy"),
            placeholder=_("Money back, open the chapter …"),
            persist_state="session",
        )
        slots.under("remedy")
    files = _files(on, slots)
    _procedure_list(on, known_procedures, slots)
    draft = Draft(
        channel=channel or "",
        recorded_at=recorded_at,
        statement=statement or "",
        category=category or "",
        procedure=procedure.key,
        customer=customer,
        incident_at=incident_at,
        remedy=remedy or "",
        product=product,
        platform=platform,
        level=level,
        files=files,
    )
    return draft, known, slots


def problems(desk: Desk, draft: Draft) -> dict[str, str]:
    """What must be mended, field by field, as it stands now."""
    with desk.register.read() as session:
        return drafts.check(session, draft, now=desk.now)


def save(desk: Desk, on: Sheet, draft: Draft) -> None:
    """Log the draft; on success the run starts anew with its code, else the sheet remembers that it was tried."""
    on.tried, on.refused = True, ""
    for file in draft.files:
        file.content.seek(0)
    try:
        with desk.register.write() as session:
            complaint, _new = drafts.log_once(session, draft, on.reference, by=desk.person, now=desk.now)
            code = complaint.code
    except PopsError as error:
        on.refused = "" if isinstance(error, Invalid) and error.fields else faces.told(error)
        return
    on.saved = code
    st.rerun()


def _pills(
    on: Sheet, name: str, keys: Sequence[str], names: Catalogue, slots: Slots, *, first: str | None = None
) -> str | None:
    if st.session_state.get(on.key(name)) not in (None, *keys):
        del st.session_state[on.key(name)]  # another procedure has other choices
    chosen = st.pills(
        _(LABELS[name]),
        keys,
        default=first if first in keys else None,
        required=True,
        format_func=lambda key: name_of(names, key),
        key=on.key(name),
        wrap=True,
        persist_state="session",
    )
    slots.under(name)
    return chosen


def _list(on: Sheet, name: str, names: Catalogue, slots: Slots) -> str | None:
    chosen = st.selectbox(
        _(LABELS[name]),
        list(names),
        index=None,
        format_func=lambda key: name_of(names, key),
        key=on.key(name),
        placeholder=_("Choose …"),
        persist_state="session",
    )
    slots.under(name)
    return chosen


def _who(desk: Desk, on: Sheet, slots: Slots) -> tuple[CustomerDraft, Known | None]:
    """One field that finds the customer; then only what is not known yet is asked (never twice)."""
    left, right = st.columns(2)
    with left:
        contact = _contact(on, slots)
    known = known_customer(desk, contact)
    kind = drafts.contact_kind(contact)
    asked = [name for name in DETAILS if name != kind and not (known and getattr(known.customer, name))]
    told = {}
    if "name" in asked:
        with right:
            told["name"] = _detail(on, "name", slots)
    if others := [name for name in asked if name != "name"]:
        with st.expander(_("Other contact details"), type="compact"):
            for place, name in zip(st.columns(len(others)), others, strict=True):
                with place:
                    told[name] = _detail(on, name, slots)
    return drafts.customer_of(contact, **told), known


def _contact(on: Sheet, slots: Slots) -> str:
    contact = st.text_input(
        _("Phone, account or e-mail"),
        key=on.key("contact"),
        placeholder="0912 345 678",
        live="400ms",
        autocomplete="off",
        persist_state="session",
    )
    slots.under(drafts.contact_kind(contact or ""))
    return contact or ""


def _detail(on: Sheet, name: str, slots: Slots) -> str:
    typed = st.text_input(_(DETAILS[name]), key=on.key(name), autocomplete="off", persist_state="session")
    slots.under(name)
    return typed or ""


def _level(on: Sheet, procedure: Procedure, slots: Slots) -> str | None:
    if not procedure.levels:
        return None
    names = {level.key: label(level.label, level.label_en) for level in procedure.levels}
    chosen = st.pills(
        _(LABELS["level"]),
        list(names),
        format_func=lambda key: names.get(key, key),
        key=on.key(f"level.{procedure.key}"),
        wrap=True,
        persist_state="session",
    )
    slots.under("level")
    return chosen


def _files(on: Sheet, slots: Slots) -> tuple[FileDraft, ...]:
    """The drop zone, and beneath it what was dropped: kept here, because the zone forgets when the page is left."""
    style.upload_in_our_language()
    zone = on.key(f"files.{on.uploads}")
    st.file_uploader(
        _("Evidence: pictures, PDF, sound, video, text, Word, Excel; up to {size} MB each").format(size=MAX_FILE >> 20),
        type=sorted(MEDIA),
        accept_multiple_files=True,
        key=zone,
        on_change=_take_files,
        args=(zone,),
    )
    slots.under("files")
    for number, file in enumerate(on.files):
        st.button(
            plain(file.name),
            key=on.key(f"drop.{on.uploads}.{number}"),
            icon=":material/close:",
            help=_("Leave this file out"),
            type="tertiary",
            on_click=on.files.pop,
            args=(number,),
        )
    return tuple(FileDraft(file.name, file) for file in on.files)


def _take_files(zone: str) -> None:
    on = sheet()
    on.files += st.session_state[zone]
    on.uploads += 1


def _procedure_list(on: Sheet, known: Mapping[str, Procedure], slots: Slots) -> None:
    if len(known) > 1:
        st.selectbox(
            _(LABELS["procedure"]),
            list(known),
            format_func=lambda key: label(known[key].name, known[key].name_en),
            key=on.key("procedure"),
            persist_state="session",
        )
        slots.under("procedure")

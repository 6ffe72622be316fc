"""The form of `Ghi nhận`: fields in the order of a phone call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import label, named
from core.register.case import intake
from core.register.case.customers import CustomerDraft, StoredCustomer, other_name
from core.register.case.draft import KINDS, Draft
from core.register.case.evidence import FileDraft
from core.register.case.file_kinds import MAX_FILE, MAX_FILM, MEDIA
from core.register.case.intake import Settled
from core.register.reads.known_customers import Known
from core.rules import policy
from core.rules.catalogue import Catalogue, Field, offered
from core.rules.contacts import contact_kind
from core.rules.details import fields_of, fields_of_all
from core.rules.marks import visible
from core.rules.procedure import Procedure
from core.ui import details, evidence, fields, style
from core.ui.context import PageContext
from core.ui.log import pasted, settled
from core.ui.log.sheet import DETAILS, LABELS, STATE, Sheet, Slots, fitting, known_customer, procedures
from core.ui.steps.intake import WITH_LETTER, level_label
from core.ui.text import md, plain

MINUTES = (5, 15, 30)
STATEMENT_HEIGHT = 130  # pixels


class Call(TypedDict):
    """The fields of a ``Draft`` about the call itself."""

    channel: str
    recorded_at: datetime
    sent_at: datetime | None
    recording: str
    customer: CustomerDraft


class Matter(TypedDict):
    """The fields of a ``Draft`` about what happened."""

    statement: str
    category: str
    level: str | None
    product: str | None
    platform: str | None
    branch: str | None
    incident_at: datetime | None
    remedy: str
    issues: tuple[str, ...]
    details: Mapping[str, str]


class Typed(NamedTuple):
    """What the form holds: the draft, how it was settled if it was, the customer found, places for what to mend."""

    draft: Draft
    settled: Settled | None
    known: Known | None
    slots: Slots


def show(context: PageContext, sheet: Sheet) -> Typed:
    """Draw the fields."""
    slots, known_procedures = Slots(sheet), procedures(context)
    procedure = known_procedures[fields.only(sheet.key("procedure"), known_procedures) or next(iter(known_procedures))]
    with st.container(key="log_call"):
        _procedure_list(sheet, known_procedures, slots)
        call, known = _call(context, sheet, slots)
    with st.container(key="log_matter"):
        matter = _matter(context, sheet, procedure, slots)
        files = _files(sheet, slots)
        draft = Draft(procedure=procedure.key, files=files, **call, **matter)
        ends = settled.show(context, sheet, procedure, draft, slots)
        if ends is None:
            draft = draft._replace(kind=_kind(context, sheet, slots))
    return Typed(draft, ends, known, slots)


def _call(context: PageContext, sheet: Sheet, slots: Slots) -> tuple[Call, Known | None]:
    """How and when it came, and from whom."""
    channel = _pills(sheet, "channel", catalogues().channels, slots, first=sheet.channel)
    sheet.channel = channel or sheet.channel
    pasted.offer(context, sheet, channel)
    recorded_at = fields.when(_("Received"), sheet.key("recorded_at"), context.now, MINUTES, persist="session")
    slots.under("recorded_at")
    customer, known = _who(context, sheet, slots)
    sent_at, recording = _more_about_the_call(sheet, slots)
    call: Call = {
        "channel": channel or "",
        "recorded_at": recorded_at,
        "sent_at": sent_at,
        "recording": recording,
        "customer": customer,
    }
    return call, known


def _more_about_the_call(sheet: Sheet, slots: Slots) -> tuple[datetime | None, str]:
    """When the customer sent it, where that is known, and where the recording of the call lies; folded up."""
    sent, place = sheet.key("sent_at"), sheet.key("recording")
    is_filled = any(st.session_state.get(key) for key in (sent, place))
    with st.expander(_("When it was sent, recording of the call"), expanded=is_filled, type="compact"):
        left, right = st.columns(2)
        with left:
            sent_at = fields.moment(_(LABELS["sent_at"]), sent, None, persist="session")
            slots.under("sent_at")
        with right:
            recording = st.text_input(_(LABELS["recording"]), key=place, autocomplete="off", persist_state="session")
            slots.under("recording")
    return sent_at, recording or ""


def _kind(context: PageContext, sheet: Sheet, slots: Slots) -> str | None:
    """Inquiry or complaint, where whoever logs it may say so and knows it already (POPS step 3)."""
    if not context.may("classify"):
        return None
    key = sheet.key("kind")
    fields.only(key, KINDS)
    kind = st.segmented_control(
        _(LABELS["kind"]),
        KINDS,
        format_func=lambda kind: plain(named(WITH_LETTER, kind)),
        key=key,
        persist_state="session",
    )
    slots.under("kind")
    return kind


def _matter(context: PageContext, sheet: Sheet, procedure: Procedure, slots: Slots) -> Matter:
    """The statement, the category, and what helps to find the fault."""
    statement = st.text_area(
        _(LABELS["statement"]), key=sheet.key("statement"), height=STATEMENT_HEIGHT, persist_state="session"
    )
    slots.under("statement")
    category = _pills(sheet, "category", catalogues().categories, slots)
    further = _issues(sheet, slots)
    values = _details(sheet, (category or "", *further), slots)
    level = _level(sheet, procedure, slots)
    left, right = st.columns(2)
    with left:
        product = _list(sheet, "product", offered(catalogues().products), slots)
        incident_at = fields.moment(_(LABELS["incident_at"]), sheet.key("incident_at"), None, persist="session")
        slots.under("incident_at")
    with right:
        platform = _list(sheet, "platform", offered(catalogues().platforms), slots)
        branch = _list(sheet, "branch", _branches(context), slots, first=context.person.branch)
        remedy = _remedy(sheet, slots)
    return {
        "statement": statement or "",
        "category": category or "",
        "level": level,
        "product": product,
        "platform": platform,
        "branch": branch,
        "incident_at": incident_at,
        "remedy": remedy,
        "issues": further,
        "details": values,
    }


def _issues(sheet: Sheet, slots: Slots) -> tuple[str, ...]:
    """The categories of further issues, which share the case and its deadlines (D34); folded up until one is named."""
    key, names = sheet.key("issues"), offered(catalogues().categories)
    held = st.session_state.get(key)
    if held is not None:  # a draft may hold what is offered no more
        st.session_state[key] = [one for one in held if one in names]
    with st.expander(_("There is another issue"), expanded=bool(held), type="compact"):
        chosen = st.multiselect(
            _(LABELS["issues"]),
            list(names),
            format_func=lambda key: visible(name_of(names, key)),
            key=key,
            placeholder=_("Choose …"),
            persist_state="session",
        )
        slots.under("issues")
    return tuple(chosen)


def _details(sheet: Sheet, among: Sequence[str], slots: Slots) -> dict[str, str]:
    """What the category must know, and those of further issues; what was typed for another one is drawn no more, and
    comes back with it.

    A value that categories share under one key and type is typed once.
    """
    known = catalogues().categories
    asked = tuple(fields_of_all(known, among).values())
    whose = {key: category for category in reversed(among) for key in fields_of(known, category)}
    in_a_row = 2 if len(asked) in (1, 2, 4) else 3

    def key(field: Field) -> str:
        return sheet.key(f"details.{whose[field.key] if field.type == 'choice' else field.type}.{field.key}")

    keys = {f"details.{field.key}": key(field) for field in asked}
    typed = details.inputs(
        asked, key, lambda name: slots.under(name, key=keys[name]), persist="session", in_a_row=in_a_row
    )
    details.needed_before_forwarding(asked, typed)
    return typed


def _remedy(sheet: Sheet, slots: Slots) -> str:
    hint = _("Money back, have it put right …")
    typed = st.text_input(_(LABELS["remedy"]), key=sheet.key("remedy"), placeholder=hint, persist_state="session")
    slots.under("remedy")
    return typed or ""


def _pills(sheet: Sheet, name: str, catalogue: Catalogue, slots: Slots, *, first: str | None = None) -> str | None:
    names = offered(catalogue)
    keys = list(names)
    fields.only(sheet.key(name), keys)
    chosen = st.pills(
        _(LABELS[name]),
        keys,
        default=first if first in keys else None,
        required=True,
        format_func=lambda key: plain(name_of(names, key)),
        key=sheet.key(name),
        wrap=True,
        persist_state="session",
    )
    slots.under(name)
    return chosen


def _branches(context: PageContext) -> Catalogue:
    """The branches in use for which this person may log."""
    allowed = policy.branches_of(context.person, catalogues())
    names = offered(catalogues().branches)
    return names if allowed is None else {key: entry for key, entry in names.items() if key in allowed}


def _list(sheet: Sheet, name: str, names: Catalogue, slots: Slots, *, first: str | None = None) -> str | None:
    """A pick list of ``names``, which begins with ``first``; none where the organisation has no such list."""
    if not names:
        return None
    if first in names:
        st.session_state.setdefault(sheet.key(name), first)  # with an index the choice could not be taken back
    fields.only(sheet.key(name), names)
    chosen = st.selectbox(
        _(LABELS[name]),
        list(names),
        index=None,
        format_func=lambda key: visible(name_of(names, key)),
        key=sheet.key(name),
        placeholder=_("Choose …"),
        persist_state="session",
    )
    slots.under(name)
    return chosen


def _who(context: PageContext, sheet: Sheet, slots: Slots) -> tuple[CustomerDraft, Known | None]:
    """One field that finds the customer; then only what is not known yet is asked (never twice).

    The name is never taken away, since another person may call from a known number; neither is a filled field.
    """
    left, right = st.columns(2)
    with left:
        contact = _contact(sheet, slots)
    known = known_customer(context, contact)
    kind = contact_kind(contact)
    typed = {}
    with right:
        typed["name"] = _detail(sheet, "name", slots, known.customer.name if known else None)
        under_name = st.empty()
    others = [name for name in DETAILS if name not in (kind, "name") and _is_asked(sheet, name, known)]
    if others:
        with st.expander(_("Other contact details"), type="compact"):
            for place, name in zip(st.columns(len(others)), others, strict=True):
                with place:
                    typed[name] = _detail(sheet, name, slots)
    customer = intake.customer_of(contact, **typed)
    _say_who(customer, fitting(context, customer), known, under_name)
    return customer, known


def _is_asked(sheet: Sheet, name: str, known: Known | None) -> bool:
    """Whether the customer's detail ``name`` is not known yet, or something is typed into its field already."""
    return not (known and getattr(known.customer, name)) or bool(st.session_state.get(sheet.key(name)))


def _say_who(
    draft: CustomerDraft, found: StoredCustomer | None, known: Known | None, under_name: DeltaGenerator
) -> None:
    """Before saving: what becomes of a name that is not the known one, and of details that are not the customer's."""
    if found is not None and other_name(found, draft.name):
        under_name.caption(
            md(
                _(
                    ":material/info: This customer is known as **{known}**, and stays so. "
                    "The case will say that they gave the name **{given}**."
                ),
                known=found["name"] or "",
                given=draft.name,
            )
        )
    if known is not None and (found is None or found["id"] != known.customer.id):
        st.caption(
            _(":material/info: These details are not those of the known customer: the case goes to another customer.")
        )


def _contact(sheet: Sheet, slots: Slots) -> str:
    contact = st.text_input(
        _("Phone, account or e-mail"),
        key=sheet.key("contact"),
        placeholder="0912 345 678",
        live="400ms",
        autocomplete="off",
        persist_state="session",
    )
    slots.under(contact_kind(contact or ""), key=sheet.key("contact"))
    return contact or ""


def _detail(sheet: Sheet, name: str, slots: Slots, known: str | None = None) -> str:
    """``known``: what is kept already, shown where nothing is typed."""
    typed = st.text_input(
        _(DETAILS[name]),
        key=sheet.key(name),
        placeholder=visible(known) if known else None,
        autocomplete="off",
        persist_state="session",
    )
    slots.under(name)
    return typed or ""


def _level(sheet: Sheet, procedure: Procedure, slots: Slots) -> str | None:
    if not procedure.gives_levels:
        return None
    names = {key: label(level.vi, level.en) for key, level in offered(catalogues().levels).items()}
    fields.only(sheet.key(f"level.{procedure.key}"), names)
    chosen = st.pills(
        plain(level_label(procedure)),
        list(names),
        format_func=lambda key: plain(names[key]),
        key=sheet.key(f"level.{procedure.key}"),
        wrap=True,
        persist_state="session",
    )
    slots.under("level", key=sheet.key(f"level.{procedure.key}"))
    return chosen


def _files(sheet: Sheet, slots: Slots) -> tuple[FileDraft, ...]:
    """The drop zone with its files, refused ones too; beneath it the files from before the page was last left."""
    style.around_uploads()
    zone = sheet.key("files")
    if zone not in st.session_state:  # the zone forgets when the page is left
        sheet.files, sheet.dropped = sheet.files + sheet.dropped, []
    st.file_uploader(
        md(
            _(
                "Evidence: pictures, PDF, sound, video, text, e-mail, Word, Excel; up to {size} MB each, "
                "film and sound up to {film} MB"
            ),
            size=MAX_FILE >> 20,
            film=MAX_FILM >> 20,
        ),
        type=sorted(MEDIA),
        accept_multiple_files=True,
        key=zone,
        on_change=_take_files,
        args=(zone,),
    )
    slots.under("files")
    for number, file in enumerate(sheet.files):
        st.button(
            plain(file.name),
            key=sheet.key(f"drop.{len(sheet.files)}.{number}"),
            icon=":material/close:",
            help=_("Leave this file out"),
            type="tertiary",
            on_click=_leave_out,
            args=(sheet, number),
        )
    return evidence.with_kinds(sheet.files + sheet.dropped, zone, persist="session")


def _leave_out(sheet: Sheet, number: int) -> None:
    del sheet.files[number]


def _take_files(zone: str) -> None:
    sheet: Sheet = st.session_state[STATE]
    sheet.dropped = list(st.session_state[zone])


def _procedure_list(sheet: Sheet, known: Mapping[str, Procedure], slots: Slots) -> None:
    """Where several are enabled it comes first: what follows depends on it (D20)."""
    if len(known) > 1:
        st.selectbox(
            _(LABELS["procedure"]),
            list(known),
            format_func=lambda key: visible(name_of(catalogues().procedures, key)),
            key=sheet.key("procedure"),
            persist_state="session",
        )
        slots.under("procedure")

"""Complaints typed into the form: checked while they are typed, and logged once however often the button is pressed."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft, problems
from core.register.log.act import Act
from core.register.log.tables import Complaint
from core.rules.contacts import contact_kind, plain

SOURCE = "form"


def new_reference() -> str:
    """A name for one draft, so that the same draft is never logged twice."""
    return secrets.token_urlsafe(12)


def check(session: Session, draft: Draft, *, now: datetime) -> dict[str, str]:
    """Field → sentence template for what must be mended, without writing anything."""
    procedure = rulebook.current_procedure(session, draft.procedure)
    days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    return problems(draft, procedure, rulebook.catalogues(session), days, now=now)


def log_once(session: Session, draft: Draft, reference: str, act: Act) -> tuple[Complaint, bool]:
    """Log ``draft`` under ``reference``, or find it logged already: (complaint, whether it is new).

    Writers wait for each other (``Register.write``), so looking first is safe. Raises as ``complaints.log`` does.
    """
    theirs = select(Complaint).where(Complaint.source == SOURCE, Complaint.external_ref == reference)
    known = session.scalars(theirs).first()
    if known is not None:
        return known, False
    return complaints.log(session, replace(draft, source=SOURCE, external_ref=reference), act), True


def customer_of(contact: str, **others: str) -> CustomerDraft:
    """The customer as typed: the contact field under its kind, and the other fields (name, phone, email, account)."""
    fields = {name: text.strip() for name, text in others.items() if plain(text)}
    return CustomerDraft(**{contact_kind(contact): contact.strip(), **fields} if plain(contact) else fields)

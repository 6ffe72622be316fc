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
from core.rules.text import email_key, phone_key

SOURCE = "form"
NUMBER = frozenset("0123456789 +.-()/")


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


def contact_kind(contact: str) -> str:
    """What was typed into the one contact field: ``phone`` (digits and signs), ``email`` (an @), else ``account``."""
    typed = contact.strip()
    if phone_key(typed) or (typed and set(typed) <= NUMBER):
        return "phone"
    return "email" if email_key(typed) or "@" in typed else "account"


def customer_of(contact: str, **others: str) -> CustomerDraft:
    """The customer as typed: the contact field under its kind, and the other fields (name, phone, email, account)."""
    fields = {name: text.strip() for name, text in others.items() if text.strip()}
    return CustomerDraft(**{contact_kind(contact): contact.strip(), **fields} if contact.strip() else fields)

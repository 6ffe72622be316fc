"""Who complains: found again by phone, account or e-mail, so that one person is one customer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Executable, Row, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from core.register.log import seal, transaction
from core.register.log.tables import Complaint, Customer
from core.rules import contacts
from core.rules.contacts import account_key, email_key, phone_key
from core.rules.text import nfc, visible

StoredCustomer = Row[*tuple[object, ...]]
"""A row of ``customers`` with all its columns."""
# Made once: an import runs it a thousand times, and building the statement costs more than running it.
ADD = insert(Customer.__table__)  # type: ignore[arg-type]
BY: Mapping[str, Executable] = {
    name: select(*Customer.__table__.columns)
    .where(getattr(Customer, f"{name}_key") == bindparam("key"))
    .order_by(Customer.id.desc())
    .limit(1)
    for name in ("phone", "account", "email")
}
DETAILS = ("name", "phone", "email", "account")
ATTESTED = "customers_attested"
"""Event of the register for customers that older versions wrote without attesting them (migration 0008)."""


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """Contact details as typed; all optional."""

    name: str = ""
    phone: str = ""
    email: str = ""
    account: str = ""

    def is_empty(self) -> bool:
        """Whether every field is empty."""
        return not any(contacts.plain(getattr(self, name)) for name in DETAILS)


@dataclass(frozen=True, slots=True)
class Known:
    """The customer of a complaint. ``new_details``: which details it added; ``digest``: attests all of them, if any."""

    id: int | None = None
    new_details: tuple[str, ...] = ()
    digest: str | None = None


def digest(details: Mapping[str, object], salt: bytes) -> bytes:
    """SHA-256 by which the log attests a customer's details; with details and salt erased, nothing is left to guess."""
    return hashlib.sha256(salt + seal.canonical({name: details[name] for name in DETAILS}).encode()).digest()


def find(session: Session, contact: str) -> Customer | None:
    """The newest known customer with this phone, e-mail or account, typed in any usual form."""
    keys: list[ColumnElement[bool]] = []
    if key := phone_key(contact):
        keys.append(Customer.phone_key == key)
    if key := email_key(contact):
        keys.append(Customer.email_key == key)
    if key := account_key(contact):
        keys.append(Customer.account_key == key)
    if not keys:
        return None
    return session.scalars(select(Customer).where(or_(*keys)).order_by(Customer.id.desc()).limit(1)).first()


def open_complaints(session: Session, customer_id: int) -> list[Complaint]:
    """The customer's complaints that are not closed, newest first."""
    theirs = select(Complaint).where(Complaint.customer_id == customer_id, Complaint.closed_at.is_(None))
    return list(session.scalars(theirs.order_by(Complaint.recorded_at.desc(), Complaint.id.desc())))


def history(session: Session, customer_id: int, limit: int = 50) -> list[Complaint]:
    """All complaints of the customer, newest first, at most ``limit``."""
    theirs = select(Complaint).where(Complaint.customer_id == customer_id)
    return list(session.scalars(theirs.order_by(Complaint.recorded_at.desc(), Complaint.id.desc()).limit(limit)))


def find_or_add(session: Session, draft: CustomerDraft, *, now: datetime) -> Known:
    """Find or add the customer; the event of the complaint says which details were new, and attests them.

    A known customer's details stay, and missing ones are added. Phone, then account, then e-mail decide; but whoever
    has another phone, account or e-mail than the one known is another customer, so that no contact is lost or
    overwritten.
    """
    if draft.is_empty():
        return Known()
    columns = _columns(draft)
    connection = session.connection()
    for name, its in BY.items():
        key = columns[f"{name}_key"]
        known = connection.execute(its, {"key": key}).first() if key else None
        if known is not None and _fits(known, columns):
            return _fill(session, known, columns)
    new_id, salt = transaction.next_id(session, Customer), secrets.token_bytes(16)
    connection.execute(ADD, {"id": new_id, "created_at": now, "salt": salt, **columns})
    details = tuple(sorted(name for name in DETAILS if columns[name]))
    return Known(new_id, details, digest(columns, salt).hex())


def _columns(draft: CustomerDraft) -> dict[str, str | None]:
    return {
        "name": visible(nfc(draft.name)).strip() or None,
        "phone": contacts.plain(draft.phone) or None,
        "phone_key": phone_key(draft.phone),
        "email": contacts.plain(draft.email) or None,
        "email_key": email_key(draft.email),
        "account": contacts.plain(draft.account) or None,
        "account_key": account_key(draft.account),
    }


def _fits(known: StoredCustomer, columns: Mapping[str, str | None]) -> bool:
    """Whether no column contradicts what is known."""
    keys = ("phone_key", "account_key", "email_key")
    return all(not columns[key] or getattr(known, key) in (None, columns[key]) for key in keys)


def _fill(session: Session, known: StoredCustomer, columns: Mapping[str, str | None]) -> Known:
    missing = [name for name in DETAILS if columns[name] and not getattr(known, name)]
    if not missing:
        return Known(known.id)
    names = missing + [f"{name}_key" for name in missing if name != "name"]
    added, salt = {name: columns[name] for name in names}, secrets.token_bytes(16)
    session.execute(update(Customer).where(Customer.id == known.id).values(salt=salt, **added))
    transaction.of(session).changed_customers.add(known.id)
    return Known(known.id, tuple(missing), digest({**known._mapping, **added}, salt).hex())

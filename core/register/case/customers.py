"""Who complains: found again by phone, account or e-mail, so that one person is one customer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple, TypedDict, cast

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import Session

from core.errors import NotAllowed
from core.i18n import N_
from core.register.log import seal, transaction
from core.register.log.bulk import among, insert_rows
from core.register.log.tables import Complaint, Customer
from core.rules import contacts
from core.rules.contacts import account_key, email_key, phone_key
from core.rules.text import keepable, nfc, visible


class Details(TypedDict):
    """Contact details as they are kept, and the keys by which they are found."""

    name: str | None
    phone: str | None
    phone_key: str | None
    email: str | None
    email_key: str | None
    account: str | None
    account_key: str | None


class StoredCustomer(Details):
    """A row of ``customers``."""

    id: int
    created_at: datetime
    salt: bytes | None


Key = Literal["phone_key", "account_key", "email_key"]
Detail = Literal["name", "phone", "email", "account"]
KEY_OF: Mapping[Detail, Key] = {"phone": "phone_key", "account": "account_key", "email": "email_key"}
KEYS = tuple(KEY_OF.values())  # in the order in which they decide
# Made once: an import runs them for every batch.
KNOWN_BY = {key: select(Customer.__table__).where(among(getattr(Customer, key), "values")) for key in KEYS}
UPDATE = (
    update(Customer)
    .where(Customer.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in (*Details.__annotations__, "salt")})
)
DETAILS: tuple[Detail, ...] = ("name", "phone", "email", "account")
NAMED_AS = "named_as"
"""Kind of the text that keeps the name a complaint came with, where its customer is known by another name."""
CONTACT = "contact"
"""Kind of the text that keeps the contact of a complaint as it was, or as it became, when it was corrected (D21)."""
ATTESTED = "customers_attested"
"""Event of the register for customers that older versions wrote without attesting them (migration 0008)."""


Digests = Mapping[str, str]
"""Id of a customer, as a payload holds it → what attests their details."""


class CustomerDraft(NamedTuple):
    """Contact details as typed; all optional."""

    name: str = ""
    phone: str = ""
    email: str = ""
    account: str = ""


class Known(NamedTuple):
    """The customer of a complaint. ``new_details``: which details it added; ``digest``: attests all of them, if any.

    ``named_as``: the name that the complaint gives where another one is known and stays; else empty.
    """

    id: int | None = None
    new_details: tuple[str, ...] = ()
    digest: str | None = None
    named_as: str = ""


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


def is_named_by(session: Session, customer_id: int | None, draft: CustomerDraft, named_as: str) -> bool:
    """Whether every detail that ``draft`` gives is the customer's, or its name the one that the complaint came with."""
    columns = _columns(draft)
    customer = session.get(Customer, customer_id) if customer_id is not None else None
    if customer is None or not any(columns.values()):
        return customer is None and not any(columns.values())
    given = [key for key in KEYS if columns[key]]
    if not all(getattr(customer, key) == columns[key] for key in given):
        return False
    name = columns["name"]
    return bool(given) if name is None else _same_name(name, named_as or customer.name or "")


class Moved(NamedTuple):
    """Whose complaint it is after its contact was corrected.

    ``new_details``: which details the customer has from it. ``digests``: of each customer whose details changed.
    ``named_as`` as in ``Known``.
    """

    id: int | None = None
    new_details: tuple[str, ...] = ()
    digests: Digests = MappingProxyType({})
    named_as: str = ""


def contact_of(session: Session, customer_id: int | None, named_as: str) -> CustomerDraft:
    """The contact of a complaint as a form shows it; its name is the one that the complaint came with."""
    customer = session.get(Customer, customer_id) if customer_id is not None else None
    if customer is None:
        return CustomerDraft(named_as)
    known = CustomerDraft(customer.name or "", customer.phone or "", customer.email or "", customer.account or "")
    return known._replace(name=named_as or known.name)


def correct(session: Session, complaint_id: int, customer_id: int | None, draft: CustomerDraft, now: datetime) -> Moved:
    """Whose complaint this is with the contact ``draft``: of whom it is known to be, as at intake (``Finder``).

    A customer with no other complaint is corrected in place, or left without any detail where the contact is somebody
    else's, so that nobody is taken for them any more. One with other complaints gets the missing details; where the
    contact is not theirs they keep what the others gave, and this complaint goes to a customer of its own.
    """
    finder, columns = Finder(session, [draft], now=now), _columns(draft)
    present, known = _stored(session, customer_id), finder.known(draft)
    is_others = known is not None and known["id"] != customer_id
    is_alone = present is not None and not _has_others(session, complaint_id, present["id"])
    if present and not is_others and is_alone and any(columns.values()):
        new = tuple(name for name in DETAILS if columns[name] and columns[name] != present[name])
        return Moved(customer_id, new, _rewrite(session, present, columns))
    if present and not is_others and not is_alone and _is_kept(present, columns):
        missing = tuple(name for name in DETAILS if columns[name] and not present[name])
        filled = _columns(_as_draft(present)._replace(**{name: columns[name] or "" for name in missing}))
        named_as = other_name(present, columns["name"] or "")
        return Moved(customer_id, missing, _rewrite(session, present, filled), named_as)
    left = _rewrite(session, present, _columns(CustomerDraft())) if present and is_alone else {}
    if not any(columns.values()):
        return Moved(digests=left)
    found = finder.find_or_add(draft) if is_others or present is None else finder.add(draft)
    finder.write()
    attested = {str(found.id): found.digest} if found.digest else {}
    return Moved(found.id, found.new_details, left | attested, found.named_as)


class Corrected(NamedTuple):
    """A correction that is undone: complaint and event, and customer ``was_id`` with the details ``was`` before it."""

    complaint_id: int
    event_id: int
    was_id: int | None
    was: CustomerDraft


def take_back(session: Session, of: Corrected, moved: Moved) -> Digests:
    """Undo ``correct``: its customers have the details that they had; returns what attests these.

    NotAllowed where another complaint of theirs has changed since: it may hang on what the correction said.
    """
    theirs = Complaint.customer_id.in_([int(one) for one in moved.digests]), Complaint.id != of.complaint_id
    if session.scalar(select(Complaint.id).where(*theirs, Complaint.changed > of.event_id).limit(1)) is not None:
        raise NotAllowed(N_("Another complaint of this customer has come in or changed since: correct it instead."))
    digests: dict[str, str] = {}
    for one in map(int, moved.digests):
        row = _stored(session, one)
        assert row is not None, "customers are never deleted"
        before = of.was if one == of.was_id else _as_draft(row)._replace(**dict.fromkeys(moved.new_details, ""))
        digests |= _rewrite(session, row, _columns(before))
    return digests


def _stored(session: Session, customer_id: int | None) -> StoredCustomer | None:
    table = Customer.__table__
    row = session.execute(select(table).where(table.c.id == customer_id)).mappings().first()
    return cast("StoredCustomer", dict(row)) if row else None


def _as_draft(row: StoredCustomer) -> CustomerDraft:
    return CustomerDraft(row["name"] or "", row["phone"] or "", row["email"] or "", row["account"] or "")


def _has_others(session: Session, complaint_id: int, customer_id: int) -> bool:
    others = select(Complaint.id).where(Complaint.customer_id == customer_id, Complaint.id != complaint_id)
    return session.scalar(others.limit(1)) is not None


def _is_kept(known: StoredCustomer, columns: Details) -> bool:
    """Whether every contact that is known is still given, in whatever spelling."""
    return all(
        not known[name] or columns[name] == known[name] or (columns[key] and columns[key] == known[key])
        for name, key in KEY_OF.items()
    )


def _rewrite(session: Session, row: StoredCustomer, columns: Details) -> dict[str, str]:
    """Write other details into the row; returns what attests them, nothing where they are what stands there."""
    if all(row[name] == columns[name] for name in DETAILS):
        return {}
    salt = transaction.salt(session)
    session.connection().execute(UPDATE, [_bound({**row, **columns, "salt": salt})])
    transaction.of(session).changed_customers.add(row["id"])
    return {str(row["id"]): digest(columns, salt).hex()}


class Finder:
    """Finds or adds the customers of many drafts: known ones are read in a few queries, new ones written in one.

    Whoever uses it calls ``write`` before complaints that refer to the customers are written. It belongs to one
    transaction, whose writer is alone.
    """

    def __init__(self, session: Session, drafts: Iterable[CustomerDraft], *, now: datetime) -> None:
        self._session, self._now = session, now
        self._columns = {draft: _columns(draft) for draft in drafts}
        self._rows: dict[int, StoredCustomer] = {}
        self._new: dict[int, StoredCustomer] = {}
        self._filled: dict[int, StoredCustomer] = {}
        self._newest: dict[tuple[str, object], StoredCustomer] = {}
        if earlier := transaction.of(session).earlier:
            for id, row in earlier.customers.items():
                self._rows[id] = cast("StoredCustomer", dict(row))  # a copy: a batch may be prepared twice
                self._remember(self._rows[id])
        for key in KEYS:
            values = {columns[key] for columns in self._columns.values()}
            self._look_up(key, [value for value in values if value and keepable(value) == value])

    def known(self, draft: CustomerDraft) -> StoredCustomer | None:
        """The known customer whose complaint this would be; nothing is added."""
        columns = self._columns[draft]
        for key in KEYS:
            known = self._newest.get((key, columns[key])) if columns[key] else None
            if known is not None and _fits(known, columns):
                return known
        return None

    def find_or_add(self, draft: CustomerDraft) -> Known:
        """The customer; the event of the complaint says which details were new, and attests them.

        A known customer's details stay, and missing ones are added. Phone, then account, then e-mail decide; but
        whoever has another phone, account or e-mail than the one known is another customer, so that no contact is lost
        or overwritten. A name that is not the known one is left to the complaint (``Known.named_as``).
        """
        columns = self._columns[draft]
        if not any(columns.values()):
            return Known()
        known = self.known(draft)
        return self.add(draft) if known is None else self._fill(known, columns)

    def add(self, draft: CustomerDraft) -> Known:
        """A customer of their own, whoever is known by these details."""
        columns = self._columns[draft]
        new_id, salt = transaction.next_id(self._session, Customer), transaction.salt(self._session)
        row = StoredCustomer(id=new_id, created_at=self._now, salt=salt, **columns)
        self._new[new_id] = row
        self._remember(row)
        details = tuple(sorted(name for name in DETAILS if columns[name]))
        return Known(new_id, details, digest(columns, salt).hex())

    def write(self) -> None:
        """Write the customers that were added, and the details that were added to known ones."""
        transaction.of(self._session).customers.update(self._new | self._filled)
        insert_rows(self._session, Customer, list(self._new.values()))
        if filled := [_bound(row) for id, row in self._filled.items() if id not in self._new]:
            transaction.write(self._session, _update, filled)
        self._new, self._filled = {}, {}

    def _look_up(self, key: Key, values: Sequence[str]) -> None:
        if not values:
            return
        found = self._session.connection().execute(KNOWN_BY[key], {"values": values})
        names = tuple(found.keys())
        for values_of_one in found.all():
            one = cast("StoredCustomer", dict(zip(names, values_of_one, strict=True)))
            # One row may be found by two of its keys, and must be one here, since it may yet be filled in.
            self._remember(self._rows.setdefault(one["id"], one))

    def _remember(self, row: StoredCustomer) -> None:
        """By each of its keys the newest customer is found."""
        for key in KEYS:
            if row[key] is not None:
                newest = self._newest.setdefault((key, row[key]), row)
                if newest["id"] < row["id"]:
                    self._newest[key, row[key]] = row

    def _fill(self, known: StoredCustomer, columns: Details) -> Known:
        missing = [name for name in DETAILS if columns[name] and not known[name]]
        named_as = other_name(known, columns["name"] or "")
        if not missing:
            return Known(known["id"], named_as=named_as)
        values: dict[str, object] = {name: columns[name] for name in missing}
        values |= {KEY_OF[name]: columns[KEY_OF[name]] for name in missing if name != "name"}
        salt = transaction.salt(self._session)
        cast("dict[str, object]", known).update(values, salt=salt)
        self._remember(known)
        self._filled[known["id"]] = known
        transaction.of(self._session).changed_customers.add(known["id"])
        return Known(known["id"], tuple(missing), digest(known, salt).hex(), named_as)


def _update(session: Session, filled: Sequence[Mapping[str, object]]) -> None:
    session.connection().execute(UPDATE, filled)


def other_name(known: StoredCustomer, typed: str) -> str:
    """``typed`` where it is a name and the customer is known by another one; else empty."""
    return typed if typed and known["name"] and not _same_name(typed, known["name"]) else ""


def _same_name(one: str, other: str) -> bool:
    """Capitals and blanks make no other name; accents do."""
    return one.casefold().split() == other.casefold().split()


def _columns(draft: CustomerDraft) -> Details:
    return {
        "name": visible(nfc(draft.name)).strip() or None,
        "phone": contacts.plain(draft.phone) or None,
        "phone_key": phone_key(draft.phone),
        "email": contacts.plain(draft.email) or None,
        "email_key": email_key(draft.email),
        "account": contacts.plain(draft.account) or None,
        "account_key": account_key(draft.account),
    }


def _bound(row: StoredCustomer) -> dict[str, object]:
    """The row for ``UPDATE``, whose parameters must not be named like columns."""
    return {f"b_{name}": value for name, value in row.items()}


def _fits(known: StoredCustomer, columns: Details) -> bool:
    """Whether no contact contradicts a known one: by their keys, or by their texts where one has no key.

    Earlier versions kept texts that are no phone or e-mail; a new one beside such a text would be stored nowhere.
    """
    return all(
        not columns[name]
        or not known[name]
        or columns[name] == known[name]
        or (columns[key] and columns[key] == known[key])
        for name, key in KEY_OF.items()
    )

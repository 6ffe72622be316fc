"""Find a complaint: by its code, by who complained, or by words of its texts, accents and đ optional.

Words and contacts are looked for in the whole register, over the index of ``core.register.case.search_index``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import search_index
from core.register.case.customers import CONTACT
from core.register.log.tables import Complaint, Customer, Evidence
from core.register.reads.visible import visible
from core.rules import policy, roles
from core.rules.contacts import account_key, email_key, phone_key
from core.rules.policy import Actor
from core.rules.text import fold
from core.rules.words import Excerpt, Term, asked_contact, asked_words, department_term, excerpt

CODE = re.compile(r"(?:kn ?)?(\d{4}) (\d{1,7})|kn ?(\d{4})(\d{6,7})|(20\d\d)(\d{6})")
NUMBER = re.compile(r"(?:kn ?)?(\d{1,7})")
BETWEEN = re.compile(r"[\s#./\\:_‐‑‒–—-]+")
AROUND = " \t\r\n#.,;:!?()[]\"'“”‘’"
LISTED = 1_000
"""How many complaints one question lists; of more, the newest."""
SHORTEST = 2
FIRST_ROWS = range(8)


NOTHING = Excerpt("")


@dataclass(frozen=True, slots=True)
class Hit:
    """A complaint that fits; ``found_by``: ``code``, ``contact`` or ``words``.

    ``customer`` (name, else another detail), ``contact`` (phone, e-mail or account beside it) and ``excerpt`` (of the
    text with the most words looked for) are empty for roles that may not read them.
    """

    code: str
    state: str
    category: str
    recorded_at: datetime
    found_by: str
    customer: Excerpt = NOTHING
    contact: str = ""
    excerpt: Excerpt = NOTHING


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of the rows asked for, best first; ``total`` complaints fit, at most ``LISTED``; ``more`` fit beyond."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    more: bool = False


def find(session: Session, typed: str, *, by: Actor, rows: range = FIRST_ROWS) -> Found:
    """The ``rows`` (counted from 0) of what ``typed`` may mean: a code, then contacts, then words, each newest first.

    A code may be typed any way (``KN 2026 000123``, ``2026/123``, ``#123``, ``123``); a contact is a phone number or
    its last six digits and more, an e-mail address or its part before the @, an account or its beginning. Roles that
    may not see personal data find by code only, and nobody finds what ``policy`` hides from them.
    """
    typed = typed.strip()
    found = dict.fromkeys(_by_code(session, typed, by), "code")
    if roles.sees_personal_data(by.role) and (len(typed) >= SHORTEST or typed.isdigit()):
        others = {"contact": _by_contact(session, typed, by), "words": [] if found else _by_words(session, typed, by)}
        for found_by, ids in others.items():
            for key in ids:
                found.setdefault(key, found_by)
    listed = list(found.items())[:LISTED]
    hits = _hits(session, dict(listed[rows.start : rows.stop]), asked_words(typed), by)
    return Found(hits, len(listed), len(found) > LISTED)


def _by_code(session: Session, typed: str, by: Actor) -> list[int]:
    text = BETWEEN.sub(" ", fold(typed.strip(AROUND)))
    code = CODE.fullmatch(text)
    if code:
        year, number = (int(part) for part in code.groups() if part)
        return _newest(session, by, Complaint.year == year, Complaint.number == number)
    number_alone = NUMBER.fullmatch(text)
    if number_alone:
        last = session.scalar(select(func.max(Complaint.year))) or 0
        number = int(number_alone.group(1))
        return _newest(session, by, Complaint.year.in_((last, last - 1)), Complaint.number == number)
    return []


def _by_contact(session: Session, typed: str, by: Actor) -> list[int]:
    keys: list[ColumnElement[bool]] = [
        column == key
        for column, key in (
            (Customer.phone_key, phone_key(typed)),
            (Customer.email_key, email_key(typed)),
            (Customer.account_key, account_key(typed)),
        )
        if key
    ]
    ids: set[int] = set()
    if keys:
        its = (
            select(Complaint.id)
            .join(Customer, Customer.id == Complaint.customer_id)
            .where(or_(*keys), visible(session, by))
        )
        ids.update(session.scalars(its.order_by(Complaint.id.desc()).limit(LISTED + 1)))
    contact = asked_contact(typed)
    found = _by_index(session, [contact], by) if contact else []
    return _newest(session, by, one_of(ids.union(found))) if ids else found


def _by_words(session: Session, typed: str, by: Actor) -> list[int]:
    asked = asked_words(typed)
    return _by_index(session, asked, by) if asked else []


def _by_index(session: Session, terms: Sequence[Term], by: Actor) -> list[int]:
    """The complaints that have every term and that ``by`` sees, the newest first.

    The index knows no branches, nor which requests were taken back: where too many of the newest are hidden, so many
    more of them are read as should do, by how many of the first were not.
    """
    terms, most = (*terms, *_department(session, by)), LISTED + 1
    while True:
        ids = search_index.newest(session, terms, most)
        found = _newest(session, by, one_of(ids)) if ids else []
        if len(ids) < most or len(found) > LISTED:
            return found
        most = min(8 * most, most + most * (LISTED + 1) // max(len(found), 1))


def _department(session: Session, by: Actor) -> Iterable[Term]:
    """The term that narrows the index to what ``by`` sees; ``visible`` decides, this saves reading what it refuses.

    None where others were merged into the department: a question is made of terms that must all be there.
    """
    departments = policy.limits(by, rulebook.catalogues(session)).get(policy.DEPARTMENTS, ())
    return (department_term(str(one)) for one in departments if len(departments) == 1)


def one_of(ids: Iterable[int]) -> ColumnElement[bool]:
    """Complaints with one of ``ids``, written into the statement: a thousand parameters take longer than a search."""
    return Complaint.id.in_(bindparam("ids", list(ids), expanding=True, literal_execute=True))


def _newest(session: Session, by: Actor, *tests: ColumnElement[bool]) -> list[int]:
    """The complaints that fit and that ``by`` sees, newest first."""
    its = (
        select(Complaint.id)
        .where(*tests, visible(session, by))
        .order_by(Complaint.recorded_at.desc(), Complaint.id.desc())
    )
    return list(session.scalars(its))


def _hits(session: Session, found: Mapping[int, str], asked: Sequence[Term], by: Actor) -> tuple[Hit, ...]:
    if not found:
        return ()
    its = select(Complaint, Customer).outerjoin(Customer, Customer.id == Complaint.customer_id)
    rows = {row.Complaint.id: row for row in session.execute(its.where(Complaint.id.in_(found), visible(session, by)))}
    if not roles.sees_personal_data(by.role):
        return tuple(_hit(rows[key].Complaint, found_by) for key, found_by in found.items())
    texts = _texts(session, found)
    return tuple(
        _hit(rows[key].Complaint, found_by, asked, rows[key].Customer, texts.get(key, ()))
        for key, found_by in found.items()
    )


def _texts(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    """Complaint id → its texts, oldest first."""
    texts: dict[int, list[str]] = defaultdict(list)
    its = select(Evidence.complaint_id, Evidence.body).where(Evidence.complaint_id.in_(ids), Evidence.body.is_not(None))
    its = its.where(Evidence.kind != CONTACT)  # what it was corrected from may be somebody else's (D21)
    for row in session.execute(its.order_by(Evidence.id)):
        texts[row.complaint_id].append(row.body)
    return texts


def _hit(
    complaint: Complaint,
    found_by: str,
    asked: Sequence[Term] = (),
    customer: Customer | None = None,
    texts: Sequence[str] = (),
) -> Hit:
    known = (customer.name, customer.phone, customer.email, customer.account) if customer else ()
    details = [detail for detail in known if detail]
    return Hit(
        complaint.code,
        complaint.state,
        complaint.category,
        complaint.recorded_at,
        found_by,
        customer=excerpt(details[:1], asked),
        contact=" ".join(details[1:2]),
        excerpt=excerpt(texts, asked),
    )

"""Find a complaint: by its code, by who complained, or by words of the statement, accents and đ optional."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from core.register.log.tables import OPEN, Complaint, Customer, Evidence
from core.register.reads.visible import visible
from core.rules import roles
from core.rules.contacts import account_key, email_key, phone_key
from core.rules.policy import Actor
from core.rules.text import fold, snippet

CODE = re.compile(r"(?:kn\s*-?\s*)?(\d{4})\s*-\s*(\d{1,6})|kn\s*-?\s*(\d{4})(\d{6})", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,6}")
NEWEST, OPEN_ONES = 2_000, 1_000  # how many statements are read for words, until there is an index of them
AT_ONCE = 250
SHORTEST = 2
Columns = TypeVarTuple("Columns")
Match = Row[Complaint, str | None]
"""A complaint that fits and its statement."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A complaint that fits; ``found_by``: ``code``, ``contact`` or ``words``; ``snippet``: if the role may read it."""

    code: str
    state: str
    category: str
    recorded_at: datetime
    found_by: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """The hits, best first; ``more`` when there are others; ``read``: how many statements were searched for words."""

    hits: tuple[Hit, ...] = ()
    more: bool = False
    read: int = 0


def find(session: Session, text: str, *, by: Actor, limit: int = 8) -> Found:
    """What ``text`` may mean: a code (``KN-2026-000123``, ``2026-123``, ``123``), a phone, e-mail or account, or words.

    Words are looked for in the names and statements of the newest 2,000 complaints and of up to 1,000 older open ones.
    Roles that may not see personal data find by code only; a department finds what was forwarded to it.
    """
    text = text.strip()
    if len(text) < SHORTEST and not text.isdigit():
        return Found()
    hits = {row.Complaint.id: _hit(row, "code", by) for row in _by_code(session, text, by, limit + 1)}
    if not roles.sees_personal_data(by.role):
        return _found(hits, limit, 0)
    for row in _by_contact(session, text, by, limit + 1):
        hits.setdefault(row.Complaint.id, _hit(row, "contact", by))
    read = 0
    if not hits:
        ids, read = _by_words(session, fold(text).split(), by, limit + 1)
        rows = {row.Complaint.id: row for row in _rows(session, by, limit + 1, Complaint.id.in_(ids))} if ids else {}
        hits = {key: _hit(rows[key], "words", by) for key in ids}
    return _found(hits, limit, read)


def _found(hits: dict[int, Hit], limit: int, read: int) -> Found:
    return Found(tuple(hits.values())[:limit], len(hits) > limit, read)


def _by_code(session: Session, text: str, by: Actor, limit: int) -> Iterable[Match]:
    code = CODE.fullmatch(text)
    if code:
        year, number = (int(part) for part in code.groups() if part)
        return _rows(session, by, limit, Complaint.year == year, Complaint.number == number)
    if NUMBER.fullmatch(text):
        last = session.scalar(select(func.max(Complaint.year))) or 0
        return _rows(session, by, limit, Complaint.year.in_((last, last - 1)), Complaint.number == int(text))
    return ()


def _by_contact(session: Session, text: str, by: Actor, limit: int) -> Iterable[Match]:
    keys: list[ColumnElement[bool]] = []
    for column, key in (
        (Customer.phone_key, phone_key(text)),
        (Customer.email_key, email_key(text)),
        (Customer.account_key, account_key(text)),
    ):
        if key:
            keys.append(column == key)
    known = session.scalars(select(Customer.id).where(or_(*keys))).all()
    return _rows(session, by, limit, Complaint.customer_id.in_(known)) if known else ()


def _by_words(session: Session, words: list[str], by: Actor, limit: int) -> tuple[list[int], int]:
    """Ids of complaints whose name and statement hold every word, newest first, and how many were read."""
    found: list[int] = []
    read = 0
    for key, name, body in _readable(session, by) if words else ():
        read += 1
        text = fold(f"{name or ''} {body or ''}")
        if all(word in text for word in words):
            found.append(key)
        if len(found) == limit:
            break
    return found, read


def _readable(session: Session, by: Actor) -> Iterator[Row[int, str | None, str | None]]:
    """Id, name and statement of the newest complaints, then of the older open ones; fetched a few at a time."""
    texts = _joined(select(Complaint.id, Customer.name, Evidence.body), by).execution_options(yield_per=AT_ONCE)
    last = None
    with session.execute(texts.order_by(Complaint.id.desc()).limit(NEWEST)) as newest:
        for row in newest:
            last = row.id
            yield row
    if last is not None:
        with session.execute(texts.where(OPEN, Complaint.id < last).limit(OPEN_ONES)) as older:
            yield from older


def _rows(session: Session, by: Actor, limit: int, *tests: ColumnElement[bool]) -> Iterable[Match]:
    wanted = _joined(select(Complaint, Evidence.body), by)
    return session.execute(wanted.where(*tests).order_by(Complaint.recorded_at.desc(), Complaint.id).limit(limit))


def _joined(wanted: Select[*Columns], by: Actor) -> Select[*Columns]:
    return (
        wanted.select_from(Complaint)
        .outerjoin(Evidence, Evidence.id == Complaint.statement_id)
        .outerjoin(Customer, Customer.id == Complaint.customer_id)
        .where(visible(by))
    )


def _hit(row: Match, found_by: str, by: Actor) -> Hit:
    complaint: Complaint = row.Complaint
    body = snippet(row.body or "") if roles.sees_personal_data(by.role) else ""
    return Hit(complaint.code, complaint.state, complaint.category, complaint.recorded_at, found_by, body)

"""What was learnt from complaints: the lesson of each closing, newest first, found by its own words (POPS step 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import search_index
from core.register.log.tables import Complaint, Evidence
from core.register.reads.search import LISTED, one_of
from core.register.reads.visible import visible
from core.rules import roles
from core.rules.catalogue import standing_for
from core.rules.policy import Actor
from core.rules.words import Excerpt, Term, asked_words, excerpt, words

SHOWN = 400
"""Letters of a lesson in a row; the whole one is read on its complaint."""
Found = Row[str, str, str | None, datetime | None, str | None]
"""Code, category, root cause, closing time and text."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """``closed_at``: None while the complaint is open again, or where nobody knows when it was closed (D30)."""

    code: str
    category: str
    cause: str | None
    closed_at: datetime | None
    text: Excerpt


@dataclass(frozen=True, slots=True)
class Lessons:
    """The rows asked for; ``total`` lessons fit, of a question in words at most ``LISTED``; ``more`` fit beyond."""

    rows: tuple[Lesson, ...]
    total: int
    more: bool = False


def find(session: Session, typed: str = "", *, by: Actor, rows: range, category: str = "", cause: str = "") -> Lessons:
    """The ``rows`` (counted from 0) of the lessons that ``by`` sees and that have every word of ``typed``.

    ``category``, ``cause``: of these alone, with what figures count under them; none for a role that reads no texts.
    """
    if not roles.sees_personal_data(by.role):
        return Lessons((), 0)
    known = rulebook.catalogues(session)
    wanted = (
        select(Complaint.code, Complaint.category, Complaint.root_cause, Complaint.closed_at, Evidence.body)
        .join(Evidence, Evidence.id == Complaint.lesson_id)
        .where(Complaint.lesson_id.is_not(None), Evidence.body.is_not(None), visible(session, by))
        .order_by(Complaint.closed_at.is_(None), Complaint.closed_at.desc(), Complaint.lesson_id.desc())
    )
    if category:
        wanted = wanted.where(Complaint.category.in_(standing_for(known.categories, (category,))))
    if cause:
        wanted = wanted.where(Complaint.root_cause.in_(standing_for(known.causes, (cause,))))
    terms = asked_words(typed)
    if terms:
        found = _with_words(session, wanted, terms)
        listed, total = found[rows.start : min(rows.stop, LISTED)], min(len(found), LISTED)
        return Lessons(tuple(_lesson(row, terms) for row in listed), total, len(found) > LISTED)
    total = session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    page = session.execute(wanted.offset(rows.start).limit(len(rows)))
    return Lessons(tuple(_lesson(row, ()) for row in page), total)


def _with_words(
    session: Session, wanted: Select[str, str, str | None, datetime | None, str | None], terms: tuple[Term, ...]
) -> list[Found]:
    """The index knows the words of a complaint, not whether its lesson says them: more are read until enough do."""
    most = LISTED + 1
    while True:
        ids = search_index.newest(session, terms, most)
        found = (
            [row for row in session.execute(wanted.where(one_of(ids))) if _says(row.body or "", terms)] if ids else []
        )
        if len(ids) < most or len(found) > LISTED:
            return found
        most *= 8


def _says(text: str, terms: tuple[Term, ...]) -> bool:
    said = words(text)
    return all(any(term.fits(word) for word in said) for term in terms)


def _lesson(row: Found, terms: tuple[Term, ...]) -> Lesson:
    code, category, cause, closed_at, text = row
    return Lesson(code, category, cause, closed_at, excerpt([text or ""], terms, SHOWN))

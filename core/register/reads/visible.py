"""Which complaints a reader sees (``core.rules.policy``), as a condition for queries and for a complaint at hand."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.log.tables import Complaint, Person, Request
from core.register.people import accounts
from core.rules import policy
from core.rules.policy import DEPARTMENTS, Actor, Values
from core.rules.requests import NO_LONGER_THEIRS

POLICY_COLUMNS = (
    *("state", "kind", "requests", "branch", "logged_by_id", "incident"),
    *("direction", "direction_from", "direction_by_id"),
)
"""What the rules of ``core.rules.policy`` look at."""


def visible(session: Session, by: Actor) -> ColumnElement[bool]:
    """The rows of ``complaints`` that ``by`` sees."""
    limits = policy.limits(by, rulebook.catalogues(session))
    return and_(true(), *(_is_among(column, values) for column, values in limits.items()))


def owe(departments: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether one of these departments owes an answer about the complaint (``policy.owes``)."""
    return _asked(departments, Request.ended.is_(None))


def holders_who_see(session: Session, codes: Collection[str]) -> list[Person]:
    """The people to whom all of these complaints can be given, by name."""
    known = rulebook.catalogues(session)
    its = [columns_of(one) for one in session.scalars(select(Complaint).where(Complaint.code.in_(codes)))]
    everybody = accounts.list_holders(session)
    return [person for person in everybody if all(policy.sees(person, columns, known) for columns in its)]


def columns_of(complaint: Complaint) -> dict[str, object]:
    """The complaint as the rules of ``core.rules.policy`` look at it."""
    return {column: getattr(complaint, column) for column in POLICY_COLUMNS}


def _is_among(name: str, values: Values) -> ColumnElement[bool]:
    if name == DEPARTMENTS:
        return _asked(values, or_(Request.ended.is_(None), Request.ended.not_in(sorted(NO_LONGER_THEIRS))))
    column = getattr(Complaint, name)
    named = [value for value in values if value is not None]
    return or_(column.in_(named), column.is_(None)) if None in values else column.in_(named)


def _asked(departments: Values, how: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether one of these departments has such a request."""
    its = (Request.complaint_id == Complaint.id, Request.department.in_(departments), how)
    return exists().where(*its).correlate(Complaint)

"""Which complaints a reader sees (``core.rules.policy``), as a condition for queries and for a complaint at hand."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, true

from core.register.log.tables import Complaint
from core.rules import policy
from core.rules.policy import Actor, Values

POLICY_COLUMNS = ("state", "department", "waiting_department", "branch", "logged_by_id")
"""What the rules of ``core.rules.policy`` look at."""


def visible(by: Actor) -> ColumnElement[bool]:
    """The rows of ``complaints`` that ``by`` sees."""
    return and_(true(), *(_is_among(column, values) for column, values in policy.limits(by).items()))


def columns_of(complaint: Complaint) -> dict[str, object]:
    """The complaint as the rules of ``core.rules.policy`` look at it."""
    return {column: getattr(complaint, column) for column in POLICY_COLUMNS}


def _is_among(name: str, values: Values) -> ColumnElement[bool]:
    column = getattr(Complaint, name)
    named = [value for value in values if value is not None]
    return or_(column.in_(named), column.is_(None)) if None in values else column.in_(named)

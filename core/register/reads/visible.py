"""Which complaints a reader sees (``core.rules.policy``), as a condition for queries and for a complaint at hand."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, true

from core.register.log.tables import Complaint
from core.rules import policy
from core.rules.policy import Actor

POLICY_COLUMNS = ("state", "department", "waiting_department")
"""What the rules of ``core.rules.policy`` look at."""


def visible(by: Actor) -> ColumnElement[bool]:
    """The rows of ``complaints`` that ``by`` sees."""
    return and_(true(), *(getattr(Complaint, column) == value for column, value in policy.limits(by).items()))


def columns_of(complaint: Complaint) -> dict[str, object]:
    """The complaint as the rules of ``core.rules.policy`` look at it."""
    return {column: getattr(complaint, column) for column in POLICY_COLUMNS}

"""The segments of open complaints, each written once for rows of the database and for columns of the facts alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar

from core.rules import roles
from core.rules.calendar import LOCAL, local_day, whole_second
from core.rules.steps import AWAITING_CUSTOMER, DIRECT, State
from core.rules.verdicts import is_past

C = TypeVar("C")
Operand = Any
"""A column of SQLAlchemy, an expression of Polars, or a plain value: whatever compares by Python's operators."""


@dataclass(frozen=True, slots=True)
class Columns(Generic[C]):
    """What a segment looks at.

    ``due``: what is due next; ``unexplained_due``: the earliest due of the promises without a reason that run or were
    missed; ``always``: a condition that holds for every row. ``chase_on``: the day on which an awaited customer is
    asked again, ``mine``: whether it is the reader's to work on, ``to_direct``: whether they may give the direction
    that is awaited; only the queue has these.
    """

    state: Operand
    due: Operand
    unexplained_due: Operand
    waiting_department: C
    assignee_id: Operand
    always: C
    chase_on: Operand = None
    mine: Operand = None
    to_direct: Operand = None


@dataclass(frozen=True, slots=True)
class Reading:
    """When somebody looks: ``now`` and the midnight that ends its local day ``today`` (D12), both in UTC."""

    now: datetime
    end_of_today: datetime
    today: date | None = None

    @classmethod
    def at(cls, now: datetime) -> Reading:
        """The reading at ``now``, to the second (D29)."""
        return cls(whole_second(now), end_of_today(now).astimezone(UTC), local_day(now))


Test = Callable[[Columns[Operand], Reading], Operand]


def _any_of(column: Operand, states: Iterable[State]) -> Operand:
    return reduce(or_, [column == state.value for state in sorted(states)])


NOBODY = None  # a name, since a query compares with it where Python would ask ``is``

SEGMENTS: Mapping[str, Test] = {
    "all": lambda row, _: row.always,
    "unacknowledged": lambda row, _: row.state == State.received.value,
    "due_today": lambda row, read: (row.due >= read.now) & (row.due <= read.end_of_today),
    "overdue": lambda row, read: is_past(row.due, read.now),
    "waiting_customer": lambda row, _: _any_of(row.state, AWAITING_CUSTOMER),
    "chase_today": lambda row, read: row.chase_on <= read.today,
    "waiting_department": lambda row, _: row.waiting_department,
    "to_close": lambda row, _: row.state == State.resolved.value,
    "to_direct": lambda row, _: row.to_direct,
    "mine": lambda row, _: row.mine,
    "unassigned": lambda row, _: row.assignee_id == NOBODY,
    "unexplained": lambda row, read: is_past(row.unexplained_due, read.now),
}
OF_HOLDERS = ("mine", "unassigned", "chase_today")
OF_DECIDERS = ("to_direct",)
OF_EVERYBODY = tuple(key for key in SEGMENTS if key not in (*OF_HOLDERS, *OF_DECIDERS))
"""The segments that are nobody's own work of today: those the figures count too."""
OF_DEPARTMENTS = ("waiting_department", "due_today", "overdue", "mine", "all")
"""Departments get only what has been acknowledged, and close nothing; what they owe comes first."""
FIRST: Mapping[str, str] = {"agent": "mine", "lead": "overdue", "manager": "to_direct"}
"""Role → the segment with which its queue opens; of a department what it owes, else all."""
WORTH_A_LOOK = ("to_direct", "mine", "unassigned", "overdue", "due_today", "unacknowledged", "all")
"""Where there is work, the most pressing first; for whoever finds nothing where they look."""


def offered(role: str) -> tuple[str, ...]:
    """The segments that mean something to ``role``, in the order of the screen."""
    if roles.answers_for_department(role):
        return OF_DEPARTMENTS
    of_role = OF_DECIDERS if roles.may(role, DIRECT) else ()
    if not roles.role_of(role).holds_cases:
        return (*of_role, *OF_EVERYBODY)
    own = ("mine", "unassigned", *of_role)
    return (*own, *(key for key in SEGMENTS if key not in (*own, *OF_DECIDERS, "all")), "all")


def first(role: str) -> str:
    """The segment with which the queue opens for ``role``."""
    return "waiting_department" if roles.answers_for_department(role) else FIRST.get(role, "all")


def next_with_work(role: str, counts: Mapping[str, int], segment: str) -> str | None:
    """Where ``role`` finds something when ``segment`` is empty; None where nothing is."""
    useful = (key for key in WORTH_A_LOOK if key != segment and key in offered(role))
    return next((key for key in useful if counts[key]), None)


def end_of_today(now: datetime) -> datetime:
    """Midnight that ends the local day of ``now`` (D12)."""
    return datetime.combine(local_day(now) + timedelta(days=1), time(), LOCAL)

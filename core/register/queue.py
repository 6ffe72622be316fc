"""The queue: open complaints by next due, counted per segment, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from core.register.complaints import Actor
from core.register.tables import Complaint, Evidence, Person
from core.rules.calendar import LOCAL, local_day
from core.rules.text import snippet

SEGMENTS = (
    "all",
    "unacknowledged",
    "due_today",
    "overdue",
    "waiting_customer",
    "waiting_department",
    "to_close",
    "mine",
)
OPEN = Complaint.closed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the queue."""

    id: int
    code: str
    version: int
    state: str
    kind: str | None
    category: str
    level: str | None
    channel: str
    department: str | None
    waiting_department: bool
    department_due_at: datetime | None
    assignee: str | None
    recorded_at: datetime
    next_due_at: datetime | None
    procedure: str
    procedure_version: int
    calendar_version: int
    snippet: str


@dataclass(frozen=True, slots=True)
class Narrow:
    """Further narrowing of a segment; empty means all."""

    category: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    procedure: tuple[str, ...] = ()
    assignee_id: int | None = None


def counts(session: Session, *, by: Actor, now: datetime, narrow: Narrow | None = None) -> dict[str, int]:
    """Open complaints per segment, as ``by`` may see them; one statement over the open rows."""
    columns = [func.count().filter(_segment(name, by, now)).label(name) for name in SEGMENTS]
    row = session.execute(select(*columns).where(OPEN, _seen_by(by), _narrowed(narrow))).one()
    return dict(row._mapping)


def page(
    session: Session,
    segment: str,
    *,
    by: Actor,
    now: datetime,
    narrow: Narrow | None = None,
    offset: int = 0,
    limit: int = 25,
) -> list[Line]:
    """Rows ``offset`` … ``offset + limit`` of the segment, earliest due first, those without a running clock last."""
    wanted = (
        select(Complaint, Evidence.body, Person.name)
        .outerjoin(Evidence, Evidence.id == Complaint.statement_id)
        .outerjoin(Person, Person.id == Complaint.assignee_id)
        .where(OPEN, _seen_by(by), _segment(segment, by, now), _narrowed(narrow))
        .order_by(Complaint.next_due_at.asc().nulls_last(), Complaint.id)
        .offset(offset)
        .limit(limit)
    )
    return [_line(complaint, body or "", name) for complaint, body, name in session.execute(wanted)]


def codes(session: Session, segment: str, *, by: Actor, now: datetime, narrow: Narrow | None = None) -> Sequence[str]:
    """Every code of the segment in queue order."""
    wanted = select(Complaint.code).where(OPEN, _seen_by(by), _segment(segment, by, now), _narrowed(narrow))
    return session.scalars(wanted.order_by(Complaint.next_due_at.asc().nulls_last(), Complaint.id)).all()


def end_of_today(now: datetime) -> datetime:
    """Midnight that ends the local day of ``now`` (D12)."""
    return datetime.combine(local_day(now) + timedelta(days=1), time(), LOCAL)


def _segment(name: str, by: Actor, now: datetime) -> ColumnElement[bool]:
    due = Complaint.next_due_at
    segments: Mapping[str, ColumnElement[bool]] = {
        "all": true(),
        "unacknowledged": Complaint.state == "received",
        "due_today": and_(due >= now, due <= end_of_today(now)),
        "overdue": due < now,
        "waiting_customer": Complaint.state == "waiting_customer",
        "waiting_department": Complaint.waiting_department.is_(True),
        "to_close": Complaint.state == "resolved",
        "mine": Complaint.assignee_id == by.id,
    }
    return segments[name]


def _seen_by(by: Actor) -> ColumnElement[bool]:
    """A department sees what was forwarded to it; the others see all."""
    return Complaint.department == by.department if by.role == "handler" else true()


def _narrowed(narrow: Narrow | None) -> ColumnElement[bool]:
    narrow = narrow or Narrow()
    tests: list[ColumnElement[bool]] = [
        column.in_(keys)
        for column, keys in (
            (Complaint.category, narrow.category),
            (Complaint.channel, narrow.channel),
            (Complaint.department, narrow.department),
            (Complaint.procedure, narrow.procedure),
        )
        if keys
    ]
    if narrow.assignee_id is not None:
        tests.append(Complaint.assignee_id == narrow.assignee_id)
    return and_(true(), *tests)


def _line(complaint: Complaint, body: str, assignee: str | None) -> Line:
    return Line(
        complaint.id,
        complaint.code,
        complaint.version,
        complaint.state,
        complaint.kind,
        complaint.category,
        complaint.level,
        complaint.channel,
        complaint.department,
        complaint.waiting_department,
        complaint.department_due_at,
        assignee,
        complaint.recorded_at,
        complaint.next_due_at,
        complaint.procedure,
        complaint.procedure_version,
        complaint.calendar_version,
        snippet(body),
    )

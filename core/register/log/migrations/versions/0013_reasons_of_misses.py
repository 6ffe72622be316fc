"""Each missed promise has a reason of its own; a complaint knows from when on one of its misses is unexplained."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant
from core.rules.calendar import whole_second

revision = "0013"
down_revision = "0012"

COMPLAINTS = sa.table(
    "complaints",
    sa.column("id", sa.BigInteger()),
    sa.column("breach_reason", sa.String()),
    sa.column("unexplained_due_at", Instant()),
)
CYCLES = sa.table(
    "sla_cycles",
    sa.column("complaint_id", sa.BigInteger()),
    sa.column("term", sa.String()),
    sa.column("number", sa.Integer()),
    sa.column("due_at", Instant()),
    sa.column("stopped_at", Instant()),
    sa.column("cancelled_at", Instant()),
    sa.column("breach_reason", sa.String()),
)
BATCH = 10_000


def upgrade() -> None:
    """New columns, filled as the log gives them."""
    op.add_column("sla_cycles", sa.Column("breach_reason", sa.String(32), nullable=True))
    op.add_column("complaints", sa.Column("unexplained_due_at", Instant(), nullable=True))
    carry_forward(op.get_bind())


def carry_forward(connection: sa.Connection) -> None:
    """The one reason that closing gave explains every promise broken by then; what is left is unexplained.

    The complaint's own reason becomes that of its explained promise that was due last, which is the same one.
    """
    at, reason = sa.bindparam("at", type_=Instant()), sa.bindparam("reason", type_=sa.String())
    is_late = sa.or_(CYCLES.c.stopped_at.is_(None), CYCLES.c.stopped_at > CYCLES.c.due_at)
    was_broken = sa.and_(
        is_late, CYCLES.c.due_at < at, sa.or_(CYCLES.c.cancelled_at.is_(None), CYCLES.c.cancelled_at > at)
    )
    explain = sa.update(CYCLES).where(CYCLES.c.complaint_id == sa.bindparam("id"), was_broken)
    for given in _given(connection):
        connection.execute(explain.values(breach_reason=reason), given)
    its = CYCLES.c.complaint_id == COMPLAINTS.c.id
    is_unexplained = sa.and_(CYCLES.c.breach_reason.is_(None), CYCLES.c.cancelled_at.is_(None), is_late)
    first = sa.select(sa.func.min(CYCLES.c.due_at)).where(its, is_unexplained).correlate(COMPLAINTS)
    whose = COMPLAINTS.c.id.in_(sa.select(CYCLES.c.complaint_id).where(is_unexplained))
    connection.execute(sa.update(COMPLAINTS).where(whose).values(unexplained_due_at=first.scalar_subquery()))
    last = sa.select(CYCLES.c.breach_reason).where(its, CYCLES.c.breach_reason.is_not(None)).correlate(COMPLAINTS)
    last = last.order_by(CYCLES.c.due_at.desc(), CYCLES.c.term.desc(), CYCLES.c.number.desc()).limit(1)
    own = sa.update(COMPLAINTS).where(COMPLAINTS.c.breach_reason.is_not(None))
    connection.execute(own.values(breach_reason=last.scalar_subquery()))


def _given(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    """Complaint, reason and moment of each closing that gave one, in the order of the log, a batch at a time."""
    events = sa.table(
        "events",
        sa.column("id", sa.BigInteger()),
        sa.column("subject", sa.String()),
        sa.column("subject_id", sa.BigInteger()),
        sa.column("kind", sa.String()),
        sa.column("happened_at", Instant()),
        sa.column("payload", sa.Text()),
    )
    closed = sa.select(events.c.subject_id, events.c.happened_at, events.c.payload).where(
        events.c.subject == "complaint", events.c.kind == "closed", events.c.payload.contains('"breach_reason":')
    )
    found = connection.execute(closed.order_by(events.c.id))
    while rows := found.fetchmany(BATCH):
        yield [
            {"id": number, "at": whole_second(at), "reason": json.loads(payload)["breach_reason"]}
            for number, at, payload in rows
        ]

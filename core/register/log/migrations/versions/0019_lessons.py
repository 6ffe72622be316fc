"""The lesson of each complaint, so that lessons are listed without reading every log; filled from the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

BATCH = 10_000


def upgrade() -> None:
    """Add the column and what the complaints of this register say; a closing that was undone taught nothing."""
    op.add_column("complaints", sa.Column("lesson_id", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    complaints = sa.table("complaints", sa.column("id", sa.BigInteger()), sa.column("lesson_id", sa.BigInteger()))
    wanted = sa.update(complaints).where(complaints.c.id == sa.bindparam("of")).values(lesson_id=sa.bindparam("lesson"))
    rows = [{"of": complaint_id, "lesson": lesson_id} for complaint_id, lesson_id in _lessons(connection)]
    for start in range(0, len(rows), BATCH):
        connection.execute(wanted, rows[start : start + BATCH])
    has_one = sa.text("lesson_id IS NOT NULL")
    op.create_index(
        "ix_complaints_lesson_id", "complaints", ["lesson_id"], sqlite_where=has_one, postgresql_where=has_one
    )


def _lessons(connection: sa.Connection) -> Iterator[tuple[int, int]]:
    """Complaint and the text of its last lesson; read from the complaints that have such a text at all."""
    evidence = sa.table("evidence", sa.column("complaint_id", sa.BigInteger()), sa.column("kind", sa.String())).c
    events = sa.table(
        "events",
        sa.column("subject", sa.String()),
        sa.column("subject_id", sa.BigInteger()),
        sa.column("seq", sa.Integer()),
        sa.column("kind", sa.String()),
        sa.column("payload", sa.Text()),
    ).c
    wanted = (
        sa.select(events.subject_id, events.seq, events.kind, events.payload)
        .where(events.subject == "complaint", events.kind.in_(("closed", "undone")))
        .where(events.subject_id.in_(sa.select(evidence.complaint_id).where(evidence.kind == "lesson")))
        .order_by(events.subject_id, events.seq)
    )
    found = connection.execute(wanted.execution_options(yield_per=BATCH))
    for complaint_id, its in groupby(found, lambda event: event.subject_id):
        history = [(event.seq, event.kind, json.loads(event.payload)) for event in its]
        undone = {payload["undoes"] for _seq, kind, payload in history if kind == "undone"}
        closings = [payload for seq, kind, payload in history if kind == "closed" and seq not in undone]
        lessons = [payload["lesson_id"] for payload in closings if payload.get("lesson_id")]
        if lessons:
            yield complaint_id, lessons[-1]

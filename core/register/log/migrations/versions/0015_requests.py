"""What departments are asked, a row a request, filled from the log; a search finds a complaint for each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from core.register.case import search_index
from core.register.log.tables import Instant
from core.rules.calendar import whole_second

revision = "0015"
down_revision = "0014"

ENDS = {"department_answered": "answered", "result_notified": "released", "withdrawn": "released"}
BATCH = 10_000
Row = dict[str, object]
Logged = sa.Row[int, int, str, datetime, str]
"""Complaint, seq, kind, moment and payload of an event."""


def upgrade() -> None:
    """Add the table, and what the complaints of this register say."""
    requests = op.create_table(
        "requests",
        sa.Column("complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended", sa.String(16), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_requests_complaint_id_complaints")),
        sa.PrimaryKeyConstraint("complaint_id", "number", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_department", "requests", ["department", "complaint_id"])
    connection, rows, of_several = op.get_bind(), list[Row](), list[int]()
    for complaint_id, events in _histories(connection):
        its = _replayed(complaint_id, events)
        rows += its
        if len({row["department"] for row in its}) > 1:
            of_several.append(complaint_id)
        if len(rows) >= BATCH:
            connection.execute(requests.insert(), rows)
            rows = []
    if rows:
        connection.execute(requests.insert(), rows)
    _find_by_each(connection, of_several)


def _histories(connection: sa.Connection) -> Iterator[tuple[int, list[Logged]]]:
    """Each complaint that was forwarded, with what matters for its requests and was not undone."""
    events = sa.table(
        "events",
        sa.column("subject", sa.String()),
        sa.column("subject_id", sa.BigInteger()),
        sa.column("seq", sa.Integer()),
        sa.column("kind", sa.String()),
        sa.column("happened_at", Instant()),
        sa.column("payload", sa.Text()),
    ).c
    forwarded = sa.select(events.subject_id).where(events.subject == "complaint", events.kind == "forwarded")
    wanted = (
        sa.select(events.subject_id, events.seq, events.kind, events.happened_at, events.payload)
        .where(events.subject == "complaint", events.kind.in_(("forwarded", "undone", *ENDS)))
        .where(events.subject_id.in_(forwarded))
        .order_by(events.subject_id, events.seq)
    )
    found = connection.execute(wanted.execution_options(yield_per=BATCH))
    for complaint_id, its in groupby(found, lambda event: event.subject_id):
        history = list(its)
        undone = {json.loads(event.payload)["undoes"] for event in history if event.kind == "undone"}
        yield complaint_id, [event for event in history if event.kind != "undone" and event.seq not in undone]


def _replayed(complaint_id: int, events: list[Logged]) -> list[Row]:
    """One department was awaited at a time: each forward released the one before."""
    rows: list[Row] = []
    for event in events:
        at = whole_second(event.happened_at)
        if rows and rows[-1]["ended"] is None:
            rows[-1] |= {"ended_at": at, "ended": ENDS.get(event.kind, "released")}
        if event.kind == "forwarded":
            payload = json.loads(event.payload)
            rows.append(
                {
                    "complaint_id": complaint_id,
                    "number": len(rows) + 1,
                    "department": payload["department"],
                    "asked_at": at,
                    "due_at": datetime.fromisoformat(payload["due_at"]),
                    "question_id": payload.get("text_id"),
                    "ended_at": None,
                    "ended": None,
                    "reminded": 0,
                }
            )
    return rows


def _find_by_each(connection: sa.Connection, complaint_ids: list[int]) -> None:
    """The search index named the last department only: the rows of complaints with several are made anew."""
    texts = sa.table("search_texts", sa.column("complaint_id", sa.BigInteger()))
    for start in range(0, len(complaint_ids), BATCH):
        some = [{"id": one} for one in complaint_ids[start : start + BATCH]]
        connection.execute(sa.delete(texts).where(texts.c.complaint_id == sa.bindparam("id")), some)
    if complaint_ids:
        search_index.build(connection)

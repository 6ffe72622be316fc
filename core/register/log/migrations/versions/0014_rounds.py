"""Rounds with the customer, and the day on which an awaited customer is asked again; of open questions from the log."""

from __future__ import annotations

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_ASKED = sa.text(
    "SELECT complaints.id, events.payload FROM complaints JOIN events ON events.subject = 'complaint'"
    " AND events.subject_id = complaints.id AND events.kind = 'customer_asked'"
    " WHERE complaints.state = 'waiting_customer' ORDER BY events.id"
)


def upgrade() -> None:
    """Add the columns; whoever waits for a customer has the day that the last question named."""
    op.add_column("complaints", sa.Column("rounds", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("complaints", sa.Column("chase_on", sa.Date(), nullable=True))
    complaints = sa.table("complaints", sa.column("id", sa.BigInteger()), sa.column("chase_on", sa.Date()))
    chased = complaints.update().where(complaints.c.id == sa.bindparam("b_id")).values(chase_on=sa.bindparam("b_day"))
    connection = op.get_bind()
    days = {row.id: json.loads(row.payload).get("chase_on") for row in connection.execute(_ASKED)}
    rows = [{"b_id": id_, "b_day": date.fromisoformat(day)} for id_, day in days.items() if day]
    if rows:
        connection.execute(chased, rows)

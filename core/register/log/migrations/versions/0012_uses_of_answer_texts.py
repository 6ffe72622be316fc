"""How often answer texts were used, a row per text, kind of event and local day, counted from the log."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant
from core.rules.calendar import local_day

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table, and count what the complaints of this register say."""
    uses = op.create_table(
        "answer_text_uses",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "kind", "day", name=op.f("pk_answer_text_uses")),
    )
    op.bulk_insert(uses, counted(op.get_bind()))


def counted(connection: sa.Connection) -> list[dict[str, object]]:
    """The rows of the table, as the events give them."""
    events = sa.table(
        "events",
        sa.column("subject", sa.String()),
        sa.column("kind", sa.String()),
        sa.column("happened_at", Instant()),
        sa.column("payload", sa.Text()),
    )
    said = sa.select(events.c.kind, events.c.happened_at, events.c.payload).where(
        events.c.subject == "complaint", events.c.payload.contains('"answer_text":')
    )
    times, changed = Counter[tuple[str, str, date]](), Counter[tuple[str, str, date]]()
    for kind, happened_at, payload in connection.execute(said):
        event = json.loads(payload)
        use = (event["answer_text"].partition("@")[0], kind, local_day(happened_at))
        times[use] += 1
        changed[use] += bool(event.get("answer_text_changed"))
    return [
        {"key": key, "kind": kind, "day": day, "times": n, "changed": changed[key, kind, day]}
        for (key, kind, day), n in times.items()
    ]

"""The index of open complaints leaves out those that came in as closed without a time (D30)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"

OPEN = sa.text("closed_at IS NULL AND state <> 'closed'")


def upgrade() -> None:
    """Make the index anew; rows stay as they are, since no version before this one could close without a time."""
    op.drop_index("ix_complaints_open_by_due", "complaints")
    op.create_index(
        "ix_complaints_open_by_due",
        "complaints",
        ["next_due_at", "id"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )

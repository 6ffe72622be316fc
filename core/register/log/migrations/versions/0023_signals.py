"""What is usual from when on, and what is known to have happened (D28); nothing was recorded of either before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Two tables that are empty: until somebody re-bases, the first weeks of the register show what is usual."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "rebases",
        sa.Column("id", number, autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebases")),
    )
    op.create_table(
        "known_events",
        sa.Column("id", number, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("category", sa.String(32), nullable=True),
        sa.Column("stage", sa.String(24), nullable=True),
        sa.Column("incident", sa.String(16), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_events")),
    )

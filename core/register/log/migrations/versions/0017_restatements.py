"""Verdicts that a correction changed, a row per promise and correction (D21); nothing was corrected before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "restatements",
        sa.Column(
            "complaint_id",
            sa.BigInteger(),
            sa.ForeignKey("complaints.id", name=op.f("fk_restatements_complaint_id")),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("corrected_at", Instant(), nullable=False),
        sa.Column("verdict_before", sa.String(16), nullable=True),
        sa.Column("verdict_after", sa.String(16), nullable=True),
        sa.Column("due_before", Instant(), nullable=True),
        sa.Column("due_after", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("complaint_id", "seq", "term", "number", name=op.f("pk_restatements")),
    )

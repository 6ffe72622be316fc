"""How far the analysis of a complaint is, and its preventive actions (D25); nothing was recorded of them before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """A column and a table, both empty: no earlier version has a step that fills them."""
    op.add_column("complaints", sa.Column("analysis", sa.String(16), nullable=True))
    is_analysed = sa.text("analysis IS NOT NULL")
    op.create_index(
        "ix_complaints_analysis",
        "complaints",
        ["analysis"],
        sqlite_where=is_analysed,
        postgresql_where=is_analysed,
    )
    runs = sa.text("stopped_at IS NULL AND cancelled_at IS NULL")
    op.create_index("ix_sla_cycles_running", "sla_cycles", ["term", "due_at"], sqlite_where=runs, postgresql_where=runs)
    op.create_table(
        "actions",
        sa.Column("complaint_id", sa.BigInteger(), sa.ForeignKey("complaints.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("what_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("evidence_at", Instant(), nullable=True),
        sa.Column("verified_at", Instant(), nullable=True),
        sa.Column("effect", sa.String(16), nullable=True),
        sa.Column("effect_at", Instant(), nullable=True),
    )
    op.create_index("ix_actions_owner_id", "actions", ["owner_id"])
    op.create_index("ix_actions_due_at", "actions", ["due_at"])

"""Further issues of a complaint; none was recorded before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """A table that is empty: no earlier version has a step that fills it."""
    op.create_table(
        "issues",
        sa.Column("complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("root_cause", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_issues_complaint_id_complaints")),
        sa.PrimaryKeyConstraint("complaint_id", "number", name=op.f("pk_issues")),
    )
    op.create_index("ix_issues_category", "issues", ["category", "complaint_id"])

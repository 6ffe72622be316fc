"""Papers issued to customers (D39); none was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """A table that is empty: numbers of every kind, year and branch begin with 1."""
    op.create_table(
        "papers",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("branch", sa.String(32), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("replaces", sa.String(64), nullable=True),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("issued_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "year", "branch", "ordinal", name=op.f("pk_papers")),
        sa.UniqueConstraint("number", name=op.f("uq_papers_number")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_papers_complaint_id")),
    )
    op.create_index(op.f("ix_papers_complaint_id"), "papers", ["complaint_id"])

"""Branches, a category's fields, products' own reply terms, answer texts (D20), and from when a procedure applies (D9).

Whose register it is follows in ``choice.adopt``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0011"
down_revision = "0010"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New columns and tables; a version of a procedure that was not the first applies since it was taken into use."""
    op.add_column("complaints", sa.Column("branch", sa.String(32), nullable=True))
    op.add_column("complaints", sa.Column("reply_days", sa.Integer(), nullable=True))
    op.add_column("procedure_versions", sa.Column("applies_from", Instant(), nullable=True))
    op.execute("UPDATE procedure_versions SET applies_from = applied_at WHERE version > 1")
    op.add_column("people", sa.Column("branch", sa.String(32), nullable=True))
    op.create_table(
        "details",
        sa.Column("complaint_id", BIG_ID, nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_details_complaint_id")),
        sa.PrimaryKeyConstraint("complaint_id", "field", name=op.f("pk_details")),
    )
    op.create_table(
        "answer_texts",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("category", sa.String(32), nullable=True),
        sa.Column("step", sa.String(32), nullable=True),
        sa.Column("channel", sa.String(32), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_answer_texts")),
    )

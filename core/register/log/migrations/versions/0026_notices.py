"""Notices (D40): what a person is told of; nobody was told of anything before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """A table that is empty: what happened before stands in the complaints."""
    op.create_table(
        "notices",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "cause", name=op.f("pk_notices")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_notices_complaint_id")),
    )
    op.create_index(op.f("ix_notices_person_id"), "notices", ["person_id", "at"])
    op.create_index(op.f("ix_notices_event_id"), "notices", ["event_id"])
    op.create_index(op.f("ix_notices_at"), "notices", ["at"])
    new = sa.text("read_at IS NULL")
    op.create_index("ix_notices_new", "notices", ["person_id", "complaint_id"], sqlite_where=new, postgresql_where=new)

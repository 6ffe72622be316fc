"""Incidents, and which complaints belong to one (D24); nothing was recorded of them before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """A table and a column, both empty, and an index by which the complaints of the last days are read."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("code", name=op.f("uq_incidents_code")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_incidents_year_number")),
    )
    op.add_column("complaints", sa.Column("incident", sa.String(16), nullable=True))
    belongs = sa.text("incident IS NOT NULL")
    op.create_index(
        "ix_complaints_incident", "complaints", ["incident"], sqlite_where=belongs, postgresql_where=belongs
    )
    op.create_index("ix_complaints_recorded_at", "complaints", ["recorded_at"])

"""Catalogues are kept in the register, a row per version, like procedures; ``take_into_use`` brings the first ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table; nothing that is there already changes."""
    op.create_table(
        "catalogue_versions",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_catalogue_versions")),
    )

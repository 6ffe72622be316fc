"""The direction that is asked of a superior or the board, and absences of people; neither was recorded before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Columns that are empty: no earlier version has a step that fills them."""
    op.add_column("complaints", sa.Column("direction", sa.String(16), nullable=True))
    op.add_column("complaints", sa.Column("direction_from", sa.String(16), nullable=True))
    op.add_column("complaints", sa.Column("direction_by_id", sa.BigInteger(), nullable=True))
    op.add_column("complaints", sa.Column("direction_due_at", Instant(), nullable=True))
    op.add_column("complaints", sa.Column("direction_reminded", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("people", sa.Column("absent_from", sa.Date(), nullable=True))
    op.add_column("people", sa.Column("absent_until", sa.Date(), nullable=True))
    op.add_column("people", sa.Column("deputy_id", sa.BigInteger(), nullable=True))

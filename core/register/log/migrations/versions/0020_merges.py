"""In which complaint another one goes on (D13). Nothing was merged so far, so the column is empty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column and the index by which a complaint finds what was merged into it."""
    op.add_column("complaints", sa.Column("merged_into", sa.String(20), nullable=True))
    is_merged = sa.text("merged_into IS NOT NULL")
    op.create_index(
        "ix_complaints_merged_into", "complaints", ["merged_into"], sqlite_where=is_merged, postgresql_where=is_merged
    )

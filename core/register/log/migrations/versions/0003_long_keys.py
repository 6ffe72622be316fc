"""Channels, levels and outcomes may have keys as long as the catalogues allow (31 letters), on PostgreSQL too.

SQLite never held a text to its declared length, so a key of 17 letters was kept there and refused by PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Widen the columns; what they hold stays. Nothing to do on SQLite, which keeps texts of any length."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for column in ("level", "channel", "outcome"):
        op.alter_column("complaints", column, existing_type=sa.String(16), type_=sa.String(32))

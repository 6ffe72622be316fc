"""Mails that were taken or sent, and how far mailboxes were read (D43); none was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Two tables that are empty."""
    op.create_table(
        "mail_messages",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("became", sa.String(16), nullable=False),
        sa.Column("complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mail_messages")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_mail_messages_complaint_id")),
    )
    op.create_index(op.f("ix_mail_messages_complaint_id"), "mail_messages", ["complaint_id"])
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailboxes")),
    )

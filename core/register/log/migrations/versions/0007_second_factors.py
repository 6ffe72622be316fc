"""Sessions know when they were last used and on what device; one-time links, second factors and recovery codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0007"
down_revision = "0006"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New columns and tables; a session that is open already counts as last used when it was opened."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    no_moment, no = ("0", "0") if is_sqlite else ("'epoch'", "false")
    op.add_column("people", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.text(no)))
    op.add_column("sign_ins", sa.Column("last_seen_at", Instant(), nullable=False, server_default=sa.text(no_moment)))
    op.add_column("sign_ins", sa.Column("device", sa.String(64), nullable=False, server_default=""))
    op.add_column("sign_ins", sa.Column("awaits", sa.String(16), nullable=True))
    op.execute("UPDATE sign_ins SET last_seen_at = created_at")
    op.create_table(
        "invitations",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitations_code_hash")),
    )
    op.create_table(
        "second_factors",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("offered_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_second_factors_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_recovery_codes")),
    )

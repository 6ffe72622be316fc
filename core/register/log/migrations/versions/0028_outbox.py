"""Outlets, messages and the worker (D42): until now nothing left the register by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0028"
down_revision = "0027"
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Tables that are empty, and the indexes by which the worker finds what is due without looking at every clock."""
    op.add_column("people", sa.Column("email", sa.String(320), nullable=True))
    _outlets()
    _messages()
    op.create_table(
        "worker_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("told_until", Instant(), nullable=False),
        sa.Column("morning_at", Instant(), nullable=True),
        sa.Column("failed_at", Instant(), nullable=True),
        sa.Column("failed_with", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_state")),
    )
    runs = sa.text("stopped_at IS NULL AND cancelled_at IS NULL")
    for column in ("due_at", "warns_at"):
        name = f"ix_sla_cycles_{column}"
        op.create_index(name, "sla_cycles", [column], sqlite_where=runs, postgresql_where=runs)
    asked = sa.text("chase_on IS NOT NULL")
    op.create_index("ix_complaints_chase_on", "complaints", ["chase_on"], sqlite_where=asked, postgresql_where=asked)


def _outlets() -> None:
    op.create_table(
        "outlets",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlets")),
    )
    op.create_table(
        "outlet_states",
        sa.Column("outlet_id", ID, autoincrement=False, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("failed_at", Instant(), nullable=True),
        sa.Column("failed_with", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("outlet_id", name=op.f("pk_outlet_states")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_outlet_states_outlet_id")),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("outlet_id", ID, nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("taken_by", sa.String(64), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("failed_with", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("outlet_id", "reader", "cause", name=op.f("uq_messages_outlet_id_reader_cause")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_messages_outlet_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_messages_person_id")),
    )
    op.create_index("ix_messages_state", "messages", ["state", "due_at"])
    op.create_index(op.f("ix_messages_written_at"), "messages", ["written_at"])
    op.create_table(
        "message_choices",
        sa.Column("who", sa.String(32), nullable=False),
        sa.Column("group", sa.String(16), nullable=False),
        sa.Column("choice", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("who", "group", name=op.f("pk_message_choices")),
    )

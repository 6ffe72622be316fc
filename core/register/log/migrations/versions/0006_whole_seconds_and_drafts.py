"""What follows from the events of a complaint is kept in whole seconds (D29); a table for forms not saved yet (drafts).

Events stay as they are: they are read to the second. The columns that follow from them are cut here, so that the replay
still gives them. A stop within the second of its due instant is in time from now on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.register.log.tables import Instant

revision = "0006"
down_revision = "0005"

CUT = {
    "complaints": ("recorded_at", "acknowledged_at", "resolved_at", "closed_at", "next_due_at"),
    "sla_cycles": ("starts_at", "due_at", "warns_at", "stopped_at", "cancelled_at"),
}
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Cut the moments that have a fraction, and add the table."""
    cut_to_the_second(op.get_bind())
    op.create_table(
        "drafts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("complaint_id", BIG_ID, nullable=True),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_drafts_complaint_id_complaints")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_drafts_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("person_id", "form", name=op.f("uq_drafts_person_id_form")),
    )
    op.create_index(op.f("ix_drafts_complaint_id"), "drafts", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_drafts_saved_at"), "drafts", ["saved_at"], unique=False)


def cut_to_the_second(connection: sa.Connection) -> None:
    """Take the fractions off the columns that follow from events."""
    whole = "{0} - {0} % 1000000" if connection.dialect.name == "sqlite" else "date_trunc('second', {0})"
    for table, columns in CUT.items():
        cut = {column: whole.format(column) for column in columns}
        values = ", ".join(f"{column} = {value}" for column, value in cut.items())
        broken = " OR ".join(f"{column} <> {value}" for column, value in cut.items())
        connection.execute(sa.text(f"UPDATE {table} SET {values} WHERE {broken}"))  # noqa: S608 (names of this file only)

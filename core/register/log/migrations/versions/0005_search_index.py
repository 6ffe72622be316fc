"""The search index: the words of every complaint, over the whole register, built from what is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.errors import NotReady
from core.i18n import N_
from core.register.case import search_index
from core.register.log.tables import Terms

revision = "0005"
down_revision = "0004"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The words are folded and separated by blanks before they come here, so that the tokenizer has nothing to decide.
FULL_TEXT = """
CREATE VIRTUAL TABLE search_index USING fts5 (
    words, content = 'search_texts', content_rowid = 'complaint_id', detail = none, tokenize = "ascii tokenchars '_'"
)
"""
REMOVE = "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', OLD.complaint_id, OLD.words);"
ADD = "INSERT INTO search_index (rowid, words) VALUES (NEW.complaint_id, NEW.words);"
TRIGGERS = {"INSERT": ADD, "DELETE": REMOVE, "UPDATE": f"{REMOVE} {ADD}"}


def upgrade() -> None:
    """Create the table and what makes it fast, then index every complaint that exists.

    Raises NotReady where SQLite was built without full-text search.
    """
    op.create_table(
        "search_texts",
        sa.Column("complaint_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("words", Terms(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name=op.f("fk_search_texts_complaint_id")),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_search_texts")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _full_text_on_sqlite()
        search_index.build(op.get_bind())
    else:
        # Built over the rows at once instead of word by word. Without `fastupdate` no search pays for earlier writes.
        search_index.build(op.get_bind())
        op.execute("CREATE INDEX ix_search_texts_words ON search_texts USING gin (words) WITH (fastupdate = off)")


def _full_text_on_sqlite() -> None:
    try:
        op.execute(FULL_TEXT)
    except sa.exc.OperationalError as missing:
        raise NotReady(
            N_("This Python's SQLite has no full-text search (FTS5): install Python from python.org or your system.")
        ) from missing
    for verb, action in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER search_texts_{verb.lower()} AFTER {verb} ON search_texts BEGIN {action} END")

"""A register as version 0.1 left it (schema 0001, five complaints), to be brought up to date in tests.

``register_0001.json`` was written by that version: every table's rows, what its ``verify`` counted, and the clocks
its figures were made of. It never changes; a later schema gets a file of its own.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.orm import Session

from core.register.log.database import MIGRATIONS
from core.register.log.tables import Instant

FILE = Path(__file__).with_name("register_0001.json")
ADDED = {
    "0012": ("DROP TABLE answer_text_uses",),
    "0013": (
        "ALTER TABLE sla_cycles DROP COLUMN breach_reason",
        "ALTER TABLE complaints DROP COLUMN unexplained_due_at",
    ),
    "0014": ("ALTER TABLE complaints DROP COLUMN rounds", "ALTER TABLE complaints DROP COLUMN chase_on"),
    "0015": ("DROP TABLE requests",),
    "0016": (
        "DROP INDEX ix_complaints_analysis",
        "ALTER TABLE complaints DROP COLUMN analysis",
        "DROP INDEX ix_sla_cycles_running",
        "DROP TABLE actions",
    ),
    "0017": ("DROP TABLE restatements",),
    "0018": (
        "DROP INDEX ix_complaints_recorded_at",
        "DROP INDEX ix_complaints_incident",
        "ALTER TABLE complaints DROP COLUMN incident",
        "DROP TABLE incidents",
    ),
    "0019": ("DROP INDEX ix_complaints_lesson_id", "ALTER TABLE complaints DROP COLUMN lesson_id"),
    "0020": ("DROP INDEX ix_complaints_merged_into", "ALTER TABLE complaints DROP COLUMN merged_into"),
    "0021": (
        "ALTER TABLE complaints DROP COLUMN direction",
        *(f"ALTER TABLE complaints DROP COLUMN direction_{of}" for of in ("from", "by_id", "due_at", "reminded")),
        *(f"ALTER TABLE people DROP COLUMN {of}" for of in ("absent_from", "absent_until", "deputy_id")),
    ),
    "0022": ("DROP TABLE issues",),
}
"""Migration → the statements that take away what it adds."""


def contents() -> dict[str, Any]:
    """What the file says: ``report``, ``cycles``, ``tables``."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def back_to(connection: Connection | Session, revision: str) -> None:
    """Take away what the migrations after ``revision`` add, so that a test can begin from an earlier schema."""
    for later in sorted(ADDED, reverse=True):
        for statement in ADDED[later] if later > revision else ():
            connection.execute(text(statement))
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def write(url: str) -> None:
    """Make the register at ``url``, which has no table yet: migration 0001 alone, then the rows."""
    migrate_to(url, "0001")
    engine = create_engine(url)
    _fill(engine)
    engine.dispose()


def migrate_to(url: str, revision: str) -> None:
    """Bring the schema at ``url`` up to ``revision`` and no further."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix())
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def _fill(engine: Engine) -> None:
    """Rows into the tables as they are, not as today's code maps them."""
    schema = MetaData()
    schema.reflect(engine)
    with engine.begin() as connection:
        for name, rows in contents()["tables"].items():
            table = schema.tables[name]
            connection.execute(table.insert(), [{key: value(v, engine) for key, v in row.items()} for row in rows])


def value(given: object, engine: Engine) -> object:
    if not isinstance(given, dict):
        return given
    if "bytes" in given:
        return bytes.fromhex(given["bytes"])
    return Instant().process_bind_param(datetime.fromisoformat(given["instant"]).astimezone(UTC), engine.dialect)

"""Registers as earlier versions left them, to be brought up to date in tests.

``register_0001.json``: five complaints of version 0.1. ``register_0012_pops.json``, ``register_0012_misa.json``: what
the command ``sample`` wrote before a case had rounds, requests and preventive actions of its own. Each was written by
its version: every table's rows, what its ``verify`` counted, and the clocks its figures were made of. They never
change; a later schema gets a file of its own.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.orm import Session

from core.insight import facts
from core.register.log.database import MIGRATIONS, Register
from core.register.log.tables import Instant
from core.register.log.verify import verify

FIRST, OF_POPS, OF_MISA = "register_0001", "register_0012_pops", "register_0012_misa"
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
    "0023": ("DROP TABLE rebases", "DROP TABLE known_events"),
    "0024": ("DROP TABLE decisions", "DROP TABLE meeting_texts", "DROP TABLE meetings"),
    "0025": ("DROP TABLE papers",),
    "0026": ("DROP TABLE notices",),
    "0027": ("DROP TABLE api_requests", "DROP TABLE case_secrets", "DROP TABLE api_keys"),
    "0028": (
        *(f"DROP TABLE {of}" for of in ("worker_state", "message_choices", "messages", "outlet_states", "outlets")),
        *(f"DROP INDEX ix_sla_cycles_{of}_at" for of in ("due", "warns")),
        "DROP INDEX ix_complaints_chase_on",
        "ALTER TABLE people DROP COLUMN email",
    ),
    "0029": ("DROP TABLE mail_messages", "DROP TABLE mailboxes"),
}
"""Migration → the statements that take away what it adds."""


def contents(name: str = FIRST) -> dict[str, Any]:
    """What the file says: ``schema``, ``report``, ``cycles``, ``tables``."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return found


def back_to(connection: Connection | Session, revision: str) -> None:
    """Take away what the migrations after ``revision`` add, so that a test can begin from an earlier schema."""
    for later in sorted(ADDED, reverse=True):
        for statement in ADDED[later] if later > revision else ():
            connection.execute(text(statement))
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def write(url: str, name: str = FIRST) -> None:
    """Make the register at ``url``, which has no table yet: the migrations up to its schema, then the rows."""
    kept = contents(name)
    migrate_to(url, kept["schema"])
    engine = create_engine(url)
    _fill(engine, kept["tables"])
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


def _fill(engine: Engine, tables: dict[str, list[dict[str, object]]]) -> None:
    """Rows into the tables as they are, not as today's code maps them."""
    schema = MetaData()
    schema.reflect(engine)
    with engine.begin() as connection:
        for name, rows in tables.items():
            table = schema.tables[name]
            connection.execute(table.insert(), [{key: value(v, engine) for key, v in row.items()} for row in rows])


def value(given: object, engine: Engine) -> object:
    if not isinstance(given, dict):
        return given
    if "bytes" in given:
        return bytes.fromhex(given["bytes"])
    if "date" in given:
        return date.fromisoformat(given["date"])
    return Instant().process_bind_param(datetime.fromisoformat(given["instant"]).astimezone(UTC), engine.dialect)


def report_of(register: Register) -> dict[str, int | str]:
    """What ``verify`` counts, of a register without a problem."""
    report = verify(register)
    assert report.problems == []
    return {name: getattr(report, name) for name in ("events", "complaints", "clocks", "evidence", "seal")}


def figures_of(register: Register) -> list[list[object]]:
    """[code, term, stage, number, due_at, stopped_at, working_seconds] of every clock, as figures count them."""
    found = facts.load(register)
    codes = found.complaints.select("id", "code")
    rows = found.cycles.join(codes, left_on="complaint_id", right_on="id").sort("complaint_id", "term", "number")
    return [
        [row["code"], row["term"], row["stage"], row["number"],
         _iso(row["due_at"]), _iso(row["stopped_at"]), row["working_seconds"]]
        for row in rows.to_dicts()
    ]  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

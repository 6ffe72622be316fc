"""The triggers that make the log append-only: present, enabled, and still those that the migration made."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register.proof.report import Report

ABORT = "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
TWICE = "WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)"
ON_SQLITE = {
    "events_refuse_UPDATE": f"CREATE TRIGGER events_refuse_UPDATE BEFORE UPDATE ON events {ABORT}",
    "events_refuse_DELETE": f"CREATE TRIGGER events_refuse_DELETE BEFORE DELETE ON events {ABORT}",
    "events_refuse_replace": f"CREATE TRIGGER events_refuse_replace BEFORE INSERT ON events {TWICE} {ABORT}",
}
RAISE = "BEGIN RAISE EXCEPTION 'the event log is append-only'; END"
BEFORE_ROW, BEFORE_STATEMENT = 1 | 2, 2
DELETE, UPDATE, TRUNCATE = 8, 16, 32
ON_POSTGRESQL = {
    "events_refuse_change": f"{BEFORE_ROW | DELETE | UPDATE} {RAISE}",
    "events_refuse_truncate": f"{BEFORE_STATEMENT | TRUNCATE} {RAISE}",
}
"""Trigger → its ``pg_trigger.tgtype`` and the text of its function."""
READ_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
READ_POSTGRESQL = """
SELECT t.tgname, t.tgtype || ' ' || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass('events') AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL
"""


def check(session: Session, report: Report) -> None:
    """Each guard does what it did when the log was made."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    expected, asked = (ON_SQLITE, READ_SQLITE) if is_sqlite else (ON_POSTGRESQL, READ_POSTGRESQL)
    found = {name: " ".join(what.split()) for name, what in session.execute(text(asked))}
    for name, what in expected.items():
        if found.get(name) != what:
            report.add(
                N_("trigger {name}: is missing, switched off or changed, so events could be changed or deleted"),
                name=name,
            )

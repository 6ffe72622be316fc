"""One register: its engine, its two ways in (`read`, `write`), and whether its schema is the one this code knows."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from core import shipped
from core.errors import NotReady
from core.i18n import N_
from core.register import rulebook
from core.register.log import failures, private, transaction
from core.register.log.tables import Base
from core.register.rulebook import InUse, Rulebook

MIGRATIONS = Path(__file__).parent / "migrations"
WRITE_LOCK = 0x504F5053  # one writer at a time on PostgreSQL: the event log has one tail
BUSY_MS = 15_000


class Register:
    """Engine and transactions of one database; safe to share between threads."""

    def __init__(self, url: str, evidence_dir: Path) -> None:
        self.url = url
        self.evidence_dir = evidence_dir
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.rulebook = Rulebook()
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the register and writes nothing."""
        with failures.explained(self.url), Session(self.engine, expire_on_commit=False) as session:
            transaction.begin(session, self.evidence_dir, self.rulebook)
            # Else PostgreSQL shows one moment per statement; SQLite shows one per transaction anyway.
            if not self.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed on leaving, undone by any error. Writers wait for each other, never overwrite."""
        with (
            failures.explained(self.url),
            self._writing,
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            transaction.begin(session, self.evidence_dir, self.rulebook)
            if self.is_sqlite:
                session.connection(execution_options={"immediate": True})
            else:
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITE_LOCK})
            yield session

    def check(self) -> None:
        """Raise NotReady unless the schema is exactly the one this version writes."""
        with failures.explained(self.url), self.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            tables = set(inspect(connection).get_table_names())
            missing = _missing_columns(connection, tables) if found == head() else []
        if found is None and not tables:
            raise NotReady(N_("The register is empty: run “python -m core migrate” first."))
        if found is not None and found not in _known_revisions():
            raise NotReady(
                N_(
                    "The register was written by a newer version ({found}): update the program, "
                    "do not downgrade the data."
                ),
                found=found,
            )
        if found != head():
            raise NotReady(
                N_(
                    "The register is at schema {found}, this program needs {head}: stop it and run "
                    "“python -m core migrate”."
                ),
                found=found or "?",
                head=head(),
            )
        if missing:
            raise NotReady(
                N_("The register is half migrated (missing {missing}): restore the last backup and migrate again."),
                missing=", ".join(missing[:5]),
            )


@cache
def open_register(url: str, evidence_dir: Path) -> Register:
    """The register at ``url``; the same object for the same place."""
    return Register(url, evidence_dir)


@dataclass(frozen=True, slots=True)
class Update:
    """What bringing a register up to date did: the schema before (None: there was no register), and new versions."""

    register: Register
    before: str | None
    taken: Sequence[InUse]


def open_up(url: str, evidence_dir: Path, *, swaps: str = "none", now: datetime) -> Register:
    """The register at ``url``, brought up to date."""
    return bring_up_to_date(url, evidence_dir, swaps=swaps, now=now).register


def bring_up_to_date(url: str, evidence_dir: Path, *, swaps: str = "none", now: datetime) -> Update:
    """Migrate, take shipped procedures, catalogues and the first calendar into use, and open the register.

    Raises Invalid before anything is written when a shipped or edited file is wrong.
    """
    shipped.check()
    before = migrate(url)
    register = open_register(url, evidence_dir)
    with register.write() as session:
        taken = rulebook.take_into_use(session, swaps=swaps, now=now)
    return Update(register, before, taken)


def migrate(url: str) -> str | None:
    """Bring the schema at ``url`` to this version, all or nothing, in one transaction; returns what it was before."""
    engine = _engine(url)
    try:
        with failures.explained(url):
            private.make_database(url)
            return _migrate(engine)
    finally:
        engine.dispose()


def _migrate(engine: Engine) -> str | None:
    with engine.connect() as connection:
        found: str | None = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in _known_revisions():
        raise NotReady(
            N_("The register was written by a newer version ({found}): update the program, do not downgrade the data."),
            found=found,
        )
    with engine.connect() as connection:
        connection = connection.execution_options(immediate=True)
        with connection.begin():
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return found


@cache
def head() -> str:
    """The revision this program writes."""
    revision = ScriptDirectory.from_config(_alembic()).get_current_head()
    assert revision is not None, "the migrations folder is empty"
    return revision


@cache
def _known_revisions() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions())


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    return config


def _missing_columns(connection: Connection, tables: set[str]) -> list[str]:
    found = inspect(connection)
    missing = []
    for table in Base.metadata.sorted_tables:
        names = {column["name"] for column in found.get_columns(table.name)} if table.name in tables else set()
        missing += [f"{table.name}.{column.name}" for column in table.columns if column.name not in names]
    return missing


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False}, hide_parameters=True
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the begin event below decides, not the driver
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "mmap_size=268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

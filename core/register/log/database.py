"""One register: its engine, its two ways in (`read`, `write`), and whether its schema is the one this code knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

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
from core.register.backup.before import before_migration
from core.register.log import failures, private, seal, seals, transaction
from core.register.log.act import Act
from core.register.log.seals import Kept, Seals
from core.register.log.tables import Base
from core.register.log.turns import ProcessTurns, ThreadTurns
from core.register.organisation import choice
from core.register.rulebook import Rulebook
from core.rules.calendar import local_day
from core.rules.organisation import Organisation

if TYPE_CHECKING:
    import psycopg  # at run time only where there is PostgreSQL

MIGRATIONS = Path(__file__).parent / "migrations"
WRITE_LOCK = 0x504F5053  # one writer at a time on PostgreSQL: the event log has one tail
TAKE_WRITE_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
TAKE_TURN = text(
    "SELECT set_config('lock_timeout', :busy, true), set_config('idle_in_transaction_session_timeout', :hung, true), "
    "pg_advisory_xact_lock(:key)"
)
"""The same for a transaction of ordinary length: who waits is told so, and a writer that hangs loses its turn."""
BUSY_MS = 15_000
"""How long a writer waits for its turn."""
HUNG_MS = 60_000
"""How long a writer on PostgreSQL may be silent before the server ends it: one that hangs holds up all others."""
RESTORING = "restoring"
"""Name of the mark in the data folder while a backup is being restored (``core.register.backup.load``)."""


class Register:
    """Engine and transactions of one database; safe to share between threads."""

    def __init__(self, url: str, evidence_dir: Path) -> None:
        self.url = url
        self.evidence_dir = evidence_dir
        self.engine = engine_for(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.rulebook = Rulebook()
        self.seals = Seals(evidence_dir.with_name(seals.NAME))
        self._threads = ThreadTurns()
        path = make_url(url).database if self.is_sqlite else None
        is_file = bool(path) and not str(path).startswith("file:")
        self._processes = ProcessTurns(Path(str(path)), BUSY_MS / 1000) if is_file else None

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
        """One transaction: committed on leaving, undone by any error. Writers take turns in the order they came."""
        among_processes = self._processes.taken() if self._processes else nullcontext()
        with (
            failures.explained(self.url),
            self._threads,
            among_processes,
            Session(self.engine, expire_on_commit=False) as session,
        ):
            with session.begin():
                transaction.begin(session, self.evidence_dir, self.rulebook)
                if self.is_sqlite:
                    session.connection(execution_options={"immediate": True})
                else:
                    limits = {"busy": str(BUSY_MS), "hung": str(HUNG_MS)}
                    session.execute(TAKE_TURN, {"key": WRITE_LOCK, **limits})
                yield session
            state = transaction.of(session)
            if state.log_tail and state.logged_at:
                self.seals.keep_if_possible(Kept(local_day(state.logged_at), *state.log_tail))

    def keep_seal(self, now: datetime) -> None:
        """Keep the newest seal outside the database, unless one of today is kept already."""
        with self.read() as session:
            newest = seal.newest(session)
        self.seals.keep_if_possible(Kept(local_day(now), *newest))

    def check(self) -> None:
        """Raise NotReady unless the schema is exactly the one this version writes, and no restore was cut off."""
        _refuse_half_restored(self.evidence_dir)
        with failures.explained(self.url), self.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            tables = set(inspect(connection).get_table_names())
            missing = _missing_columns(connection, tables) if found == head() else []
        if found is None and not tables:
            raise NotReady(N_("The register is empty: run “python -m core migrate” first."))
        expect_known(found)
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
    """What bringing a register up to date did: the schema before (None: there was no register).

    ``adopted``: whose register it is from now on, where an older version could not say it (D20). ``copy``: the
    backup made before migrating; None where there was nothing to migrate or nothing to lose.
    """

    register: Register
    before: str | None
    adopted: Organisation | None
    copy: Path | None


def open_up(
    url: str, evidence_dir: Path, *, organisation: str = "", procedures: Iterable[str] = (), now: datetime
) -> Register:
    """The register at ``url``, brought up to date; of ``organisation``, where it is nobody's yet and one is given."""
    register = bring_up_to_date(url, evidence_dir, now=now).register
    if organisation:
        with register.write() as session:
            if not rulebook.has_organisation(session):
                choice.choose(session, organisation, Act(None, now), procedures)
    return register


def bring_up_to_date(url: str, evidence_dir: Path, *, swaps: str = "none", now: datetime) -> Update:
    """Back up and migrate, take the first calendar into use, say whose an old register is, open the register.

    Raises Invalid before anything is written when a shipped or edited file is wrong.
    """
    shipped.check()
    _refuse_half_restored(evidence_dir)
    copy = _back_up_before_migrating(url, evidence_dir, now)
    before = migrate(url, now=now)
    register = open_register(url, evidence_dir)
    with register.write() as session:
        choice.begin_calendar(session, swaps=swaps, act=Act(None, now))
        adopted = choice.adopt(session, Act(None, now))
    return Update(register, before, adopted, copy)


def _back_up_before_migrating(url: str, evidence_dir: Path, now: datetime) -> Path | None:
    """Copy a register that an older version wrote; None where there is nothing to migrate or nothing to lose."""
    path = make_url(url).database if make_url(url).get_backend_name() == "sqlite" else None
    if path and not Path(path).exists():
        return None
    engine = engine_for(url)
    try:
        with failures.explained(url):
            with engine.connect() as connection:
                found: str | None = MigrationContext.configure(connection).get_current_revision()
            if found is None or found == head():
                return None
            expect_known(found)
            return before_migration(engine, evidence_dir, found=found, wanted=head(), now=now)
    finally:
        engine.dispose()


def expect_known(revision: str | None) -> None:
    """Raise NotReady for a schema that only a newer program knows; None is a database without one."""
    if revision is not None and revision not in _known_revisions():
        raise NotReady(
            N_("The register was written by a newer version ({found}): update the program, do not downgrade the data."),
            found=revision,
        )


def upgrade(connection: Connection, revision: str, now: datetime | None) -> None:
    """Run the migrations up to ``revision`` in the transaction of ``connection``."""
    config = _alembic()
    config.attributes.update(connection=connection, now=now)
    command.upgrade(config, revision)


def migrate(url: str, *, now: datetime | None = None) -> str | None:
    """Bring the schema at ``url`` to this version, all or nothing, in one transaction; returns what it was before.

    ``now``: when the events that migrations write are logged; at the moment of the newest event where not given.
    """
    engine = engine_for(url)
    try:
        with failures.explained(url):
            private.make_database(url)
            return _migrate(engine, now)
    finally:
        engine.dispose()


def _migrate(engine: Engine, now: datetime | None) -> str | None:
    """What is there is read under the writers' lock: of two that migrate at once the second finds nothing to do."""
    with engine.connect() as connection:
        connection = connection.execution_options(immediate=True)
        with connection.begin():
            if engine.dialect.name != "sqlite":
                connection.execute(TAKE_WRITE_LOCK, {"key": WRITE_LOCK})
            found: str | None = MigrationContext.configure(connection).get_current_revision()
            expect_known(found)
            if found != head():
                upgrade(connection, "head", now)
    return found


@cache
def head() -> str:
    """The revision this program writes."""
    revision = ScriptDirectory.from_config(_alembic()).get_current_head()
    assert revision is not None, "the migrations folder is empty"
    return revision


def _refuse_half_restored(evidence_dir: Path) -> None:
    if (mark := evidence_dir.with_name(RESTORING)).exists():
        raise NotReady(
            N_("A restore was cut off: run “python -m core restore” again, or delete {mark} to start empty."),
            mark=str(mark),
        )


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


def engine_for(url: str) -> Engine:
    """An engine with the settings every register is opened with; the caller disposes of it."""
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _refuse_other_letters, insert=True)  # before SQLAlchemy asks its first question
        return engine
    engine = create_engine(
        url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False}, hide_parameters=True
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _refuse_other_letters(connection: psycopg.Connection[object], _record: object) -> None:
    """Raise NotReady where PostgreSQL stores no UTF-8; by default it does not on a server whose language is not set."""
    found = connection.info.parameter_status("server_encoding")
    if found != "UTF8":
        raise NotReady(
            N_(
                "The database stores letters as {found}, which has no room for Vietnamese: make an empty one with "
                "“createdb --encoding UTF8 --template template0”."
            ),
            found=found,
        )


class _Joined:
    """The aggregate ``string_agg`` for SQLite before 3.44, so that one query serves both engines."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.between = ""

    def step(self, text: str | None, between: str) -> None:
        """One more row; NULL adds nothing."""
        self.between = between
        if text is not None:
            self.texts.append(text)

    def finalize(self) -> str | None:
        """The texts in the order of the rows; NULL where there are none."""
        return self.between.join(self.texts) if self.texts else None


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the begin event below decides, not the driver
    connection.create_aggregate("string_agg", 2, _Joined)  # type: ignore[arg-type] # its stub knows numbers alone
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

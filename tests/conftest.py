"""What every test may ask for: a fresh register on both engines, and one account per role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from core import catalogues, i18n
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from core.register.people import accounts, passwords
from core.register.people.accounts import Account
from tests.engines import MONDAY, Postgres, Sqlite, everything, postgres_server

BOTH_ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


def pytest_configure() -> None:
    """Figures that a module draws while it is collected name their keys too."""
    catalogues.use(everything())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One plain sentence when stories were left out (the workers that left them out have no terminal)."""
    from tests.browser import chromium

    if not chromium.required() and chromium.find() is None:
        terminalreporter.write_line("The browser stories were NOT run: no Chromium was found (try: make browser).")


@pytest.fixture
def now() -> datetime:
    """Monday 16/11/2026 09:00 in Vietnam, an hour after opening."""
    return MONDAY


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    """Each test starts with the screens in Vietnamese, whatever the one before chose."""
    i18n.use("vi")
    yield
    i18n.use("vi")


@pytest.fixture(autouse=True)
def shipped_names() -> None:
    """Each test starts with the shipped catalogues in use; pages and routes use those of their register."""
    catalogues.use(everything())


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with parameters that cost no time, for tests that are not about it."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this worker; where it does not start, the tests that need it fail."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    """The SQLite file of this worker that tests get copies of."""
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=BOTH_ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """``sqlite``, then ``postgresql``."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated register of its own, on each engine in turn."""
    if engine == "sqlite":
        yield request.getfixturevalue("sqlite").opened_database(tmp_path)
    else:
        with request.getfixturevalue("postgres").opened_database() as url:
            yield url


@pytest.fixture
def empty_database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, on each engine in turn."""
    if engine == "sqlite":
        yield Sqlite.url(tmp_path / "empty.db")
    else:
        with request.getfixturevalue("postgres").empty_database() as url:
            yield url


@pytest.fixture
def register(database_url: str, tmp_path: Path) -> Iterator[Register]:
    """A migrated register with the shipped rules and calendar in use and nobody in it, on each engine in turn."""
    yield from _opened(database_url, tmp_path)


@pytest.fixture
def sqlite_register(sqlite: Sqlite, tmp_path: Path) -> Iterator[Register]:
    """The same on SQLite only, for tests that are not about the database."""
    yield from _opened(sqlite.opened_database(tmp_path), tmp_path)


def _opened(url: str, folder: Path) -> Iterator[Register]:
    register = open_register(url, folder / "evidence")
    yield register
    register.engine.dispose()


@dataclass(frozen=True)
class Cast:
    """One person per role (a second agent, who must not be mistaken for the first); they cannot sign in."""

    agent: Person
    agent2: Person
    lead: Person
    handler: Person
    manager: Person
    analyst: Person
    admin: Person
    reporter: Person


@pytest.fixture
def cast(register: Register) -> Cast:
    """The people of ``register``; the handler answers for Payments."""
    return people_of(register)


@pytest.fixture
def sqlite_cast(sqlite_register: Register) -> Cast:
    """The people of ``sqlite_register``."""
    return people_of(sqlite_register)


def people_of(register: Register) -> Cast:
    """Add the cast to ``register``."""
    with register.write() as session:
        return Cast(
            **{
                field.name: accounts.add(
                    session,
                    Account(
                        login=field.name,
                        name=f"{field.name.title()} Thử",
                        role=field.name.rstrip("2"),
                        department="payment" if field.name == "handler" else None,
                    ),
                    None,
                    Act(None, MONDAY),
                )
                for field in fields(Cast)
            }
        )

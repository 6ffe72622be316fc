"""What every test may ask for: a fresh register on both engines, and one account per role."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import select

from core import catalogues, i18n
from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from core.register.people import passwords
from tests import dovecot, once
from tests.engines import (
    CAST,
    MONDAY,
    NOBODYS,
    OPENED,
    STAFFED,
    Beginning,
    Postgres,
    Sqlite,
    employ,
    everything,
    postgres_server,
)

# A case that takes long says nothing on a machine that does other work as well: times are measured in tests/bench.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

BOTH_ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


MEMORY, ROOM = Path("/dev/shm"), 4 << 30


def pytest_configure() -> None:
    """Temporary folders are in memory where there is room: a register waits for the disk at each write.

    Polars counts with one thread in each worker: handing frames of a few rows to others takes longer than counting.

    Figures that a module draws while it is collected name their keys too.

    What every test would do anew is done once (``tests.once``).
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
    catalogues.use(everything())
    once.share()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories in a browser first: one of them at the end would leave the other workers without work."""
    items.sort(key=lambda item: "browser" not in item.path.parts)


def pytest_collection_finish() -> None:
    """What is there now stays to the end, and is looked through no more: Streamlit collects garbage after every run."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A sentence for each kind of test that was left out (the workers that left them out have no terminal)."""
    from tests.browser import chromium

    if not chromium.required() and dovecot.find() is None:
        terminalreporter.write_line("The tests of mailboxes were NOT run: no Dovecot was found (try: make servers).")
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
def products_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with the parameters of the product, for tests that are about them."""
    monkeypatch.setattr(passwords, "HASHER", once.PRODUCTS_HASHER)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this worker; where it does not start, the tests that need it fail."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def mail_server() -> Iterator[dovecot.Server]:
    """The IMAP server of this worker; on CI one that is missing is a failure, elsewhere its tests are left out."""
    from tests.browser import chromium

    if dovecot.find() is None and not chromium.required():
        pytest.skip("no Dovecot was found (try: make servers)")
    with dovecot.served() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    """The SQLite files of this worker that tests get copies of."""
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=BOTH_ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """``sqlite``, then ``postgresql``."""
    name: str = request.param
    return name


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> Beginning:
    """What the register of the test begins with; a module whose tests all add the same first has a fixture of its own.

    People are in it where the test asks for them, and nothing where it asks for one that is nobody's.
    """
    if "nobodys" in request.fixturenames:
        return NOBODYS
    return STAFFED if {"cast", "sqlite_cast"} & set(request.fixturenames) else OPENED


@pytest.fixture
def database_url(engine: str, beginning: Beginning, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated register of its own, on each engine in turn; with people where the test asks for them."""
    if engine == "sqlite":
        yield request.getfixturevalue("sqlite").opened_database(tmp_path, beginning)
    else:
        with request.getfixturevalue("postgres").opened_database(beginning, tmp_path) as url:
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
    """A migrated register with the shipped rules and calendar in use, on each engine in turn.

    Nobody is in it but the ``cast`` of tests that ask for it.
    """
    yield from _opened(database_url, tmp_path)


@pytest.fixture
def nobodys(register: Register) -> Register:
    """A new register of which nobody has said whose it is, on each engine in turn."""
    return register


@pytest.fixture
def sqlite_register(beginning: Beginning, sqlite: Sqlite, tmp_path: Path) -> Iterator[Register]:
    """The same on SQLite only, for tests that are not about the database."""
    yield from _opened(sqlite.opened_database(tmp_path, beginning), tmp_path)


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
    """The cast of ``register``, added where it is not there yet."""
    theirs = select(Person).where(Person.login.in_(CAST))
    with register.read() as session:
        found = list(session.scalars(theirs))
    if not found:
        with register.write() as session:
            employ(session)
            found = list(session.scalars(theirs))
    return Cast(**{person.login: person for person in found})

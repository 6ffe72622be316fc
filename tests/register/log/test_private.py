"""The database and the evidence are for the account that runs the program, whatever its umask says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from core.register.case import complaints
from core.register.case.evidence import FileDraft
from core.register.log import private
from core.register.log.act import Act
from core.register.log.database import Register, migrate, open_up
from tests.engines import MONDAY, Sqlite
from tests.files import PNG
from tests.register.cases import draft


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """An account whose new files everybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_is_for_this_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    url = Sqlite.url(folder / "complaints.db")
    migrate(url)
    register = Register(url, folder / "evidence")
    with register.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        beside = {path.name for path in folder.iterdir() if path.is_file()}
        assert {"complaints.db", "complaints.db-wal", "complaints.db-shm"} <= beside
        assert {rights(path) for path in folder.iterdir() if path.is_file()} == {0o600}
    assert (rights(folder), rights(folder.parent)) == (0o700, 0o700)
    register.engine.dispose()


def test_evidence_is_for_this_account_alone(sqlite_register: Register) -> None:
    with sqlite_register.write() as session:
        complaints.log(session, draft(files=(FileDraft("a.png", BytesIO(PNG)),)), Act(None, MONDAY))
    assert rights(sqlite_register.evidence_dir) == 0o700
    assert [rights(file) for file in sqlite_register.evidence_dir.iterdir()] == [0o600]


def test_what_was_open_is_narrowed(tmp_path: Path) -> None:
    url, evidence = Sqlite.url(tmp_path / "data" / "complaints.db"), tmp_path / "data" / "evidence"
    evidence.mkdir(parents=True)
    files = [tmp_path / "data" / "complaints.db", tmp_path / "data" / "complaints.db-wal", evidence / "abc"]
    for file in files:
        file.touch()
        file.chmod(0o664)
    assert private.narrow(url, evidence) == []
    assert [rights(file) for file in files] == [0o600] * 3
    assert (rights(evidence), rights(evidence.parent)) == (0o700, 0o700)
    assert private.shared(url) is None
    assert private.narrow(url, evidence) == [], "a second time there is nothing to do"


@pytest.mark.parametrize(
    ("name", "is_own", "why"),
    [
        ("complaints.db-turn", True, "one of the lock files of the database"),
        ("seals.csv", True, "the seals kept outside the database"),
        ("seals-before-restore-2026-11-16.csv", True, "those of a register that was lost"),
        ("backups", True, "copies before a migration"),
        ("setup-link.txt", True, "the link of a new register"),
        ("notes.txt", False, "somebody's file"),
        ("www", False, "somebody's folder, as in /srv"),
        ("complaints.db.old", False, "nothing the program writes"),
    ],
)
def test_only_a_folder_of_the_register_alone_is_closed(tmp_path: Path, name: str, is_own: bool, why: str) -> None:
    folder = tmp_path / "srv"
    folder.mkdir()
    folder.chmod(0o755)
    url = Sqlite.url(folder / "complaints.db")
    for each in ("complaints.db", name):
        (folder / each).touch(0o644)
    assert private.shared(url) == (None if is_own else folder), why
    assert private.narrow(url, tmp_path / "evidence") == []
    assert rights(folder) == (0o700 if is_own else 0o755), why
    assert rights(folder / "complaints.db") == 0o600
    assert is_own or rights(folder / name) == 0o644, "not ours"


def test_all_that_a_register_makes_is_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    register = open_up(Sqlite.url(folder / "complaints.db"), folder / "evidence", organisation="pops", now=MONDAY)
    with register.write() as session:
        complaints.log(session, draft(files=(FileDraft("a.png", BytesIO(PNG)),)), Act(None, MONDAY))
    assert {"complaints.db-turn", "seals.csv", "evidence"} <= {path.name for path in folder.iterdir()}
    folder.chmod(0o755)
    assert private.narrow(register.url, register.evidence_dir) == []
    assert rights(folder) == 0o700
    register.engine.dispose()


def test_what_may_not_be_changed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "complaints.db"
    database.touch(0o644)
    tmp_path.chmod(0o700)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    assert private.narrow(Sqlite.url(database), tmp_path / "evidence") == [database]


def test_the_folder_of_the_program_itself_stays_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "SHIPPED", tmp_path.resolve())
    tmp_path.chmod(0o755)
    (tmp_path / "complaints.db").touch()
    private.narrow(Sqlite.url(tmp_path / "complaints.db"), tmp_path / "evidence")
    assert (rights(tmp_path), rights(tmp_path / "complaints.db")) == (0o755, 0o600)

"""What `migrate` and `setup` say they did, and what they say when they cannot."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from core.__main__ import main
from core.register.log.database import head
from tests.register.log import old_register


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and a terminal that speaks English."""
    for name in ("DATABASE_URL", "LC_ALL", "LC_MESSAGES", "BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return tmp_path


def _nothing(_folder: Path) -> None:
    """No register yet."""


def _as_of_0_1(folder: Path) -> None:
    old_register.write(f"sqlite:///{folder / 'complaints.db'}")


def _as_of_today(_folder: Path) -> None:
    assert main(["migrate"]) == 0


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (_nothing, f"A new register was made (schema {head()}).\n"),
        (_as_of_today, f"The register is at schema {head()}: nothing to migrate.\n"),
        (_as_of_0_1, f"The register was migrated from schema 0001 to {head()}.\nIt is the register of POPS from"),
    ],
)
def test_migrate_says_what_it_did(
    folder: Path, capsys: pytest.CaptureFixture[str], before: Callable[[Path], None], says: str
) -> None:
    before(folder)
    capsys.readouterr()
    assert main(["migrate"]) == 0
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en_US.UTF-8", "complaints.db is damaged or is no register: restore the last backup"),
        ("vi_VN.UTF-8", "complaints.db bị hỏng hoặc không phải sổ khiếu nại: hãy khôi phục bản sao lưu gần nhất"),
        ("C.UTF-8", "complaints.db is damaged or is no register: restore the last backup"),
    ],
)
def test_a_failure_is_one_sentence_in_the_language_of_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, says: str
) -> None:
    monkeypatch.setenv("LANG", language)
    (folder / "complaints.db").write_bytes(b"no database" * 500)
    assert main(["migrate"]) == 2
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1


@pytest.mark.usefixtures("folder")
def test_setup_says_who_signs_in_where(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ba con mèo đen 7\n"))
    monkeypatch.setenv("PORT", "8600")
    assert main(["setup", "--admin", "Lan Anh", "--login", "Lan.Anh", "--password-stdin"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "This is the register of POPS."
    assert said.splitlines()[1:] == [
        "The register is set up: sign in as lan.anh at http://localhost:8600 once it runs (make run)."
    ]

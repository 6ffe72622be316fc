"""Verifying, sealing, backing up and restoring from the command line: what is said, and the exit code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from core.__main__ import main
from core.register.log.database import Register, open_register, open_up
from core.settings import Settings
from tests.conftest import people_of
from tests.engines import MONDAY
from tests.register.cases import logged

HOURS = 5 * 3600


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """A register with one complaint in the data folder that the commands work on."""
    return filled(tmp_path / "data", monkeypatch)


def use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(folder))
    return Settings.from_env(os.environ)


def filled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    settings = use(folder, monkeypatch)
    register = open_up(settings.database_url, settings.evidence_dir, organisation="pops", now=MONDAY)
    logged(register, people_of(register))
    return register


def test_verify_says_what_was_checked_and_what_it_does_not_prove(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--language", "en"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Whole: ") and "1 complaints, " in said and "1 customers, 8 accounts, 1 kept seals" in said
    assert "Not proved: " in said and "No seal was kept" not in said
    register.seals.path.unlink()
    assert main(["verify"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Toàn vẹn: ") and "Chưa có dấu niêm nào" in said and "Không chứng minh: " in said


def test_verify_names_what_is_wrong_and_ends_with_1(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    with register.write() as session:
        session.execute(text("UPDATE people SET role = 'admin'"))
        session.execute(text("UPDATE complaints SET channel = 'email'"))
    assert main(["verify", "--language", "en"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("NOT whole: 8 problems in ")
    assert "KN-2026-000001.channel: register says email, log says hotline" in said.err
    assert main(["verify"]) == 1
    assert "sổ ghi email, nhật ký ghi hotline" in capsys.readouterr().err


def test_a_kept_seal_is_looked_for(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    main(["seal"])
    kept = capsys.readouterr().out.strip().split(",")[2]
    assert register.seals.read()[-1].seal.hex() == kept
    main(["seal"])
    assert [seal.seal.hex() for seal in register.seals.read()].count(kept) == 1, "the same seal is kept once"
    capsys.readouterr()
    assert main(["verify", "--seal", kept.upper()]) == 0
    assert main(["verify", "--seal", "0" * 64, "--language", "en"]) == 1
    assert f"the seal {'0' * 64} is not in the log" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["verify", "--seal", "xyz"])


def test_orphans_are_named_then_removed(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    register.evidence_dir.mkdir(exist_ok=True)
    for name, age in (("old", HOURS), ("young", 0)):
        file = register.evidence_dir / name
        file.write_bytes(b"x")
        written = file.stat().st_mtime - age
        os.utime(file, (written, written))
    assert main(["verify", "--language", "en"]) == 0
    said = capsys.readouterr().err
    assert "old: lies in the evidence folder" in said and "--remove-orphans" in said and "young" not in said
    assert main(["verify", "--language", "en", "--remove-orphans"]) == 0
    assert "1 such files were removed." in capsys.readouterr().err
    assert [file.name for file in register.evidence_dir.iterdir()] == ["young"]
    assert main(["verify"]) == 0


@pytest.mark.usefixtures("register")
def test_a_register_is_backed_up_and_restored_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "backup")
    assert main(["backup", folder, "--language", "en"]) == 0
    assert capsys.readouterr().out.startswith(f"Backed up to {folder}: ")
    assert main(["backup", folder]) == 2, "one folder for each backup"
    assert main(["restore", folder]) == 2, "never over a live register"
    assert "register already" in (said := capsys.readouterr().err) or "Đã có sổ" in said
    settings = use(tmp_path / "elsewhere", monkeypatch)
    assert main(["restore", folder, "--language", "en"]) == 0
    said = capsys.readouterr().out
    assert "Restored from" in said and "Whole: " in said
    with open_register(settings.database_url, settings.evidence_dir).read() as session:
        assert session.scalar(text("SELECT count(*) FROM complaints")) == 1


def test_a_backup_without_all_its_files_ends_with_1(
    register: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with register.write() as session:
        session.execute(text("UPDATE evidence SET stored_as = 'lost', body = NULL"))
    assert main(["backup", str(tmp_path / "backup"), "--language", "en"]) == 1
    assert "lost: is missing from the evidence folder." in capsys.readouterr().err


def test_migrating_says_where_the_copy_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.register.log import old_register

    settings = use(tmp_path, monkeypatch)
    old_register.write(settings.database_url)
    assert main(["migrate"]) == 0
    copies = list((tmp_path / "backups").iterdir())
    assert len(copies) == 1 and str(copies[0]) in capsys.readouterr().out

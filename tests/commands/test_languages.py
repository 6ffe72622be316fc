"""Every command speaks its reader's language: ``--language``, else the terminal's; what machines read is the same."""

from __future__ import annotations

import csv
import errno
import json
import os
from pathlib import Path

import pytest

from core.__main__ import main
from core.i18n import OF_SYSTEM, os_reason, use
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.people import accounts
from core.register.people.accounts import Account
from tests.engines import MONDAY
from tests.register.importing.files import FINE, HEADER, MAPPING

RECORDED = ("--recorded", "2026-11-23T10:00+07:00", "--now", "2026-12-31T09:00+07:00")
VI, EN, C = "vi_VN.UTF-8", "en_US.UTF-8", "C"


@pytest.fixture
def folder(sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A register, and files to import and to judge."""
    monkeypatch.setenv("DATABASE_URL", sqlite_register.url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with sqlite_register.write() as session:
        accounts.add(session, Account(login="lan", name="Lan", role="agent"), None, Act(None, MONDAY))
    (tmp_path / "old.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "old.csv").write_text(f"{HEADER}\n{FINE}\n", encoding="utf-8")
    (tmp_path / "dir").mkdir()
    (tmp_path / "in.csv").write_text("recorded_at,note\nyesterday,x\n", encoding="utf-8")
    return tmp_path


SAYS = [
    # command, a word of its answer in Vietnamese, and in English
    ("migrate", "Sổ khiếu nại đã ở", "nothing to migrate"),
    ("verify", "Toàn vẹn", "Whole"),
    ("backup out-{n}", "Đã sao lưu", "Backed up"),
    ("import old.csv --map old.toml --dry-run", "Sẽ nhận 1", "Would accept 1"),
    ("deadlines pops --explain " + " ".join(RECORDED), "thứ Ba 24/11: ngày nghỉ", "Tuesday 24/11: day off"),
    ("deadlines pops --in in.csv", "dòng 2: recorded_at: yesterday không phải", "row 2: recorded_at: yesterday is not"),
    ("deadlines pops --in in.csv", "cột note: không được đọc", "column note: not read"),
    ("person list", "không đăng nhập được", "cannot sign in"),
    ("person enable nobody", "Không có tài khoản “nobody”", "no account"),
]


READERS = [
    # LANG, option, the language spoken, why
    (VI, (), "vi", "the terminal's"),
    (EN, (), "en", "the terminal's"),
    (C, (), "en", "a terminal of no language"),
    (VI, ("--language", "en"), "en", "the option goes before the terminal"),
    (C, ("--language", "vi"), "vi", "the option goes before the terminal"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("words", "vi", "en"), SAYS)
def test_one_rule_for_every_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str, vi: str, en: str
) -> None:
    for n, (lang, option, speaks, why) in enumerate(READERS):
        monkeypatch.setenv("LANG", lang)
        main([*words.format(n=n).split(), *option])
        out, err = capsys.readouterr()
        assert (vi if speaks == "vi" else en) in out + err, why


def test_what_machines_read_is_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers, headers = [], []
    (folder / "in.csv").write_text("recorded_at\n2026-11-23T10:00+07:00\n", encoding="utf-8")
    for language in ("vi", "en"):
        capsys.readouterr()
        assert main(["deadlines", "pops", "--json", *RECORDED, "--language", language]) == 0
        answer = json.loads(capsys.readouterr().out)
        answers.append([{key: value for key, value in term.items() if key != "because"} for term in answer["terms"]])
        out = folder / f"{language}.csv"
        assert main(["deadlines", "pops", "--in", "in.csv", "--out", str(out), "--language", language]) == 0
        with out.open(encoding="utf-8-sig", newline="") as lines:
            headers.append(list(csv.reader(lines)))
    assert answers[0] == answers[1]
    assert headers[0] == headers[1]


OF_DISK = [
    # errno, command, what cannot be used, why in Vietnamese, and in English
    (errno.ENOENT, "deadlines pops --in none.csv", "none.csv", "không có tệp", "no such file"),
    (errno.EISDIR, "deadlines pops --in dir", "dir", "đây là một thư mục", "it is a folder"),
    (
        errno.ENOTDIR,
        "deadlines pops --in in.csv --out old.csv/x",
        "old.csv/x",
        "một phần của đường dẫn",
        "a part of its",
    ),
    (errno.ENOENT, "import none.csv --map old.toml", "none.csv", "không có tệp", "no such file"),
    (errno.EISDIR, "import old.csv --map dir", "dir", "đây là một thư mục", "it is a folder"),
    (errno.ENOTDIR, "backup old.csv/x", "old.csv/x", "một phần của đường dẫn", "a part of its path"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("number", "words", "file", "vi", "en"), OF_DISK)
def test_what_the_system_says_is_said_in_one_language(
    capsys: pytest.CaptureFixture[str], number: int, words: str, file: str, vi: str, en: str
) -> None:
    for language, says in (("vi", vi), ("en", en)):
        assert main([*words.split(), "--language", language]) == 2
        told = capsys.readouterr().err
        assert (file in told, says in told) == (True, True), told
        assert os.strerror(number) not in told


@pytest.mark.parametrize("number", OF_SYSTEM)
def test_every_reason_is_ours_in_both_languages(number: int) -> None:
    said = set()
    for language in ("vi", "en"):
        use(language)
        said.add(os_reason(OSError(number, os.strerror(number))))
    assert len(said) == 2
    assert os.strerror(number) not in said


def test_a_rare_reason_is_the_systems() -> None:
    assert os_reason(OSError(errno.ELOOP, "Too many levels")) == "Too many levels"

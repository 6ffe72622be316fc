"""The file of refused rows: of the same kind as the imported one, readable by its owner only, and good to import."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest

from core.__main__ import main
from core.commands import import_
from core.register.log.database import Register
from tests.register.importing.files import FINE, HEADER, MAPPING

WEATHER = FINE.replace("Money", "Weather")


@pytest.fixture
def folder(sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", sqlite_register.url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return tmp_path


def run(folder: Path, content: bytes, *more: str, mapping: str = MAPPING, name: str = "old.csv") -> int:
    (folder / "old.toml").write_text(mapping, encoding="utf-8")
    (folder / name).write_bytes(content)
    return main(["import", str(folder / name), "--map", str(folder / "old.toml"), "--language", "vi", *more])


def rows_of(problems: Path) -> list[list[str]]:
    with problems.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


def file(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


def test_it_stands_beside_the_file_for_its_owner_only_and_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, file(FINE, WEATHER.replace("1,", "2,", 1))) == import_.SOME_REFUSED
    problems = folder / "old.problems.csv"
    assert stat.S_IMODE(problems.stat().st_mode) == 0o600
    assert str(problems) in capsys.readouterr().err
    assert problems.read_text(encoding="utf-8").startswith(f"Lý do từ chối,{HEADER}")
    [(reason, *cells)] = rows_of(problems)
    assert cells == WEATHER.replace("1,", "2,", 1).split(",")
    assert reason.startswith("topic: “Weather” chưa có nghĩa")


def test_mended_it_comes_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, file(FINE, WEATHER.replace("1,", "2,", 1)))
    mended = (folder / "old.problems.csv").read_bytes().replace(b",Weather,", b",Money,")
    assert run(folder, mended, name="old.problems.csv") == import_.ALL_TAKEN
    said = capsys.readouterr()
    assert "Đã nhận 1 hồ sơ, 0 đã có sẵn, 0 bị từ chối (1 dòng)." in said.out
    assert "Các cột không đọc" not in said.err, "the reason is the import's own column"


def test_not_mended_it_is_refused_again_with_one_reason(folder: Path) -> None:
    run(folder, file(WEATHER))
    run(folder, (folder / "old.problems.csv").read_bytes(), name="old.problems.csv")
    header, row = (folder / "old.problems-2.csv").read_text(encoding="utf-8").splitlines()
    assert header.count("Lý do từ chối") == 1
    assert row.count("Weather”") == 1
    run(folder, (folder / "old.problems-2.csv").read_bytes(), "--language", "en", name="old.problems-2.csv")
    header, row = (folder / "old.problems-3.csv").read_text(encoding="utf-8").splitlines()
    assert header == f"Reason refused,{HEADER}", "told in another language, and still one reason"
    assert row.count("Weather”") == 1


def test_the_reason_of_a_run_in_another_language_is_known_too(folder: Path) -> None:
    run(folder, file(WEATHER), "--language", "en")
    run(folder, (folder / "old.problems.csv").read_bytes(), name="old.problems.csv")
    header, row = (folder / "old.problems-2.csv").read_text(encoding="utf-8").splitlines()
    assert (header.count("Lý do từ chối"), header.count("Reason refused"), row.count("Weather”")) == (1, 0, 1)


def test_nothing_refused_leaves_no_file(folder: Path) -> None:
    assert run(folder, file(FINE)) == import_.ALL_TAKEN
    assert list(folder.glob("*.problems*")) == []


def test_an_earlier_one_is_not_written_over(folder: Path) -> None:
    run(folder, file(WEATHER))
    (folder / "old.problems.csv").write_text("half mended", encoding="utf-8")
    run(folder, file(WEATHER))
    assert (folder / "old.problems.csv").read_text(encoding="utf-8") == "half mended"
    assert (folder / "old.problems-2.csv").exists()


def test_a_named_one_is_replaced_and_nobody_keeps_rights_on_it(folder: Path) -> None:
    out = folder / "bad.csv"
    out.write_text("old", encoding="utf-8")
    out.chmod(0o644)
    run(folder, file(WEATHER), "--problems", str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "Weather" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("out", "said"), [("old.csv", "đè lên chính tệp nguồn"), ("none/bad.csv", "Không ghi được")])
def test_where_it_cannot_go_is_said_before_anything_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], out: str, said: str
) -> None:
    assert run(folder, file(FINE, WEATHER), "--problems", str(folder / out)) == 2
    assert said in capsys.readouterr().err
    assert (folder / "old.csv").read_bytes() == file(FINE, WEATHER)
    assert run(folder, file(FINE)) == import_.ALL_TAKEN
    assert "Đã nhận 1 hồ sơ" in capsys.readouterr().out, "nothing had come in before"


def test_a_dry_run_writes_one_only_where_it_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, file(WEATHER), "--dry-run")
    assert list(folder.glob("*.problems*")) == []
    assert "--problems OUT.csv" in capsys.readouterr().err
    run(folder, file(WEATHER), "--dry-run", "--problems", str(folder / "bad.csv"))
    assert "Weather" in (folder / "bad.csv").read_text(encoding="utf-8")


KINDS = [
    # encoding named, bytes of the mark, delimiter, lines above the header, why
    ("utf-8", b"\xef\xbb\xbf", ",", "", "Excel's mark"),
    ("utf-8", b"", ";", "sep=;\r\n", "a line that names the delimiter"),
    ("utf-8", b"", "\t", "Danh sách khiếu nại\r\n\r\n", "titles above the header"),
    ("utf-16", b"", "\t", "", "Excel's Unicode text"),
    ("cp1252", b"", ";", "", "an encoding without Vietnamese letters"),
]


@pytest.mark.parametrize(("encoding", "mark", "delimiter", "above", "why"), KINDS, ids=[row[-1] for row in KINDS])
def test_it_is_of_the_same_kind(folder: Path, encoding: str, mark: bytes, delimiter: str, above: str, why: str) -> None:
    row = WEATHER.replace("Nạp rồi mà chưa có", "Loi").replace(",", delimiter)
    whole = above + HEADER.replace(",", delimiter) + "\r\n" + row + "\r\n"
    mapping = MAPPING.replace("[file]", f'[file]\nencoding = "{encoding}"')
    run(folder, mark + whole.encode(encoding), mapping=mapping)
    raw = (folder / "old.problems.csv").read_bytes()
    assert raw.startswith(mark), why
    text = raw.decode("utf-8-sig" if mark else encoding)
    assert text.startswith(above), why
    header, (reason, *cells) = csv.reader(text.removeprefix(above).splitlines(), delimiter=delimiter)
    assert header[1:] == HEADER.split(","), why
    assert cells == row.split(delimiter), why
    assert "Weather" in reason, why
    assert text.endswith("\r\n")
    run(folder, raw, mapping=mapping, name="old.problems.csv")
    again = (folder / "old.problems-2.csv").read_bytes().decode("utf-8-sig" if mark else encoding)
    assert again == text, "refused again: the old reason is known in every encoding"


def test_a_broken_record_and_one_of_wrong_width_are_kept_whole(folder: Path) -> None:
    rows = (FINE.replace("Nạp", '"Nạp') + '" ', FINE.replace("1,", "2,", 1) + ",surplus")
    run(folder, file(*rows))
    _, broken, wide = (folder / "old.problems.csv").read_text(encoding="utf-8").splitlines()
    assert broken.endswith(FINE), "without the quotes that broke it"
    assert wide.endswith(FINE.replace("1,", "2,", 1) + ",surplus")


def test_a_refused_history_keeps_all_its_rows_with_the_reason_beside_its_own(folder: Path) -> None:
    from tests.register.importing.test_importer import EVENTS, log_of

    rows = log_of(("Active", "12:00"), ("Resolved", "11:00"))
    header = "number,opened,state,changed"
    run(folder, "\n".join([header, *rows]).encode(), mapping=EVENTS)
    first, second = rows_of(folder / "old.problems.csv")
    assert first == ["", *rows[0].split(",")]
    assert second[0].startswith("changed: Bước này")

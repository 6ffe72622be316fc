"""What makes two rows one complaint: values, not spellings; and registers that know rows by an older digest."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.register.importing.delimited import Delimited
from core.register.importing.importer import Report, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from tests.register.importing.files import HEADER, MAPPING, NOW, told

HASHED = MAPPING.replace('column = "number"', 'hash_of = ["opened", "phone", "text"]').replace(
    '"%d/%m/%Y %H:%M"', '"%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S.%f"'
)
ROW = "1,05/10/2026 09:30,?,Money,email,0912 345 678,Nạp rồi mà chưa có"
SPELLINGS = [
    # the row written otherwise, why it is the same complaint
    (ROW.replace("05/10/2026 09:30", "5/10/2026 9:30"), "single digits"),
    (ROW.replace("05/10/2026 09:30", "2026-10-05 09:30"), "another form of the mapping"),
    (ROW.replace("05/10/2026 09:30", "2026-10-05T02:30:00Z"), "the same instant in another zone"),
    (ROW.replace("05/10/2026 09:30", "2026-10-05 09:30:00.0"), "a whole second written with its fraction"),
    (ROW.replace("05/10/2026 09:30", "2026-10-05 09:30:00.5"), "a fraction of the same second (D29)"),
    (ROW.replace("0912 345 678", "+84 (0)912.345.678"), "the same phone"),
    (ROW.replace("Nạp rồi mà chưa có", "nạp  RỒI mà chưa có"), "case and blanks"),
    (unicodedata.normalize("NFD", ROW), "decomposed letters"),
]


def brought(register: Register, folder: Path, *rows: str, text: str = HASHED) -> Report:
    (folder / "old.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return take_in(register, Delimited(folder / "old.csv"), parse(text, file="test.toml"), act=Act(None, NOW))


def count(register: Register) -> int:
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(Complaint)) or 0


def test_one_complaint_in_many_spellings_is_one(register: Register, tmp_path: Path) -> None:
    report = brought(register, tmp_path, ROW, *(row for row, _ in SPELLINGS))
    assert (report.accepted, report.refused) == (1, len(SPELLINGS))
    assert {reason for _, _, reason in told(report)} == {"Hồ sơ này đã có ở dòng 2."}


@pytest.mark.parametrize(("row", "why"), SPELLINGS, ids=[why for _, why in SPELLINGS])
def test_each_spelling_is_known_in_a_later_import(
    sqlite_register: Register, tmp_path: Path, row: str, why: str
) -> None:
    brought(sqlite_register, tmp_path, ROW)
    assert (brought(sqlite_register, tmp_path, row).known, count(sqlite_register)) == (1, 1), why


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("09:30", "09:31", "another minute"),
        ("0912 345 678", "0912 345 679", "another phone"),
        ("chưa có", "chưa thấy", "another text"),
    ],
)
def test_another_value_is_another_complaint(
    sqlite_register: Register, tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert brought(sqlite_register, tmp_path, ROW, ROW.replace(old, new)).accepted == 2, why


def digest_of_cells(*cells: str) -> str:
    """The reference as version 0.1 made it: over the cells as they are written."""
    return hashlib.sha256("".join(f"{len(cell)}:{cell}" for cell in cells).encode()).hexdigest()[:32]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_rows_that_version_01_took_in_are_known(register: Register, tmp_path: Path, form: str) -> None:
    row = unicodedata.normalize("NFD" if form == "NFD" else "NFC", ROW)
    cells = row.split(",")
    brought(register, tmp_path, row)
    with register.write() as session:
        session.execute(update(Complaint).values(external_ref=digest_of_cells(cells[1], cells[5], cells[6])))
    again = brought(register, tmp_path, row)
    assert (again.accepted, again.known, count(register)) == (0, 1, 1)


def test_a_decomposed_reference_of_version_01_is_known(register: Register, tmp_path: Path) -> None:
    row = unicodedata.normalize("NFD", ROW.replace("1,", "Số 1,", 1))
    brought(register, tmp_path, row, text=MAPPING)
    with register.write() as session:
        session.execute(update(Complaint).values(external_ref=row.split(",")[0]))
    assert brought(register, tmp_path, row, text=MAPPING).known == 1


def test_two_columns_that_make_one_moment_count_as_one_value(sqlite_register: Register, tmp_path: Path) -> None:
    text = HASHED.replace('hash_of = ["opened", "phone", "text"]', 'hash_of = ["text", "day", "hour"]')
    text = text.replace('recorded_at = "opened"\n', "") + '[templates]\nrecorded_at = "{day} {hour}"\n'
    header = HEADER.replace("opened", "day,hour")
    rows = [ROW.replace("05/10/2026 09:30", cells) for cells in ("05/10/2026,09:30", "2026-10-05,9:30")]
    (tmp_path / "two.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    report = take_in(sqlite_register, Delimited(tmp_path / "two.csv"), parse(text, file="t.toml"), act=Act(None, NOW))
    assert (report.accepted, report.refused) == (1, 1)

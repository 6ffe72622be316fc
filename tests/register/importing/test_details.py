"""What a category must know, out of a foreign file: read by its field's type, refused with line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from core.register.case import details
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Report, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from tests.register.importing.files import NOW, told

MAPPING = """
source = "old_desk"
procedure = "pops"
[file]
missing = ["?"]
[time]
formats = ["%d/%m/%Y %H:%M"]
zone = "Asia/Ho_Chi_Minh"
details = ["time"]
[reference]
column = "number"
[columns]
recorded_at = "opened"
category = "topic"
statement = "text"
[columns.details]
transaction = "Mã GD"
amount = "Số tiền"
time = "Lúc trả"
method = "Bằng"
[constants]
channel = "email"
[values.details.method]
"Ví M" = "momo"
"""
HEADER = "number,opened,topic,text,Mã GD,Số tiền,Lúc trả,Bằng"


def brought(register: Register, folder: Path, *rows: str, mapping: str = MAPPING) -> Report:
    path = folder / "old.csv"
    path.write_bytes("\r\n".join([HEADER, *rows, ""]).encode())
    return take_in(register, Delimited(path), parse(mapping, file="test.toml"), act=Act(None, NOW))


def known(register: Register, complaint: int) -> dict[str, str]:
    with register.read() as session:
        return details.known(session, complaint)


def test_values_come_in_by_the_type_of_their_field(register: Register, tmp_path: Path) -> None:
    report = brought(
        register,
        tmp_path,
        "1,05/10/2026 09:30,payment,Nạp,FT1,50.000đ,04/10/2026 20:15,ví m",
        "2,05/10/2026 09:30,other,Hỏi,?,,,",
    )
    assert told(report) == []
    assert known(register, 1) == {
        "amount": "50000", "method": "momo", "time": "2026-10-04T13:15:00+00:00", "transaction": "FT1",
    }  # fmt: skip
    assert known(register, 2) == {}
    assert verify(register).is_whole


REFUSED = [
    # row, column, part of the sentence, why
    ("1,05/10/2026 09:30,payment,Nạp,FT1,1.234k,,", "Số tiền", "hai cách", "an amount of two meanings"),
    (
        "1,05/10/2026 09:30,login,Vào,FT1,,,",
        "Mã GD",
        "không có thông tin này",
        "another category's: nothing is dropped",
    ),
    ("1,05/10/2026 09:30,payment,Nạp,,,,Séc", "Bằng", "“Séc”", "a word that the mapping does not know"),
    ("1,05/10/2026 09:30,payment,Nạp,,,hôm qua,", "Lúc trả", "hôm qua", "no moment in the forms of the file"),
]


@pytest.mark.parametrize(("row", "column", "sentence", "why"), REFUSED)
def test_a_value_that_is_none_refuses_its_row(
    row: str, column: str, sentence: str, why: str, sqlite_register: Register, tmp_path: Path
) -> None:
    ((line, where, said),) = told(brought(sqlite_register, tmp_path, row))
    assert (line, where) == (2, column), why
    assert sentence in said, why


def test_moments_of_details_are_read_in_the_order_of_their_column(sqlite_register: Register, tmp_path: Path) -> None:
    """A date that can only be month first refuses the whole file before anything is written (D31)."""
    with pytest.raises(Invalid, match="Lúc trả"):
        brought(sqlite_register, tmp_path, "1,05/10/2026 09:30,payment,Nạp,,,10/25/2026 20:15,")

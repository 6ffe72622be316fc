"""Contacts in a foreign file are read by the rule of the form: one key for every spelling, or a sentence by cell."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from core.register.importing.delimited import Delimited
from core.register.importing.importer import take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Customer
from tests.register.importing.files import FINE, HEADER, MAPPING, NOW, told

CELLS = [
    # cell, key or what the sentence begins with
    ("8.49E+10", "Bảng tính đã rút gọn số này"),
    ('"8,49E+10"', "Bảng tính đã rút gọn số này"),
    ("901234567", "84901234567"),
    ("84901234567.0", "84901234567"),
    ("'0901234567", "84901234567"),
    ("0901234567 / 0912345678", "Ở đây có nhiều hơn một số điện thoại"),
    ("0901 234 567 (chị Hoà)", "Ngoài số điện thoại còn có chữ khác"),
    ("+84 (0)901 234 567", "84901234567"),
    ("84 0901234567", "84901234567"),
    ("+840901234567", "84901234567"),
    ("0901.234.567", "84901234567"),
    ("(+84) 901 234 567", "84901234567"),
    ("0084901234567", "84901234567"),
    ("1900 1234", "19001234"),
    ("113", "113"),
    ("khong co", "Đây không phải số điện thoại"),
    ("#ERROR!", "Đây không phải số điện thoại"),
    ('"84901234567,00"', "84901234567"),
]


def test_every_spelling_of_a_phone_is_one_customer_and_the_others_are_refused_by_cell(
    sqlite_register: Register, tmp_path: Path
) -> None:
    rows = [
        FINE.replace("1,", f"{number},", 1).replace("0500 111222", cell)
        for number, (cell, _right) in enumerate(CELLS, 1)
    ]
    file = tmp_path / "phones.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    report = take_in(sqlite_register, Delimited(file), parse(MAPPING, file="test.toml"), act=Act(None, NOW))
    wrong = {number: sentence for number, _column, sentence in told(report)}
    assert {column for _number, column, _sentence in told(report)} == {"phone"}
    with sqlite_register.read() as session:
        theirs = select(Complaint.external_ref, Customer.phone_key).join(Customer)
        keys = {row.external_ref: row.phone_key for row in session.execute(theirs)}
        assert len(session.scalars(select(Customer)).all()) == len({"84901234567", "19001234", "113"})
    for number, (cell, right) in enumerate(CELLS, 1):
        found = keys.get(str(number)) or wrong[number + 1]
        assert found.startswith(right), cell

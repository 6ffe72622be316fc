"""Where a table begins, how it is separated, and damage named by its true line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Report, take_in
from core.register.importing.mapping import parse
from core.register.importing.table import find
from core.register.log.act import Act
from core.register.log.database import Register
from tests.register.importing.files import FINE, HEADER, MAPPING, NOW, told
from tests.register.importing.test_importer import EVENTS, log_of

WANTED = parse(MAPPING, file="test.toml").wanted()


def brought(register: Register, folder: Path, content: bytes | str, text: str = MAPPING) -> Report:
    path = folder / "old.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mapping = parse(text, file="test.toml")
    file = Delimited(path, mapping.encoding, mapping.delimiter, mapping.header_row)
    return take_in(register, file, mapping, act=Act(None, NOW))


TITLES = "Danh sách khiếu nại tháng 10\nXuất lúc 01/11/2026\n\n"
SHAPES = [
    # content, line of the header, delimiter, why
    (f"{HEADER}\n{FINE}\n", 1, ",", "nothing special"),
    (f"{TITLES}{HEADER}\n{FINE}\n", 4, ",", "titles above it"),
    (f"{TITLES}{HEADER}\n{FINE}\n".replace(",", ";"), 4, ";", "titles and semicolons"),
    (f"{HEADER}\n{FINE}\n".replace(",", "\t"), 1, "\t", "tabs"),
    (f"sep=|\n{HEADER}\n{FINE}\n".replace(",", "|"), 2, "|", "named by its first line"),
    (f"SEP=;\r\n{HEADER}\r\n{FINE}\r\n".replace(",", ";"), 2, ";", "in capitals"),
    (f'"a, b";"c"\n{HEADER}\n{FINE}\n'.replace(",", ";"), 2, ";", "a title whose quotes break under a comma"),
    (f"x,{HEADER},x,,\n1,{FINE},2,,\n", 1, ",", "a doubled name that is not read"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "line", "delimiter", "why"), SHAPES, ids=[row[-1] for row in SHAPES])
def test_the_table_is_found(
    sqlite_register: Register, tmp_path: Path, content: str, line: int, delimiter: str, why: str
) -> None:
    report = brought(sqlite_register, tmp_path, content)
    assert (report.accepted, told(report)) == (1, []), why
    table = find(Delimited(tmp_path / "old.csv"), WANTED)
    assert (table.line, table.delimiter) == (line, delimiter), why


def test_the_mapping_says_where_the_header_is(sqlite_register: Register, tmp_path: Path) -> None:
    """Two tables in one file: the first has the same columns, and is not the one meant."""
    content = f"{HEADER}\n{FINE}\n\n{HEADER}\n{FINE.replace('1,', '2,', 1)}\n"
    text = MAPPING.replace("[file]", "[file]\nheader_row = 4")
    assert (
        brought(sqlite_register, tmp_path, content, text).accepted,
        find(Delimited(tmp_path / "old.csv"), WANTED).line,
    ) == (1, 1)
    with pytest.raises(Invalid, match="no column “number”"):
        brought(sqlite_register, tmp_path, content, MAPPING.replace("[file]", "[file]\nheader_row = 2"))
    with pytest.raises(Invalid, match="is empty"):
        brought(sqlite_register, tmp_path, content, MAPPING.replace("[file]", "[file]\nheader_row = 3"))


def test_a_name_that_is_read_must_be_there_once(sqlite_register: Register, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="column “text” more than once"):
        brought(sqlite_register, tmp_path, f"{HEADER}, text\n{FINE},x\n")


DAMAGED = [
    # bytes, line, why
    (f"{HEADER}\n{FINE}\n".encode() + b"2,\xff\n", 3, "the last line"),
    (f"{HEADER}\n".encode() + b"\xff\n" + f"{FINE}\n".encode() * 5_000, 2, "far before the end of a block"),
    (f"{HEADER}\r\n".encode() + f"{FINE}\r\n".encode() * 5_000 + b"\xff", 5_002, "in a later block"),
    (f'{HEADER}\n1,"a\nb\nc'.encode() + b'\xff"\n', 4, "inside a cell of several lines"),
    (f"{HEADER}\r{FINE}\r".encode() + b"\xff", 3, "line ends of old Macs"),
    (f"{HEADER}\n{FINE}".encode() + "ế".encode()[:-1], 2, "cut off within a letter"),
]


@pytest.mark.parametrize(("raw", "line", "why"), DAMAGED, ids=[row[-1] for row in DAMAGED])
def test_a_bad_byte_is_named_by_its_true_line(
    sqlite_register: Register, tmp_path: Path, raw: bytes, line: int, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        brought(sqlite_register, tmp_path, raw)
    assert refused.value.values["line"] == line, why


def test_a_lost_letter_is_damage(sqlite_register: Register, tmp_path: Path) -> None:
    rows = [FINE.replace("Nạp", "N\ufffdp"), FINE.replace("1,", "2,", 1)]
    report = brought(sqlite_register, tmp_path, "\n".join([HEADER, *rows]))
    assert (report.accepted, [(line, column) for line, column, _ in told(report)]) == (1, [(2, "text")])
    assert "đã mất" in told(report)[0][2]


def test_a_damaged_row_refuses_its_history_whole(sqlite_register: Register, tmp_path: Path) -> None:
    rows = log_of(("Active", "10:00"), ("Resolved", "11:00"))
    rows[0] = rows[0].replace("Active", "Active\ufffd")
    other = log_of(("Active", "10:00"), number="INC2")
    content = "\n".join(["number,opened,state,changed", *rows, *other])
    report = brought(sqlite_register, tmp_path, content, EVENTS)
    assert (report.accepted, report.refused, [line for line, _, _ in told(report)]) == (1, 1, [2])


def test_a_forgotten_quote_costs_its_own_row_only(sqlite_register: Register, tmp_path: Path) -> None:
    rows = [FINE.replace("1,", f"{n},", 1) for n in range(1, 6)]
    rows[1] = rows[1].replace("Nạp", '"Nạp')
    rows[4] = rows[4].replace("Nạp rồi mà chưa có", '"Nạp rồi, mà chưa có"')
    report = brought(sqlite_register, tmp_path, "\n".join([HEADER, *rows, ""]))
    assert (report.accepted, [line for line, _, _ in told(report)]) == (4, [3])


def test_a_quote_that_nothing_closes_is_named_by_the_line_it_opens_on(
    sqlite_register: Register, tmp_path: Path
) -> None:
    rows = [FINE.replace("1,", f"{n},", 1) for n in range(1, 6)]
    rows[1] = rows[1].replace("Nạp", '"Nạp')
    with pytest.raises(Invalid) as refused:
        brought(sqlite_register, tmp_path, "\n".join([HEADER, *rows, ""]))
    assert refused.value.values["line"] == 3


def test_words_differ_by_more_than_case_accents_and_blanks(sqlite_register: Register, tmp_path: Path) -> None:
    rows = [FINE.replace("Money", word).replace("1,", f"{n},", 1) for n, word in enumerate(("MONEY", " sign  IN "), 1)]
    report = brought(sqlite_register, tmp_path, "\n".join([HEADER, *rows]))
    assert (report.accepted, told(report)) == (2, [])


def test_a_word_under_the_star_is_counted(sqlite_register: Register, tmp_path: Path) -> None:
    text = MAPPING.replace("Money =", '"*" = "other"\nMoney =')
    rows = [FINE.replace("Money", word).replace("1,", f"{n},", 1) for n, word in enumerate("ABB", 1)]
    report = brought(sqlite_register, tmp_path, "\n".join([HEADER, *rows, FINE.replace("1,", "4,", 1)]), text)
    assert (report.accepted, dict(report.others)) == (4, {("topic", "A"): 1, ("topic", "B"): 2})

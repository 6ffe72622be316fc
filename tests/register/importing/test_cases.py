"""Files as spreadsheets and old systems write them, each with what is right about it; their contents are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import Invalid
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Report, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Customer, Evidence
from core.register.log.verify import verify
from tests.register.importing.files import told

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
DAY_FIRST = 'formats = ["%d/%m/%Y %H:%M"]'
TIME = "Thời gian nhận"


def brought(register: Register, file: Path, mapping: str = "mapping.toml", old: str = "", new: str = "") -> Report:
    text = (CASES / mapping).read_text(encoding="utf-8")
    assert old in text
    read = parse(text.replace(old, new), file=mapping)
    return take_in(register, Delimited(file, read.encoding, read.delimiter, read.header_row), read, act=Act(None, NOW))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def kept(register: Register) -> dict[str | None, Complaint]:
    with register.read() as session:
        return {complaint.external_ref: complaint for complaint in session.scalars(select(Complaint))}


def statements(register: Register) -> dict[str | None, str | None]:
    with register.read() as session:
        texts = select(Complaint.external_ref, Evidence.body).join(Evidence, Evidence.id == Complaint.statement_id)
        return {row.external_ref: row.body for row in session.execute(texts)}


def part_of(folder: Path, file: str, *references: str) -> Path:
    """The header and the rows of ``file`` with these references."""
    lines = (CASES / file).read_text(encoding="utf-8-sig").splitlines(keepends=True)
    part = folder / "part.csv"
    part.write_text(lines[0] + "".join(line for line in lines if line.split(",")[0] in references), encoding="utf-8")
    return part


EXCEL = [
    # file, references taken, (line, column, part of the sentence) refused, why
    ("in.csv", ["P-001", "P-002"], [], "separated by semicolons, as Excel does where the comma is the decimal sign"),
    ("in_cr_only.csv", ["P-001"], [], "line ends of old Macs"),
    ("in_empty_tail.csv", ["P-001", "P-002"], [], "rows of nothing but delimiters"),
    ("in_ws_tail.csv", ["P-001", "P-002"], [], "rows of nothing but blanks"),
    ("in_nbsp.csv", ["P-001"], [], "no-break spaces in cells"),
    ("in_sep_line.csv", ["P-001", "P-002"], [], "a first line that names the delimiter to Excel"),
    ("in_short_rows.csv", ["P-002"], [(2, "", "6 ô")], "nobody knows which cell is missing"),
    ("in_trailing_cells_only_rows.csv", ["P-001", "P-002"], [], "empty cells beyond the header"),
    ("in_trailing_cols.csv", ["P-001", "P-002"], [], "columns without name and content"),
    ("in_wrapped_header.csv", ["P-001", "P-002"], [], "a name written on two lines of its cell"),
    ("quotes_inside.csv", ["P-001", "P-003"], [(3, "", "ngoặc kép")], "blanks after a closing quote spoil one row"),
    ("repeated_header.csv", ["P-001", "P-002", "P-003"], [(5, "", "tiêu đề lặp lại")], "the header of a second page"),
    ("total_row.csv", ["P-001", "P-002"], [(5, "", "cộng tổng")], "a row that adds the others up"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "taken", "refused", "why"), EXCEL, ids=[row[0] for row in EXCEL])
def test_a_file_out_of_a_spreadsheet(
    sqlite_register: Register, file: str, taken: list[str], refused: list[tuple[int, str, str]], why: str
) -> None:
    report = brought(sqlite_register, CASES / "excel-csv" / file)
    assert sorted(kept(sqlite_register), key=str) == taken, why
    assert [(line, column) for line, column, _ in told(report)] == [(line, column) for line, column, _ in refused], why
    for (_, _, sentence), (_, _, part) in zip(told(report), refused, strict=True):
        assert part in sentence, why
    assert (report.accepted, report.refused) == (len(taken), len(refused)), why


def test_a_text_keeps_what_stands_inside_its_quotes(sqlite_register: Register) -> None:
    brought(sqlite_register, CASES / "excel-csv" / "quotes_inside.csv")
    assert statements(sqlite_register) == {"P-001": 'app "POPS Kids" lỗi', "P-003": "app lỗi, treo"}


def test_a_line_within_a_cell_is_kept_and_counted(sqlite_register: Register, tmp_path: Path) -> None:
    brought(sqlite_register, CASES / "excel-csv" / "in.csv")
    assert statements(sqlite_register)["P-002"] == "Nạp tiền rồi nhưng chưa có Stars;\nđã gửi ảnh"
    more = (CASES / "excel-csv" / "in.csv").read_bytes() + "P-003;02/11/2026 10:40;Fax;Lỗi;A;B;\r\n".encode()
    (tmp_path / "more.csv").write_bytes(more)
    report = brought(sqlite_register, tmp_path / "more.csv")
    assert [(line, column) for line, column, _ in told(report)] == [(5, "Kênh")], "P-002 takes lines 3 and 4"


def test_a_cell_of_120_000_signs_is_refused_and_the_others_come_in(sqlite_register: Register, tmp_path: Path) -> None:
    whole = (CASES / "excel-csv" / "in_trailing_cols.csv").read_text(encoding="utf-8-sig")
    big = f"P-010,02/11/2026 09:15,Hotline,Đăng nhập,{'x' * 120_000},B,\r\n"
    (tmp_path / "big.csv").write_text(whole + big, encoding="utf-8")
    report = brought(sqlite_register, tmp_path / "big.csv")
    assert (report.accepted, told(report)[0][:2]) == (2, (5, "Nội dung"))
    assert "20.000" in told(report)[0][2]


@pytest.mark.parametrize("file", ["in_nfd_header.csv", "in_nfd_values.csv"])
def test_decomposed_letters_are_the_same_letters(register: Register, file: str) -> None:
    report = brought(register, CASES / "decomposed" / file)
    assert (report.accepted, told(report), dict(report.others)) == (2, [], {})
    assert {ref: one.category for ref, one in kept(register).items()} == {"P-001": "login", "P-002": "payment"}
    with register.read() as session:
        names = set(session.scalars(select(Customer.name)))
    assert names == {"Lê Thị Hoà", "Đỗ Văn Đức"}, "kept in NFC"
    assert statements(register)["P-001"] == "Không đăng nhập được, báo sai mật khẩu"
    assert verify(register).is_whole


# dates


def test_a_column_in_both_orders_is_refused_by_the_lines_that_prove_it(sqlite_register: Register) -> None:
    with pytest.raises(Invalid) as refused:
        brought(sqlite_register, CASES / "dates" / "in.csv")
    assert refused.value.values["column"] == TIME
    assert (refused.value.values["line"], refused.value.values["text"]) == (4, "11/25/2026 09:00")
    assert refused.value.values["other_line"] == 14, "the first line that only the day-first form reads"
    assert kept(sqlite_register) == {}


def test_one_month_first_date_proves_its_column(sqlite_register: Register, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"line 3 \(“11/25/2026 09:00”\) proves that the month comes first"):
        brought(sqlite_register, part_of(tmp_path, "dates/in.csv", "D-02", "D-03"))
    assert kept(sqlite_register) == {}, "11/3/2026 is not 11 March here"
    brought(
        sqlite_register,
        part_of(tmp_path, "dates/in.csv", "D-02", "D-03"),
        old=DAY_FIRST,
        new='formats = ["%m/%d/%Y %H:%M"]',
    )
    assert kept(sqlite_register)["D-02"].recorded_at == datetime(2026, 11, 3, 2, 0, tzinfo=UTC)


def test_a_day_first_date_proves_its_column_against_a_month_first_mapping(
    sqlite_register: Register, tmp_path: Path
) -> None:
    part = part_of(tmp_path, "dates/in.csv", "D-01", "D-16")
    with pytest.raises(Invalid, match="line 3 .* proves that the day comes first"):
        brought(sqlite_register, part, old=DAY_FIRST, new='formats = ["%m/%d/%Y %H:%M"]')


def test_a_mapping_that_reads_both_orders_is_refused_when_read() -> None:
    text = (CASES / "dates" / "mapping_both.toml").read_text(encoding="utf-8")
    with pytest.raises(Invalid, match="mapping_both.toml: time.formats .*%d/%m/%Y %H:%M.*%m/%d/%Y %H:%M"):
        parse(text, file="mapping_both.toml")


MORE = 'formats = ["%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %I:%M %p", "%d/%m/%y %H:%M", "%d-%b-%y %I:%M %p", '
MORE += '"%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%d/%m/%Y"]'

# ruff: disable[E501]  # a row of a table stays one line
DATES = [
    # reference, in UTC or part of the sentence: by one form, by many forms, why
    ("D-01", utc("2026-11-03 02:00"), utc("2026-11-03 02:00"), "3 November: the mapping reads the day first"),
    ("D-02", utc("2026-03-11 02:00"), utc("2026-03-11 02:00"), "alone nothing speaks against the mapping"),
    ("D-04", "hãy viết theo mẫu “31/12/2026 16:02”", utc("2026-11-25 02:00:30"), "seconds"),
    ("D-05", "ghi đủ bốn chữ số theo mẫu “31/12/2026 16:02”", utc("2026-11-25 02:00"), "a two-digit year needs %y"),
    ("D-06", "theo buổi (SA/CH, AM/PM): hãy viết theo mẫu “31/12/2026 16:02”", utc("2026-11-25 02:00"), "English Excel"),
    ("D-07", "theo buổi (SA/CH, AM/PM): hãy viết theo mẫu “31/12/2026 16:02”", utc("2026-11-25 02:00"), "Vietnamese Excel: SA is the morning"),
    ("D-08", "theo buổi (SA/CH, AM/PM): hãy viết theo mẫu “31/12/2026 16:02”", utc("2026-11-25 07:00"), "CH is the afternoon"),
    ("D-09", "bảng tính", "bảng tính", "a serial number is no time, whatever the forms"),
    ("D-10", "hãy viết theo mẫu “31/12/2026 16:02”", utc("2026-11-25 02:00"), "its own zone counts"),
    ("D-11", "hãy viết theo mẫu “31/12/2026 16:02”", utc("2026-11-25 02:00"), "an offset"),
    ("D-12", "hãy viết theo mẫu “31/12/2026 16:02”", utc("2026-11-24 17:00"), "a date alone is its midnight where the mapping says so"),
    ("D-13", utc("2026-11-25 17:00"), utc("2026-11-25 17:00"), "24:00 is the midnight that ends the day"),
    ("D-14", "không phải thời điểm có thật", "không phải thời điểm có thật", "2026 has no 29 February"),
    ("D-15", utc("2024-02-29 02:00"), utc("2024-02-29 02:00"), "2024 has"),
    ("D-16", utc("2025-12-31 16:59"), utc("2025-12-31 16:59"), "the end of a year"),
    ("D-17", "không phải thời điểm có thật", "không phải thời điểm có thật", "a zero date"),
    ("D-18", "năm đầu tiên", "năm đầu tiên", "the year 26 lies before the calendar"),
    ("D-19", "quá hẹp", "quá hẹp", "a narrow column"),
    ("D-20", utc("2015-11-25 02:00"), utc("2015-11-25 02:00"), "the first year of the calendar"),
    ("D-21", "năm đầu tiên", "năm đầu tiên", "the year before it"),
    ("D-22", "tương lai", "tương lai", "next year"),
    ("D-23", utc("2026-11-25 02:00"), utc("2026-11-25 02:00"), "a no-break space behind it"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize("formats", [DAY_FIRST, MORE], ids=["one form", "many forms"])
@pytest.mark.parametrize(("reference", "by_one", "by_many", "why"), DATES, ids=[row[0] for row in DATES])
def test_a_date_is_read_rightly_or_refused_by_its_own_sentence(
    sqlite_register: Register,
    tmp_path: Path,
    reference: str,
    by_one: datetime | str,
    by_many: datetime | str,
    why: str,
    formats: str,
) -> None:
    right = by_one if formats == DAY_FIRST else by_many
    report = brought(sqlite_register, part_of(tmp_path, "dates/in.csv", reference), old=DAY_FIRST, new=formats)
    if isinstance(right, datetime):
        assert told(report) == [], why
        assert kept(sqlite_register)[reference].recorded_at == right, why
    else:
        assert [(line, column) for line, column, _ in told(report)] == [(2, TIME)], why
        assert right in told(report)[0][2], why
        assert "%" not in told(report)[0][2], "an example is understood, the codes of the mapping are not"


# a moment made of two columns


@pytest.mark.parametrize(
    ("mapping", "right", "why"),
    [
        ("map_as_is.toml", datetime(2015, 4, 22, 8, 53, 50, tzinfo=UTC), "15:53:50 in Vietnam"),
        ("map_date_only.toml", datetime(2015, 4, 21, 17, 0, tzinfo=UTC), "the date alone is its midnight"),
    ],
)
def test_a_moment_made_of_two_columns(sqlite_register: Register, mapping: str, right: datetime, why: str) -> None:
    report = brought(sqlite_register, CASES / "two-time-columns" / "in.csv", f"two-time-columns/{mapping}")
    assert (report.accepted, told(report)) == (40, [])
    assert kept(sqlite_register)["1001"].recorded_at == right, why


def test_a_mapping_for_another_file_is_refused_by_its_column(sqlite_register: Register) -> None:
    with pytest.raises(Invalid, match="no column “When”: it has Ticket #"):
        brought(sqlite_register, CASES / "two-time-columns" / "in.csv", "two-time-columns/map_merged.toml")


def test_half_a_moment_is_refused_by_the_column_that_is_empty(sqlite_register: Register, tmp_path: Path) -> None:
    text = (CASES / "two-time-columns" / "in.csv").read_text(encoding="utf-8-sig").replace("03:53:50 PM", "")
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    report = brought(sqlite_register, tmp_path / "in.csv", "two-time-columns/map_as_is.toml")
    assert [(line, column) for line, column, _ in told(report)] == [(2, "Time")]
    assert report.accepted == 39

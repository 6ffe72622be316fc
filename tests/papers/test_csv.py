"""CSV files: whatever people wrote comes back through other readers, and no cell is a formula."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.i18n import use
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers.cells import RETYPED, RUNS, harmless
from core.papers.csv import DIALECTS, MARK, Dialect, Words, file_name, write
from core.papers.dictionary import COLUMNS, chosen

CODE, STATEMENT = COLUMNS["code"], COLUMNS["statement"]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
NASTY = st.sampled_from(
    [
        "=1+1",
        "+84912",
        "-5",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "'=1",
        "''=x",
        '"',
        '""',
        ",;",
        "a\r\nb",
        " ",
        "'",
        "＝1",
    ]
)
CELLS = st.lists(st.tuples(st.one_of(TEXTS, NASTY), st.one_of(st.none(), TEXTS, NASTY)), min_size=1, max_size=8)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def original(cell: str) -> str:
    """The text as it stands in the register, from a cell of a file."""
    is_marked = cell.startswith("'") and (re.match(RUNS, cell) or re.fullmatch(RETYPED, cell))
    return cell[1:] if is_marked else cell


def file_of(rows: list[tuple[str, str | None]], dialect: Dialect = "csv") -> bytes:
    frame = pl.DataFrame(rows, schema={"code": pl.String, "statement": pl.String}, orient="row")
    return b"".join(write([frame], Words([CODE, STATEMENT], "key"), dialect))


@given(CELLS, st.sampled_from(list(DIALECTS)))
def test_any_text_comes_back_through_pandas(rows: list[tuple[str, str | None]], dialect: Dialect) -> None:
    read = pd.read_csv(
        BytesIO(file_of(rows, dialect)),
        sep=DIALECTS[dialect],
        dtype=str,
        keep_default_na=False,
        engine="python",
        skip_blank_lines=False,
    )
    assert list(read.columns) == ["code", "statement"]
    came_back = [(original(code), original(said)) for code, said in zip(read["code"], read["statement"], strict=True)]
    assert came_back == [(code, said or "") for code, said in rows]


@given(CELLS, st.sampled_from(list(DIALECTS)))
def test_any_text_comes_back_through_the_csv_module(rows: list[tuple[str, str | None]], dialect: Dialect) -> None:
    text = file_of(rows, dialect).decode("utf-8-sig")
    (_head, *lines) = csv.reader(StringIO(text, newline=""), delimiter=DIALECTS[dialect], strict=True)
    assert [[original(cell) for cell in line] for line in lines] == [[code, said or ""] for code, said in rows]


@given(CELLS)
def test_no_cell_begins_like_a_formula(rows: list[tuple[str, str | None]]) -> None:
    text = file_of(rows).decode("utf-8-sig")
    for line in csv.reader(StringIO(text, newline="")):
        assert not [cell for cell in line if cell.startswith(FORMULA)]


@given(st.one_of(TEXTS, NASTY))
def test_making_harmless_is_undone_exactly(text: str) -> None:
    made = pl.DataFrame({"text": [text]}).select(harmless("text")).item()
    assert original(made) == text
    assert made == text or made == "'" + text


CASES = [
    # text, cell, why
    ("=HYPERLINK(1)", "'=HYPERLINK(1)", "a formula"),
    ("+84 912 345 678", "'+84 912 345 678", "a number that Excel would compute"),
    ("-tôi muốn trả lại", "'-tôi muốn trả lại", "a dash is a minus"),
    ("@pops", "'@pops", "an old function call"),
    ("'=1", "''=1", "an apostrophe of the customer's own is kept"),
    ("1=1", "1=1", "a sign in the middle does nothing"),
    ("'tên'", "'tên'", "an apostrophe before a word is left alone"),
    ("Đã trừ 50.000đ", "Đã trừ 50.000đ", "ordinary text"),
    ("", "", "nothing"),
]


@pytest.mark.parametrize(("text", "cell", "why"), CASES, ids=[row[-1] for row in CASES])
def test_a_cell_that_would_run(text: str, cell: str, why: str) -> None:
    assert pl.DataFrame({"text": [text]}).select(harmless("text")).item() == cell, why


MOMENT = datetime(2026, 11, 20, 9, 2, 5, tzinfo=UTC)


def typed() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "code": ["KN-2026-000001", "KN-2026-000002"],
            "category": pl.Series(["payment", None], dtype=pl.Categorical),
            "recorded_at": pl.Series([MOMENT, None], dtype=pl.Datetime("us", "UTC")),
            "acknowledge_verdict": ["missed", None],
            "acknowledge_minutes": [1234, None],
        }
    )


def test_the_bytes_of_a_file() -> None:
    wanted = chosen(typed().columns, obligations=False)
    assert b"".join(write([typed()], Words(wanted, "label"))) == (
        MARK
        + "Mã hồ sơ,Nhóm khiếu nại,Ghi nhận,Tiếp nhận: kết luận,Tiếp nhận: số phút làm việc\r\n"
        "KN-2026-000001,Thanh toán POPS Stars / Tắt quảng cáo,2026-11-20 16:02:05,Trễ hạn,1234\r\n"
        "KN-2026-000002,,,,\r\n".encode()
    )


def test_keys_instead_of_names_and_semicolons_for_excel() -> None:
    wanted = chosen(typed().columns, obligations=False)
    assert b"".join(write([typed()], Words(wanted, "key"), "excel")) == (
        MARK + b"code;category;recorded_at;acknowledge_verdict;acknowledge_minutes\r\n"
        b"KN-2026-000001;payment;2026-11-20 16:02:05;missed;1234\r\n"
        b"KN-2026-000002;;;;\r\n"
    )


def test_words_are_chosen_before_the_rows_are_written() -> None:
    words = Words(chosen(["category"], obligations=False), "label")
    use("en")
    assert b"".join(write([typed()], words)).decode("utf-8-sig").splitlines()[0] == "Nhóm khiếu nại"


@pytest.mark.parametrize(
    ("phone", "cell", "why"),
    [
        ("0912345678", "0912 345 678", "a number would lose its 0"),
        ("02838221234", "0283 822 1234", "a fixed line"),
        ("840912345678", "8409 123 45678", "twelve digits, which would be shown as 8.4E+11"),
        ("0912 345 678", "0912 345 678", "spaced already"),
        ("+84912345678", "'+84912345678", "a sum to a spreadsheet"),
        ("1900", "1900", "short"),
    ],
)
def test_phone_numbers_stay_texts(phone: str, cell: str, why: str) -> None:
    frame = pl.DataFrame({"phone": [phone]})
    assert b"".join(write([frame], Words([COLUMNS["phone"]], "key"))).decode("utf-8-sig") == f"phone\r\n{cell}\r\n", why


RETYPED_BY_A_SPREADSHEET = [
    # what the register holds, the cell, why
    ("0012", "'0012", "it would lose its zeros"),
    ("970436000123456789", "'970436000123456789", "a spreadsheet keeps fifteen digits"),
    ("1e5", "'1e5", "it would become 100000"),
    ("3-4", "'3-4", "it would become the third of April"),
    ("12/2026", "'12/2026", "a month"),
    ("1.2.2026", "'1.2.2026", "a day"),
    ("10:30", "'10:30", "a time of day"),
    ("49.000", "49.000", "an amount as it was said"),
    ("2026", "2026", "a number comes back as it is"),
    ("KN-2026-000123", "KN-2026-000123", "no number"),
]


@pytest.mark.parametrize(("text", "cell", "why"), RETYPED_BY_A_SPREADSHEET)
def test_digits_stay_as_they_are(text: str, cell: str, why: str) -> None:
    assert file_of([("KN-1", text)]).decode("utf-8-sig").splitlines()[1] == f"KN-1,{cell}", why


def test_a_file_without_rows_has_its_header() -> None:
    assert b"".join(write([], Words([CODE], "key"))) == MARK + b"code\r\n"


def test_pandas_reads_dates_as_dates_and_numbers_as_numbers() -> None:
    wanted = chosen(typed().columns, obligations=False)
    data = b"".join(write([typed()], Words(wanted, "key")))
    read = pd.read_csv(BytesIO(data), parse_dates=["recorded_at"])
    assert read["recorded_at"][0] == pd.Timestamp("2026-11-20 16:02:05")
    assert read["acknowledge_minutes"][0] == 1234


@pytest.mark.parametrize(
    ("of", "name"),
    [
        ("recorded", "khieu-nai_2026-11-16_2026-11-22.csv"),
        ("due", "cam-ket_2026-11-16_2026-11-22.csv"),
        ("open", "dang-mo_2026-11-16_2026-11-22.csv"),
        ("closed", "da-dong_2026-11-16_2026-11-22.csv"),
    ],
)
def test_the_name_of_a_file_says_what_is_in_it(of: str, name: str) -> None:
    week = Filter.of("this_week", datetime(2026, 11, 20, tzinfo=UTC).date())
    assert file_name(Slice(week, of=of)) == name

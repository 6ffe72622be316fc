"""The numbers of a figure as a file: what it is above the table, cells that no spreadsheet runs, its name."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest

from core import catalogues, i18n, shipped
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers import about, figure
from core.papers.csv import DIALECTS, Dialect
from core.papers.figure import Told, Value
from core.papers.rows import Selection
from tests.insight.given import NOVEMBER, NOW, Case, register

WEEK = Filter(date(2026, 11, 9), date(2026, 11, 15)).only("channel", "email", "hotline")


@pytest.fixture(autouse=True)
def _lists() -> None:
    catalogues.use(shipped.catalogues("pops"))


def read(content: bytes, dialect: Dialect) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=DIALECTS[dialect]))


def test_it_says_what_it_is_and_of_what() -> None:
    told = Told("Số hồ sơ theo nhóm", "Mỗi hồ sơ một lần; không trùng.", WEEK, NOW, ("so với 02/11–08/11/2026",))
    content = figure.write(told.lines, ["Nhóm", "Hồ sơ"], [["Thanh toán", 12]], "excel")
    *head, headers, row = read(content, "excel")
    assert [line for (line,) in head] == [
        "# Số hồ sơ theo nhóm",
        "# Mỗi hồ sơ một lần; không trùng.",
        "# Kỳ: 09/11–15/11/2026",
        "# Kênh: Email, Hotline",
        "# so với 02/11–08/11/2026",
        "# Tính đến 18/11/2026 10:00",
    ]
    assert (headers, row) == (["Nhóm", "Hồ sơ"], ["Thanh toán", "12"])
    assert told.file_name("csv") == "Số-hồ-sơ-theo-nhóm_2026-11-09_2026-11-15.csv"


CELLS: list[tuple[Value, Dialect, str, str]] = [
    (12, "csv", "12", "a count"),
    (0.873, "csv", "0.873", "a share"),
    (0.873, "excel", "0,873", "the comma is the decimal sign there"),
    (1e-7, "csv", "1e-07", "a float is written so that it is read back"),
    (None, "csv", "", "nothing to count"),
    ("=1+1", "csv", "'=1+1", "a formula"),
    ("-3", "csv", "'-3", "so is what begins like one"),
    ("0123", "csv", "'0123", "digits that would lose their 0"),
    ("12/11", "csv", "'12/11", "no date of this year"),
    ("87 %", "csv", "87 %", "a percentage as it is shown"),
    ("có; và, “cả”", "excel", "có; và, “cả”", "what separates cells elsewhere"),
]


@pytest.mark.parametrize(("value", "dialect", "cell", "why"), CELLS, ids=[row[-1] for row in CELLS])
def test_cells(value: Value, dialect: Dialect, cell: str, why: str) -> None:
    assert read(figure.write([], ["x"], [[value]], dialect), dialect)[1:] == [[cell]], why


def test_a_spreadsheet_of_the_reader_opens_it_without_asking() -> None:
    i18n.use("vi")
    assert figure.dialect() == "excel"
    i18n.use("en")
    assert figure.dialect() == "csv"


@pytest.mark.parametrize("title", ["../../etc/passwd", "a\nb: c", "=cmd|' /C calc'!A0", "x" * 300])
def test_no_title_makes_a_name_that_a_file_system_minds(title: str) -> None:
    name = Told(title, "", WEEK, NOW).file_name("csv")
    assert not set('/\\:*?"<>|\n .') & set(name.removesuffix(".csv")) and len(name) < 100


def test_the_text_beside_a_file_names_the_cell_of_a_pivot() -> None:
    of = Slice(NOVEMBER, "closed", outcome="upheld", product="none", which="decided")
    said = about.text(Selection(register([Case()]), of, NOW), [], "POPS")
    for words in ("Chấp nhận khiếu nại", "chưa ghi sản phẩm", "có kết luận đúng hay sai"):
        assert words in said

"""Khai thác dữ liệu as a table of numbers: measure, rows, columns in the address; each number opens what it counted."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.insight import figures, pivot
from core.register.log.database import Register
from core.register.log.tables import Complaint, Person
from core.rules.masking import mask_name
from tests.conftest import Cast
from tests.pages.analysis import LONG_AGO, count, opener
from tests.pages.screen import Open, as_read, said

LINK = re.compile(r"\[([\d.,]+)\]\(/explore\?([^)]*)\)")


@pytest.fixture
def open_page(filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(*filled, now, monkeypatch)


def table(app: AppTest) -> list[list[str]]:
    """Lines of cells, the header first."""
    (found,) = [text.value for text in app.main.markdown if text.value.startswith("| ")]
    lines = [line.strip("| ").split(" | ") for line in found.splitlines()]
    return [lines[0], *lines[2:]]


def asked(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


TABLES = [
    # query, why
    ({}, "categories by all numbers of what was recorded"),
    ({"figure": "volume", "down": "category,channel", "across": "month"}, "two down, months across"),
    ({"figure": "resolve_in_time", "down": "channel", "across": "category", "category": "payment,login"}, "a share"),
    ({"figure": "resolve_hours", "down": "category", "across": "week", "number": "p90"}, "hours"),
    ({"figure": "backlog", "down": "state", "across": "person"}, "what is open now, by whom"),
    ({"figure": "outcomes", "down": "outcome", "across": "root_cause"}, "keys that no filter knows"),
    ({"figure": "reopened", "down": "product"}, "complaints that ended once"),
    ({"figure": "department_answers", "down": "department", "across": "month"}, "answers of departments"),
    ({"figure": "misses_explained", "down": "breach_reason,stage"}, "misses"),
    ({"figure": "repeats", "down": "branch", "across": "kind"}, "customers who are known"),
]


@pytest.mark.parametrize(("query", "why"), TABLES, ids=[row[-1] for row in TABLES])
def test_each_number_opens_exactly_what_it_counted(
    open_page: Open, filled: tuple[Register, Cast], now: datetime, query: dict[str, str], why: str
) -> None:
    app = open_page("explore", "analyst", view="pivot", period="year", **query)
    assert not app.exception
    opened = [pair for line in table(app)[1:] for cell in line for pair in LINK.findall(cell)]
    assert opened, why
    for shown, link in opened[:40] + opened[-5:]:
        assert count(filled[0], dict(parse_qsl(link)), now) == int(shown.replace(".", "")), (why, link)


@pytest.mark.parametrize(("role", "is_named"), [("manager", True), ("analyst", False)])
def test_people_are_named_to_whoever_opens_the_queue(
    open_page: Open, filled: tuple[Register, Cast], role: str, is_named: bool
) -> None:
    with filled[0].read() as session:
        holders = {*session.scalars(select(Person.name).join(Complaint, Complaint.assignee_id == Person.id))}
    text = as_read(str(table(open_page("explore", role, view="pivot", period="year", figure="volume", down="person"))))
    assert holders
    assert any(name in text for name in holders) is is_named
    assert any(mask_name(name) in text for name in holders) is not is_named


@pytest.mark.parametrize("name", [name for name, one in figures.FIGURES.items() if one.by])
def test_every_measure_is_shown(open_page: Open, name: str) -> None:
    app = open_page("explore", view="pivot", period="year", figure=name)
    assert not app.exception
    across = open_page("explore", view="pivot", period="year", figure=name, across="month", down="channel")
    assert not across.exception
    definition = figures.FIGURES[name].definition
    assert definition not in said(app), "in Vietnamese"
    assert len(app.caption) > 1


def test_measure_rows_and_columns_live_in_the_address(open_page: Open) -> None:
    app = open_page("explore")
    assert "pivot_figure" not in {one.key for one in app.selectbox}
    app.segmented_control(key="explore_view").set_value("pivot").run()
    app.selectbox(key="pivot_figure").set_value("resolve_in_time").run()
    app.multiselect(key="pivot_down").set_value(["channel", "category"]).run()
    app.selectbox(key="pivot_across").set_value("week").run()
    app.selectbox(key="pivot_number").set_value("missed").run()
    app.selectbox(key="pivot_order").set_value("value").run()
    assert asked(app) == {
        "period": "quarter",
        "view": "pivot",
        "figure": "resolve_in_time",
        "down": "channel,category",
        "across": "week",
        "number": "missed",
        "order": "value",
    }
    assert not app.exception
    head, total, *lines = table(app)
    assert as_read(head[0]) == "Kênh · Nhóm khiếu nại" and as_read(head[1]) == "Tổng"
    assert as_read(total[0]) == "**Tổng**" and len(lines) > 3
    sums = [int(LINK.sub(r"\1", line[1]).replace(".", "")) for line in lines]
    assert sums == sorted(sums, reverse=True)
    assert sum(sums) == int(LINK.sub(r"\1", total[1]).replace(".", ""))
    app.segmented_control(key="explore_view").set_value("rows").run()
    assert asked(app) == {"period": "quarter"}
    assert app.dataframe


def test_shares_are_told_with_what_they_are_made_of_and_few_are_marked(open_page: Open) -> None:
    app = open_page("explore", view="pivot", period="year", figure="resolve_in_time", down="category", across="channel")
    cells = [as_read(LINK.sub(r"\1", cell)) for line in table(app)[1:] for cell in line[1:]]
    told = [re.fullmatch(r"([\d,]+) %(°?) \((\d+)/(\d+)\)", cell) for cell in cells if cell != "–"]
    assert all(told) and {bool(one[2]) for one in told if one} == {True, False}
    for one in told:
        assert one is not None
        assert bool(one[2]) is (int(one[4]) < 20), one[0]
        assert abs(float(one[1].replace(",", ".")) - 100 * int(one[3]) / int(one[4])) <= 0.5, one[0]
    assert "°: dưới 20" in said(app)


def test_too_many_columns_are_cut_with_a_sentence(open_page: Open) -> None:
    app = open_page("explore", view="pivot", period="year", figure="volume", down="category", across="day")
    assert len(table(app)[0]) == pivot.MOST_ACROSS + 2
    assert re.search(r"Hiển thị 24 trên \d+ cột; dòng tổng và tệp tải về có đủ tất cả\.", said(app))
    assert "Hiển thị" not in said(open_page("explore", view="pivot", period="year"))


def test_nonsense_in_the_address_shows_the_usual_table(open_page: Open) -> None:
    nonsense = {"figure": "'", "number": "x", "down": "moon,sun", "across": "stars", "order": "soon"}
    app = open_page("explore", view="pivot", **nonsense)
    assert not app.exception
    assert app.selectbox(key="pivot_figure").value == "volume"
    assert app.multiselect(key="pivot_down").value == ["category"]


def test_nothing_fits(open_page: Open) -> None:
    app = open_page("explore", view="pivot", **LONG_AGO)
    assert not app.exception
    assert "hãy chọn kỳ dài hơn hoặc đặt lại bộ lọc" in said(app)


def test_an_empty_register(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opener(sqlite_register, sqlite_cast, now, monkeypatch)("explore", "lead", view="pivot")
    assert not app.exception
    assert "Chưa có hồ sơ nào" in said(app)


CELLS = [
    ({"of": "closed", "outcome": "upheld"}, "Chấp nhận khiếu nại", "one key"),
    ({"product": "none"}, "chưa ghi sản phẩm", "no value"),
    ({"which": "ended_once"}, "đã từng kết thúc", "what a figure counts"),
    ({"of": "open", "person": "none"}, "chưa ai giữ", "nobody has it"),
]


@pytest.mark.parametrize(("query", "words", "why"), CELLS, ids=[row[-1] for row in CELLS])
def test_the_rows_say_which_cell_they_are(open_page: Open, query: dict[str, str], words: str, why: str) -> None:
    app = open_page("explore", period="year", **query)
    assert not app.exception
    assert words in said(app), why
    app.button(key="explore_all").click().run()
    assert not set(query) - {"of"} & set(asked(app))

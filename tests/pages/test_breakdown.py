"""Phân loại: categories against the period before, per week, by channel and by hour; one filter in the URL."""

from __future__ import annotations

import re
from datetime import date, datetime
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import number
from core.insight import facts, volume
from core.insight.dimensions import name_of
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.register.log.database import Register
from core.rules.calendar import local_day
from tests.conftest import Cast
from tests.pages.analysis import LONG_AGO, ROLES, count, links, opener
from tests.pages.screen import Open, as_read, said


@pytest.fixture
def open_page(filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(*filled, now, monkeypatch)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_it(open_page: Open, role: str) -> None:
    app = open_page("breakdown", role)
    assert not app.exception
    allowed = role in {"lead", "manager", "analyst", "admin"}
    assert bool(app.main.get("plotly_chart")) is allowed
    assert ("không thuộc vai trò" in said(app)) is not allowed


def test_the_bar_says_how_many_it_keeps_and_opens_them(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("breakdown", category="payment,login", period="four_weeks")
    label, query = next(iter(links(app).items()))
    total = count(filled[0], query, now)
    wanted = Filter.from_query({"category": "payment,login", "period": "four_weeks"}, local_day(now))
    assert label == f"{total} hồ sơ ghi nhận"
    assert total == volume.total(facts.current(filled[0]), wanted) > 0
    assert "26/10–22/11/2026" in said(app)
    assert as_read(app.button(key="chip_category").label).startswith("Nhóm khiếu nại: Đăng nhập/đăng xuất, Thanh toán")


def test_each_small_chart_says_how_many_and_where_there_were_unusually_many(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    wanted = Filter.from_query({"period": "quarter"}, local_day(now))
    found = volume.by_week_and_category(facts.current(filled[0]), wanted)
    headings = [as_read(block.value) for block in open_page("breakdown", period="quarter").main.subheader]
    told = 0
    for category, part in found.groupby("category"):
        name, n = name_of("category", str(category)), int(part["count"].sum())
        (heading,) = [one for one in headings if one == name or one.startswith(f"{name}: {number(n)} hồ sơ")]
        assert (heading != name) is (n >= ENOUGH)
        told += heading.endswith((", không tuần nào tăng vọt", ")"))
    assert told > 0


def test_choosing_a_period_writes_the_url_and_reset_takes_it_back(open_page: Open) -> None:
    app = open_page("breakdown", category="payment")
    app.segmented_control(key="filter_period").set_value("this_week").run()
    assert asked(app) == {"category": "payment", "period": "this_week"}
    app.multiselect(key="filter_channel").set_value(["email", "hotline"]).run()
    assert asked(app) == {"category": "payment", "period": "this_week", "channel": "email,hotline"}
    app.button(key="filter_reset").click().run()
    assert asked(app) == {"period": "quarter"}
    assert not app.exception


def test_each_filter_is_a_chip_that_is_taken_off(open_page: Open) -> None:
    app = open_page("breakdown", category="payment", field_method="momo", channel="email", page="2")
    chips = {button.key: as_read(button.label) for button in app.button if (button.key or "").startswith("chip_")}
    assert chips == {
        "chip_category": "Nhóm khiếu nại: Thanh toán POPS Stars / Tắt quảng cáo",
        "chip_channel": "Kênh: Email",
        "chip_field_method": "Hình thức thanh toán: Ví MoMo",
    }
    app.button(key="chip_category").click().run()
    assert asked(app) == {"channel": "email"}, "the field of the category goes with it"
    assert not app.exception


def test_days_that_a_click_chose_go_back_to_those_of_before(open_page: Open) -> None:
    week = {"period": "custom", "from": "2026-11-02", "to": "2026-11-08", "back": "four_weeks"}
    app = open_page("breakdown", **week)
    app.button(key="chip_back").click().run()
    assert asked(app) == {"period": "four_weeks"}
    app = open_page("breakdown", **week)
    app.segmented_control(key="filter_period").set_value("quarter").run()
    assert asked(app) == {"period": "quarter"}, "another period leaves nothing to come back to"
    for back in ("soon", "custom"):
        assert "chip_back" not in {button.key for button in open_page("breakdown", **week | {"back": back}).button}


def test_custom_days_start_from_the_period_that_was_open(open_page: Open) -> None:
    app = open_page("breakdown", period="last_week")
    app.segmented_control(key="filter_period").set_value("custom").run()
    assert asked(app) == {"period": "custom", "from": "2026-11-09", "to": "2026-11-15"}
    (days,) = app.date_input
    first = date(2026, 11, 9)
    assert days.value == (first, date(2026, 11, 15))
    days.set_value((first, first)).run()
    assert asked(app)["to"] == "2026-11-09"


def test_what_came_before_opens_exactly_these(open_page: Open, filled: tuple[Register, Cast], now: datetime) -> None:
    app = open_page("breakdown", period="four_weeks")
    assert re.search(r"so với 28/09–\d\d/10/2026 đến \d\d:\d\d · ", said(app))
    table = next(text.value for text in app.main.markdown if "Thay đổi" in text.value)
    opened = re.findall(r"\[([\d.]+)\]\(/explore\?([^)]*until=[^)]*)\)", table)
    assert opened, table
    for shown, query in opened:
        assert number(count(filled[0], dict(parse_qsl(query)), now)) == shown


def test_where_the_register_does_not_cover_the_period_before_nothing_is_compared(open_page: Open) -> None:
    app = open_page("breakdown", period="year")
    assert re.search(r"Không so sánh với 25/11/2024–23/11/2025: sổ chỉ có đủ số liệu từ \d\d/\d\d/2026\.", said(app))
    assert not [text for text in app.main.markdown if "Thay đổi" in text.value]
    assert "tăng" not in app.title[0].value
    assert "giảm" not in app.title[0].value


def test_what_to_compare_with_goes_along_to_other_pages(open_page: Open) -> None:
    app = open_page("breakdown", compare="none")
    assert app.selectbox(key="filter_compare").value == "none"
    assert "so với" not in said(app)
    app.selectbox(key="filter_compare").set_value("before").run()
    assert "compare" not in app.query_params


def test_any_other_days_are_chosen_to_compare_with(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("breakdown", period="last_week")
    app.selectbox(key="filter_compare").set_value("own").run()
    assert asked(app)["compare"] == "2026-11-02..2026-11-08", "as many days right before, to begin with"
    (days,) = app.date_input
    days.set_value((date(2026, 9, 28), date(2026, 10, 11))).run()
    assert asked(app)["compare"] == "2026-09-28..2026-10-11"
    assert app.selectbox(key="filter_compare").value == "own"
    assert "so với 28/09–11/10/2026 · 7 ngày so với 14 ngày" in said(app)
    table = next(text.value for text in app.main.markdown if "Thay đổi" in text.value)
    assert "28/09–11/10/2026" in table.splitlines()[0], "the column says whose numbers these are"
    opened = re.findall(r"\[([\d.]+)\]\(/explore\?([^)]*from=2026-09-28[^)]*)\)", table)
    assert opened
    for shown, query in opened:
        assert number(count(filled[0], dict(parse_qsl(query)), now)) == shown
    app.selectbox(key="filter_compare").set_value("before").run()
    assert "compare" not in asked(app)
    assert not app.exception


NO_DAYS = [
    ("2026-09-28..2026-09-01", "the wrong way round"),
    ("2026-09-28", "one day alone"),
    ("own", "the name of the choice"),
    ("'; drop..table", "nonsense"),
]


@pytest.mark.parametrize(("compare", "why"), NO_DAYS, ids=[row[1] for row in NO_DAYS])
def test_what_is_no_period_compares_with_the_usual_one(open_page: Open, compare: str, why: str) -> None:
    app = open_page("breakdown", compare=compare)
    assert not app.exception
    assert app.selectbox(key="filter_compare").value == "before", why


def test_nonsense_in_the_url_shows_the_default(open_page: Open) -> None:
    app = open_page("breakdown", period="soon", category="nothing", channel="'")
    assert not app.exception
    assert app.segmented_control(key="filter_period").value == "quarter"


def test_a_period_without_complaints_says_what_to_do(open_page: Open) -> None:
    app = open_page("breakdown", **LONG_AGO)
    assert not app.exception
    assert not app.main.get("plotly_chart")
    assert "hãy chọn kỳ dài hơn hoặc đặt lại bộ lọc" in said(app)
    assert "filter_reset" in {button.key for button in app.button}


def test_an_empty_register(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in ("breakdown", "sla", "root_causes"):
        app = opener(sqlite_register, sqlite_cast, now, monkeypatch)(page, "lead")
        assert not app.exception
        assert not app.main.get("plotly_chart")
        assert "Chưa có hồ sơ nào" in said(app)


def test_every_chart_has_its_numbers_as_a_table_with_links(open_page: Open) -> None:
    app = open_page("breakdown")
    tables = [text.value for text in app.main.markdown if "| ---" in text.value]
    assert len(tables) == len(app.main.get("plotly_chart")) > 0
    assert all("](/explore?" in table for table in tables)


def asked(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def test_one_category_is_divided_by_the_choices_it_must_know(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("breakdown", category="payment", period="year")
    assert not app.exception
    assert "Hình thức thanh toán" in said(app)
    (table,) = [text.value for text in app.main.markdown if "](/explore?" in text.value and "Ví MoMo" in text.value]
    opened = re.findall(r"\[([\d.]+)\]\(/explore\?([^)]*field_method[^)]*)\)", table)
    assert len(opened) > 4
    for shown, query in opened:
        assert count(filled[0], dict(parse_qsl(query)), now) == int(shown.replace(".", "")), "it opens what it counted"
    for several in ({}, {"category": "payment,login"}, {"category": "other"}):
        assert "Hình thức thanh toán" not in said(open_page("breakdown", period="year", **several))

"""Nguyên nhân gốc: why it happened, what rose beyond chance; a department sees its own."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl

import pytest

from core.i18n import number
from core.insight import causes, facts
from core.insight.filters import Filter
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
    app = open_page("root_causes", role, period="year")
    assert not app.exception
    allowed = role != "agent"
    assert bool(app.main.get("plotly_chart")) is allowed
    assert ("không thuộc vai trò" in said(app)) is not allowed


def test_the_count_opens_the_complaints_closed_in_the_period(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("root_causes", period="year")
    label, query = next(iter(links(app).items()))
    total = causes.total(facts.current(filled[0]), Filter.of("year", local_day(now)))
    assert label == f"{total} hồ sơ đã đóng"
    assert count(filled[0], query, now) == total > 0


def test_a_department_sees_what_was_forwarded_to_it_and_no_rows(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("root_causes", "handler", period="year", department="legal")
    own = Filter.of("year", local_day(now)).seen_by(filled[1].handler)
    total = causes.total(facts.current(filled[0]), own)
    assert f"{total} hồ sơ đã đóng" in said(app)
    assert 0 < total < causes.total(facts.current(filled[0]), Filter.of("year", local_day(now)))
    assert not links(app)
    assert not any("/explore" in text.value for text in app.main.markdown)
    assert not [box for box in app.multiselect if box.key == "filter_department"]


def test_causes_are_read_with_an_interval_and_open_what_was_before(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("root_causes", period="four_weeks")
    table = next(text.value for text in app.main.markdown if "Nhận định" in text.value)
    assert "Thay đổi" in table
    assert re.search(r"-\d+\s% … (trên )?[+-]\d+\s%", as_read(table)), table
    opened = re.findall(r"\[([\d.]+)\]\(/explore\?([^)]*until=[^)]*)\)", table)
    assert opened, table
    for shown, query in opened:
        assert number(count(filled[0], dict(parse_qsl(query)), now)) == shown


def test_without_a_covered_period_before_no_cause_is_called_risen(open_page: Open) -> None:
    app = open_page("root_causes", period="year")
    assert "sổ chỉ có đủ số liệu từ" in said(app)
    assert "Không có gì để so sánh với kỳ và bộ lọc này." in said(app)
    assert not [text for text in app.main.markdown if "Nhận định" in text.value]
    assert "tăng" not in app.title[0].value


def test_a_period_without_closed_complaints_says_what_to_do(open_page: Open) -> None:
    app = open_page("root_causes", **LONG_AGO)
    assert not app.exception
    assert "hãy chọn kỳ dài hơn hoặc đặt lại bộ lọc" in said(app)

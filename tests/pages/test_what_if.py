"""Nếu… thì: another term, calendar or target; before and after, each number opening what it counted (D37)."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from core.i18n import number, percent
from core.insight import facts, whatif
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.whatif import Answer, Hypothesis, Length, OfRegister
from core.register import rulebook
from core.register.log.database import Register
from core.rules.calendar import local_day
from core.rules.procedure import Unit
from tests.conftest import Cast
from tests.pages.analysis import LONG_AGO, ROLES, cards, count, links, opener
from tests.pages.screen import Open, said

RESULT = "Thông báo kết quả"
THREE = {"terms": "resolve:3:working_day"}


@pytest.fixture
def open_page(filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(*filled, now, monkeypatch)


def asked(register: Register, now: datetime, supposed: Hypothesis) -> Answer:
    with register.read() as session:
        newest = rulebook.procedure_at(session, "pops", now)
    quarter = Filter.of("quarter", local_day(now)).only("procedure", "pops")
    return whatif.ask(facts.current(register), quarter, supposed, now, OfRegister(register, "pops"), newest)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_it(open_page: Open, role: str) -> None:
    app = open_page("what_if", role)
    assert not app.exception
    allowed = role in {"lead", "manager", "analyst", "admin"}
    assert bool(app.main.get("plotly_chart")) is allowed
    assert ("không thuộc vai trò" in said(app)) is not allowed


def test_a_shorter_term_is_told_in_one_sentence_with_its_numbers(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("what_if", **THREE)
    found = asked(filled[0], now, Hypothesis("pops", (("resolve", Length(3, Unit.WORKING_DAY)),))).of("resolve")
    assert found is not None
    more = (found.due_then - found.met_then) - (found.due - found.met)
    assert more > 0, "there is something to tell"
    (title,) = app.title
    shares = f"{percent(found.share)} → {percent(found.share_then)}"
    assert title.value == f"{RESULT}, hạn 3 ngày làm việc: {shares}, thêm {number(more)} lần trễ"
    assert cards(app)[RESULT] == percent(found.share_then)
    words = f"{number(found.met)} trên {number(found.due)}"
    assert count(filled[0], links(app)[words], now) == found.due, "the number opens what it counted (D15)"
    assert f"nếu vậy {number(found.met_then)} trên {number(found.due_then)}" in said(app)
    assert "Giả sử mọi người làm đúng như đã làm" in said(app)
    assert f"Kết luận hạn thay đổi ({number(found.better + found.worse)})" in said(app)


def test_without_a_hypothesis_nothing_changes(open_page: Open) -> None:
    app = open_page("what_if")
    assert app.title[0].value == f"{RESULT}: hãy chọn thời hạn, lịch hay chỉ tiêu khác"
    assert "Không kết luận hạn nào trong kỳ sẽ khác đi." in said(app)


def test_what_is_chosen_goes_into_the_address(open_page: Open) -> None:
    app = open_page("what_if")
    app.number_input(key="what_if_resolve_amount").set_value(2).run()
    assert app.query_params["terms"] == "resolve:2:working_day"
    app.selectbox(key="what_if_acknowledge_unit").set_value("hour").run()
    assert app.query_params["terms"] == "resolve:2:working_day,acknowledge:1:hour"
    app.text_input(key="what_if_saturday").set_value("08:30-12:00").run()
    assert app.query_params["hours"] == "saturday=08:30-12:00"
    app.text_input(key="what_if_off").set_value("19/11/2026").run()
    assert app.query_params["off"] == "19/11/2026"
    app.number_input(key="what_if_share").set_value(92.5).run()
    assert app.query_params["share"] == "92.5"
    assert not app.exception
    assert "theo giờ làm việc khác" in app.title[0].value
    app.button(key="what_if_reset").click().run()
    assert not {"terms", "hours", "off", "share"} & {*app.query_params}
    app.number_input(key="what_if_resolve_amount").set_value(5).run()
    assert "terms" not in app.query_params, "as promised, nothing is supposed"


def test_another_target_is_told_in_weeks(open_page: Open, filled: tuple[Register, Cast], now: datetime) -> None:
    app = open_page("what_if", share="60")
    weeks = asked(filled[0], now, Hypothesis("pops", share=0.6)).weeks
    its = weeks[weeks["term"] == "resolve"]
    is_over = its["week"] + pd.Timedelta(weeks=1) <= pd.Timestamp(local_day(now))
    judged = its[is_over & (its["due"] >= ENOUGH)]
    reached = int((judged["share"] >= 0.6).sum())
    assert reached > 0
    assert app.title[0].value == f"{RESULT}: {number(reached)} trên {number(len(judged))} tuần đạt chỉ tiêu 60\xa0%"
    few = open_page("what_if", share="60", channel="letter")
    assert few.title[0].value == f"{RESULT}: không tuần nào đủ 20 lượt đến hạn để xét chỉ tiêu 60\xa0%"


WRONG = [
    # query, sentence, why
    ({"terms": "resolve:0:working_day"}, "Thời hạn viết như", "no time at all"),
    ({"hours": "saturday=8h"}, "Hãy ghi giờ như 08:30-12:00", "no hours"),
    ({"off": "mai"}, "Viết ngày như 19/11/2026", "no day"),
    ({"share": "140"}, "Chỉ tiêu là một số lớn hơn 0", "more than all"),
]


@pytest.mark.parametrize(("query", "sentence", "why"), WRONG, ids=[row[-1] for row in WRONG])
def test_what_cannot_be_is_said_and_nothing_is_reckoned(
    open_page: Open, query: dict[str, str], sentence: str, why: str
) -> None:
    app = open_page("what_if", **query)
    assert not app.exception, why
    assert sentence in said(app)
    assert not app.main.metric
    assert not app.main.get("plotly_chart")


def test_a_term_beyond_the_calendar_is_said(open_page: Open) -> None:
    app = open_page("what_if", terms="resolve:400:working_day")
    assert not app.exception
    assert "Lịch làm việc chỉ có từ năm" in said(app)
    assert not app.main.metric


def test_a_period_without_anything_says_so(open_page: Open) -> None:
    app = open_page("what_if", **LONG_AGO)
    assert not app.exception
    assert "Không có hồ sơ nào khớp với kỳ và bộ lọc này" in said(app)


def test_the_changed_cases_are_listed_a_page_at_a_time(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    found = asked(filled[0], now, Hypothesis("pops", (("resolve", Length(3, Unit.WORKING_DAY)),)))
    first, second = (said(open_page("what_if", **THREE, page=page)) for page in ("1", "2"))
    assert len(found.cases) > 10
    assert f"1–10 trong {number(len(found.cases))}" in first
    assert "11–" in second

"""Handling times and outcomes: each number says what it is of and opens exactly what it counted."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from streamlit.proto.Metric_pb2 import Metric as MetricProto
from streamlit.testing.v1 import AppTest

from core.i18n import gettext, number
from core.insight import facts, figures, findings
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.rules.calendar import local_day
from tests.conftest import Cast
from tests.pages.analysis import LONG_AGO, ROLES, cards, count, links, opener
from tests.pages.screen import Open, as_read, said

PAGES = ("handling", "outcomes")
TO_ROWS = re.compile(r"\[([\d.]+)\]\(/explore\?([^)]+)\)")
QUERIES = [{}, {"channel": "email", "period": "year"}, {"category": "payment,login", "period": "four_weeks"}]


@pytest.fixture
def open_page(filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(*filled, now, monkeypatch)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_them(open_page: Open, page: str, role: str) -> None:
    app = open_page(page, role)
    assert not app.exception
    allowed = role in {"lead", "manager", "analyst", "admin"}
    assert bool(app.main.get("plotly_chart")) is allowed
    assert ("không thuộc vai trò" in said(app)) is not allowed


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("more", [{}, {"time": "person", "issues": "root_cause", "measure": "upheld", "by": "channel"}])
def test_every_number_of_every_table_opens_as_many_rows(
    open_page: Open,
    filled: tuple[Register, Cast],
    now: datetime,
    page: str,
    query: dict[str, str],
    more: dict[str, str],
) -> None:
    app = open_page(page, **query, **more)
    assert not app.exception
    found = [hit for text in app.main.markdown for hit in TO_ROWS.findall(as_read(text.value))]
    assert len(found) > 12
    for shown, told in found:
        assert number(count(filled[0], dict(parse_qsl(told)), now)) == shown, told


@pytest.mark.parametrize("query", QUERIES)
def test_the_hours_are_those_of_the_registry_and_open_what_was_told(
    open_page: Open, filled: tuple[Register, Cast], now: datetime, query: dict[str, str]
) -> None:
    app = open_page("handling", **query)
    wanted, known = Filter.from_query(query, local_day(now)), facts.current(filled[0])
    for name, label in (("resolve_hours", "Giờ xử lý (trung vị)"), ("acknowledge_hours", "Giờ tiếp nhận (trung vị)")):
        (row,) = figures.ask(name, known, wanted, now).itertuples()
        assert cards(app)[label] == findings.in_hours(row.median)
        words = f"90\xa0% trong {findings.in_hours(row.p90)}, trên {number(row.count)} lượt"
        assert count(filled[0], links(app)[words], now) == row.count > 0
    spent = figures.ask("time_spent", known, wanted, now, ("waits_for",)).set_index("waits_for")
    assert cards(app)["Thời gian chờ CSKH"] == f"{spent.loc['us', 'share']:.0%}".replace("%", "\xa0%")
    ours = findings.in_hours(spent.loc["us", "hours"])
    label = f"{ours} trên {findings.in_hours(spent['hours'].sum())}"
    assert count(filled[0], links(app)[label], now) == spent.loc["us", "count"]
    (now_open,) = figures.ask("backlog", known, wanted, now).itertuples()
    assert cards(app)["Đang mở"] == number(now_open.open)
    share = f" ({now_open.share:.0%})".replace("%", "\xa0%") if now_open.open >= ENOUGH else ""
    assert count(filled[0], links(app)[f"{number(now_open.overdue)} quá hạn{share}"], now) == now_open.overdue


MEASURED = [
    # figure, its number, numerator and denominator as their links say them
    ("upheld", "Khách hàng đúng", ("upheld", "{} hồ sơ khách đúng"), ("decided", "trên {} hồ sơ có kết luận")),
    ("reopened", "Mở lại", ("reopened", "{} hồ sơ mở lại"), ("ended", "trên {} hồ sơ đã kết thúc")),
    ("repeats", "Khách khiếu nại lại", ("again", "{} hồ sơ khiếu nại lại"), ("known", "trên {} hồ sơ biết khách hàng")),
    (
        "rounds",
        "Hòa giải nhiều lần",
        ("several", "{} hồ sơ đề xuất nhiều lần"),
        ("conciliated", "trên {} hồ sơ có đề xuất"),
    ),
]


@pytest.mark.parametrize(("name", "label", "numerator", "denominator"), MEASURED, ids=[row[0] for row in MEASURED])
@pytest.mark.parametrize("query", QUERIES)
def test_a_share_opens_its_numerator_and_its_denominator(
    open_page: Open,
    filled: tuple[Register, Cast],
    now: datetime,
    name: str,
    label: str,
    numerator: tuple[str, str],
    denominator: tuple[str, str],
    query: dict[str, str],
) -> None:
    app = open_page("outcomes", **query)
    wanted = Filter.from_query(query, local_day(now))
    found = figures.ask(name, facts.current(filled[0]), wanted, now).iloc[0]
    assert label in cards(app)
    for column, words in (numerator, denominator):
        assert count(filled[0], links(app)[words.format(number(found[column]))], now) == found[column]


def test_people_are_named_to_who_leads_them_alone(open_page: Open) -> None:
    for role in ("lead", "manager"):
        text = said(open_page("handling", role, time="person"))
        assert "Công việc của từng người" in text
        assert "chưa ai giữ" in text
    for role in ("analyst", "admin"):
        app = open_page("handling", role, time="person")
        assert app.segmented_control(key="handling_time").value == "waits_for", "not by an address either"
        assert "Công việc của từng người" not in said(app)


def test_choices_live_in_the_url(open_page: Open) -> None:
    app = open_page("handling", stage="acknowledge", time="phase")
    assert app.segmented_control(key="handling_stage").value == "acknowledge"
    app.segmented_control(key="handling_time").set_value("department").run()
    assert not app.exception
    assert "department" in app.query_params["time"]
    app = open_page("outcomes", measure="repeats", by="channel", issues="outcome")
    assert app.selectbox(key="outcomes_measure").value == "repeats"
    app.selectbox(key="outcomes_measure").set_value("reopened").run()
    assert "measure" not in app.query_params
    strange = open_page("outcomes", measure="bribe", by="mood", issues="x")
    assert (strange.selectbox(key="outcomes_measure").value, strange.segmented_control(key="outcomes_by").value) == (
        "reopened",
        "category",
    )


def test_the_titles_are_findings(open_page: Open) -> None:
    title = open_page("handling").title[0].value
    assert re.match(
        r"Một nửa số kết quả xong trong [\d,]+ giờ làm việc, 90\xa0% trong [\d,]+ giờ; \d+\xa0% thời gian là", title
    )
    title = open_page("outcomes").title[0].value
    assert re.match(
        r"Khách hàng đúng \d+\xa0% trong \d+ hồ sơ có kết luận; \d+\xa0% trong \d+ hồ sơ đã kết thúc phải mở lại", title
    )


def test_where_nobody_was_ever_proposed_anything_conciliation_is_not_told(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.write() as session:
        log(session, Draft("hotline", now, "Chương bị khóa", "content", procedure="pops"), Act(sqlite_cast.agent, now))
    app = opener(sqlite_register, sqlite_cast, now, monkeypatch)("outcomes", measure="rounds")
    assert not app.exception
    assert {"Khách hàng đúng", "Mở lại"} <= cards(app).keys()
    assert not {"Hòa giải nhiều lần", "Đề xuất bị từ chối"} & cards(app).keys()
    assert "Hòa giải nhiều lần" not in app.selectbox(key="outcomes_measure").options


def test_the_period_before_opens_its_rows(open_page: Open, filled: tuple[Register, Cast], now: datetime) -> None:
    app = open_page("handling", period="four_weeks")
    drawn = {label: query for label, query in links(app).items() if label.startswith("kỳ trước ")}
    (hours,) = [query for query in drawn.values() if query.get("stage") == "resolve"]
    was = figures.ask("resolve_hours", facts.current(filled[0]), Filter.from_query(hours, local_day(now)), now)
    label = f"kỳ trước {findings.in_hours(was['median'].item())} ({number(was['count'].item())})"
    assert count(filled[0], drawn[label], now) == was["count"].item() > 0


@pytest.mark.parametrize("page", PAGES)
def test_where_nothing_fits_the_page_says_what_to_do(open_page: Open, page: str) -> None:
    app = open_page(page, **LONG_AGO)
    assert not app.exception
    assert not app.main.metric
    assert "hãy chọn kỳ dài hơn hoặc đặt lại bộ lọc" in said(app)


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_register(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    app = opener(sqlite_register, sqlite_cast, now, monkeypatch)(page, "lead")
    assert not app.exception
    assert not app.main.get("plotly_chart")
    assert "Chưa có hồ sơ nào" in said(app)


def test_the_help_of_a_number_is_the_definition_that_the_command_prints(open_page: Open) -> None:
    for page, names in (("handling", ("resolve_hours", "time_spent", "backlog", "flow")), ("outcomes", ("repeats",))):
        helps = [as_read(metric.help) for metric in open_page(page).main.metric]
        for name in names:
            assert any(help.startswith(gettext(figures.get(name).definition)) for help in helps)


def walked(app: AppTest) -> list[tuple[str, dict[str, str]]]:
    """Number and query of each link of the table of steps."""
    table = next(text.value for text in app.main.markdown if "| Bước |" in as_read(text.value))
    return [(shown, dict(parse_qsl(query))) for shown, query in TO_ROWS.findall(as_read(table))]


def test_a_procedure_is_read_beside_how_it_is_walked(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("procedures", "manager")
    assert not app.exception
    assert "Thực tế đã đi qua các bước" in said(app)
    rows = walked(app)
    assert len(rows) > 8
    for shown, query in rows:
        slice = Slice.from_query(query, local_day(now))
        assert (slice.of, slice.filter.keys_of("procedure")) == ("walked", ("pops",))
        assert number(count(filled[0], query, now)) == shown
    assert "Thời gian nằm ở đâu" in links(app, "handling")


@pytest.mark.parametrize("role", ["agent", "handler"])
def test_who_sees_no_figures_reads_the_written_procedure_alone(open_page: Open, role: str) -> None:
    app = open_page("procedures", role)
    assert not app.exception
    assert "Thực tế đã đi qua các bước" not in said(app)


def test_titles_of_charts_are_findings_too(open_page: Open) -> None:
    headings = [block.value for block in open_page("handling", period="year").main.subheader]
    assert any(
        re.match(r"Vào, ra và đang mở: cuối kỳ \d+ hồ sơ mở, nhiều nhất (\d+|trong kỳ)$", one) for one in headings
    ), headings


SAID = ("có thể do ngẫu nhiên", "tăng thật", "giảm thật")


@pytest.mark.parametrize("page", ["outcomes", "handling"])
def test_each_change_says_whether_it_may_be_chance(open_page: Open, page: str) -> None:
    app = open_page(page, period="last_week")
    changed = [metric.proto for metric in app.main.metric if re.match(r"[+-]\d", metric.delta)]
    told = [caption.value for caption in app.main.caption if caption.value in SAID]
    assert len(told) == len(changed) > 0
    for one, words in zip(changed, told, strict=True):
        assert (one.direction == MetricProto.NONE) is (words == SAID[0]), "an arrow judges too"


@pytest.mark.parametrize("page", ["outcomes", "handling"])
def test_no_colour_judges_a_change_that_may_be_chance(open_page: Open, page: str) -> None:
    metrics = open_page(page, period="last_week").main.metric
    assert any(re.match(r"[+-]\d", metric.delta) for metric in metrics), "something changed"
    assert {metric.proto.color for metric in metrics} == {MetricProto.GRAY}


def test_a_share_of_few_is_marked_beneath_where_a_phone_has_room(open_page: Open) -> None:
    metrics = open_page("outcomes", period="year", channel="web").main.metric
    assert {metric.delta for metric in metrics} == {"dưới 20"}
    assert all(re.fullmatch(r"\d+\s%", metric.value) for metric in metrics)

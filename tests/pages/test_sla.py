"""SLA: the share met of what fell due, why not, and the misses; each number opening what it counted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from core.i18n import number, percent
from core.insight import compliance, facts
from core.insight.dimensions import name_of
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.organisation import targets
from core.rules.calendar import local_day
from core.rules.targets import Target
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.analysis import LONG_AGO, ROLES, cards, count, links, opener
from tests.pages.screen import Open, as_read, said

STAGES = {"resolve": "Kết quả đúng hạn", "acknowledge": "Tiếp nhận đúng hạn"}


@pytest.fixture
def open_page(filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(*filled, now, monkeypatch)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_it(open_page: Open, role: str) -> None:
    app = open_page("sla", role)
    assert not app.exception
    allowed = role in {"lead", "manager", "analyst", "admin"}
    assert bool(app.main.get("plotly_chart")) is allowed
    assert ("không thuộc vai trò" in said(app)) is not allowed


@pytest.mark.parametrize("query", [{}, {"period": "last_week"}, {"channel": "email", "period": "year"}])
def test_the_shares_are_those_counted_and_open_what_fell_due(
    open_page: Open, filled: tuple[Register, Cast], now: datetime, query: dict[str, str]
) -> None:
    app = open_page("sla", **query)
    wanted = Filter.from_query(query, local_day(now))
    for stage, label in STAGES.items():
        counted = compliance.of(facts.current(filled[0]), wanted, now, stage)
        assert cards(app)[label] == percent(counted["share"])
        words = f"{number(counted['met'])} trên {number(counted['due'])}"
        assert count(filled[0], links(app)[words], now) == counted["due"]


def test_what_no_procedure_promises_is_not_shown(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VHV states no term for acknowledging: a number without any obligation would only say “–”."""
    see = opener(sqlite_register, sqlite_cast, now, monkeypatch)
    for procedure, promises in (("vhv", {"Kết quả đúng hạn"}), ("pops", {*STAGES.values()})):
        with sqlite_register.write() as session:
            draft = Draft("hotline", now - timedelta(days=21), "Việc", "other", procedure=procedure)
            log(session, draft, Act(sqlite_cast.agent, now))
        app = see("sla", stage="acknowledge")
        assert not app.exception
        assert {*STAGES.values()} & set(cards(app)) == promises
        is_asked = any(one.key == "sla_stage" for one in app.main.segmented_control)
        assert is_asked is (len(promises) > 1), "which promise is a question only where there are several"
        assert {*STAGES.values()} & set(cards(see("overview"))) == promises


def test_what_is_overdue_now_opens_exactly_these(open_page: Open, filled: tuple[Register, Cast], now: datetime) -> None:
    app = open_page("sla")
    assert cards(app)["Đang quá hạn"] == number(count(filled[0], links(app)["Mở danh sách"], now))


def test_the_stage_and_the_split_live_in_the_url(open_page: Open) -> None:
    app = open_page("sla", stage="acknowledge", by="channel", page="2")
    assert app.segmented_control(key="sla_stage").value == "acknowledge"
    assert app.segmented_control(key="sla_by").value == "channel"
    app.segmented_control(key="sla_stage").set_value("resolve").run()
    assert not app.exception
    assert "page" not in app.query_params
    assert open_page("sla", stage="bribe", by="mood", page="x").segmented_control(key="sla_stage").value == "resolve"


@pytest.mark.parametrize("stage", STAGES)
def test_why_it_was_missed_is_counted_for_the_chosen_promise(
    open_page: Open, filled: tuple[Register, Cast], now: datetime, stage: str
) -> None:
    """Each bar opens exactly its rows, what nobody has explained in one of its own."""
    app = open_page("sla", period="year", stage=stage)
    why = next(text.value for text in app.main.markdown if "| Lý do |" in as_read(text.value))
    found = compliance.breach_reasons(facts.current(filled[0]), Filter.of("year", local_day(now)), now, stage)
    counted = [(name_of("breach_reason", row.key), number(row.count)) for row in found.itertuples()]
    drawn = re.findall(r"^\| ([^|]+?) \| \[([\d.]+)\]\(/explore\?([^)]+)\)", as_read(why), re.MULTILINE)
    assert [row[:2] for row in drawn] == counted
    if stage == "resolve":
        assert "chưa nêu lý do" in dict(counted), "else it proves nothing of them"
    for _name, count_, query in drawn:
        assert number(count(filled[0], dict(parse_qsl(query)), now)) == count_


def test_the_misses_are_turned_like_every_other_list(open_page: Open) -> None:
    first, second = (said(open_page("sla", period="year", page=page)) for page in ("1", "2"))
    assert "Dòng 1–10 trong" in first
    assert "Dòng 11–20 trong" in second


def test_the_title_names_the_promise_the_week_and_first_the_target(open_page: Open) -> None:
    title = open_page("sla").title[0].value
    assert re.match(r"Thông báo kết quả, tuần 46: (chưa )?đạt chỉ tiêu 95\xa0% \(\d+\xa0% của \d+\)", title), title


def test_a_card_says_first_whether_the_target_is_met_and_opens_the_period_before(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("sla", period="four_weeks")
    for stage, label in STAGES.items():
        found = compliance.of(facts.current(filled[0]), Filter.of("four_weeks", local_day(now)), now, stage)
        (card,) = [metric for metric in app.main.metric if metric.label == label]
        assert card.delta == ("Đạt 95\xa0%" if found["share"] >= 0.95 else "Chưa đạt 95\xa0%")
    drawn = [link.proto for link in app.main.get("page_link") if link.proto.label.startswith("kỳ trước ")]
    before = {query["stage"]: query for query in (dict(parse_qsl(link.query_string)) for link in drawn)}
    assert set(before) >= set(STAGES)
    for query in before.values():
        assert query["until"], "the four weeks are still running"
        wanted = Filter.from_query(query, local_day(now))
        was = compliance.of(facts.current(filled[0]), wanted, now, query["stage"])
        made_of = f"{percent(was['share'])} ({was['met']}/{was['due']})"
        shown = made_of if was["due"] >= ENOUGH else f"{was['met']} trên {was['due']}"
        assert f"kỳ trước {shown}" in links(app)
        assert count(filled[0], query, now) == was["due"] > 0


def test_a_target_of_its_own_judges_from_its_day_on(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.write() as session:
        log(session, Draft("email", now, "Chưa ai trả lời", "login"), Act(sqlite_cast.agent, now))
        targets.put(session, Target("acknowledge", local_day(now), 0.905), Act(sqlite_cast.admin, now), version=0)
    later = now + timedelta(days=2)
    app = opener(sqlite_register, sqlite_cast, later, monkeypatch)("sla", period="this_week", stage="acknowledge")
    (card,) = [metric for metric in app.main.metric if metric.label == STAGES["acknowledge"]]
    assert card.delta == "Chỉ tiêu 90,5\xa0% · dưới 20", "one obligation is too few to judge"
    weeks = next(text.value for text in app.main.markdown if "Tỷ lệ đúng hạn" in text.value)
    assert "90,5\xa0%" in weeks


def test_what_to_compare_with_lives_in_the_url(open_page: Open) -> None:
    app = open_page("sla", compare="last_year")
    assert app.selectbox(key="filter_compare").value == "last_year"
    assert "Không so sánh với 25/08–23/11/2025: sổ chỉ có đủ số liệu từ" in said(app)
    assert not [label for label in links(app) if label.startswith("cùng kỳ năm trước")]
    app.selectbox(key="filter_compare").set_value("none").run()
    assert "none" in app.query_params["compare"]
    assert "so sánh với" not in said(app)
    app.button(key="filter_reset").click().run()
    assert "compare" not in app.query_params
    assert open_page("sla", compare="mood").selectbox(key="filter_compare").value == "before"


def test_a_period_without_obligations_says_what_to_do(open_page: Open) -> None:
    app = open_page("sla", **LONG_AGO)
    assert not app.exception
    assert not app.main.metric
    assert "hãy chọn kỳ dài hơn hoặc đặt lại bộ lọc" in said(app)


def test_what_is_not_yet_due_is_shown_beside_the_share_and_never_in_it(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.write() as session:
        log(session, Draft("email", now, "Chưa ai trả lời", "login"), Act(sqlite_cast.agent, now))
    app = opener(sqlite_register, sqlite_cast, now, monkeypatch)("sla", period="this_week", stage="acknowledge")
    assert not app.exception
    assert cards(app)["Tiếp nhận đúng hạn"] == "–"
    weeks = next(text.value for text in app.main.markdown if "Tỷ lệ đúng hạn" in text.value)
    (row,) = [line for line in weeks.splitlines() if "Tuần 47" in line]
    told = [cell.strip() for cell in row.split("|")[2:10]]
    assert told[:6] == ["–", "95\xa0%", "0", "0", "0", "0"]
    assert told[6].startswith("[1](/explore?")


def test_one_complaint_is_late_by_the_same_words_in_the_list_of_misses_and_in_the_queue(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.write() as session:
        code = log(session, Draft("email", now, "Chưa ai trả lời", "login"), Act(sqlite_cast.agent, now)).code
    open_page = opener(sqlite_register, sqlite_cast, now + timedelta(days=10), monkeypatch)
    late = rows.texts(open_page("queue", "lead", segment="all"), code)[1]
    sla = open_page("sla", stage="acknowledge", period="four_weeks")
    (missed,) = rows.keys(sla)
    assert rows.texts(sla, missed)[1] == late
    assert late.startswith("quá hạn ") and late.endswith(" làm việc")


def test_a_title_never_says_that_nothing_fell_due_above_a_number_that_did(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.write() as session:
        log(session, Draft("email", now, "Chưa ai trả lời", "login"), Act(sqlite_cast.agent, now))
    app = opener(sqlite_register, sqlite_cast, now + timedelta(days=2), monkeypatch)("sla", period="this_week")
    assert "0 trên 1" in links(app)
    assert as_read(app.title[0].value) == "Tiếp nhận: 0 trên 1 đúng hạn, còn quá ít để đánh giá"

"""Tổng quan: what needs a person now, each number opening its list; the week for those who answer for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from streamlit.proto.Metric_pb2 import Metric as MetricProto
from streamlit.testing.v1 import AppTest

from core import shipped
from core.i18n import number
from core.insight import changes, volume
from core.register.log.database import Register
from core.register.reads import queue
from core.rules.calendar import local_day
from core.rules.catalogue import Entry
from core.rules.roles import may_open
from core.rules.segments import OF_EVERYBODY, offered
from tests.conftest import Cast
from tests.pages.analysis import ROLES, cards, count, links, opener
from tests.pages.screen import Open, said

NEEDS = {
    "Quá hạn": "overdue",
    "Đến hạn hôm nay": "due_today",
    "Chưa tiếp nhận": "unacknowledged",
    "Hỏi lại hôm nay": "chase_today",
    "Chờ phòng ban": "waiting_department",
}
UNEXPLAINED = "Trễ hạn chưa nêu lý do"
WEEK = {"Kết quả đúng hạn", "Tiếp nhận đúng hạn", "Ghi nhận tuần này"}


@pytest.fixture
def open_page(filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(*filled, now, monkeypatch)


def shown_to(role: str) -> tuple[str, ...]:
    """The segments whose numbers the overview has for ``role``."""
    return offered(role) if may_open(role, "queue") else OF_EVERYBODY


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_what_needs_it_counted_as_the_queue_counts(
    open_page: Open, filled: tuple[Register, Cast], now: datetime, role: str
) -> None:
    register, cast = filled
    app = open_page("overview", role)
    assert not app.exception
    with register.read() as session:
        theirs = queue.counts(session, by=getattr(cast, role), now=now)
    assert {label: cards(app)[label] for label in NEEDS if label in cards(app)} == {
        label: number(theirs[name]) for label, name in NEEDS.items() if name in shown_to(role)
    }


def test_a_department_is_told_what_it_owes_itself(
    filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answers are due before the customers' results: a count of the customers' clocks would say less."""
    register, cast = filled
    later = now + timedelta(days=3)
    shown = cards(opener(register, cast, later, monkeypatch)("overview", "handler"))
    with register.read() as session:
        owed = queue.counts(session, by=cast.handler, now=later)["overdue"]
        narrow = queue.Narrow(department=(str(cast.handler.department),))
        promised = queue.counts(session, by=cast.lead, now=later, narrow=narrow)["overdue"]
    assert shown["Quá hạn"] == number(owed)
    assert owed > promised


@pytest.mark.parametrize("role", ROLES)
def test_each_number_opens_its_list_where_the_role_has_one(open_page: Open, role: str) -> None:
    found = open_page("overview", role).main.get("page_link")
    asked = [dict(parse_qsl(link.proto.query_string)).get("segment") for link in found]
    theirs = offered(role) if may_open(role, "queue") else OF_EVERYBODY
    assert [name for name in asked if name] == [name for name in NEEDS.values() if name in theirs]
    assert {link.proto.page for link in found if "segment=" in link.proto.query_string} == {
        "queue" if may_open(role, "queue") else "explore"
    }


@pytest.mark.parametrize("role", ROLES)
def test_the_week_is_shown_to_those_who_answer_for_it(open_page: Open, role: str) -> None:
    shown = set(cards(open_page("overview", role)))
    assert (WEEK & shown) == (WEEK if role in {"lead", "manager", "analyst", "admin"} else set())


def test_what_was_recorded_this_week_opens_exactly_these(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("overview", "manager")
    shown = cards(app)["Ghi nhận tuần này"]
    assert shown == number(count(filled[0], links(app)[f"{shown} hồ sơ"], now))


def test_a_share_of_this_week_says_of_how_many_and_opens_these(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("overview", "manager")
    found = {
        label: query for label, query in links(app).items() if query.get("period") == "this_week" and "of" in query
    }
    assert found
    for label, query in found.items():
        met, opened = (count(filled[0], query | {"verdict": verdicts}, now) for verdicts in ("met", query["verdict"]))
        fell_due = query["verdict"] == "met,missed,overdue"
        assert label == (f"{met} trên {opened}" if fell_due else f"Chưa đến hạn {opened}")


def test_this_week_stands_beside_last_week_up_to_the_same_open_hour(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    app = open_page("overview", "manager")
    assert "so với 16/11–16/11/2026" not in said(app)
    assert re.search(r"so với 09/11–\d\d/11/2026 đến \d\d:\d\d · [\d,]+ giờ làm việc so với [\d,]+", said(app))
    (label,) = [label for label in links(app) if label.startswith("tuần trước ") and "of" not in links(app)[label]]
    query = links(app)[label]
    assert label == f"tuần trước {number(count(filled[0], query, now))}"
    assert (query["from"], query["to"], query["until"][:10]) == ("2026-11-09", query["until"][:10], query["to"])


SAID = ("có thể do ngẫu nhiên", "tăng thật", "giảm thật")
CHANGED = [
    # recorded this week and last, how probable that is by chance, what the card says, why
    ((12, 60), 0.001, r"-\d+\xa0% giảm thật", "a fifth of what came as fast before"),
    ((60, 20), 0.001, r"\+\d+\xa0% tăng thật", "three times as many"),
    ((40, 41), 0.9, r"-\d+\xa0% có thể do ngẫu nhiên", "nearly as many"),
    ((12, 14), 1.0, r"", "of fewer than 20 no change is told"),
]


@pytest.mark.parametrize(("counts", "p", "words", "why"), CHANGED, ids=[row[-1] for row in CHANGED])
def test_what_came_this_week_says_whether_its_change_may_be_chance(
    open_page: Open,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    counts: tuple[int, int],
    p: float,
    words: str,
    why: str,
) -> None:
    monkeypatch.setattr(changes, "recorded", lambda _facts, _against: p)
    monkeypatch.setattr(volume, "total", lambda _facts, period: counts[0 if period.end >= local_day(now) else 1])
    app = open_page("overview", "manager")
    (card,) = [metric for metric in app.main.metric if metric.label == "Ghi nhận tuần này"]
    told = [caption.value for caption in app.main.caption if caption.value in SAID]
    assert re.fullmatch(words, " ".join([card.delta, *told])), why
    assert card.proto.color == MetricProto.GRAY


def test_a_card_of_the_week_says_first_whether_the_target_is_met(open_page: Open) -> None:
    deltas = {metric.label: metric.delta for metric in open_page("overview", "manager").main.metric}
    for label in WEEK - {"Ghi nhận tuần này"}:
        assert re.fullmatch(r"Đạt 95\xa0%|Chưa đạt 95\xa0%|Chỉ tiêu (95\xa0%|–)", deltas[label]), deltas


@pytest.mark.parametrize("role", ROLES)
def test_a_lead_sees_what_nobody_has_explained(
    open_page: Open, filled: tuple[Register, Cast], now: datetime, role: str
) -> None:
    app = open_page("overview", role)
    if role != "lead":
        assert UNEXPLAINED not in cards(app)
        return
    query = links(app)["Mở danh sách"]
    assert cards(app)[UNEXPLAINED] == number(count(filled[0], query, now)) != "0"
    assert query == {
        "of": "due", "period": "year", "verdict": "missed,overdue", "breach_reason": "none",
    }, "of open and closed complaints"  # fmt: skip


def test_an_empty_register_says_what_to_do(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_empty = opener(sqlite_register, sqlite_cast, now, monkeypatch)
    for role in ROLES:
        app = open_empty("overview", role)
        assert not app.exception
        assert not app.main.metric
        assert "Chưa có hồ sơ nào" in said(app)
        assert bool(links(app, "log_complaint")) is (role in {"agent", "lead"})


def test_in_english_too(open_page: Open, filled: tuple[Register, Cast], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filled[1].manager, "language", "en")
    assert {"Overdue", "Due today", "Recorded this week"} <= set(cards(open_page("overview", "manager")))


@pytest.mark.parametrize("role", ROLES)
def test_what_an_upgrade_proposes_is_said_to_whoever_decides_about_it(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    def ways(app: AppTest) -> list[tuple[str, str]]:
        found = [(link.proto.label, link.proto.query_string) for link in app.main.get("page_link")]
        return [one for one in found if "proposals" in one[1]]

    assert ways(open_page("overview", role)) == []
    now = shipped.catalogues("pops")
    newer = replace(now, channels={**now.channels, "fax": Entry("fax", "Fax", "Fax")})
    monkeypatch.setattr(shipped, "catalogues", lambda *_organisation: newer)
    wanted = [("1 đề xuất của bản cập nhật", "list=proposals")] if role == "admin" else []
    assert ways(open_page("overview", role)) == wanted

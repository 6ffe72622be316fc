"""A direction on the screens: asked for on the case, found in the queue, given, read by who asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.reads import queue
from core.ui import words
from core.ui.queue import table
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.register.ways import PAYMENT, filled

CODE, QUESTION = "KN-2026-000001", "Khách đòi hoàn cả năm, đề xuất hoàn nửa năm"


def key(round: int, name: str) -> str:
    return f"step.{CODE}.{round}.{name}"


@pytest.fixture(params=["misa"])
def classified(request: pytest.FixtureRequest, sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Register:
    """A complaint of MISA's procedure on which somebody works."""
    steps = [PastStep(step, now, filled(step, now)) for step in ("acknowledge", "classify")]
    with sqlite_register.write() as session:
        draft = Draft("email", now, "Đòi hoàn phí", "payment", procedure=request.param, details=PAYMENT)
        complaints.write_histories(session, [(draft, steps)], Act(sqlite_cast.agent, now))
    return sqlite_register


def opened(
    register: Register, by: Person, now: datetime, monkeypatch: pytest.MonkeyPatch, page: str = "complaint"
) -> AppTest:
    app = Screen(register, by, now).open(page, monkeypatch, **({"code": CODE} if page == "complaint" else {}))
    assert not app.exception
    return app


def escalated(register: Register, cast: Cast, now: datetime, whom: str = "board") -> None:
    with register.write() as session:
        due_at = now + timedelta(hours=4)
        asked = {"addressee": whom, "text": QUESTION, "due_at": due_at}
        complaints.take(session, CODE, "escalate", asked, Act(cast.agent, now))  # type: ignore[arg-type] # literals


def test_a_direction_is_asked_for_on_the_case(
    classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(classified, sqlite_cast.agent, now, monkeypatch)
    app = app.selectbox(key=key(1, "step")).set_value("escalate").run()
    assert app.selectbox(key=key(1, "escalate.addressee")).options == ["Ban điều hành"], "MISA asks the board"
    app = app.text_area(key=key(1, "escalate.text")).set_value(QUESTION).run()
    app = app.button(key=key(1, "escalate.save")).click().run()
    words = said(app)
    assert "Đã lưu: Xin ý kiến chỉ đạo" in words
    assert "Chờ ý kiến chỉ đạo của Ban điều hành · từ" in words
    assert QUESTION in words
    assert app.selectbox(key=key(2, "step")).options[-1] == "Thông báo kết quả", "not yet"
    app = app.selectbox(key=key(2, "step")).set_value("notify_result").run()
    assert "có ý kiến chỉ đạo được phê duyệt rồi mới phúc đáp" in said(app)
    app = app.text_area(key=key(2, "notify_result.text")).set_value("Hoàn").run()
    app = app.button(key=key(2, "notify_result.save")).click().run()
    assert "chỉ phúc đáp khách hàng khi đã có ý kiến chỉ đạo" in said(app), "MISA 3"
    with classified.read() as session:
        assert queue.counts(session, by=sqlite_cast.manager, now=now)["to_direct"] == 1


def test_the_board_finds_it_reads_it_and_answers(
    classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    escalated(classified, sqlite_cast, now)
    assert "Chờ tôi chỉ đạo" in [
        one.label for one in opened(classified, sqlite_cast.manager, now, monkeypatch, "overview").metric
    ]
    listed = opened(classified, sqlite_cast.manager, now, monkeypatch, "queue")
    assert "1 hồ sơ: chờ tôi chỉ đạo" in said(listed), "the queue of the board opens with it"
    app = opened(classified, sqlite_cast.manager, now, monkeypatch)
    assert app.selectbox(key=key(1, "step")).value == "direct", "what is asked of one comes first"
    assert QUESTION in said(app)
    app = app.text_area(key=key(1, "direct.text")).set_value("Hoàn ba tháng").run()
    app = app.button(key=key(1, "direct.save")).click().run()
    assert "Đã lưu: Cho ý kiến chỉ đạo" in said(app)
    words = said(opened(classified, sqlite_cast.agent, now, monkeypatch))
    assert "Đã cho ý kiến chỉ đạo" in words
    assert "Hoàn ba tháng" in words
    assert "Chờ ý kiến chỉ đạo" not in words


@pytest.mark.parametrize("role", ["agent", "lead", "analyst"])
def test_whoever_is_not_asked_is_offered_none_of_it(
    role: str, classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent asked, a lead does not speak for the board, an analyst looks on and does not read it."""
    escalated(classified, sqlite_cast, now)
    person = getattr(sqlite_cast, role)
    app = opened(classified, person, now, monkeypatch)
    offered = app.selectbox(key=key(1, "step")).options if role != "analyst" else []
    assert "Cho ý kiến chỉ đạo" not in offered
    assert ("Nhắc cho ý kiến chỉ đạo" in offered) is (role != "analyst")
    assert (QUESTION in said(app)) is (role != "analyst")
    assert "Chờ tôi chỉ đạo" not in [
        one.label for one in opened(classified, person, now, monkeypatch, "overview").metric
    ]


@pytest.mark.parametrize(
    ("classified", "hours", "shown", "why"),
    [
        ("minh-tuan", 0, "cần chỉ đạo hôm nay", "on its way"),
        ("minh-tuan", 30, "quá mốc chỉ đạo", "late"),
    ],
    indirect=["classified"],
)
def test_the_queue_says_what_is_awaited_and_what_came_back(
    classified: Register, sqlite_cast: Cast, now: datetime, hours: int, shown: str, why: str
) -> None:
    escalated(classified, sqlite_cast, now, "superior")
    later = now + timedelta(hours=hours)
    with classified.read() as session:
        [line] = queue.page(session, "to_direct", by=sqlite_cast.lead, now=later)
    mark, tone = table.flag(line, later)
    assert (mark.startswith(shown), tone) == (True, "overdue" if hours else ""), why
    assert words.step(line) == "Chờ chỉ đạo"
    with classified.write() as session:
        complaints.take(session, CODE, "return_proposal", {"text": "Thiếu hợp đồng"}, Act(sqlite_cast.lead, later))
    with classified.read() as session:
        [line] = queue.page(session, "mine", by=sqlite_cast.agent, now=later)
    assert table.flag(line, later) == ("đề xuất bị trả lại", "")


@pytest.mark.parametrize("classified", ["pops"], indirect=True)
def test_elsewhere_telling_the_result_ends_the_waiting(
    classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    escalated(classified, sqlite_cast, now, "superior")
    app = opened(classified, sqlite_cast.agent, now, monkeypatch)
    app = app.selectbox(key=key(1, "step")).set_value("notify_result").run()
    assert "Còn chờ ý kiến chỉ đạo của cấp trên. Thông báo kết quả thì thôi chờ." in said(app)
    app = app.text_area(key=key(1, "notify_result.text")).set_value("Hoàn").run()
    app = app.button(key=key(1, "notify_result.save")).click().run()
    assert "Chờ ý kiến chỉ đạo" not in said(app)

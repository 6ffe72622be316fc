"""Several departments on a complaint's page (D19): asked in one form, shown at the head, named before the result."""

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
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.register.ways import PAYMENT, filled

CODE = "KN-2026-000001"


def key(round: int, name: str) -> str:
    return f"step.{CODE}.{round}.{name}"


@pytest.fixture
def classified(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Register:
    """A complaint that can be forwarded."""
    steps = [PastStep(step, now, filled(step, now)) for step in ("acknowledge", "classify")]
    with sqlite_register.write() as session:
        draft = Draft("email", now, "Trừ tiền mà không có Stars", "payment", details=PAYMENT)
        complaints.write_histories(session, [(draft, steps)], Act(sqlite_cast.agent, now))
    return sqlite_register


def opened(register: Register, by: Person, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return Screen(register, by, now).open("complaint", monkeypatch, code=CODE)


def forwarded(register: Register, cast: Cast, now: datetime) -> None:
    """To Payments and, due sooner, to Engineering, which was reminded."""
    with register.write() as session:
        asked = [("payment", "Có nhận tiền không?", 2), ("engineering", "Nhật ký nói gì?", 1)]
        for department, text, days in asked:
            fields = {"department": department, "text": text, "due_at": now + timedelta(days=days)}
            complaints.take(session, CODE, "forward", fields, Act(cast.agent, now))  # type: ignore[arg-type] # literals
        complaints.take(session, CODE, "remind", {"request": 2}, Act(cast.agent, now))


def test_two_departments_are_asked_each_in_its_own_words(
    classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(classified, sqlite_cast.agent, now, monkeypatch)
    app = app.multiselect(key=key(1, "forward.department")).set_value(["payment", "engineering"]).run()
    app = app.text_area(key=key(1, "forward.text")).set_value("Kiểm tra giúp").run()
    app = app.checkbox(key=key(1, "forward.own")).check().run()
    app = app.text_area(key=key(1, "forward.text.engineering")).set_value("Nhật ký nói gì?").run()
    sooner = datetime(2026, 11, 17, 12)  # noqa: DTZ001
    app = app.datetime_input(key=key(1, "forward.due_at.engineering")).set_value(sooner).run()
    app = app.button(key=key(1, "forward.save")).click().run()
    assert not app.exception
    assert "Đã lưu: Chuyển phòng ban" in said(app)
    with classified.read() as session:
        [line] = queue.page(session, "waiting_department", by=sqlite_cast.agent, now=now)
    assert line.awaited == ("engineering", "payment")
    words = said(app)
    for shown in ("Kiểm tra giúp", "Nhật ký nói gì?", "Kỹ thuật · cần trả lời trước 12:00 thứ Ba 17/11/2026"):
        assert shown in words


def test_the_head_says_who_owes_what_until_when(
    classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    forwarded(classified, sqlite_cast, now)
    words = said(opened(classified, sqlite_cast.agent, now + timedelta(hours=25), monkeypatch))
    assert "Kỹ thuật · quá hạn trả lời từ" in words
    assert "đã nhắc 1 lần" in words
    assert "Thanh toán · cần trả lời trước" in words


def test_telling_the_result_warns_of_what_is_owed_and_does_not_forbid_it(
    classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    forwarded(classified, sqlite_cast, now)
    app = opened(classified, sqlite_cast.agent, now, monkeypatch)
    app = app.selectbox(key=key(1, "step")).set_value("notify_result").run()
    assert "Còn chờ trả lời của: Phòng Kỹ thuật" in said(app)
    app = app.text_area(key=key(1, "notify_result.text")).set_value("Đã hoàn").run()
    app = app.button(key=key(1, "notify_result.save")).click().run()
    assert "Đã lưu: Thông báo kết quả" in said(app)
    app = app.selectbox(key=key(2, "step")).set_value("refuse").run()
    assert "Còn chờ trả lời" not in said(app), "nobody is waited for any more"


def test_who_returns_a_question_parts_from_the_complaint(
    classified: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    forwarded(classified, sqlite_cast, now)
    app = opened(classified, sqlite_cast.handler, now, monkeypatch)
    app = app.selectbox(key=key(1, "step")).set_value("return_request").run()
    assert app.selectbox(key=key(1, "return_request.request")).options == [
        "Phòng Thanh toán · 09:00 thứ Tư 18/11/2026 · Có nhận tiền không?"
    ], "its own alone"
    app = app.text_area(key=key(1, "return_request.text")).set_value("Không phải").run()
    app = app.button(key=key(1, "return_request.save")).click().run()
    assert not app.exception
    assert "Hồ sơ này không còn ở phòng ban của bạn." in said(app)
    assert "Trừ tiền" not in said(app)
    with classified.read() as session:
        assert queue.counts(session, by=sqlite_cast.handler, now=now)["all"] == 0

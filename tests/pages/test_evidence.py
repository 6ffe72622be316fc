"""Evidence on the pages: what each file shows, looked at on the case; what the customer must send; more at intake."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.reads import dossier
from core.rules.calendar import LOCAL
from tests.conftest import Cast
from tests.files import content_of
from tests.pages.screen import Screen, said
from tests.pages.test_log_complaint import fill, save

CODE = "KN-2026-000001"
PLACE = "CALL-20261116-0915"


@pytest.fixture
def case(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Register:
    """A complaint with a file of each way to look at it, and the place of a recording; acknowledged."""
    files = [
        ("lỗi.png", "error_picture"),
        ("biên lai.pdf", "payment_proof"),
        ("gọi.mp3", "recording"),
        ("a.docx", None),
    ]
    drafts = tuple(FileDraft(name, BytesIO(content_of(name)), kind) for name, kind in files)
    with sqlite_register.write() as session:
        act = Act(sqlite_cast.agent, now)
        complaints.log(session, Draft("email", now, "Lỗi", "payment", files=drafts, recording=PLACE), act)
        complaints.take(session, CODE, "acknowledge", {}, act)
    return sqlite_register


def opened(register: Register, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, who: str) -> AppTest:
    return Screen(register, getattr(cast, who), now).open("complaint", monkeypatch, code=CODE)


def evidence(app: AppTest) -> list[dict[str, Any]]:
    """What the list of evidence was told to draw."""
    (drawn,) = [part for part in app.main.get("bidi_component") if part.proto.component_name == "pops_evidence"]
    found: list[dict[str, Any]] = json.loads(drawn.proto.json)["entries"]
    return found


def test_evidence_is_looked_at_where_it_lies(
    case: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = evidence(opened(case, sqlite_cast, now, monkeypatch, "agent"))
    assert [(one["name"], one["kind"], one["shows"], bool(one["href"])) for one in found] == [
        ("lỗi.png", "Ảnh chụp lỗi", "image", True),
        ("biên lai.pdf", "Chứng từ thanh toán", "pdf", True),
        ("gọi.mp3", "Ghi âm cuộc gọi", "audio", True),
        ("a.docx", "", "", True),  # nobody said what it shows, and no browser shows it
        (PLACE, "Ghi âm cuộc gọi", "", False),
    ]
    assert all("Agent Thử" in one["about"] and "16/11/2026 09:00" in one["about"] for one in found)


@pytest.mark.parametrize("who", ["manager", "analyst", "admin"])
def test_who_may_not_open_files_is_shown_none_of_them(
    case: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    found = evidence(opened(case, sqlite_cast, now, monkeypatch, who))
    assert {(one["href"], one["shows"]) for one in found} == {("", "")}
    assert "biên lai" not in str(found) and PLACE not in str(found)
    assert [one["kind"] for one in found][:2] == ["Ảnh chụp lỗi", "Chứng từ thanh toán"], "what it shows names nobody"


def test_the_customer_is_asked_with_a_list_and_what_comes_is_ticked(
    case: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(round: int, name: str) -> str:
        return f"step.{CODE}.{round}.{name}"

    app = opened(case, sqlite_cast, now, monkeypatch, "agent")
    app = app.selectbox(key=key(1, "step")).set_value("ask_customer").run()
    must_come = app.multiselect(key=key(1, "ask_customer.wanted"))
    assert must_come.options == [
        "Mã giao dịch", "Số tiền", "Thời điểm thanh toán", "Hình thức thanh toán",
        "Ảnh chụp lỗi", "Chứng từ thanh toán", "Giấy tờ tùy thân", "Thư điện tử", "Khác",
    ]  # fmt: skip
    app = must_come.set_value(["detail.transaction", "evidence.payment_proof"]).run()
    app = app.text_area(key=key(1, "ask_customer.wanted_more")).set_value("Tên người nhận").run()
    app = app.text_area(key=key(1, "ask_customer.text")).set_value("Anh gửi thêm giúp").run()
    app = app.button(key=key(1, "ask_customer.save")).click().run()
    assert "Khách còn phải bổ sung 3 mục" in said(app)
    app = app.selectbox(key=key(2, "step")).set_value("record_reply").run()
    came = app.multiselect(key=key(2, "record_reply.came"))
    assert came.options == ["Mã giao dịch", "Chứng từ thanh toán", "Tên người nhận"]
    app = came.set_value(["1", "3"]).run()
    app = app.text_area(key=key(2, "record_reply.text")).set_value("Đã gửi").run()
    app = app.button(key=key(2, "record_reply.save")).click().run()
    assert not app.exception
    text = said(app)
    assert "Khách còn phải bổ sung 1 mục" in text and "đã bổ sung: Mã giao dịch, Tên người nhận" in text
    app = app.selectbox(key=key(3, "step")).set_value("ask_customer").run()
    assert "Chứng từ thanh toán" not in app.multiselect(key=key(3, "ask_customer.wanted")).options, "asked for already"
    text = said(opened(case, sqlite_cast, now, monkeypatch, "analyst"))
    assert "Khách còn phải bổ sung 1 mục" in text and "Tên người nhận" not in text, "a typed line is masked"


def test_taking_a_question_back_fills_its_list_in_again(
    case: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with case.write() as session:
        asked = {"text": "Gửi giúp", "chase_on": now.date(), "wanted": ["evidence.mail"], "wanted_more": "Tên\nTuổi"}
        complaints.take(session, CODE, "ask_customer", asked, Act(sqlite_cast.agent, now))  # type: ignore[arg-type]
    app = opened(case, sqlite_cast, now + timedelta(minutes=1), monkeypatch, "agent")
    app = app.button(key=f"step.{CODE}.1.undo").click().run()
    assert app.multiselect(key=f"step.{CODE}.2.ask_customer.wanted").value == ["evidence.mail"]
    assert app.text_area(key=f"step.{CODE}.2.ask_customer.wanted_more").value == "Tên\nTuổi"


def test_a_file_says_what_it_shows_where_it_is_handed_in(
    case: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(case, sqlite_cast, now, monkeypatch, "agent")
    app = app.selectbox(key=f"step.{CODE}.1.step").set_value("tell_progress").run()
    (zone,) = [one for one in app.file_uploader if one.key == f"step.{CODE}.1.tell_progress.files"]
    app = zone.upload("gọi.mp3", content_of("gọi.mp3")).run()
    (kind,) = [one for one in app.selectbox if "là gì?" in one.label]
    assert (kind.label, kind.value) == ("“gọi.mp3” là gì?", "recording"), "a sound is a recorded call"
    app = kind.set_value("other").run()
    app = app.text_area(key=f"step.{CODE}.1.tell_progress.text").set_value("Đang đối soát").run()
    app = app.button(key=f"step.{CODE}.1.tell_progress.save").click().run()
    with case.read() as session:
        found = dossier.read(session, CODE, by=sqlite_cast.agent, now=now, language="vi")
    assert [(file.name, file.kind) for file in found.moments[-1].files] == [("gọi.mp3", "other")]


@pytest.fixture
def form(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)


def test_intake_asks_when_it_was_sent_where_the_recording_lies_and_the_kind(
    form: AppTest, sqlite_register: Register, now: datetime
) -> None:
    sent = (now - timedelta(hours=2)).astimezone(LOCAL).replace(tzinfo=None)
    app = fill(form, channel="hotline", statement="Trừ tiền hai lần", category="payment", sent_at=sent)
    app = save(fill(app, recording=PLACE, kind="complaint"))
    assert not app.exception
    with sqlite_register.read() as session:
        kept = session.scalars(select(Complaint)).one()
    assert (kept.kind, kept.sent_at, kept.state) == ("complaint", now - timedelta(hours=2), "received")
    assert (kept.recorded_at, kept.assignee_id) == (now, None), "neither the clocks nor who holds it"


def test_nothing_is_sent_after_it_reached_us(form: AppTest, sqlite_register: Register, now: datetime) -> None:
    late = (now + timedelta(hours=1)).astimezone(LOCAL).replace(tzinfo=None)
    app = save(fill(form, channel="hotline", statement="Trừ tiền hai lần", category="payment", sent_at=late))
    assert "Khách gửi lúc" in said(app)
    with sqlite_register.read() as session:
        assert session.scalars(select(Complaint)).first() is None


def test_who_only_reports_is_not_asked_for_the_kind(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Screen(sqlite_register, sqlite_cast.reporter, now).open("log_complaint", monkeypatch)
    keys = {str(one.key) for one in (*app.segmented_control, *app.text_input)}
    assert "log.1.kind" not in keys and "log.1.recording" in keys


def test_what_is_settled_at_once_says_the_kind_by_itself(form: AppTest) -> None:
    app = fill(form, settles="inquiry")
    assert "log.1.kind" not in {str(one.key) for one in app.segmented_control}

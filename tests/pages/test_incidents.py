"""The page of incidents: who sees and does what on it, and that one act reaches every complaint (D24)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.register.case import incidents
from core.register.case.customers import CustomerDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Evidence, Request
from core.register.log.verify import verify
from core.ui.queue.actions import TABLE
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.screen import Screen, said
from tests.register.case.test_incidents import DUE, LATER, TITLE, begin, found, several
from tests.register.cases import logged

CODE = "SC-2026-0001"


@pytest.fixture
def filled(sqlite_register: Register, sqlite_cast: Cast) -> Register:
    """Three complaints of an incident, the first forwarded to Payments for it; one that belongs to none."""
    codes = several(sqlite_register, sqlite_cast, 3)
    begin(sqlite_register, sqlite_cast.agent, codes)
    with sqlite_register.write() as session:
        asked = StepFields(department="payment", text="Cổng có lỗi không?", due_at=DUE)
        incidents.forward(session, CODE, {codes[0]: None}, [asked], Act(sqlite_cast.agent, LATER))
    several(sqlite_register, sqlite_cast, 1)
    return sqlite_register


def opened(
    register: Register, cast: Cast, who: str, monkeypatch: pytest.MonkeyPatch, page: str = "incidents", **query: str
) -> AppTest:
    app = Screen(register, getattr(cast, who), LATER + timedelta(minutes=20)).open(page, monkeypatch, **query)
    assert not app.exception
    return app


def tables(app: AppTest) -> dict[str, list[str]]:
    """Name of each table of the page → the keys of its rows."""
    parts = [part for part in app.main.get("bidi_component") if part.proto.component_name == "pops_rows"]
    drawn: list[dict[str, Any]] = [json.loads(part.proto.json) for part in parts]
    return {data["alt"]: [row["key"] for row in data["rows"]] for data in drawn}


def acts(app: AppTest) -> list[str]:
    """What can be done for all."""
    found = [box for box in app.selectbox if str(box.key).endswith(".act")]
    return list(found[0].options) if found else []


def acts_chosen(app: AppTest) -> str:
    """The act whose form is drawn, as the list shows it."""
    (box,) = [box for box in app.selectbox if str(box.key).endswith(".act")]
    return str(box.value)


def field(act: str, name: str, turn: int = 0) -> str:
    return f"incident.{CODE}.{turn}.{act}.{name}"


ALL = "Ghi câu trả lời|Chuyển phòng ban|Thông báo kết quả|Phân tích|Thêm hồ sơ|Đưa hồ sơ ra|Kết thúc"
ROLES = [
    # who, complaints they see, what is read of it, acts, why
    ("agent", 3, TITLE, ALL, "customer care does everything"),
    ("lead", 3, "Cổng có lỗi không?", ALL + "|Sửa tên", "a lead too, who corrects its name"),
    ("handler", 1, TITLE, "Ghi câu trả lời|Phân tích", "what is with their department, and what they owe"),
    ("manager", 3, "Thanh toán", "", "looks on; no analysis waits"),
    ("analyst", 3, "Thanh toán", "", "counts, without texts"),
]


@pytest.mark.parametrize(("who", "seen", "read", "possible", "why"), ROLES)
def test_each_role_sees_and_does_its_part(
    who: str,
    seen: int,
    read: str,
    possible: str,
    why: str,
    filled: Register,
    sqlite_cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = opened(filled, sqlite_cast, who, monkeypatch)
    text = said(app)
    assert read in text, why
    assert (TITLE in text) is (who in ("agent", "lead", "handler")), why
    assert f"1 sự cố đang diễn ra, {seen} hồ sơ" in text, why
    its = tables(app)
    assert its["Các sự cố, đang diễn ra ở đầu"] == [CODE]
    assert len(its["Các hồ sơ của sự cố, sắp đến hạn nhất ở đầu"]) == seen
    wanted = [start for start in possible.split("|") if start]
    assert [any(act.startswith(start) for act in acts(app)) for start in wanted] == [True] * len(wanted), why
    assert len(acts(app)) == len(wanted), why
    assert ("Mở sự cố" in text) is (who in ("agent", "lead"))


@pytest.mark.parametrize("who", ["reporter", "admin"])
def test_it_is_no_page_of_the_others(
    who: str, filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(opened(filled, sqlite_cast, who, monkeypatch))
    assert "Trang này không thuộc vai trò của bạn" in text
    assert TITLE not in text


def chosen(app: AppTest, act: str) -> AppTest:
    (box,) = [box for box in app.selectbox if str(box.key).endswith(".act")]
    app = box.set_value(act).run()
    assert not app.exception
    return app


def test_forwarded_answered_told_and_ended_on_the_page(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = chosen(opened(filled, sqlite_cast, "agent", monkeypatch), "forward")
    app.multiselect(key=field("forward", "department")).set_value(["payment"])
    app.text_area(key=field("forward", "text")).set_value("Bao giờ xong?")
    app = app.run().button(key=field("forward", "save")).click().run()
    assert not app.exception
    assert "Chuyển: đã xong 3 hồ sơ" in said(app)
    app = opened(filled, sqlite_cast, "handler", monkeypatch)
    app.text_area(key=field("answer", "text")).set_value("Đã khôi phục lúc 14:00")
    app = app.run().button(key=field("answer", "save")).click().run()
    assert "Ghi câu trả lời: đã xong 3 hồ sơ" in said(app)
    with filled.read() as session:
        assert {one.ended for one in session.scalars(select(Request))} == {"answered"}
    app = chosen(opened(filled, sqlite_cast, "agent", monkeypatch), "notify_result")
    assert app.button(key=field("notify_result", "off")).disabled, "nobody was called yet"
    boxes = [box for box in app.checkbox if ".called." in str(box.key)]
    assert ["0912345601" in str(box.label).replace(" ", "") for box in boxes] == [True, False, False], "whom to call"
    for box in boxes[:2]:
        box.set_value(True)
    app.text_area(key=field("notify_result", "text")).set_value("Đã hoàn Stars")
    app = app.run().button(key=field("notify_result", "save")).click().run()
    assert "Đã báo qua điện thoại hoặc trực tiếp: đã xong 2 hồ sơ" in said(app)
    assert acts_chosen(app) == "notify_result", "the third is still to be called"
    assert [found(filled, f"KN-2026-00000{n}").state for n in (1, 2, 3)] == ["resolved", "resolved", "investigating"]
    app = chosen(app, "end")
    assert app.button(key=field("end", "off", 1)).disabled
    app = app.checkbox(key=field("end", "sure", 1)).set_value(True).run()
    app = app.button(key=field("end", "save", 1)).click().run()
    assert not app.exception
    assert f"Sự cố {CODE} đã kết thúc." in said(app)
    assert "Không có sự cố nào đang diễn ra" in said(app)


def test_a_lead_corrects_its_name_and_says_that_it_goes_on(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.write() as session:
        incidents.end(session, CODE, Act(sqlite_cast.agent, LATER))
    assert acts(opened(filled, sqlite_cast, "agent", monkeypatch, code=CODE)) == ["Đưa hồ sơ ra khỏi sự cố"]
    app = chosen(opened(filled, sqlite_cast, "lead", monkeypatch, code=CODE), "correct_name")
    app.text_input(key=field("correct_name", "title")).set_value("Ví không phản hồi")
    app = app.button(key=field("correct_name", "save")).click().run()
    assert "Hãy sửa các ô được đánh dấu" in said(app), "nobody said why"
    app.text_area(key=field("correct_name", "text")).set_value("Nhầm hệ thống")
    app = app.run().button(key=field("correct_name", "save")).click().run()
    assert not app.exception
    text = said(app)
    assert f"Đã sửa sự cố {CODE}" in text
    assert f"“{TITLE}” → “Ví không phản hồi” · Nhầm hệ thống" in text
    app = chosen(app, "correct_end")
    app = app.checkbox(key=field("correct_end", "goes_on", 1)).set_value(True).run()
    app.text_area(key=field("correct_end", "text", 1)).set_value("Khách lại báo lỗi")
    app = app.run().button(key=field("correct_end", "save", 1)).click().run()
    assert not app.exception
    assert "1 sự cố đang diễn ra" in said(app)
    assert "→ đang tiếp diễn · Khách lại báo lỗi" in said(app)


def test_the_board_decides_once_what_was_written_once(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"KN-2026-00000{n}" for n in (1, 2, 3)]
    fields = StepFields(root_cause="late_reconciliation", whys=["Cổng quá tải"], text="Đã có cổng dự phòng")
    with filled.write() as session:
        asked = StepFields(department="engineering", text="?", due_at=DUE)
        incidents.forward(session, CODE, dict.fromkeys(codes), [asked], Act(sqlite_cast.agent, LATER))
        incidents.analyse(session, CODE, dict.fromkeys(codes), Act(sqlite_cast.agent, LATER), **fields)
    app = opened(filled, sqlite_cast, "manager", monkeypatch, "prevention")
    approve = [button for button in app.button if str(button.key).endswith("_approve")]
    assert len(approve) == 1, "one of three is shown"
    app = approve[0].click().run()
    assert not app.exception
    assert "đã xong 3 hồ sơ" in said(app)
    assert {found(filled, code).analysis for code in codes} == {"approved"}


def test_what_is_missing_is_said_at_its_field(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = chosen(opened(filled, sqlite_cast, "agent", monkeypatch), "forward")
    app.multiselect(key=field("forward", "department")).set_value(["payment"])
    app = app.run().button(key=field("forward", "save")).click().run()
    assert not app.exception
    assert "Hãy ghi" in said(app)
    assert app.multiselect(key=field("forward", "department")).value == ["payment"], "what was typed stays"


def test_complaints_join_by_their_codes_and_refusals_are_listed(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = chosen(opened(filled, sqlite_cast, "agent", monkeypatch), "join_incident")
    app.text_area(key=field("join_incident", "codes")).set_value("KN-2026-000004, kn-2026-000001 KN-2026-009999")
    app = app.run().button(key=field("join_incident", "save")).click().run()
    text = said(app)
    assert "đã xong 1 hồ sơ, 2 không làm được" in text
    assert "KN-2026-000001: Hồ sơ đã thuộc một sự cố" in text
    assert "KN-2026-009999: " in text
    assert found(filled, "KN-2026-000004").incident == CODE


def test_ticked_rows_of_the_queue_open_one(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = several(sqlite_register, sqlite_cast, 2)
    app = rows.tick(opened(sqlite_register, sqlite_cast, "agent", monkeypatch, "queue"), TABLE, *codes)
    app = app.button(key="queue_incident_save").click().run()
    assert any("Hãy ghi ngắn gọn chuyện gì đã xảy ra." in one.value for one in app.markdown)
    app.text_input(key="queue_incident_title").set_value(TITLE)
    app = app.run().button(key="queue_incident_save").click().run()
    assert not app.exception
    assert f"Đã mở sự cố {CODE}: đã xong 2 hồ sơ." in said(app)
    assert {found(sqlite_register, code).incident for code in codes} == {CODE}


def test_the_queue_by_incident(filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(filled, sqlite_cast, "agent", monkeypatch, "queue", incident=CODE)
    assert sorted(rows.keys(app)) == ["KN-2026-000001", "KN-2026-000002", "KN-2026-000003"]
    everything = opened(filled, sqlite_cast, "agent", monkeypatch, "queue", incident="' OR 1=1")
    assert len(rows.keys(everything)) == 4, "what is no code narrows nothing"


def page_links(app: AppTest) -> list[str]:
    return [str(getattr(link, "label", "")) for link in app.main.get("page_link")]


def test_the_case_names_its_incident(filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(filled, sqlite_cast, "agent", monkeypatch, "complaint", code="KN-2026-000001")
    links = page_links(app)
    assert any(f"Sự cố {CODE} · {TITLE} · 2 hồ sơ khác" in label for label in links), links
    other = opened(filled, sqlite_cast, "agent", monkeypatch, "complaint", code="KN-2026-000004")
    assert any("Mở sự cố" in label for label in page_links(other))
    with filled.read() as session:
        assert session.scalars(select(Complaint.incident).where(Complaint.code == "KN-2026-000004")).one() is None


def test_an_incident_is_opened_from_a_case(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = several(sqlite_register, sqlite_cast, 1)
    app = opened(sqlite_register, sqlite_cast, "agent", monkeypatch, of=code)
    assert app.text_area(key="incident_codes").value == code
    app.text_input(key="incident_title").set_value(TITLE)
    app = app.run().button(key="incident_open").click().run()
    assert not app.exception
    assert f"Đã mở sự cố {CODE}: đã xong 1 hồ sơ." in said(app)
    assert found(sqlite_register, code).incident == CODE


# -- beside the log form


STORY = "Chương 12 bị khóa dù đã mua gói đọc"


def typed(app: AppTest, phone: str, statement: str = STORY) -> AppTest:
    """The log form filled in with a complaint about a locked chapter."""
    (channel,) = [pills for pills in app.pills if pills.key == "log.1.channel"]
    app = channel.set_value("hotline").run()
    app.text_input(key="log.1.contact").set_value(phone)
    app.text_area(key="log.1.statement").set_value(statement)
    (category,) = [pills for pills in app.pills if pills.key == "log.1.category"]
    app = category.set_value("locked_chapter").run()
    assert not app.exception
    return app


def say(register: Register, cast: Cast, *phones: str) -> list[str]:
    """The codes of complaints of these customers with the words of ``STORY``."""
    return [
        logged(register, cast, statement=STORY, category="locked_chapter", customer=CustomerDraft(phone=phone)).code
        for phone in phones
    ]


def test_what_was_typed_is_added_to_the_case_of_the_same_customer(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = say(sqlite_register, sqlite_cast, "0912345610")
    app = typed(opened(sqlite_register, sqlite_cast, "agent", monkeypatch, "log_complaint"), "0912345610", "Vẫn khóa!")
    assert "Khách hàng này có 1 hồ sơ giống vậy trong bảy ngày qua" in said(app)
    app = app.button(key=f"log.1.add.{code}").click().run()
    assert not app.exception
    assert app.title[0].value == code
    assert "Đã thêm vào hồ sơ" in said(app)
    with sqlite_register.read() as session:
        assert len(session.scalars(select(Complaint)).all()) == 1, "no second case"
        (note,) = session.scalars(select(Evidence.body).where(Evidence.kind == "note"))
    assert note
    assert note.startswith("Khách hàng liên hệ lại qua Hotline, ")
    assert note.endswith("Vẫn khóa!")
    report = verify(sqlite_register)
    assert report.is_whole, report.problems


def test_three_customers_with_the_same_words_open_an_incident(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = say(sqlite_register, sqlite_cast, "0912345610", "0912345611")
    app = typed(opened(sqlite_register, sqlite_cast, "agent", monkeypatch, "log_complaint"), "0912345612")
    assert "3 khách hàng nói giống nhau trong 24 giờ" in said(app)
    app = app.checkbox(key="log.1.open").set_value(True).run()
    assert app.text_input(key="log.1.title").value == STORY
    app = app.text_input(key="log.1.title").set_value("").run()
    app = app.button(key="log.1.save").click().run()
    assert "Hãy ghi ngắn gọn chuyện gì đã xảy ra." in said(app)
    with sqlite_register.read() as session:
        assert len(session.scalars(select(Complaint)).all()) == 2, "nothing half done"
    app = app.text_input(key="log.1.title").set_value("Chương 12 bị khóa").run()
    app = app.button(key="log.1.save").click().run()
    assert not app.exception
    assert f"Đã mở sự cố {CODE}: đã xong 3 hồ sơ." in said(app)
    assert {found(sqlite_register, code).incident for code in [*codes, "KN-2026-000003"]} == {CODE}


@pytest.mark.parametrize(("settles", "state"), [(False, "received"), (True, "closed")], ids=["logged", "settled"])
def test_the_next_one_joins(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch, settles: bool, state: str
) -> None:
    codes = say(sqlite_register, sqlite_cast, "0912345610", "0912345611")
    begin(sqlite_register, sqlite_cast.agent, codes)
    app = typed(opened(sqlite_register, sqlite_cast, "agent", monkeypatch, "log_complaint"), "0912345612")
    assert f"Nhiều người nói giống vậy: {CODE} · {TITLE}" in said(app)
    app = app.checkbox(key="log.1.join").set_value(True).run()
    if settles:
        app = app.segmented_control(key="log.1.settles").set_value("inquiry").run()
        app = app.text_area(key="log.1.told").set_value("Chương mở lại lúc 10 giờ").run()
    app = app.button(key="log.1.save").click().run()
    assert not app.exception
    joined = found(sqlite_register, "KN-2026-000003")
    assert (joined.incident, joined.state) == (CODE, state)
    assert verify(sqlite_register).is_whole


def test_who_reports_is_told_nothing_of_others(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(sqlite_register, sqlite_cast, "0912345610", "0912345611", "0912345612")
    app = typed(opened(sqlite_register, sqlite_cast, "reporter", monkeypatch, "log_complaint"), "0912345612")
    assert "24 giờ" not in said(app)
    assert "bảy ngày" not in said(app)

"""Hồ sơ: a complaint from first to last step through the page, two people at once, and what each role may read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core import i18n
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.log import verify
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, SlaCycle
from core.rules import misses, undo
from core.rules.calendar import LOCAL
from core.rules.steps import STEPS
from core.ui import frame
from core.ui.fields import OTHER
from tests.conftest import Cast
from tests.files import PNG, content_of
from tests.pages.screen import Screen, as_read, said
from tests.register.ways import PAYMENT, filled

NASTY = "Em nạp **200** Stars $49$ <script>alert(1)</script> [x](http://x) :material/bolt: # _gấp_\n- dòng hai"
CODE = "KN-2026-000001"


@pytest.fixture
def case(sqlite_register: Register, now: datetime) -> str:
    """A complaint recorded on Monday at 09:00, with a customer and a file."""
    with sqlite_register.write() as session:
        draft = Draft(
            "app_ios",
            now,
            NASTY,
            "payment",
            customer=CustomerDraft("Nguyễn Văn An", "0912 345 123", "an.nguyen@gmail.com", "anpops"),
            remedy="Hoàn tiền ngay",
            details=PAYMENT,
            files=(FileDraft("CCCD Nguyễn Văn An.png", BytesIO(PNG)),),
        )
        return complaints.log(session, draft, Act(None, now)).code


class Seat:
    """Somebody in front of the page of one complaint."""

    def __init__(self, app: AppTest) -> None:
        self.app = app
        self.round = 1

    def take(self, step: str, **fields: object) -> Seat:
        """Choose the step, fill its fields, press the button, and the second one where the step is final."""
        self.choose(step).fill(step, **fields).press(f"{step}.save")
        return self.press(f"{step}.save.confirm") if step in STEPS and STEPS[step].final else self

    def fill(self, step: str, **fields: object) -> Seat:
        for name, value in fields.items():
            self.app = self._field(f"step.{CODE}.{self.round}.{step}.{name}", value)
        return self

    def choose(self, step: str) -> Seat:
        box = self.app.selectbox(key=f"step.{CODE}.{self.round}.step")
        self.app = box.set_value(step).run()
        return self

    def press(self, name: str) -> Seat:
        self.app = self.app.button(key=f"step.{CODE}.{self.round}.{name}").click().run()
        if self.app.session_state["turn"].round > self.round:
            self.round += 1
        assert not self.app.exception
        return self

    def _field(self, key: str, value: object) -> AppTest:
        (widget,) = [one for one in self._fields if one.key == key]
        app: AppTest = (widget.upload(*value) if isinstance(value, tuple) else widget.set_value(value)).run()
        return app

    @property
    def _fields(self) -> list[Any]:
        kinds = (
            "text_area",
            "text_input",
            "selectbox",
            "multiselect",
            "segmented_control",
            "datetime_input",
            "date_input",
        )
        return [widget for kind in (*kinds, "file_uploader") for widget in getattr(self.app, kind)]

    @property
    def undo(self) -> str:
        """What the button says that takes the last step back; empty where there is none."""
        return "".join(button.label for button in self.app.button if button.key == f"step.{CODE}.{self.round}.undo")

    def holds(self, step: str) -> dict[str, object]:
        """What the fields hold of the form of ``step``, which is on the screen."""
        prefix = f"step.{CODE}.{self.round}.{step}."
        return {str(one.key).removeprefix(prefix): one.value for one in self._fields if str(one.key).startswith(prefix)}

    @property
    def steps(self) -> list[str]:
        """The keys of the steps offered."""
        return [str(option) for option in self.app.selectbox(key=f"step.{CODE}.{self.round}.step").options]


Sit = Callable[..., Seat]


@pytest.fixture
def sit(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, case: str) -> Sit:
    def sit_down(who: str, later: timedelta = timedelta(), code: str = case) -> Seat:
        screen = Screen(sqlite_register, getattr(sqlite_cast, who), now + later)
        return Seat(screen.open("complaint", monkeypatch, code=code))

    return sit_down


def stored(register: Register) -> Complaint:
    with register.read() as session:
        return session.scalars(select(Complaint)).one()


def test_a_life_from_receipt_to_reopening_through_the_page(
    sit: Sit, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    seat = sit("agent", timedelta(minutes=30))
    assert seat.steps[0] == "Tiếp nhận"
    seat.take("acknowledge", channel="app_ios", text="Đã nhận, xin chờ.")
    assert "Đã lưu: Tiếp nhận." in said(seat.app)
    assert seat.steps[0] == "Phân loại"
    seat.take("classify", kind="complaint", category="payment")
    seat.take("assign", assignee_id=str(sqlite_cast.agent2.id), text="Chị xem tiếp giúp em.")
    seat.take("forward", department=["payment"], text="Kiểm tra giao dịch giúp em.")
    assert seat.steps[0] == "Phòng ban trả lời", "an answer that is waited for comes first"
    seat.take(
        "answer", text="Cổng thanh toán lỗi, đã cộng Stars.", files=("đối soát.xlsx", content_of("đối soát.xlsx"))
    )
    seat.take("ask_customer", text="Anh đã thấy Stars chưa?")
    assert seat.steps[0] == "Khách hàng trả lời"
    seat.take("record_reply", text="Đã thấy, cảm ơn.")
    seat.take("note", text="Khách vui vẻ.")
    seat.take("add_evidence", files=("ghi âm.mp3", content_of("ghi âm.mp3")))
    seat.take("notify_result", text="Đã cộng đủ 200 Stars.")
    assert seat.steps[0] == "Đóng hồ sơ"
    seat.take("close", outcome="upheld", root_cause="gateway_fault", lesson="Theo dõi cổng thanh toán.")
    seat.take("reopen", text="Stars lại biến mất.")
    seat.take("withdraw", text="Khách rút.")
    assert stored(sqlite_register).state == "withdrawn"
    page = said(seat.app)
    for words in (
        "Đã nhận, xin chờ.",
        "nguyên nhân: Cổng thanh toán lỗi",
        "nhận giữ hồ sơ",
        "cho Agent2 Thử",
        "Phòng Thanh toán",
    ):
        assert words in page, words
    assert verify.verify(sqlite_register).problems == []


def test_a_department_is_given_until_the_close_of_the_second_working_day(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent", timedelta(minutes=30)).take("acknowledge").take("classify", kind="complaint")
    seat.choose("forward")
    assert "17:30 thứ Tư 18/11/2026" in said(seat.app)
    seat.take("forward", department=["payment"], text="Kiểm tra.")
    due = datetime(2026, 11, 18, 17, 30, tzinfo=LOCAL)
    assert stored(sqlite_register).department_due_at == due


def test_a_department_is_not_given_longer_than_the_customer_waits(
    sit: Sit, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    act = Act(sqlite_cast.agent, now)
    with sqlite_register.write() as session:
        draft = Draft("hotline", now, "Chậm", "payment", procedure="misa", details=PAYMENT)
        code = complaints.log(session, draft, act).code
        complaints.take(session, code, "acknowledge", {"channel": "hotline", "text": ""}, act)
        complaints.take(session, code, "classify", {"kind": "complaint", "category": "payment", "level": "normal"}, act)
    app = sit("agent", timedelta(hours=1), code).app
    app = app.selectbox(key=f"step.{code}.1.step").set_value("forward").run()
    assert {one.value for one in app.caption} >= {"09:00 thứ Ba 17/11/2026"}, "24 hours after it was acknowledged"


def test_a_step_can_have_happened_earlier(sit: Sit, sqlite_register: Register, now: datetime) -> None:
    seat = sit("agent", timedelta(hours=2)).choose("acknowledge")
    key = f"step.{CODE}.1.acknowledge.happened_at"
    seat.app = seat.app.segmented_control(key=key).set_value(-1).run()
    seat.app = seat.app.datetime_input(key=f"{key}.at").set_value(datetime(2026, 11, 16, 9, 20)).run()  # noqa: DTZ001
    seat.press("acknowledge.save")
    assert stored(sqlite_register).acknowledged_at == now + timedelta(minutes=20)
    assert "nhập hệ thống lúc 16/11/2026 11:00" in said(seat.app)


def test_a_step_before_the_one_it_follows_is_refused_under_its_field(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent", timedelta(hours=2)).choose("acknowledge")
    key = f"step.{CODE}.1.acknowledge.happened_at"
    seat.app = seat.app.text_area(key=f"step.{CODE}.1.acknowledge.text").set_value("Đã gọi lại").run()
    seat.app = seat.app.segmented_control(key=key).set_value(-1).run()
    seat.app = seat.app.datetime_input(key=f"{key}.at").set_value(datetime(2026, 11, 16, 8, 0)).run()  # noqa: DTZ001
    seat.press("acknowledge.save")
    page = said(seat.app)
    assert "Hãy nhập thời điểm sau bước liền trước" in page
    assert "“Phản hồi tiếp nhận” không thể xảy ra trước bước liền trước nó" in page
    assert seat.app.text_area(key=f"step.{CODE}.1.acknowledge.text").value == "Đã gọi lại"
    assert stored(sqlite_register).state == "received"


def test_a_half_filled_step_keeps_its_input_and_says_what_to_mend(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent", timedelta(minutes=30)).take("acknowledge").take("classify", kind="complaint")
    seat.take("forward", text="Kiểm tra giao dịch.")
    assert "Hãy chọn phòng ban cần hỏi" in said(seat.app)
    seat.take("forward", department=["payment"])
    assert stored(sqlite_register).state == "investigating", "the question typed before is still there"


def test_what_is_typed_for_one_step_waits_while_another_is_looked_at(sit: Sit) -> None:
    seat = sit("agent").choose("note")
    seat.app = seat.app.text_area(key=f"step.{CODE}.1.note.text").set_value("Gọi lại chiều nay").run()
    seat.choose("acknowledge").choose("note")
    assert seat.app.text_area(key=f"step.{CODE}.1.note.text").value == "Gọi lại chiều nay"


@pytest.fixture
def other_acknowledges(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Callable[[], None]:
    def take() -> None:
        with sqlite_register.write() as session:
            complaints.take(
                session,
                CODE,
                "acknowledge",
                {"channel": "hotline", "text": "Đã gọi"},
                Act(sqlite_cast.agent2, now + timedelta(minutes=35)),
            )

    return take


def test_two_people_at_once_the_second_sees_what_changed_and_loses_nothing(
    sit: Sit, sqlite_register: Register, other_acknowledges: Callable[[], None]
) -> None:
    seat = sit("agent", timedelta(minutes=40)).choose("note").fill("note", text="Khách đang rất vội")
    other_acknowledges()
    seat.press("note.save")
    page = said(seat.app)
    assert "Người khác vừa cập nhật hồ sơ này" in page
    assert "Agent2 Thử · 16/11/2026 09:35" in page
    assert "qua Hotline" in page
    assert stored(sqlite_register).version == 2, "nothing was written over the other's step"
    assert seat.app.text_area(key=f"step.{CODE}.1.note.text").value == "Khách đang rất vội"
    seat.press("note.save.2")
    assert stored(sqlite_register).version == 3
    assert "Khách đang rất vội" in said(seat.app)


def test_a_step_the_other_has_already_taken_stays_in_sight_and_says_why_not(
    sit: Sit, sqlite_register: Register, other_acknowledges: Callable[[], None]
) -> None:
    seat = sit("agent", timedelta(minutes=40)).choose("acknowledge")
    other_acknowledges()
    seat.fill("acknowledge", text="Em đã nhận ạ")
    assert "Người khác vừa cập nhật hồ sơ này" in said(seat.app), "told before the button is pressed"
    seat.press("acknowledge.save.2")
    assert seat.app.text_area(key=f"step.{CODE}.1.acknowledge.text").value == "Em đã nhận ạ"
    assert "Không thể “Tiếp nhận” khi hồ sơ đang “Chờ phân loại”" in said(seat.app)
    assert stored(sqlite_register).version == 2
    assert seat.choose("classify").steps[0] == "Phân loại"
    assert "Tiếp nhận" not in seat.steps


def test_what_was_overtaken_can_be_dropped(
    sit: Sit, sqlite_register: Register, other_acknowledges: Callable[[], None]
) -> None:
    seat = sit("agent", timedelta(minutes=40)).choose("acknowledge")
    other_acknowledges()
    seat.press("acknowledge.save").press("drop")
    assert seat.steps[0] == "Phân loại"
    assert stored(sqlite_register).version == 2


def test_a_second_click_on_the_old_button_does_nothing(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent").take("note", text="Một lần")
    assert [button.key for button in seat.app.button if button.key and ".1.note.save" in button.key] == []
    assert stored(sqlite_register).version == 2


def test_the_last_step_is_undone_and_its_form_filled_in_again(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent", timedelta(minutes=30))
    assert seat.undo == "", "a receipt is no step"
    seat.take("acknowledge", channel="email", text="Đã nhận, *xin* chờ.")
    assert as_read(seat.undo) == "Hoàn tác “Tiếp nhận” (còn 15 phút)"
    seat.choose("note").fill("note", text="Đang gõ dở").press("undo")
    assert stored(sqlite_register).state == "received"
    page = said(seat.app)
    assert "Đã hoàn tác: Tiếp nhận. Nội dung đã nhập có lại trong biểu mẫu." in page
    assert seat.undo == "", "an undoing is not undone"
    assert (seat.holds("acknowledge")["text"], seat.holds("acknowledge")["channel"]) == ("Đã nhận, *xin* chờ.", "email")
    struck = ":gray[~~**Phản hồi tiếp nhận** · qua Email · nhận giữ hồ sơ~~ · đã hoàn tác]"
    assert struck in page
    assert "Người hoàn tác: Agent Thử · 16/11/2026 09:30" in page
    assert "Hoàn tác bước liền trước" in page
    assert "Đã nhận, *xin* chờ." in page, "it stays in the record"
    seat.press("acknowledge.save")
    assert stored(sqlite_register).state == "acknowledged"
    assert not seat.choose("note").holds("note")["text"], "saving begins a new form"
    assert verify.verify(sqlite_register).problems == []


def test_what_was_being_typed_meanwhile_stays_too(sit: Sit) -> None:
    seat = sit("agent", timedelta(minutes=30)).take("acknowledge", text="Đã nhận")
    seat.choose("note").fill("note", text="Đang gõ dở").press("undo").choose("note")
    assert seat.app.text_area(key=f"step.{CODE}.{seat.round}.note.text").value == "Đang gõ dở"


def test_the_line_of_an_undone_step_is_said_in_english_too(sit: Sit, sqlite_cast: Cast) -> None:
    sit("agent", timedelta(minutes=30)).take("acknowledge", channel="email").press("undo")
    sqlite_cast.agent.language = "en"
    page = said(sit("agent", timedelta(minutes=31)).app)
    for words in ("Undid the step before", " · undone]", "Undone by Agent Thử · "):
        assert words in page, words


@pytest.mark.parametrize(
    ("who", "later", "words", "why"),
    [
        ("agent", 0, "(còn 15 phút)", "at once"),
        ("agent", 5, "(còn 10 phút)", "also when the page is opened anew"),
        ("agent", 15, "(còn 1 phút)", "the last second belongs to it"),
        ("agent", 16, "", "too late"),
        ("agent2", 1, "", "somebody else's"),
        ("lead", 1, "", "not even a lead"),
        ("manager", 1, "", "looks on"),
    ],
)
def test_undoing_is_offered_to_its_person_with_the_minutes_left(
    who: str, later: int, words: str, why: str, sit: Sit
) -> None:
    sit("agent", timedelta(minutes=30)).take("acknowledge", text="Đã nhận")
    found = as_read(sit(who, timedelta(minutes=30 + later)).undo)
    assert found == (f"Hoàn tác “Tiếp nhận” {words}" if words else ""), why


def test_an_undo_that_comes_too_late_says_so(
    sit: Sit, sqlite_register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = sit("agent", timedelta(minutes=30)).take("acknowledge", text="Đã nhận")
    monkeypatch.setattr(frame, "utc_now", lambda: now + timedelta(minutes=46))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(undo, "possible_until", lambda *_: now + timedelta(minutes=45))  # as it was drawn before
        seat.press("undo")
    assert "Bước này đã quá 15 phút: không hoàn tác được nữa." in said(seat.app)
    assert stored(sqlite_register).state == "acknowledged"


def test_whoever_follows_meanwhile_is_not_undone(
    sit: Sit, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    seat = sit("agent", timedelta(minutes=30)).take("acknowledge", text="Đã nhận")
    with sqlite_register.write() as session:
        act = Act(sqlite_cast.lead, now + timedelta(minutes=31))
        complaints.take(session, CODE, "note", {"text": "Lead xem rồi"}, act)
    seat.press("undo")
    assert "Lead xem rồi" in said(seat.app)
    assert stored(sqlite_register).version == 3, "the button was drawn before, and does nothing any more"


AGAIN: list[tuple[str, list[str], dict[str, object]]] = [
    # step, steps before it, what is typed and stands there again
    ("classify", ["acknowledge"], {"kind": "inquiry", "category": "login"}),
    ("assign", [], {}),
    (
        "forward",
        ["acknowledge", "classify"],
        {"department": ["payment"], "text": "Kiểm tra", "due_at": datetime(2026, 11, 19, 15)},  # noqa: DTZ001
    ),
    ("ask_customer", ["acknowledge", "classify"], {"text": "Xin ảnh", "chase_on": date(2026, 11, 20)}),
    (
        "note",
        [],
        {"text": "Gọi lại", "happened_at": OTHER, "happened_at.at": datetime(2026, 11, 16, 9, 10)},  # noqa: DTZ001
    ),
    ("notify_result", ["acknowledge", "classify"], {"channel": "email", "text": "Đã hoàn tiền"}),
    (
        "close",
        ["acknowledge", "classify", "notify_result"],
        {"outcome": "upheld", "root_cause": "unknown", "lesson": "Đối soát hằng giờ"},
    ),
    ("withdraw", [], {"text": "Khách rút"}),
    ("details", [], {"details.transaction": "FT26320001", "details.amount": "51.000đ"}),
]


@pytest.mark.parametrize(("step", "before", "typed"), AGAIN, ids=[step for step, *_ in AGAIN])
def test_each_form_is_filled_in_again(
    step: str, before: list[str], typed: dict[str, object], sit: Sit, sqlite_register: Register, now: datetime
) -> None:
    with sqlite_register.write() as session:
        for key in before:
            complaints.take(session, CODE, key, filled(key, now), Act(None, now))
    seat = sit("agent", timedelta(minutes=30)).take(step, **typed)
    was = stored(sqlite_register)
    seat = sit("agent", timedelta(minutes=31)).press("undo")
    assert stored(sqlite_register).version == was.version + 1
    assert seat.app.selectbox(key=f"step.{CODE}.{seat.round}.step").value == step
    held = seat.holds(step)
    assert {name: held.get(name) for name in typed} == typed
    if step == "assign":
        assert held["assignee_id"] == str(was.assignee_id)
    saved = seat.press(f"{step}.save")
    if STEPS[step].final:
        saved.press(f"{step}.save.confirm")
    assert stored(sqlite_register).version == was.version + 2, "and can be saved as it stands"


def test_files_are_chosen_anew(sit: Sit) -> None:
    seat = sit("agent", timedelta(minutes=30)).take("add_evidence", files=("ghi âm.mp3", content_of("ghi âm.mp3")))
    seat.press("undo")
    assert "Nội dung đã nhập có lại trong biểu mẫu; tệp thì cần chọn lại." in said(seat.app)


def test_what_is_final_asks_first(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent", timedelta(minutes=30)).choose("withdraw").fill("withdraw", text="Khách rút")
    seat.press("withdraw.save")
    assert stored(sqlite_register).state == "received", "nothing is saved by the first button"
    assert "Hồ sơ kết thúc vì khách hàng rút khiếu nại" in said(seat.app)
    assert [button.label for button in seat.app.button if "withdraw.save" in str(button.key)] == [
        "Đồng ý, lưu",
        "Không, quay lại",
    ]
    seat.press("withdraw.save.back")
    assert "Hồ sơ kết thúc" not in said(seat.app)
    assert seat.holds("withdraw")["text"] == "Khách rút"
    seat.press("withdraw.save").choose("note").choose("withdraw")
    assert "Hồ sơ kết thúc" not in said(seat.app), "another step was looked at: asked anew"
    seat.press("withdraw.save").press("withdraw.save.confirm")
    assert stored(sqlite_register).state == "withdrawn"


def test_what_is_final_asks_on_the_new_version_too(
    sit: Sit, sqlite_register: Register, other_acknowledges: Callable[[], None]
) -> None:
    seat = sit("agent", timedelta(minutes=40)).choose("withdraw").fill("withdraw", text="Khách rút")
    other_acknowledges()
    seat.press("withdraw.save").press("withdraw.save.2")
    assert stored(sqlite_register).state == "acknowledged"
    seat.press("withdraw.save.2.confirm")
    assert stored(sqlite_register).state == "withdrawn"


def test_a_late_case_asks_why_before_it_closes(sit: Sit, sqlite_register: Register) -> None:
    late = timedelta(days=15)
    seat = sit("agent", late).take("acknowledge").take("classify", kind="complaint")
    seat.take("notify_result", text="Đã hoàn tiền.")
    seat.take("close", outcome="upheld", root_cause="gateway_fault")
    assert "Hồ sơ đã trễ hạn: hãy chọn lý do" in said(seat.app)
    seat.take("close", **{"breach_reason.acknowledge.1": "overload"})
    assert stored(sqlite_register).breach_reason == "overload"
    assert "Phản hồi tiếp nhận trễ vì: Quá tải" in said(seat.app)


def reasons(register: Register) -> dict[str, str | None]:
    with register.read() as session:
        return {misses.name_of(clock): clock.breach_reason for clock in session.scalars(select(SlaCycle))}


def test_a_miss_is_explained_beside_its_clock_and_not_asked_again(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent", timedelta(days=15))
    assert "chưa nêu lý do" in said(seat.app)
    seat.app = seat.app.button(key="explain.acknowledge.1").click().run()
    assert seat.app.selectbox(key=f"step.{CODE}.1.step").value == "explain_miss"
    assert seat.app.selectbox(key=f"step.{CODE}.1.explain_miss.explains").value == "acknowledge.1"
    seat.press("explain_miss.save")
    assert "Hồ sơ đã trễ hạn: hãy chọn lý do" in said(seat.app)
    seat.fill("explain_miss", breach_reason="overload", text="Cả nhóm ốm").press("explain_miss.save")
    assert reasons(sqlite_register) == {"acknowledge.1": "overload"}
    page = said(seat.app)
    assert "Lý do trễ: Quá tải" in page and "chưa nêu lý do" not in page
    assert "**Nêu lý do trễ hạn** · Phản hồi tiếp nhận trễ vì: Quá tải" in page and "Cả nhóm ốm" in page
    assert "Nêu lý do trễ hạn" not in seat.steps, "an agent explains, a lead corrects"
    seat.take("acknowledge").take("classify", kind="complaint").take("notify_result", text="Đã hoàn tiền.")
    seat.choose("close")
    assert [key for key in keys(seat.app) if ".close.breach_reason" in key] == []
    assert "Phản hồi tiếp nhận trễ vì: Quá tải" in said(seat.app), "what was said is shown"
    seat.take("close", outcome="upheld", root_cause="gateway_fault")
    assert stored(sqlite_register).state == "closed"


def test_two_misses_are_asked_one_by_one(sit: Sit, sqlite_register: Register) -> None:
    sit("agent", timedelta(days=3)).take("acknowledge").take("classify", kind="complaint")
    seat = sit("agent", timedelta(days=15)).take("notify_result", text="Đã hoàn tiền.")
    given = {"breach_reason.acknowledge.1": "overload", "breach_reason.resolve.1": "third_party"}
    seat.take("close", outcome="upheld", root_cause="gateway_fault", **given)
    assert reasons(sqlite_register) == {"acknowledge.1": "overload", "resolve.1": "third_party"}
    lead = sit("lead", timedelta(days=16))
    assert "explain.acknowledge.1" not in {button.key for button in lead.app.button}, "both have their reason"
    lead.take("explain_miss", explains="resolve.1", breach_reason="overload")
    assert reasons(sqlite_register) == dict.fromkeys(("acknowledge.1", "resolve.1"), "overload")


def keys(app: AppTest) -> list[str]:
    return [str(box.key) for box in app.selectbox]


def test_a_case_in_time_is_not_asked_for_a_reason(sit: Sit) -> None:
    seat = sit("agent", timedelta(minutes=10)).take("acknowledge").take("classify", kind="inquiry")
    seat.take("notify_result", text="Đã giải đáp.").choose("close")
    assert seat.app.selectbox(key=f"step.{CODE}.{seat.round}.close.outcome").value == "answered"
    assert [key for key in keys(seat.app) if "breach_reason" in key] == []


def test_what_people_wrote_is_shown_letter_by_letter(sit: Sit) -> None:
    seat = sit("agent")
    assert NASTY in {text.value for text in seat.app.text}
    assert not any("<script" in str(element.value) for element in seat.app.markdown)


@pytest.mark.parametrize(("procedure", "conciliates"), [("pops", True), ("misa", False)])
def test_the_steps_drawn_are_those_of_the_procedure(
    sit: Sit, sqlite_register: Register, now: datetime, procedure: str, conciliates: bool
) -> None:
    with sqlite_register.write() as session:
        draft = Draft("hotline", now, "Chậm", "payment", procedure=procedure)
        code = complaints.log(session, draft, Act(None, now)).code
    assert ("Hòa giải" in said(sit("agent", code=code).app)) is conciliates


def test_a_clock_says_due_time_left_verdict_and_why(sit: Sit) -> None:
    seat = sit("agent", timedelta(hours=1))
    page = said(seat.app)
    assert "Hạn 17:30 thứ Ba 17/11/2026" in page
    assert "còn 1 ngày 7 giờ làm việc" in page, (
        "from 10:00 on Monday to 17:30 on Tuesday at nine hours a day: 16 h 30, a day being nine"
    )
    assert "1 ngày làm việc kể từ thứ Hai 16/11/2026, ngày đầu không tính" in seat.app.code[0].value
    assert "ngày làm việc thứ 1, hết hạn" in page


WORKED = {
    "Tiếp nhận",
    "Tiếp nhận và phân loại",
    "Giải quyết xong ngay",
    "Giao hồ sơ",
    "Viết ghi chú",
    "Thêm bằng chứng",
    "Bổ sung thông tin",
    "Thêm vấn đề",
    "Gộp vào hồ sơ khác",
    "Khách rút khiếu nại",
    "Khách yêu cầu thương lượng",
    "Sửa thông tin",
}
OFFERED = [
    # who, what is offered first and everything else, why
    ("agent", WORKED, "works it"),
    ("lead", WORKED, "works it"),
    ("manager", set(), "reads"),
    ("analyst", set(), "reads masked"),
    ("admin", set(), "reads masked"),
]


@pytest.mark.parametrize(("who", "offered", "why"), OFFERED)
def test_each_role_is_offered_its_own_steps(who: str, offered: set[str], why: str, sit: Sit) -> None:
    app = sit(who).app
    boxes = [box for box in app.selectbox if str(box.key).endswith(".step")]
    assert {option for box in boxes for option in box.options} == offered, why
    if not offered:
        assert "Vai trò của bạn không có việc gì ở hồ sơ này." in said(app)


@pytest.mark.parametrize("who", ["manager", "analyst", "admin"])
def test_who_may_not_know_the_customer_reads_no_trace_of_them(who: str, sit: Sit) -> None:
    app = sit(who).app
    everything = str(app)
    for trace in ("Nguyễn Văn", "0912 345", "an.nguyen", "anpops", "Em nạp", "Hoàn tiền ngay", "CCCD", "/evidence/"):
        assert trace not in everything, trace
    page = said(app)
    assert "Đã ẩn: vai trò của bạn không xem được nội dung này." in page
    assert "•••.png" in page


def test_who_works_with_customers_reads_them_whole(sit: Sit) -> None:
    app = sit("agent").app
    links = {link.proto.url for link in app.get("link_button")}
    assert any(url.startswith("/evidence/") for url in links)
    assert "Hoàn tiền ngay" in said(app)


def test_a_department_sees_what_was_forwarded_to_it_and_may_answer(
    sit: Sit, sqlite_register: Register, now: datetime
) -> None:
    app = sit("handler").app
    assert "Hồ sơ này không chuyển đến phòng ban của bạn." in said(app)
    assert NASTY not in said(app)
    with sqlite_register.write() as session:
        complaints.take(session, CODE, "acknowledge", {}, Act(None, now))
        complaints.take(session, CODE, "classify", {"kind": "complaint"}, Act(None, now))
        complaints.take(session, CODE, "forward", {"department": "payment", "text": "?", "due_at": now}, Act(None, now))
    seat = sit("handler", timedelta(hours=1))
    assert seat.steps == [
        "Phòng ban trả lời",
        "Trả lại: không thuộc phòng ban",
        "Viết ghi chú",
        "Thêm bằng chứng",
        "Bổ sung thông tin",
        "Phân tích nguyên nhân gốc",
    ]
    seat.take("answer", text="Đã cộng Stars.")
    assert stored(sqlite_register).waiting_department is False


def test_an_unknown_code_says_so_and_offers_a_search(sit: Sit) -> None:
    app = sit("agent", code="KN-2026-999999").app
    assert "Không có hồ sơ KN-2026-999999: hãy kiểm tra lại mã." in said(app)
    assert "case_search" in {field.key for field in app.text_input}


FOUND = [
    # who, typed, found, why
    ("agent", CODE, True, "the code"),
    ("agent", "kn-2026-1", True, "as people write it"),
    ("agent", "1", True, "only its number, this year"),
    ("agent", "0912.345.123", True, "the phone"),
    ("agent", "AN.Nguyen@gmail.com", True, "the address"),
    ("agent", "anpops", True, "the account"),
    ("agent", "0999 999 999", False, "somebody else's phone"),
    ("analyst", CODE, True, "a code says nothing about a person"),
    ("analyst", "0912.345.123", False, "a list of numbers would tell who complained"),
    ("handler", CODE, False, "not with this department"),
]


@pytest.mark.parametrize(("who", "typed", "found", "why"), FOUND)
def test_a_case_is_found_by_what_a_caller_can_say(who: str, typed: str, found: bool, why: str, sit: Sit) -> None:
    app = sit(who, code="").app
    app = app.text_input(key="case_search").set_value(typed).run()
    links = [link.proto.query_string for link in app.get("page_link")]
    assert (f"code={CODE}" in links) is found, why
    assert "0912" not in str(app.query_params), "nothing about a person goes into the address"


def test_other_complaints_of_the_customer_are_linked(sit: Sit, sqlite_register: Register, now: datetime) -> None:
    with sqlite_register.write() as session:
        draft = Draft("hotline", now, "Lại nữa", "login", customer=CustomerDraft(phone="0912345123"))
        complaints.log(session, draft, Act(None, now))
    links = [link.proto.query_string for link in sit("agent").app.get("page_link")]
    assert "code=KN-2026-000002" in links


def test_a_question_is_answered_on_the_phone_in_one_save(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent").choose("settle")
    assert seat.holds("settle")["outcome"] is None
    seat.fill("settle", kind="inquiry", text="Nạp tối đa 500 Stars một lần")
    assert seat.holds("settle")["outcome"] == "answered", "the usual end of an inquiry"
    seat.press("settle.save")
    after = stored(sqlite_register)
    assert (after.state, after.kind, after.outcome, after.version) == ("closed", "inquiry", "answered", 5)
    assert [one.value for one in seat.app.success] == ["Đã lưu: Giải quyết xong ngay."]


def test_settling_without_a_word_says_what_is_missing_and_keeps_the_rest(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent").choose("settle").fill("settle", kind="complaint", outcome="upheld").press("settle.save")
    assert stored(sqlite_register).state == "received", "all or nothing"
    assert "Hãy ghi kết quả" in " ".join(one.value for one in seat.app.markdown)
    assert seat.holds("settle")["outcome"] == "upheld"


def test_a_day_is_proposed_for_asking_the_customer_again(sit: Sit) -> None:
    seat = sit("agent").take("acknowledge").take("classify", kind="complaint").choose("ask_customer")
    assert seat.app.date_input(key=f"step.{CODE}.3.ask_customer.chase_on").value == date(2026, 11, 18)


def test_the_language_can_change_in_the_middle_of_a_step(
    sit: Sit, sqlite_cast: Cast, sqlite_register: Register
) -> None:
    seat = sit("agent").take("acknowledge").take("classify", kind="complaint").choose("ask_customer")
    seat.fill("ask_customer", text="Mã giao dịch?")
    sqlite_cast.agent.language = "en"
    seat.app = seat.app.run()
    i18n.use("en")  # AppTest reads labels in this thread
    assert not seat.app.error
    assert seat.app.text_area(key=f"step.{CODE}.3.ask_customer.text").value == "Mã giao dịch?"
    seat.press("ask_customer.save")
    assert stored(sqlite_register).state == "waiting_customer"


def test_the_last_question_answer_and_promise_stand_apart_from_the_timeline(sit: Sit) -> None:
    seat = sit("agent", timedelta(minutes=30))
    assert "Gần nhất" not in said(seat.app), "nothing was asked or promised yet"
    seat.take("acknowledge").take("classify", kind="complaint")
    seat.take("forward", department=["payment"], text="Kiểm tra lần đầu.")
    seat.take("answer", text="Đã cộng Stars.")
    seat.take("forward", department=["payment"], text="Kiểm tra lần hai.")
    seat.take("answer", text="Vẫn thiếu 20 Stars.")
    seat.take("ask_customer", text="Anh thiếu bao nhiêu Stars?")
    page = said(seat.app)
    assert "Gần nhất" in page
    assert "“Anh thiếu bao nhiêu Stars?”" in page
    assert "“Vẫn thiếu 20 Stars.”" in page
    for older in ("“Đã cộng Stars.”", "“Kiểm tra lần hai.”"):
        assert older not in page, "the newest of each"


@pytest.mark.parametrize(("who", "hides"), [("agent", False), ("manager", True)])
def test_who_may_not_read_texts_reads_none_of_the_latest(sit: Sit, who: str, hides: bool) -> None:
    sit("agent", timedelta(minutes=30)).take("acknowledge").take("ask_customer", text="Anh ở đâu?")
    page = said(sit(who, timedelta(minutes=40)).app)
    assert "**Hỏi khách hàng**" in page
    assert ("Anh ở đâu?" not in page) is hides


STAGES = [
    # steps, what is said, why
    ((), None, "acknowledging is promised"),
    (("acknowledge",), "Phân loại, đến mai 17:30 · còn 1 ngày", "a working day after the acknowledgement"),
]


@pytest.mark.parametrize(("steps", "mark", "why"), STAGES)
def test_the_mark_of_a_stage_is_told_as_what_it_is(
    sit: Sit, steps: tuple[str, ...], mark: str | None, why: str
) -> None:
    seat = sit("agent", timedelta(minutes=30))
    for step in steps:
        seat.take(step)
    told = [line for line in said(seat.app).split("\n") if "Mốc nội bộ, không phải cam kết" in line]
    assert len(told) == (mark is not None), why
    assert all(str(mark) in line for line in told), told


def test_a_saved_step_is_told_once(sit: Sit) -> None:
    seat = sit("agent", timedelta(minutes=30)).take("acknowledge")
    assert said(seat.app).count("Đã lưu: Tiếp nhận.") == 1
    assert not seat.app.toast, "over a clock, on a phone"

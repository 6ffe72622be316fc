"""Lịch làm việc: for administrators only, looked at before it is applied, never losing what was typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import CalendarVersion, Complaint, Event, Person, SlaCycle
from core.register.log.verify import verify
from core.rules.calendar import LOCAL
from core.rules.roles import ROLES
from core.ui.calendar import words as calendar_words
from tests.conftest import Cast
from tests.pages.screen import Open, Screen, values
from tests.pages.screen import said as said_on_page

THURSDAY, SATURDAY = date(2026, 11, 19), date(2026, 11, 21)
LONG_AGO = datetime(2026, 11, 10, 10, 0, tzinfo=LOCAL)


@pytest.fixture
def open_page(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    def page(role: str = "admin", at: datetime = now, **query: str) -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), at).open("calendar", monkeypatch, **query)

    return page


@pytest.fixture
def code(sqlite_register: Register, now: datetime) -> str:
    """A complaint of this Monday morning: acknowledgement due on Tuesday; another one, overdue since last week."""
    with sqlite_register.write() as session:
        complaints.log(session, Draft("hotline", LONG_AGO, "Không đăng nhập được", "login"), Act(None, now))
        recorded = complaints.log(session, Draft("hotline", now, "Không đăng nhập được", "login"), Act(None, now))
        return complaints.take(session, recorded.code, "acknowledge", {"text": "Đã nhận"}, Act(None, now)).code


def said(app: AppTest) -> str:
    """Everything a person reads on the page, and what the dialog over it says about its day."""
    dialog = [text for kind in ("markdown", "caption") for text in values(app.get(kind))]
    return "\n".join([said_on_page(app), *dialog])


def take(app: AppTest, day: date, kind: str, name: str = "") -> AppTest:
    """Fill in the dialog of ``day`` and take it into the draft."""
    app.query_params["day"] = day.isoformat()
    app = app.run()
    app = app.segmented_control(key=f"calendar.{day}.kind").set_value(kind).run()
    if name:
        app = app.text_input(key=f"calendar.{day}.name").set_value(name).run()
    return app.button(key=f"calendar.{day}.take").click().run()


def look(app: AppTest) -> AppTest:
    return app.button(key="calendar_look").click().run()


def apply(app: AppTest, reason: str) -> AppTest:
    app = app.text_input(key=reason_key(app)).set_value(reason).run()
    return app.button(key="calendar_apply").click().run()


def reason_key(app: AppTest) -> str:
    [key] = [str(box.key) for box in app.text_input if str(box.key).endswith(".reason")]
    return key


def written(register: Register) -> tuple[int, int]:
    """How many events and versions there are."""
    with register.read() as session:
        count = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Event, CalendarVersion)]
    return count[0], count[1]


def resolve_due(register: Register, code: str) -> datetime:
    with register.read() as session:
        found = session.scalar(
            select(SlaCycle.due_at)
            .join(Complaint, Complaint.id == SlaCycle.complaint_id)
            .where(Complaint.code == code, SlaCycle.term == "resolve")
        )
    assert found is not None
    return found


@pytest.mark.parametrize("role", list(ROLES))
def test_only_administrators_see_it(open_page: Open, role: str) -> None:
    app = open_page(role)
    assert not app.exception
    if role == "admin":
        assert app.title[0].value == "Năm 2026: 249 ngày làm việc"
        assert "13 ngày nghỉ, 12 ngày rơi vào ngày làm việc" in said(app)
    else:
        assert not app.title
        assert "không thuộc vai trò" in said(app)


def test_a_day_off_is_looked_at_and_then_applied_with_its_reason(
    open_page: Open, code: str, sqlite_register: Register
) -> None:
    before = written(sqlite_register)
    app = take(open_page(), THURSDAY, "off", "Nghỉ *công ty*")
    assert "thêm: nghỉ thứ Năm 19/11/2026 (Nghỉ *công ty*)" in said(app)
    assert any("Nghỉ \\*công ty\\*" in one.value for one in app.main.markdown), "a name is a name, not Markdown"
    app = look(app)
    assert "1 hạn lùi, của 1 hồ sơ." in said(app), "what is overdue already does not move"
    assert written(sqlite_register) == before, "a look writes nothing"
    app = apply(app, "Quyết định 12/QĐ")
    assert not app.exception
    assert [one.value for one in app.success] == ["Lịch phiên bản 2 có hiệu lực từ bây giờ. 1 hạn lùi, của 1 hồ sơ."]
    assert resolve_due(sqlite_register, code) == datetime(2026, 11, 25, 17, 30, tzinfo=LOCAL)
    audit = said(app)
    assert "**Phiên bản 2** · 16/11/2026 09:00 · Admin Thử" in audit
    assert "Quyết định 12/QĐ" in audit
    assert "Bản nháp" not in audit, "the draft is gone"
    app = app.run()
    assert not app.success, "told once"
    assert verify(sqlite_register).problems == []


@pytest.mark.usefixtures("code")
def test_a_worked_saturday_says_what_comes_earlier(open_page: Open) -> None:
    app = look(take(open_page(), SATURDAY, "worked", "Làm bù"))
    assert "1 hạn sớm hơn, của 1 hồ sơ." in said(app)


@pytest.mark.usefixtures("code")
def test_nothing_is_applied_without_a_reason_and_what_was_typed_stays(
    open_page: Open, sqlite_register: Register
) -> None:
    app = look(take(open_page(), THURSDAY, "off", "Nghỉ công ty"))
    before = written(sqlite_register)
    app = apply(app, "   ")
    assert [one.value for one in app.error] == ["Hãy ghi lý do: lý do đi cùng mọi hạn bị thay đổi."]
    assert written(sqlite_register) == before
    assert "1 hạn lùi" in said(app), "draft and look are still there"
    app = apply(app, "Quyết định 12/QĐ")
    assert "Lịch phiên bản 2" in said(app)


BAD = [
    # day, kind, name, says, why
    (THURSDAY, "off", "", "Hãy đặt tên cho ngày", "a day off without a name"),
    (date(2026, 12, 24), "ordinary", "", None, "already ordinary: no change, and no draft"),
]


@pytest.mark.parametrize(("day", "kind", "name", "says", "why"), BAD, ids=[row[4] for row in BAD])
def test_what_cannot_be_never_reaches_the_draft(
    open_page: Open, day: date, kind: str, name: str, says: str | None, why: str
) -> None:
    app = take(open_page(), day, kind, name)
    assert not app.exception
    assert [says] == [one.value[: len(says)] for one in app.error] if says else not app.error, why
    assert "Bản nháp" not in said(app)


def test_a_refused_day_keeps_what_was_typed(open_page: Open) -> None:
    app = open_page()
    app.query_params["day"] = THURSDAY.isoformat()
    app = app.run()
    app = app.text_input(key=f"calendar.{THURSDAY}.name").set_value("Du lịch công ty").run()
    app = app.date_input(key=f"calendar.{THURSDAY}.swap").set_value(date(2026, 11, 20)).run()
    app = app.button(key=f"calendar.{THURSDAY}.take").click().run()
    assert "thứ Sáu 20/11/2026 vốn đã là ngày làm việc" in app.error[0].value
    assert app.text_input(key=f"calendar.{THURSDAY}.name").value == "Du lịch công ty"
    app = app.date_input(key=f"calendar.{THURSDAY}.swap").set_value(SATURDAY).run()
    app = app.button(key=f"calendar.{THURSDAY}.take").click().run()
    draft = said(app)
    assert "thêm: nghỉ thứ Năm 19/11/2026 (Du lịch công ty)" in draft
    assert "thêm: làm việc thứ Bảy 21/11/2026 (Làm bù cho ngày 19/11/2026)" in draft


def test_several_days_leave_weekends_and_holidays_as_they_are(open_page: Open) -> None:
    app = open_page()
    app.query_params["day"] = "2026-11-20"
    app = app.run()
    app = app.text_input(key="calendar.2026-11-20.name").set_value("Du lịch").run()
    app = app.date_input(key="calendar.2026-11-20.last").set_value(date(2026, 11, 25)).run()
    app = app.button(key="calendar.2026-11-20.take").click().run()
    lines = [line for line in said_on_page(app).splitlines() if line.startswith("thêm")]
    assert [line.split(" (")[0] for line in lines] == [
        f"thêm: nghỉ {day}" for day in ("thứ Sáu 20/11/2026", "thứ Hai 23/11/2026", "thứ Tư 25/11/2026")
    ], "24/11 is a holiday with a name of its own"


def test_a_day_that_has_begun_is_only_shown(open_page: Open) -> None:
    app = open_page(day="2026-11-16")
    assert "Ngày đã bắt đầu thì không sửa lại" in said(app)
    assert not [button for button in app.button if str(button.key).endswith(".take")]


def test_own_hours_are_a_draft_too(open_page: Open) -> None:
    app = open_page(day=THURSDAY.isoformat())
    app = app.segmented_control(key=f"calendar.{THURSDAY}.kind").set_value("hours").run()
    app = app.text_input(key=f"calendar.{THURSDAY}.name").set_value("Họp").run()
    app = app.time_input(key=f"calendar.{THURSDAY}.closes").set_value(time(8, 0)).run()
    app = app.button(key=f"calendar.{THURSDAY}.take").click().run()
    assert "đóng cửa trước khi mở" in app.error[0].value
    app = app.time_input(key=f"calendar.{THURSDAY}.closes").set_value(time(11, 30)).run()
    app = app.button(key=f"calendar.{THURSDAY}.take").click().run()
    assert "thêm: giờ riêng 08:30–11:30 thứ Năm 19/11/2026 (Họp)" in said(app)


def test_a_draft_can_be_undone_day_by_day_or_dropped(open_page: Open) -> None:
    app = take(take(open_page(), THURSDAY, "off", "Nghỉ"), SATURDAY, "worked", "Làm bù")
    app = app.button(key=f"calendar_undo_{THURSDAY}").click().run()
    assert "thứ Năm 19/11" not in said(app)
    assert "thứ Bảy 21/11/2026 (Làm bù)" in said(app)
    app = app.button(key="calendar_drop").click().run()
    assert "Bản nháp" not in said(app)


@pytest.mark.usefixtures("code")
def test_a_holiday_taken_out_is_a_change_that_is_looked_at(open_page: Open) -> None:
    app = look(take(open_page(), date(2026, 11, 24), "ordinary"))
    assert "bỏ: nghỉ thứ Ba 24/11/2026 (Ngày Văn hóa Việt Nam)" in said(app)
    assert "Không có hạn nào thay đổi" in said(app), "due on Monday the 23rd"


@pytest.mark.usefixtures("code")
def test_a_change_in_the_draft_must_be_looked_at_anew(open_page: Open) -> None:
    app = look(take(open_page(), THURSDAY, "off", "Nghỉ"))
    app = take(app, SATURDAY, "worked", "Làm bù")
    assert not [button for button in app.button if button.key == "calendar_apply"]


@pytest.mark.usefixtures("code")
def test_somebody_elses_calendar_asks_for_another_look(
    open_page: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    app = look(take(open_page(), THURSDAY, "off", "Nghỉ"))
    with sqlite_register.write() as session:
        days, worked = calendars.current(session), calendar_changes.decided(None, "Làm bù")
        other = calendar_changes.with_changes(days, {SATURDAY: worked}, today=date(2026, 11, 16))
        calendars.apply(session, other, "Làm bù", Act(sqlite_cast.admin, now))
    app = app.run()
    assert "Trong lúc đó đã có người áp dụng lịch khác" in app.error[0].value
    assert not [button for button in app.button if button.key == "calendar_apply"]
    app = apply(look(app), "Nghỉ")
    assert "Lịch phiên bản 3" in said(app)


def test_the_coming_year_is_drafted_ticked_and_approved_at_once(open_page: Open, sqlite_register: Register) -> None:
    app = open_page(year="2028")
    assert app.title[0].value == "Năm 2028 chưa có lịch được duyệt"
    assert "16 ngày được đề xuất" in said(app)
    assert "thứ Hai 03/01/2028: Tết Dương lịch (nghỉ bù)" in said(app)
    assert not app.checkbox
    app = app.button(key="calendar_start_year").click().run()
    assert all(box.value for box in app.checkbox)
    [monday] = [box for box in app.checkbox if "04/09/2028" in box.label]
    app = monday.uncheck().run()
    assert "Bản nháp không có những ngày nghỉ theo luật: 04/09." in said(app)
    app = take(app, date(2028, 2, 1), "off", "Mùng bảy")
    assert "**Duyệt lịch năm 2028** với 16 ngày đặc biệt" in said(app)
    app = apply(look(app), "Lịch 2028")
    assert app.title[0].value.startswith("Năm 2028: ")
    with sqlite_register.read() as session:
        days = calendars.current(session)
    assert days.last_year == 2028
    assert days.days[date(2028, 2, 1)].name == "Mùng bảy"
    assert date(2028, 9, 4) not in days.days


def test_a_day_of_the_coming_year_brings_the_days_of_the_law_with_it(open_page: Open) -> None:
    app = take(open_page(year="2028"), date(2028, 2, 1), "off", "Mùng bảy")
    assert "**Duyệt lịch năm 2028** với 17 ngày đặc biệt" in said(app), "never a year with a single day off by mistake"
    app = app.button(key="calendar_leave_year").click().run()
    assert "Bản nháp" not in said(app)


def test_a_year_that_has_begun_without_a_calendar_can_still_be_approved(open_page: Open) -> None:
    app = open_page(at=datetime(2029, 3, 1, 2, 0, tzinfo=UTC))
    assert app.title[0].value == "Năm 2028 chưa có lịch được duyệt", "one year after the other"
    app = apply(look(app.button(key="calendar_start_year").click().run()), "Lịch 2028")
    assert not app.exception
    assert app.title[0].value == "Năm 2029 chưa có lịch được duyệt"


def test_a_swap_the_state_announced_is_proposed_for_the_present_year(open_page: Open) -> None:
    app = open_page(at=datetime(2026, 8, 3, 9, 0, tzinfo=LOCAL))
    for day in ("2026-08-22", "2026-08-31"):
        [box] = [box for box in app.checkbox if str(box.key).endswith(day)]
        assert not box.value, "it binds civil servants, not companies"
        app = box.check().run()
    assert "thêm: nghỉ thứ Hai 31/08/2026" in said(app)
    assert "thêm: làm việc thứ Bảy 22/08/2026 (Ngày làm bù)" in said(app)


@pytest.mark.parametrize(
    ("role", "warned", "linked"), [("admin", True, True), ("lead", True, False), ("agent", False, False)]
)
def test_the_overview_warns_of_a_year_without_a_calendar(
    sqlite_register: Register,
    sqlite_cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    role: str,
    warned: bool,
    linked: bool,
) -> None:
    person: Person = getattr(sqlite_cast, role)
    eve = datetime(2027, 12, 20, 2, 0, tzinfo=UTC)
    app = Screen(sqlite_register, person, eve).open("overview", monkeypatch)
    assert any("2028" in one.value for one in app.warning) == warned
    assert any("2028" in link.proto.label for link in app.main.get("page_link")) == linked


def test_no_warning_while_every_deadline_stays_inside_the_approved_years(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Screen(sqlite_register, sqlite_cast.admin, now).open("overview", monkeypatch)
    assert not app.exception
    assert not app.warning


MOVES = [
    (timedelta(days=2), "lùi 2 ngày"),
    (timedelta(days=-1, hours=-3), "sớm hơn 1 ngày 3 giờ"),
    (timedelta(hours=-5, minutes=-30), "sớm hơn 5 giờ"),
]


@pytest.mark.parametrize(("by", "words"), MOVES)
def test_how_far_is_said_in_words(by: timedelta, words: str) -> None:
    assert calendar_words.shift(by) == words


def test_a_term_that_ends_at_midnight_ends_at_24_00_of_the_day_before() -> None:
    now = datetime(2026, 10, 1, tzinfo=LOCAL)
    assert calendar_words.due(datetime(2026, 10, 24, 0, 0, tzinfo=LOCAL), now) == "T6 23/10 24:00"
    assert calendar_words.due(datetime(2026, 11, 24, 17, 30, tzinfo=LOCAL), now) == "T3 24/11 17:30"
    assert calendar_words.due(datetime(2027, 1, 1, 0, 0, tzinfo=LOCAL), now) == "T5 31/12 24:00", "the year of its day"
    assert calendar_words.due(datetime(2027, 1, 4, 17, 30, tzinfo=LOCAL), now) == "T2 04/01/2027 17:30"

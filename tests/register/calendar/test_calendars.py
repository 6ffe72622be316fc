"""Changing the calendar: looked at first, applied with a reason, open clocks move, verdicts stay (D8)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed
from core.register import rulebook
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.case import complaints
from core.register.case.case import history
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import CalendarVersion
from core.register.log.verify import verify
from core.rules.calendar import BeyondCalendar
from core.rules.days import CalendarDays, DayRule
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, TO_CLOSED, advanced, clock, logged, take

THURSDAY = date(2026, 11, 19)
SATURDAY = date(2026, 11, 21)
TODAY = date(2026, 11, 16)


def with_day(days: CalendarDays, day: date, *, is_off: bool, name: str, today: date) -> CalendarDays:
    rule = calendar_changes.decided(() if is_off else None, name)
    return calendar_changes.with_changes(days, {day: rule}, today=today)


def test_a_new_day_off_shows_what_moves_before_it_is_applied(register: Register, cast: Cast) -> None:
    open_one, closed_one = advanced(register, cast, 1), advanced(register, cast)
    with register.read() as session:
        wanted = with_day(calendars.current(session), THURSDAY, is_off=True, name="Nghỉ công ty", today=TODAY)
        moved = calendars.preview(session, wanted)
        assert session.scalar(select(func.count()).select_from(CalendarVersion)) == 1, "a look writes nothing"
    assert [(m.code, m.term, m.old_due_at, m.new_due_at) for m in moved] == [
        (open_one.code, "resolve", at("2026-11-23 17:30"), at("2026-11-25 17:30"))
    ], "Monday becomes Wednesday because Tuesday 24/11 is off too"
    assert moved[0].by == timedelta(days=2)
    with register.write() as session:
        assert calendars.apply(session, wanted, "Nghỉ công ty 19/11", Act(cast.admin, at("2026-11-16 12:00"))) == moved
    assert clock(register, open_one, "resolve").due_at == at("2026-11-25 17:30")
    assert clock(register, open_one, "resolve").calendar_version == 2
    assert clock(register, closed_one, "resolve").calendar_version == 1, "a verdict given stays on its version"
    with register.read() as session:
        assert history(session, open_one.id)[-1].kind == "recalculated"
        assert history(session, closed_one.id)[-1].kind == "closed"
        assert [v.reason for v in calendars.versions(session)] == ["Nghỉ công ty 19/11", "shipped calendar"]
    done = take(register, "classify", open_one, cast.agent, at("2026-11-17 09:00"), kind="complaint")
    assert done.next_due_at == at("2026-11-25 17:30"), "later steps keep the moved promise"
    assert verify(register).problems == []


def test_a_worked_saturday_brings_deadlines_forward(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 1)
    with register.write() as session:
        wanted = with_day(calendars.current(session), SATURDAY, is_off=False, name="Làm bù", today=TODAY)
        [moved] = calendars.apply(session, wanted, "Làm bù 21/11", Act(cast.admin, MON + timedelta(hours=2)))
    assert (moved.code, moved.new_due_at) == (complaint.code, at("2026-11-21 17:30"))
    assert moved.by < timedelta(0)
    assert verify(register).problems == []


def test_taking_a_day_out_again_moves_back(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 1)
    with register.write() as session:
        wanted = with_day(calendars.current(session), THURSDAY, is_off=True, name="Nghỉ", today=TODAY)
        calendars.apply(session, wanted, "Nghỉ", Act(cast.admin, at("2026-11-16 12:00")))
    with register.write() as session:
        wanted = calendar_changes.with_changes(calendars.current(session), {THURSDAY: None}, today=TODAY)
        calendars.apply(session, wanted, "Không nghỉ nữa", Act(cast.admin, at("2026-11-16 13:00")))
    kept = clock(register, complaint, "resolve")
    assert (kept.due_at, kept.calendar_version) == (at("2026-11-23 17:30"), 3)
    assert verify(register).problems == []


@pytest.mark.parametrize(
    ("day", "name", "says"),
    [
        (date(2026, 11, 16), "Nghỉ", "future"),
        (date(2026, 11, 13), "Nghỉ", "future"),
        (date(2035, 1, 1), "Nghỉ", "outside the approved years"),
        (THURSDAY, "  ", "reason"),
    ],
)
def test_a_change_that_cannot_be_is_said(sqlite_register: Register, day: date, name: str, says: str) -> None:
    with sqlite_register.read() as session, pytest.raises(Invalid, match=says):
        with_day(calendars.current(session), day, is_off=True, name=name, today=TODAY)


def test_only_administrators_apply_with_a_reason_and_a_change(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        days = calendars.current(session)
        wanted = with_day(days, THURSDAY, is_off=True, name="Nghỉ", today=TODAY)
        with pytest.raises(NotAllowed):
            calendars.apply(session, wanted, "x", Act(sqlite_cast.lead, MON))
        with pytest.raises(Invalid, match="reason"):
            calendars.apply(session, wanted, " ", Act(sqlite_cast.admin, MON))
        with pytest.raises(Invalid, match="Nothing changes"):
            calendars.apply(session, days, "x", Act(sqlite_cast.admin, MON))
        calendars.apply(session, wanted, "x", Act(sqlite_cast.admin, MON))
        with pytest.raises(Invalid, match="meanwhile"):
            calendars.apply(
                session,
                with_day(days, SATURDAY, is_off=True, name="y", today=TODAY),
                "y",
                Act(sqlite_cast.admin, MON),
            )


def test_the_coming_year_is_proposed_approved_and_reached_by_old_promises(register: Register, cast: Cast) -> None:
    eve = at("2027-12-30 09:00")
    with register.write() as session:
        days = calendars.current(session)
        assert days.last_year == 2027
        assert calendars.missing_year(session, now=MON) is None
        assert calendars.missing_year(session, now=eve) == 2028
        approved = calendar_changes.proposals(days, 2028)
        assert approved[date(2028, 1, 26)].name, "Lunar New Year 2028"
        assert date(2028, 9, 2) in approved
        with pytest.raises(Invalid, match="2028"):
            calendar_changes.with_year(days, 2029, approved)
    december = logged(register, cast, recorded_at=at("2027-12-24 09:00"))
    december = take(register, "acknowledge", december, cast.agent, at("2027-12-24 10:00"))
    assert december.next_due_at == at("2027-12-31 17:30")
    with register.write() as session:
        days = calendars.current(session)
        calendars.apply(
            session,
            calendar_changes.with_year(days, 2028, calendar_changes.proposals(days, 2028)),
            "Lịch 2028",
            Act(cast.admin, eve),
        )
    late = at("2028-01-10 09:00")
    with register.write() as session:
        complaints.take(session, december.code, "classify", {"kind": "inquiry"}, Act(cast.agent, late))
        closed = complaints.take(session, december.code, "notify_result", {"text": "Trả lời"}, Act(cast.agent, late))
    assert closed.state == "resolved"
    kept = clock(register, december, "resolve")
    assert (kept.due_at, kept.calendar_version) == (at("2027-12-31 17:30"), 1)
    with register.read() as session:
        assert rulebook.of(session).days(session, 1).last_year == 2028
    assert verify(register).problems == []


def test_proposals_leave_out_what_the_calendar_already_has(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        assert date(2026, 9, 2) not in calendar_changes.proposals(calendars.current(session), 2026)


def test_proposals_say_where_they_come_from_and_how_sure_they_are(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        days = calendars.current(session)
    swap, coming = calendar_changes.proposals(days, 2026), calendar_changes.proposals(days, 2028)
    assert {day: (rule.open, rule.source) for day, rule in swap.items()} == {
        date(2026, 8, 22): (None, calendar_changes.GOVERNMENT),
        date(2026, 8, 31): ((), calendar_changes.GOVERNMENT),
    }, "the State's swap with the Saturday worked for it; the rest the calendar has"
    assert (coming[date(2028, 9, 2)].source, coming[date(2028, 9, 2)].confidence) == (calendar_changes.LAW, "computed")
    assert coming[date(2028, 9, 1)].confidence == "expected", "the State says which day beside 2 September"
    assert coming[date(2028, 11, 24)].source == calendar_changes.CULTURE


def test_a_swap_is_one_change(register: Register, cast: Cast) -> None:
    now = at("2026-11-20 12:00")
    moves, stays = (logged(register, cast, recorded_at=at(f"2026-11-{day} 09:00")) for day in (19, 20))
    take(register, "acknowledge", moves, cast.agent, at("2026-11-19 10:00"))
    take(register, "acknowledge", stays, cast.agent, at("2026-11-20 10:00"))
    off, worked = date(2026, 11, 26), date(2026, 11, 28)
    swap = {off: calendar_changes.decided((), "Nghỉ"), worked: calendar_changes.decided(None, "Làm bù cho 26/11")}
    with register.write() as session:
        wanted = calendar_changes.with_changes(calendars.current(session), swap, today=date(2026, 11, 20))
        [moved] = calendars.apply(session, wanted, "Hoán đổi", Act(cast.admin, now))
        assert [v.version for v in calendars.versions(session)] == [2, 1]
        before, after = calendars.as_applied(session, 1), calendars.as_applied(session, 2)
        assert before is not None
        assert after is not None
        assert calendar_changes.differences(before, after) == {day: (None, rule) for day, rule in swap.items()}
        assert calendars.as_applied(session, 3) is None
    assert (moved.code, moved.new_due_at) == (moves.code, at("2026-11-28 17:30")), "Friday becomes Saturday"
    assert clock(register, stays, "resolve").due_at == at("2026-11-30 17:30"), "one day less and one day more within it"
    assert moved.label == "Thông báo kết quả"
    assert verify(register).problems == []


def test_own_hours_of_a_day_end_its_deadlines_earlier(register: Register, cast: Cast) -> None:
    advanced(register, cast, 1)
    half = {date(2026, 11, 23): calendar_changes.decided(((time(8, 30), time(12)),), "Họp toàn công ty")}
    with register.write() as session:
        wanted = calendar_changes.with_changes(calendars.current(session), half, today=TODAY)
        [moved] = calendars.apply(session, wanted, "Họp", Act(cast.admin, at("2026-11-16 12:00")))
    assert moved.new_due_at == at("2026-11-23 12:00")
    assert verify(register).problems == []


def test_a_weekend_made_working_moves_what_arrived_before_it_opened(register: Register, cast: Cast) -> None:
    """Arrived Friday night, deemed Monday: the clock starts after the changed day and still has to move."""
    night = at("2026-11-20 20:00")
    arrived = logged(register, cast, recorded_at=night)
    assert arrived.next_due_at == at("2026-11-25 17:30"), "deemed Monday 23/11, Tuesday 24/11 is off"
    with register.write() as session:
        wanted = with_day(calendars.current(session), SATURDAY, is_off=False, name="Làm bù", today=date(2026, 11, 20))
        [moved] = calendars.apply(session, wanted, "Làm bù", Act(cast.admin, night))
    assert moved.new_due_at == at("2026-11-23 17:30")
    assert verify(register).problems == []


def test_what_is_overdue_stays_where_it_is_and_what_runs_after_the_result_moves(register: Register, cast: Cast) -> None:
    overdue = logged(register, cast, recorded_at=at("2026-11-09 09:00"))
    misa = logged(register, cast, procedure="misa", level="normal")
    for step, fields, when, _state in TO_CLOSED[:-1]:
        misa = take(register, step, misa, cast.agent, at(when), **fields)
    assert misa.state == "resolved"
    with register.write() as session:
        today = date(2026, 11, 18)
        wanted = with_day(calendars.current(session), THURSDAY, is_off=True, name="Nghỉ", today=today)
        moved = calendars.apply(session, wanted, "Nghỉ", Act(cast.admin, at("2026-11-18 12:00")))
    assert [(m.code, m.term) for m in moved] == [(misa.code, "root_cause")], "the cause is due 3 days after the result"
    assert clock(register, overdue, "acknowledge").due_at == at("2026-11-10 17:30")
    closing: StepFields = {"outcome": "upheld", "root_cause": "unknown", "breach_reason": "overload"}
    closed = take(register, "close", misa, cast.agent, at("2026-11-20 09:00"), **closing)
    assert closed.next_due_at == moved[0].new_due_at, "closing does not analyse the cause: its clock runs on (D25)"
    assert verify(register).problems == []


@pytest.mark.parametrize(
    ("day", "rule", "says"),
    [
        (THURSDAY, calendar_changes.decided(((time(12), time(9)),), "Họp"), "closes before it opens"),
        (date(2026, 12, 1), None, "not in the calendar"),
        (TODAY, calendar_changes.decided((), "Nghỉ"), "future"),
    ],
)
def test_changes_that_cannot_be_are_said(sqlite_register: Register, day: date, rule: DayRule | None, says: str) -> None:
    with sqlite_register.read() as session, pytest.raises(Invalid, match=says):
        calendar_changes.with_changes(calendars.current(session), {day: rule}, today=TODAY)


def test_a_day_off_at_the_end_of_the_last_approved_year_is_refused_before_it_is_written(
    register: Register, cast: Cast
) -> None:
    late = logged(register, cast, recorded_at=at("2027-12-23 09:00"))
    take(register, "acknowledge", late, cast.agent, at("2027-12-24 10:00"))
    with register.read() as session:
        days = calendars.current(session)
        wanted = with_day(days, date(2027, 12, 30), is_off=True, name="Nghỉ", today=date(2027, 12, 24))
        with pytest.raises(BeyondCalendar, match="load the missing year"):
            calendars.preview(session, wanted)


def test_a_change_that_failed_is_read_by_nobody(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 1)
    with pytest.raises(ZeroDivisionError), register.write() as session:
        _off_and_fail(session, cast)
    with register.write() as session:
        wanted = with_day(calendars.current(session), SATURDAY, is_off=False, name="Làm bù", today=TODAY)
        calendars.apply(session, wanted, "Làm bù", Act(cast.admin, MON))
    assert clock(register, complaint, "resolve").due_at == at("2026-11-21 17:30"), "not on the version that was undone"
    assert verify(Register(register.url, register.evidence_dir)).problems == [], "as read after a restart"


def _off_and_fail(session: Session, cast: Cast) -> None:
    wanted = with_day(calendars.current(session), THURSDAY, is_off=True, name="Nghỉ", today=TODAY)
    calendars.apply(session, wanted, "Nghỉ", Act(cast.admin, MON))
    raise ZeroDivisionError


def test_a_step_taken_before_the_change_can_still_be_entered_after_it(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with register.write() as session:
        wanted = with_day(calendars.current(session), date(2026, 11, 17), is_off=True, name="Nghỉ", today=TODAY)
        calendars.apply(session, wanted, "Nghỉ", Act(cast.admin, at("2026-11-16 12:00")))
    told = take(
        register, "acknowledge", complaint, cast.agent, at("2026-11-16 14:00"), happened_at=at("2026-11-16 10:00")
    )
    assert told.acknowledged_at == at("2026-11-16 10:00")
    assert verify(register).problems == []


def test_a_day_that_began_since_the_look_is_not_rewritten(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        wanted = with_day(calendars.current(session), THURSDAY, is_off=True, name="Nghỉ", today=TODAY)
        with pytest.raises(Invalid, match="has begun"):
            calendars.apply(session, wanted, "x", Act(sqlite_cast.admin, at("2026-11-19 00:00")))
        calendars.apply(session, wanted, "x", Act(sqlite_cast.admin, at("2026-11-18 23:59")))

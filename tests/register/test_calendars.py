"""Changing the calendar: looked at first, applied with a reason, open clocks move, verdicts stay (D8)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotAllowed
from core.register import calendars, complaints, rulebook
from core.register.case import history
from core.register.database import Register
from core.register.tables import CalendarVersion
from core.register.verify import verify
from tests.conftest import Cast
from tests.register.test_complaints import MON, at, clock, lived, logged, take

THURSDAY = date(2026, 11, 19)
SATURDAY = date(2026, 11, 21)
TODAY = date(2026, 11, 16)


def test_a_new_day_off_shows_what_moves_before_it_is_applied(register: Register, cast: Cast) -> None:
    open_one, closed_one = lived(register, cast, 1), lived(register, cast)
    with register.read() as session:
        wanted = calendars.with_day(calendars.current(session), THURSDAY, is_off=True, name="Nghỉ công ty", today=TODAY)
        moved = calendars.preview(session, wanted)
        assert session.scalar(select(func.count()).select_from(CalendarVersion)) == 1, "a look writes nothing"
    assert [(m.code, m.term, m.old_due_at, m.new_due_at) for m in moved] == [
        (open_one.code, "resolve", at("2026-11-23 17:30"), at("2026-11-25 17:30"))
    ], "Monday becomes Wednesday because Tuesday 24/11 is off too"
    assert moved[0].by == timedelta(days=2)
    with register.write() as session:
        assert (
            calendars.apply(session, wanted, reason="Nghỉ công ty 19/11", by=cast.admin, now=at("2026-11-16 12:00"))
            == moved
        )
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
    complaint = lived(register, cast, 1)
    with register.write() as session:
        wanted = calendars.with_day(calendars.current(session), SATURDAY, is_off=False, name="Làm bù", today=TODAY)
        [moved] = calendars.apply(session, wanted, reason="Làm bù 21/11", by=cast.admin, now=MON + timedelta(hours=2))
    assert (moved.code, moved.new_due_at) == (complaint.code, at("2026-11-21 17:30"))
    assert moved.by < timedelta(0)
    assert verify(register).problems == []


def test_taking_a_day_out_again_moves_back(register: Register, cast: Cast) -> None:
    complaint = lived(register, cast, 1)
    with register.write() as session:
        wanted = calendars.with_day(calendars.current(session), THURSDAY, is_off=True, name="Nghỉ", today=TODAY)
        calendars.apply(session, wanted, reason="Nghỉ", by=cast.admin, now=at("2026-11-16 12:00"))
    with register.write() as session:
        wanted = calendars.without_day(calendars.current(session), THURSDAY, today=TODAY)
        calendars.apply(session, wanted, reason="Không nghỉ nữa", by=cast.admin, now=at("2026-11-16 13:00"))
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
        calendars.with_day(calendars.current(session), day, is_off=True, name=name, today=TODAY)


def test_only_administrators_apply_with_a_reason_and_a_change(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        days = calendars.current(session)
        wanted = calendars.with_day(days, THURSDAY, is_off=True, name="Nghỉ", today=TODAY)
        with pytest.raises(NotAllowed):
            calendars.apply(session, wanted, reason="x", by=sqlite_cast.lead, now=MON)
        with pytest.raises(Invalid, match="reason"):
            calendars.apply(session, wanted, reason=" ", by=sqlite_cast.admin, now=MON)
        with pytest.raises(Invalid, match="Nothing changes"):
            calendars.apply(session, days, reason="x", by=sqlite_cast.admin, now=MON)
        calendars.apply(session, wanted, reason="x", by=sqlite_cast.admin, now=MON)
        with pytest.raises(Invalid, match="meanwhile"):
            calendars.apply(
                session,
                calendars.with_day(days, SATURDAY, is_off=True, name="y", today=TODAY),
                reason="y",
                by=sqlite_cast.admin,
                now=MON,
            )


def test_the_coming_year_is_proposed_approved_and_reached_by_old_promises(register: Register, cast: Cast) -> None:
    eve = at("2027-12-30 09:00")
    with register.write() as session:
        days = calendars.current(session)
        assert days.last_year == 2027
        assert calendars.missing_year(session, now=MON) is None
        assert calendars.missing_year(session, now=eve) == 2028
        approved = calendars.proposals(days, 2028)
        assert approved[date(2028, 1, 26)].name, "Lunar New Year 2028"
        assert date(2028, 9, 2) in approved
        with pytest.raises(Invalid, match="2028"):
            calendars.with_year(days, 2029, approved)
    december = logged(register, cast, recorded_at=at("2027-12-24 09:00"))
    december = take(register, "acknowledge", december, cast.agent, at("2027-12-24 10:00"))
    assert december.next_due_at == at("2027-12-31 17:30")
    with register.write() as session:
        days = calendars.current(session)
        calendars.apply(
            session,
            calendars.with_year(days, 2028, calendars.proposals(days, 2028)),
            reason="Lịch 2028",
            by=cast.admin,
            now=eve,
        )
    late = at("2028-01-10 09:00")
    with register.write() as session:
        complaints.classify(session, december.code, by=cast.agent, now=late, kind="inquiry")
        closed = complaints.notify_result(session, december.code, by=cast.agent, now=late, text="Trả lời")
    assert closed.state == "resolved"
    kept = clock(register, december, "resolve")
    assert (kept.due_at, kept.calendar_version) == (at("2027-12-31 17:30"), 1)
    with register.read() as session:
        assert rulebook.of(session).days(session, 1).last_year == 2028
    assert verify(register).problems == []


def test_proposals_leave_out_what_the_calendar_already_has(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        assert date(2026, 9, 2) not in calendars.proposals(calendars.current(session), 2026)

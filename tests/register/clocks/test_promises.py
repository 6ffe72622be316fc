"""What is promised before anything is written, and the days proposed for others to answer."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import NotFound
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.clocks import promises
from core.register.log.act import Act
from core.register.log.database import Register
from core.rules.calendar import BeyondCalendar
from tests.local_time import at


def test_pops_promises_an_answer_and_a_result(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        ahead = promises.outlook(session, "pops", at("2026-11-20 17:30"), language="vi")
    acknowledge, resolve = ahead.promises
    assert acknowledge.due_at == at("2026-11-25 17:30"), "17:30 is closed; 24/11 is a day off"
    assert (resolve.due_at, resolve.latest_at) == (None, at("2026-12-02 17:30"))
    assert ahead.longer_than_law == ()


def test_vhv_takes_complaints_for_seven_working_days_and_promises_less_than_the_law(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        ahead = promises.outlook(session, "vhv", at("2026-11-16 09:00"), incident_on=date(2026, 11, 2), language="vi")
    assert ahead.taken_until == date(2026, 11, 11)
    assert [term.stage for term in ahead.longer_than_law] == ["resolve"]


def test_an_unknown_procedure_and_a_year_without_calendar_are_refused(sqlite_register: Register) -> None:
    with sqlite_register.read() as session, pytest.raises(NotFound):
        promises.outlook(session, "pipi", at("2026-11-20 17:30"), language="vi")
    with sqlite_register.read() as session, pytest.raises(BeyondCalendar):
        promises.outlook(session, "pops", at("2090-11-20 17:30"), language="vi")


@pytest.mark.parametrize(
    ("procedure", "closes", "why"),
    [
        ("pops", "2026-11-25 17:30", "its own closing; 24/11 is a day off"),
        ("misa", "2026-11-25 17:30", "no hours stated: not midnight, a department has gone home by then"),
    ],
)
def test_a_department_is_given_two_working_days(
    procedure: str, closes: str, why: str, sqlite_register: Register
) -> None:
    now = at("2026-11-20 10:00")
    with sqlite_register.write() as session:
        draft = Draft("email", now, "Chậm", "other", procedure=procedure)
        complaint = complaints.log(session, draft, Act(None, now))
        day = promises.day_after(session, complaint, 2, now=now)
        assert promises.office_closes(session, complaint, day) == at(closes), why

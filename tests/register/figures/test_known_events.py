"""Known events (D28): added, ended, withdrawn by a lead or manager; incidents are offered without their names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.errors import Invalid, NotAllowed, NotFound
from core.register.case import incidents
from core.register.figures import known_events
from core.register.figures.known_events import Draft
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.verify import verify
from core.rules.known_events import KnownEvent
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.cases import logged
from tests.register.log.old_register import back_to

TODAY, FIRST, LAST = date(2026, 11, 16), date(2026, 10, 12), date(2026, 10, 14)
OUTAGE = Draft("incident", "Cổng thanh toán gián đoạn", FIRST, LAST, category="payment")
RELEASE = Draft("release", "Ứng dụng 5.2", FIRST, None, stage="resolve")


def add(register: Register, act: Act, draft: Draft = OUTAGE) -> int:
    with register.write() as session:
        known_events.add(session, draft, act)
    return standing(register)[-1].id


def standing(register: Register, first: date = date(2026, 1, 1), last: date = TODAY) -> list[KnownEvent]:
    with register.read() as session:
        return known_events.standing(session, first, last)


@pytest.mark.parametrize("role", ["lead", "manager"])
def test_it_is_added_with_who_said_so(register: Register, cast: Cast, role: str) -> None:
    by = getattr(cast, role)
    add(register, Act(by, MONDAY), replace(OUTAGE, title=" Cổng  thanh toán\ngián đoạn "))
    (one,) = standing(register)
    assert (one.kind, one.title, one.first, one.last) == ("incident", OUTAGE.title, FIRST, LAST)
    assert (one.category, one.stage, one.incident, one.added_by) == ("payment", None, None, by.name)
    assert verify(register).is_whole


@pytest.mark.parametrize("role", ["reporter", "agent", "handler", "analyst", "admin"])
def test_nobody_else_says_so(sqlite_register: Register, sqlite_cast: Cast, role: str) -> None:
    its = add(sqlite_register, Act(sqlite_cast.lead, MONDAY), RELEASE)
    act = Act(getattr(sqlite_cast, role), MONDAY)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        known_events.add(session, OUTAGE, act)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        known_events.end(session, its, TODAY, act)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        known_events.withdraw(session, its, act)
    assert [one.last for one in standing(sqlite_register)] == [None]


REFUSED = [
    # what is filled in, field, why
    (replace(OUTAGE, title=" "), "title", "without a word"),
    (replace(OUTAGE, title="a" * 81), "title", "too long"),
    (replace(OUTAGE, first=date(2026, 11, 17), last=None), "first", "nobody knows what happens tomorrow"),
    (replace(OUTAGE, last=date(2026, 10, 11)), "last", "it ends before it begins"),
    (replace(OUTAGE, category="weather"), "category", "no such category"),
]


@pytest.mark.parametrize(("draft", "field", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_is_refused(sqlite_register: Register, sqlite_cast: Cast, draft: Draft, field: str, why: str) -> None:
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        known_events.add(session, draft, Act(sqlite_cast.lead, MONDAY))
    assert set(refused.value.fields) == {field}, why
    assert standing(sqlite_register) == []


PERIODS = [
    (date(2026, 10, 14), date(2026, 10, 20), True, "its last day"),
    (date(2026, 10, 15), date(2026, 10, 20), False, "the day after"),
    (date(2026, 10, 1), date(2026, 10, 12), True, "its first day"),
    (date(2026, 10, 1), date(2026, 10, 11), False, "the day before"),
]


@pytest.mark.parametrize(("first", "last", "stands", "why"), PERIODS, ids=[row[-1] for row in PERIODS])
def test_in_which_days_it_is_known(
    sqlite_register: Register, sqlite_cast: Cast, first: date, last: date, stands: bool, why: str
) -> None:
    add(sqlite_register, Act(sqlite_cast.lead, MONDAY))
    (one,) = standing(sqlite_register)
    assert bool(standing(sqlite_register, first, last)) is stands, why
    assert one.falls_in(first, last) is stands, why


def test_what_goes_on_is_ended_once(register: Register, cast: Cast) -> None:
    its = add(register, Act(cast.lead, MONDAY), RELEASE)
    act = Act(cast.manager, MONDAY)
    for last, why in ((date(2026, 10, 11), "before it began"), (date(2026, 11, 17), "tomorrow")):
        with pytest.raises(Invalid), register.write() as session:
            known_events.end(session, its, last, act)
        assert standing(register)[0].last is None, why
    with register.write() as session:
        known_events.end(session, its, TODAY, act)
    assert standing(register)[0].last == TODAY
    with pytest.raises(NotAllowed), register.write() as session:
        known_events.end(session, its, TODAY, act)
    assert verify(register).is_whole


def test_what_is_withdrawn_is_on_no_chart_and_stays_in_the_log(register: Register, cast: Cast) -> None:
    its, act = add(register, Act(cast.lead, MONDAY)), Act(cast.lead, MONDAY)
    with register.write() as session:
        known_events.withdraw(session, its, act)
    assert standing(register) == []
    with pytest.raises(NotAllowed), register.write() as session:
        known_events.withdraw(session, its, act)
    with pytest.raises(NotFound), register.write() as session:
        known_events.withdraw(session, its + 1, act)
    assert verify(register).is_whole


def test_incidents_are_offered_without_what_customers_wrote(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with register.write() as session:
        code, _result = incidents.begin(session, {complaint.code: None}, "Khách A mất tiền", Act(cast.agent, MONDAY))
    assert code is not None
    with register.read() as session:
        (one,) = known_events.offered(session, TODAY, TODAY)
        assert known_events.offered(session, date(2026, 1, 1), date(2026, 11, 15)) == [], "before it was opened"
    assert (one.code, one.category, one.first, one.last) == (code, complaint.category, TODAY, None)
    its = add(register, Act(cast.lead, MONDAY), Draft("incident", code, one.first, None, one.category, incident=code))
    with register.read() as session:
        assert known_events.offered(session, TODAY, TODAY) == [], "it is on the charts"
    with register.write() as session:
        known_events.withdraw(session, its, Act(cast.lead, MONDAY))
    with register.read() as session:
        assert len(known_events.offered(session, TODAY, TODAY)) == 1, "and may be again"


def test_what_was_altered_behind_the_log_is_found(register: Register, cast: Cast) -> None:
    add(register, Act(cast.lead, MONDAY))
    with register.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE known_events SET title = 'khác'")
    assert len(verify(register).problems) == 1
    with register.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM known_events")
    assert len(verify(register).problems) == 1


def test_a_register_of_the_version_before_has_none_and_takes_some(register: Register, cast: Cast) -> None:
    with register.engine.begin() as connection:
        back_to(connection, "0022")
    migrate(register.url)
    assert standing(register) == []
    add(register, Act(cast.lead, MONDAY))
    assert len(standing(register)) == 1
    assert verify(register).is_whole

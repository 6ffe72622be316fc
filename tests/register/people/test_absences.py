"""Absences in the register (D23): who writes them down, whose cases show to whom, what the record says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from core.errors import Invalid, NotAllowed
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Person
from core.register.log.verify import verify
from core.register.people import absences, accounts
from core.register.people.absences import Absence
from core.register.reads import dossier, queue
from core.rules.calendar import local_day
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.cases import logged, take
from tests.register.log.old_register import back_to

TODAY = local_day(MONDAY)
FRIDAY = TODAY + timedelta(days=4)
NEXT_WEEK = MONDAY + timedelta(days=7)


def away(register: Register, person: Person, deputy: Person, by: Person | None = None, last: date = FRIDAY) -> None:
    with register.write() as session:
        absences.begin(session, person.id, Absence(TODAY, last, deputy.id), Act(by or person, MONDAY))


def mine(register: Register, by: Person, now: datetime = MONDAY) -> list[tuple[str, bool]]:
    with register.read() as session:
        lines = queue.page(session, "mine", by=by, now=now)
        assert queue.counts(session, by=by, now=now)["mine"] == len(lines)
    return [(line.assignee or "", line.is_stood_in) for line in lines]


def test_the_deputy_finds_the_cases_and_the_record_names_both(register: Register, cast: Cast) -> None:
    one = take(register, "acknowledge", logged(register, cast), cast.agent, MONDAY)
    assert (one.assignee_id, mine(register, cast.agent2)) == (cast.agent.id, [])
    away(register, cast.agent, cast.agent2)
    assert mine(register, cast.agent2) == [(cast.agent.name, True)], "marked as the other's"
    assert mine(register, cast.agent) == [(cast.agent.name, False)]
    one = take(register, "classify", one, cast.agent2, MONDAY, kind="complaint")
    assert one.assignee_id == cast.agent.id, "standing in takes nothing over"
    take(register, "note", one, cast.lead, MONDAY, text="Không thay ai")
    with register.read() as session:
        seen = dossier.read(session, one.code, by=cast.lead, now=MONDAY, language="vi")
        later = dossier.read(session, one.code, by=cast.lead, now=NEXT_WEEK, language="vi")
    assert [moment.stands_in_for for moment in seen.moments[-2:]] == [cast.agent.name, ""]
    assert seen.away is not None
    assert (seen.away.until, seen.away.deputy) == (FRIDAY, cast.agent2.name)
    assert later.away is None
    assert mine(register, cast.agent2, NEXT_WEEK) == [], "it ended by itself, without a job"
    assert verify(register).problems == []


def test_a_deputy_gains_no_right(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """An agent for a lead: the lead's cases, not the lead's decisions."""
    register, cast = sqlite_register, sqlite_cast
    one = take(register, "acknowledge", logged(register, cast), cast.lead, MONDAY)
    one = take(register, "classify", one, cast.lead, MONDAY, kind="complaint")
    away(register, cast.lead, cast.agent2)
    due_at = MONDAY + timedelta(hours=4)
    one = take(register, "escalate", one, cast.agent, MONDAY, addressee="superior", text="?", due_at=due_at)
    for step in ("direct", "decide"):
        with pytest.raises(NotAllowed):
            take(register, step, one, cast.agent2, MONDAY, text="Hoàn")
    assert mine(register, cast.agent2) == [(cast.lead.name, True)]


WRITERS = [
    ("agent", True, "their own"),
    ("lead", True, "a lead for anybody"),
    ("admin", True, "an administrator for anybody"),
    ("agent2", False, "a colleague for nobody else"),
    ("handler", False, "a department for nobody else"),
    ("manager", False, "the board for nobody else"),
]


@pytest.mark.parametrize(("who", "may", "why"), WRITERS)
def test_who_writes_an_absence_down(
    who: str, may: bool, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    by = getattr(sqlite_cast, who)
    if may:
        away(sqlite_register, sqlite_cast.agent, sqlite_cast.agent2, by)
        with sqlite_register.write() as session:
            absences.end(session, sqlite_cast.agent.id, Act(by, MONDAY))
        with sqlite_register.read() as session:
            kinds = [line.kind for line in accounts.history(session, sqlite_cast.agent.id, 2)]
        assert kinds == ["absence_ended", "absence_set"], why
        assert verify(sqlite_register).problems == []
    else:
        with pytest.raises(NotAllowed):
            away(sqlite_register, sqlite_cast.agent, sqlite_cast.agent2, by)
        with pytest.raises(NotAllowed), sqlite_register.write() as session:
            absences.end(session, sqlite_cast.agent.id, Act(by, MONDAY))


WRONG = [
    ((None, FRIDAY, "agent2"), {"first"}, "no first day"),
    ((TODAY, None, "agent2"), {"last"}, "no last day"),
    ((FRIDAY, TODAY, "agent2"), {"last"}, "ends before it begins"),
    ((TODAY - timedelta(days=9), TODAY - timedelta(days=1), "agent2"), {"last"}, "over already"),
    ((TODAY, FRIDAY, "agent"), {"deputy_id"}, "themself"),
    ((TODAY, FRIDAY, "analyst"), {"deputy_id"}, "does other work"),
    ((TODAY, FRIDAY, "handler"), {"deputy_id"}, "a department's"),
    ((TODAY, FRIDAY, None), {"deputy_id"}, "nobody"),
]


@pytest.mark.parametrize(("absence", "problems", "why"), WRONG)
def test_what_an_absence_says(
    absence: tuple[date | None, date | None, str | None],
    problems: set[str],
    why: str,
    sqlite_register: Register,
    sqlite_cast: Cast,
) -> None:
    first, last, who = absence
    deputy = getattr(sqlite_cast, who).id if who else None
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        absences.begin(session, sqlite_cast.agent.id, Absence(first, last, deputy), Act(sqlite_cast.agent, MONDAY))
    assert set(refused.value.fields) == problems, why


def test_a_closed_account_and_a_circle_are_refused(sqlite_register: Register, sqlite_cast: Cast) -> None:
    cast = sqlite_cast
    away(sqlite_register, cast.agent, cast.agent2)
    with pytest.raises(Invalid) as refused:
        away(sqlite_register, cast.agent2, cast.agent)
    assert set(refused.value.fields) == {"deputy_id"}, "each for the other"
    with sqlite_register.write() as session:
        accounts.deactivate(session, cast.agent2.id, Act(cast.admin, MONDAY))
    with sqlite_register.read() as session:
        assert absences.away(session, TODAY)[cast.agent.id].deputy is None, "closed since: nobody stands in"
    with pytest.raises(Invalid):
        away(sqlite_register, cast.agent, cast.agent2)


def test_verification_notices_an_absence_that_nobody_wrote_down(sqlite_register: Register, sqlite_cast: Cast) -> None:
    away(sqlite_register, sqlite_cast.agent, sqlite_cast.agent2)
    with sqlite_register.write() as session:
        session.get_one(Person, sqlite_cast.agent.id).deputy_id = sqlite_cast.lead.id
    assert [problem for problem in verify(sqlite_register).problems if "deputy_id" in str(problem)]


def test_a_register_of_the_version_before_has_everybody_there(register: Register, cast: Cast) -> None:
    with register.write() as session:
        back_to(session, "0019")
    migrated = open_up(register.url, register.evidence_dir, now=NEXT_WEEK)
    try:
        with migrated.read() as session:
            assert absences.away(session, TODAY) == {}
        away(migrated, cast.agent, cast.agent2)
        assert verify(migrated).problems == []
    finally:
        migrated.engine.dispose()

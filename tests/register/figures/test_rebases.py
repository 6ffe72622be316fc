"""Re-basing (D28): by a lead or manager, with the reason, from a week on; in the log, and part of the facts."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Conflict, Invalid, NotAllowed
from core.insight import facts
from core.register.figures import rebases
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.verify import verify
from core.rules.baselines import Rebase, Rebases, begins, in_force
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.log.old_register import back_to

TODAY, AUGUST, OCTOBER = date(2026, 11, 16), date(2026, 8, 3), date(2026, 10, 5)

IN_FORCE = [
    # decided one after the other, those in force, why
    ((OCTOBER,), (OCTOBER,), "one"),
    ((AUGUST, OCTOBER), (AUGUST, OCTOBER), "each from its week on"),
    ((OCTOBER, AUGUST), (AUGUST,), "a later decision about an earlier week takes the place of what follows it"),
    ((OCTOBER, OCTOBER), (OCTOBER,), "the same week again"),
    ((), (), "none"),
]


@pytest.mark.parametrize(("decided", "wanted", "why"), IN_FORCE, ids=[row[-1] for row in IN_FORCE])
def test_which_decisions_are_in_force(decided: tuple[date, ...], wanted: tuple[date, ...], why: str) -> None:
    other = Rebase("acknowledge", AUGUST)
    found = in_force([other, *(Rebase("resolve", day) for day in decided)])
    assert begins(found, "resolve") == list(wanted), why
    assert begins(found, "acknowledge") == [AUGUST], "another promise is no concern of it"


def rebase(register: Register, act: Act, since: date, reason: str = "Đổi ca trực", last: int | None = None) -> None:
    with register.write() as session:
        seen = rebases.newest(session) if last is None else last
        rebases.rebase(session, Rebase("resolve", since), reason, act, last=seen)


def current(register: Register) -> Rebases:
    with register.read() as session:
        return rebases.current(session)


@pytest.mark.parametrize("role", ["lead", "manager"])
def test_a_lead_or_manager_re_bases_from_the_monday_of_a_week_on(register: Register, cast: Cast, role: str) -> None:
    by = getattr(cast, role)
    rebase(register, Act(by, MONDAY), date(2026, 10, 7), "  Đổi\n ca trực ")
    assert current(register) == (Rebase("resolve", OCTOBER),)
    with register.read() as session:
        (decided,) = rebases.decided(session, "resolve")
        assert rebases.decided(session, "acknowledge") == []
    assert decided == (OCTOBER, "Đổi ca trực", MONDAY, by.name)
    assert verify(register).is_whole


@pytest.mark.parametrize("role", ["reporter", "agent", "handler", "analyst", "admin"])
def test_nobody_else_does(sqlite_register: Register, sqlite_cast: Cast, role: str) -> None:
    with pytest.raises(NotAllowed):
        rebase(sqlite_register, Act(getattr(sqlite_cast, role), MONDAY), OCTOBER)
    assert current(sqlite_register) == ()


REFUSED = [
    # week, reason, field, why
    (date(2026, 11, 23), "Đổi ca trực", "since", "next week has not begun"),
    (OCTOBER, "  ", "reason", "without a reason"),
    (OCTOBER, "a" * 201, "reason", "too long"),
    (OCTOBER, "a\0b", "reason", "nothing that no engine keeps"),
]


@pytest.mark.parametrize(("since", "reason", "field", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_is_refused(
    sqlite_register: Register, sqlite_cast: Cast, since: date, reason: str, field: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rebase(sqlite_register, Act(sqlite_cast.lead, MONDAY), since, reason)
    assert set(refused.value.fields) == {field}, why


def test_this_week_may_be_the_first(sqlite_register: Register, sqlite_cast: Cast) -> None:
    rebase(sqlite_register, Act(sqlite_cast.lead, MONDAY), TODAY)
    assert current(sqlite_register) == (Rebase("resolve", TODAY),)


def test_who_looked_at_what_is_not_so_any_more_is_told(sqlite_register: Register, sqlite_cast: Cast) -> None:
    rebase(sqlite_register, Act(sqlite_cast.lead, MONDAY), AUGUST)
    with pytest.raises(Conflict):
        rebase(sqlite_register, Act(sqlite_cast.manager, MONDAY), OCTOBER, last=0)
    assert current(sqlite_register) == (Rebase("resolve", AUGUST),)


def test_facts_follow_at_once(register: Register, cast: Cast) -> None:
    before = facts.current(register)
    assert before.in_force.rebased == ()
    rebase(register, Act(cast.lead, MONDAY), OCTOBER)
    after = facts.current(register)
    assert after.in_force.rebased == (Rebase("resolve", OCTOBER),)
    assert after.answers is not before.answers, "no answer from before is given"
    assert facts.current(register) is after


def test_what_was_altered_behind_the_log_is_found(register: Register, cast: Cast) -> None:
    rebase(register, Act(cast.lead, MONDAY), OCTOBER)
    with register.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE rebases SET reason = 'khác'")
    assert len(verify(register).problems) == 1
    with register.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM rebases")
    assert len(verify(register).problems) == 1


def test_a_register_of_the_version_before_has_none_and_takes_some(register: Register, cast: Cast) -> None:
    with register.engine.begin() as connection:
        back_to(connection, "0022")
    migrate(register.url)
    assert current(register) == ()
    rebase(register, Act(cast.lead, MONDAY), OCTOBER)
    assert current(register) == (Rebase("resolve", OCTOBER),)
    assert verify(register).is_whole

"""A procedure changed on the screen: a new version from a day, which moves nothing that was promised (D9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import update

from core import shipped
from core.errors import Conflict, Invalid, NotAllowed
from core.register import rulebook
from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import ProcedureVersion
from core.register.log.verify import verify
from core.register.organisation import identity, procedure_versions
from core.register.rulebook import Change
from core.rules.policy import Actor
from core.rules.procedure import Procedure, Term
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, clock, draft, logged, take

TUESDAY = at("2026-11-17 10:00")
DECEMBER = date(2026, 12, 1)
MORNING = ((time(8), time(12)),)


def newest(register: Register, key: str = "pops") -> Procedure:
    with register.read() as session:
        return procedure_versions.newest(session, key)


def with_term(procedure: Procedure, key: str = "resolve", **changes: object) -> Procedure:
    def changed(term: Term) -> Term:
        return replace(term, **changes) if term.key == key else term  # type: ignore[arg-type]  # of several types

    return replace(procedure, terms=tuple(map(changed, procedure.terms)))


def change(register: Register, wanted: Procedure, by: Actor, *, now: datetime = TUESDAY, on: date | None = None) -> int:
    with register.write() as session:
        return procedure_versions.change(session, wanted, Act(by, now), applies_on=on)


def test_a_changed_term_counts_for_what_is_recorded_from_then_on(register: Register, cast: Cast) -> None:
    before = logged(register, cast)
    assert change(register, with_term(newest(register), "acknowledge", amount=3), cast.admin) == 2
    late = logged(register, cast, recorded_at=TUESDAY - timedelta(minutes=1))
    after = logged(register, cast, recorded_at=TUESDAY)
    due = {one.procedure_version: clock(register, one, "acknowledge").due_at for one in (before, after)}
    assert due == {1: at("2026-11-17 17:30"), 2: at("2026-11-20 17:30")}
    assert late.procedure_version == 1, "typed after the change, recorded before it"
    told = take(register, "acknowledge", before, cast.agent, TUESDAY, text="Đã nhận")
    assert told.procedure_version == 1
    assert clock(register, told, "acknowledge").due_at == at("2026-11-17 17:30"), "a step moves nothing either"
    assert verify(register).problems == []


def test_who_changed_what_and_when_is_kept(register: Register, cast: Cast) -> None:
    logged(register, cast)
    wanted = with_term(newest(register), amount=4, warn_at=0.5, decision="Quyết định 12/QĐ-POPS")
    wanted = replace(
        wanted, week=(MORNING, *wanted.week[1:]), guides=(replace(wanted.guides[0], at_most=2), *wanted.guides[1:])
    )
    change(register, wanted, cast.admin)
    with register.read() as session:
        second, first = procedure_versions.versions(session, "pops")
    assert (first.version, first.taken.by, first.applies_from) == (1, None, None)
    assert (second.version, second.taken.by) == (2, cast.admin.name)
    assert second.taken.at == second.applies_from == TUESDAY
    assert second.taken.changes == (
        Change("hours", "monday", "08:30-17:30", "08:00-12:00"),
        Change("terms.resolve", "amount", "5", "4"),
        Change("terms.resolve", "warn_at", "0.75", "0.5"),
        Change("terms.resolve", "decision", "D1, D2, D4, D6, D7", "Quyết định 12/QĐ-POPS"),
        Change("guides.classify", "at_most", "1", "2"),
    )
    assert replace(newest(register), version=0) == replace(wanted, version=0)


APPLIES = [
    # recorded, version, why
    ("2026-11-10 09:00", 1, "before anything was changed"),
    ("2026-11-18 09:00", 1, "the change is known and does not apply yet"),
    ("2026-11-30 23:59", 1, "the last minute before the day"),
    ("2026-12-01 00:00", 2, "from the first minute of the local day"),
    ("2027-01-15 09:00", 2, "until there is another"),
]


def test_a_version_may_wait_for_a_day(register: Register, cast: Cast) -> None:
    logged(register, cast)
    change(register, with_term(newest(register), amount=4), cast.admin, on=DECEMBER)
    with register.read() as session:
        found = [rulebook.procedure_at(session, "pops", at(recorded)).version for recorded, _, _ in APPLIES]
    assert found == [version for _, version, _ in APPLIES], [why for _, _, why in APPLIES]
    assert verify(register).problems == [], "the log names the day as the same instant"


def test_a_later_change_replaces_the_version_that_waits(register: Register, cast: Cast) -> None:
    logged(register, cast)
    change(register, with_term(newest(register), amount=4), cast.admin, on=DECEMBER)
    change(register, with_term(newest(register), amount=3), cast.admin)
    with register.read() as session:
        found = [
            rulebook.procedure_at(session, "pops", at(when)).version
            for when in ("2026-11-16 09:00", "2026-12-02 09:00")
        ]
    assert found == [1, 3], "version 2 was never applied"


def test_while_there_is_no_complaint_a_change_counts_from_the_beginning(register: Register, cast: Cast) -> None:
    """The numbers an organisation begins with are mended before its old complaints are brought in."""
    change(register, with_term(newest(register, "own"), amount=4), cast.admin)
    with register.write() as session:
        old = complaints.log(session, draft(procedure="own", recorded_at=at("2020-03-02 09:00")), Act(None, TUESDAY))
    assert old.procedure_version == 2


REFUSED = [
    # what is wanted, field, sentence, why
    ({"amount": 5}, "", "Nothing changes", "the numbers that stand already"),
    ({"amount": 4, "rule": " "}, "terms.resolve.rule", "Write something here", "a rule without words"),
    ({"amount": 4, "source": "x" * 501}, "terms.resolve.source", "At most 500", "a source as long as a document"),
    ({"amount": 4, "decision": "\ud800"}, "terms.resolve.decision", "cannot be kept", "half a sign"),
    ({"amount": 0}, "", "terms[2].amount must be at least 1", "checked as a file is"),
    ({"warn_at": 1.0}, "", "terms[2].warn_at must be a share between 0 and 1", "checked as a file is"),
]


@pytest.mark.parametrize(("changes", "field", "says", "why"), REFUSED)
def test_what_cannot_be_is_refused(
    sqlite_register: Register, sqlite_cast: Cast, changes: dict[str, object], field: str, says: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        change(sqlite_register, with_term(newest(sqlite_register), "resolve", **changes), sqlite_cast.admin)
    assert says in (refused.value.fields[field] if field else str(refused.value)), why
    assert newest(sqlite_register).version == 1


HOURS = [
    # key, Monday, day, sentence, why
    ("pops", ((time(12), time(8)),), "hours.monday", "close before they open", "the wrong way round"),
    ("pops", (*MORNING, (time(11), time(17))), "hours.monday", "overlap", "two that overlap"),
    ("vhv", MORNING, "hours.monday", "whole: 00:00-24:00", "its source states no hours"),
]


@pytest.mark.parametrize(("key", "monday", "field", "says", "why"), HOURS)
def test_impossible_hours_are_named_by_their_day(
    key: str, monday: tuple[tuple[time, time], ...], field: str, says: str, why: str
) -> None:
    one = shipped.procedure(key)
    assert says in procedure_versions.problems(replace(one, week=(monday, *one.week[1:])))[field], why


def test_a_procedure_needs_working_time_and_guides_the_right_way_round() -> None:
    one = shipped.procedure("pops")
    found = procedure_versions.problems(
        replace(one, week=((),) * 7, guides=(replace(one.guides[1], at_least=6), *one.guides[2:]))
    )
    assert set(found) == {"hours.monday", "guides.investigate.at_most"}


@pytest.mark.parametrize("on", [TUESDAY.date(), date(2026, 11, 1)])
def test_a_day_that_has_begun_is_refused(sqlite_register: Register, sqlite_cast: Cast, on: date) -> None:
    with pytest.raises(Invalid) as refused:
        change(sqlite_register, with_term(newest(sqlite_register), amount=4), sqlite_cast.admin, on=on)
    assert set(refused.value.fields) == {"applies_on"}


@pytest.mark.parametrize("role", ["agent", "lead", "handler", "manager", "analyst"])
def test_only_an_administrator_changes(sqlite_register: Register, sqlite_cast: Cast, role: str) -> None:
    by = getattr(sqlite_cast, role)
    with pytest.raises(NotAllowed):
        change(sqlite_register, with_term(newest(sqlite_register), amount=4), by)
    with sqlite_register.write() as session, pytest.raises(NotAllowed):
        procedure_versions.begin(session, "pops", NEW, Act(by, TUESDAY))
    assert newest(sqlite_register).version == 1


def test_of_two_administrators_the_second_is_told(register: Register, cast: Cast) -> None:
    seen = newest(register)
    other = Register(register.url, register.evidence_dir)
    change(other, with_term(seen, amount=4), cast.admin)
    other.engine.dispose()
    assert newest(register).version == 2, "another process sees it in its next transaction"
    with pytest.raises(Conflict):
        change(register, with_term(seen, "acknowledge", amount=2), cast.admin)
    assert change(register, with_term(newest(register), "acknowledge", amount=2), cast.admin) == 3
    assert [term.amount for term in newest(register).terms] == [2, 4], "nothing of either is lost"


@pytest.mark.parametrize("changed", [{"applies_from": None}, {"applies_from": MON}, {"content": "key = 'pops'"}])
def test_a_version_changed_behind_the_log_is_found(register: Register, cast: Cast, changed: dict[str, object]) -> None:
    logged(register, cast, recorded_at=MON + timedelta(hours=1))
    change(register, with_term(newest(register), amount=4), cast.admin)
    assert verify(register).problems == []
    with register.engine.begin() as connection:
        connection.execute(update(ProcedureVersion).where(ProcedureVersion.version == 2).values(changed))
    assert verify(register).problems == ["procedure pops version 2: is not the one that was taken into use"]


NEW = {"key": "pops-kids", "name": "Quy trình POPS Kids", "name_en": "POPS Kids procedure", "organisation": "POPS Kids"}


@pytest.mark.parametrize("key", ["channels", "targets", "organisation"])
def test_no_procedure_has_the_key_of_a_list(sqlite_register: Register, sqlite_cast: Cast, key: str) -> None:
    with sqlite_register.write() as session, pytest.raises(Invalid) as refused:
        procedure_versions.begin(session, "pops", NEW | {"key": key}, Act(sqlite_cast.admin, TUESDAY))
    assert refused.value.fields == {"key": "A list has this key already: choose another."}


def test_a_new_procedure_begins_as_another_one_stands(register: Register, cast: Cast) -> None:
    with register.write() as session:
        assert procedure_versions.begin(session, "pops", NEW, Act(cast.admin, TUESDAY)) == "pops-kids"
    with pytest.raises(Invalid):
        logged(register, cast, procedure="pops-kids")
    with register.write() as session:
        identity.enable(session, "pops-kids", Act(cast.admin, TUESDAY), version=identity.version(session))
    with register.read() as session:
        enabled = rulebook.organisation(session).procedures
        assert (enabled[0], enabled[-1]) == ("pops", "pops-kids")
        assert rulebook.catalogues(session).procedures["pops-kids"].vi == "POPS Kids"
        made = rulebook.current_procedure(session, "pops-kids", TUESDAY)
    assert made == replace(shipped.procedure("pops"), key="pops-kids", version=1, name=NEW["name"],
                           name_en=NEW["name_en"], organisation=NEW["organisation"])  # fmt: skip
    assert logged(register, cast, procedure="pops-kids").procedure == "pops-kids"
    assert verify(register).problems == []


def test_a_new_procedure_takes_nothing_of_a_version_of_a_day_to_come(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    register, admin = sqlite_register, sqlite_cast.admin
    change(register, with_term(newest(register), amount=4), admin, on=TUESDAY.date() + timedelta(days=7))
    with register.write() as session:
        procedure_versions.begin(session, "pops", NEW, Act(admin, TUESDAY))
        made = procedure_versions.newest(session, "pops-kids")
    assert made.terms == shipped.procedure("pops").terms


@pytest.mark.parametrize(
    ("field", "typed", "says", "why"),
    [
        ("key", "POPS", "lower-case letters", "capital letters"),
        ("key", "a b", "lower-case letters", "a blank"),
        ("key", "x" * 32, "lower-case letters", "longer than its column"),
        ("key", "misa", "already", "another one has it"),
        ("name", "  ", "Write something", "no name"),
        ("organisation", "", "Write something", "nobody's"),
    ],
)
def test_a_new_procedure_is_checked_before_it_is_used(
    sqlite_register: Register, sqlite_cast: Cast, field: str, typed: str, says: str, why: str
) -> None:
    with sqlite_register.write() as session, pytest.raises(Invalid) as refused:
        procedure_versions.begin(session, "pops", NEW | {field: typed}, Act(sqlite_cast.admin, TUESDAY))
    assert set(refused.value.fields) == {field}, why
    assert says in refused.value.fields[field], why

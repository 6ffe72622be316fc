"""What other terms would have meant: the same as working every complaint out anew by the clocks (D37)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from core.commands import sample
from core.insight import compliance, facts, whatif
from core.insight.filters import Filter
from core.insight.whatif import TermEffect
from core.register import rulebook
from core.register.case import case as cases
from core.register.case.payload import CaseEvent
from core.register.log.database import Register, open_register
from core.register.log.tables import Complaint
from core.register.organisation import procedure_versions
from core.rules import clocks, verdicts
from core.rules.calendar import local_day
from core.rules.days import CalendarDays
from core.rules.procedure import AfterHours, Procedure, Unit
from core.rules.verdicts import BROKEN
from tests.engines import MONDAY, Sqlite
from tests.local_time import at

Histories = list[tuple[Procedure, CalendarDays, list[CaseEvent]]]


@pytest.fixture(scope="module")
def filled(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """Believable complaints, some of them re-opened, withdrawn, late."""
    folder = tmp_path_factory.mktemp("replay")
    register = open_register(sqlite.opened_database(folder), folder / "evidence")
    sample.fill(register, 250, MONDAY, seed=11, force=True)
    yield register
    register.engine.dispose()


@pytest.fixture(scope="module")
def histories(filled: Register) -> Histories:
    """Each complaint of POPS as it was promised: its procedure, its days, its events."""
    with filled.read() as session:
        book, found = rulebook.of(session), []
        for one in session.scalars(select(Complaint).where(Complaint.procedure == "pops")).all():
            events = [cases.event_of(event) for event in cases.history(session, one.id)]
            procedure = book.procedure(session, "pops", one.procedure_version)
            found.append((procedure, book.days(session, one.calendar_version), events))
        return found


def changed(procedure: Procedure, **terms: dict[str, object]) -> Procedure:
    """Some terms of ``procedure`` with some fields changed."""
    return replace(
        procedure,
        terms=tuple(replace(term, **terms.get(term.key, {})) for term in procedure.terms),  # type: ignore[arg-type]
    )


def pops(register: Register) -> Procedure:
    with register.read() as session:
        return procedure_versions.newest(session, "pops")


LONG = ((time(7), time(12)), (time(13), time(20)))
WANTED = [
    # terms, office hours Monday to Friday, why
    ({}, None, "nothing changes"),
    ({"resolve": {"amount": 2}}, None, "shorter"),
    ({"resolve": {"amount": 12}, "acknowledge": {"amount": 2}}, None, "longer: some are not due yet"),
    ({"acknowledge": {"amount": 240, "unit": Unit.WORKING_MINUTE}}, None, "minutes of open time"),
    ({"acknowledge": {"amount": 8, "unit": Unit.HOUR}}, None, "hours of the clock, from the opening"),
    ({"resolve": {"amount": 3, "unit": Unit.CALENDAR_DAY, "after_hours": AfterHours.SAME_DAY}}, None, "calendar days"),
    ({}, LONG, "longer office hours: what came in the evening counts from then"),
    ({"resolve": {"amount": 3}}, LONG, "both"),
]


@pytest.mark.parametrize(("terms", "hours", "why"), WANTED, ids=[why for *_, why in WANTED])
def test_the_replay_is_what_working_each_complaint_out_anew_gives(
    filled: Register,
    histories: Histories,
    terms: dict[str, dict[str, object]],
    hours: tuple[tuple[time, time], ...] | None,
    why: str,
) -> None:
    wanted = changed(pops(filled), **terms)
    if hours:
        wanted = replace(wanted, week=(hours,) * 5 + wanted.week[5:])
    found = whatif.of_procedure(filled, facts.current(filled), wanted, MONDAY)
    assert found.terms == _one_by_one(histories, wanted, MONDAY), why
    if not terms and not hours:
        assert found.changed == 0
        assert all((one.due, one.met) == (one.due_then, one.met_then) for one in found.terms)


def test_as_it_was_is_what_the_page_of_compliance_shows(filled: Register) -> None:
    """One definition for both (D15)."""
    found = whatif.of_procedure(filled, facts.current(filled), pops(filled), MONDAY)
    shown = compliance.summary(facts.current(filled), Filter(found.start, found.end), MONDAY).set_index("stage")
    assert {one.term: (one.due, one.met) for one in found.terms} == {
        stage: (shown.loc[stage, "due"], shown.loc[stage, "met"]) for stage in ("acknowledge", "resolve")
    }
    assert found.complaints > 50, "there is something to replay"


def test_a_complaint_with_two_changed_promises_counts_once(filled: Register) -> None:
    """Both terms at once change no more complaints than each alone, and no fewer than either."""
    alone = [_changed_by(filled, acknowledge={"amount": 9}), _changed_by(filled, resolve={"amount": 30})]
    both = _changed_by(filled, acknowledge={"amount": 9}, resolve={"amount": 30})
    assert max(alone) <= both <= sum(alone)
    assert min(alone) > 0


def _changed_by(register: Register, **terms: dict[str, object]) -> int:
    return whatif.of_procedure(register, facts.current(register), changed(pops(register), **terms), MONDAY).changed


def _one_by_one(histories: Histories, wanted: Procedure, now: datetime) -> tuple[TermEffect, ...]:
    """The same, slowly: the events of each complaint folded under both procedures."""
    begins = at(f"{local_day(now) - timedelta(weeks=13)} 00:00")
    counts = {term.key: [0] * 6 for term in wanted.terms}
    for old, days, events in histories:
        then = {(c.term, c.number): c for c in clocks.cycles(wanted, wanted.calendar(days), events)}
        for cycle in clocks.cycles(old, old.calendar(days), events):
            if cycle.term in counts and begins < cycle.due_at <= now and not cycle.cancelled_at:
                other = then[cycle.term, cycle.number]
                was, would = (verdicts.verdict(one, now) in BROKEN for one in (cycle, other))
                is_due = other.due_at <= now
                row = (1, not was, is_due, is_due and not would, was and not would, would and not was)
                counts[cycle.term] = [a + b for a, b in zip(counts[cycle.term], row, strict=True)]
    return tuple(TermEffect(term.key, term.label, term.label_en, *counts[term.key]) for term in wanted.terms)

"""What other terms would have meant: the same as working every complaint out anew by the clocks (D37)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select

from core import shipped
from core.commands import sample
from core.insight import compliance, facts, whatif
from core.insight.filters import DEFAULT, Filter
from core.insight.whatif import Hypothesis, Length, TermEffect
from core.register import rulebook
from core.register.case import case as cases
from core.register.case.payload import CaseEvent
from core.register.log.database import Register, open_register
from core.register.log.tables import Complaint
from core.register.organisation import procedure_versions
from core.rules import clocks, verdicts
from core.rules.calendar import local_day
from core.rules.clocks import ClockPayload
from core.rules.days import CalendarDays
from core.rules.procedure import AfterHours, Procedure, Unit
from core.rules.verdicts import BROKEN
from tests.engines import MONDAY, Sqlite
from tests.insight.replayed import Promised, facts_of
from tests.local_time import at
from tests.rules.given import happened

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
    quarter = Filter.of(DEFAULT, local_day(MONDAY))
    assert (found.start, found.end) == (quarter.start, quarter.end), "the quarter that pages open with"
    shown = compliance.summary(facts.current(filled), quarter, MONDAY).set_index("stage")
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
    begins = at(f"{Filter.of(DEFAULT, local_day(now)).start} 00:00")
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


NOON = at("2026-11-20 15:00")
LUNCH = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
OFFICE = ((time(8, 30), time(17, 30)),)
MET, MISSED, GONE, TO_COME = "met", "missed", "cancelled", "running"


def to(amount: int, unit: Unit, *more: AfterHours) -> tuple[tuple[str, Length], ...]:
    return (("resolve", Length(amount, unit, *more)),)


# ruff: disable[E501]
CASES = [
    # events after the receipt, hypothesis, number of the run, due then, verdict, verdict then, why
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-05 16:00"], {"terms": to(2, Unit.WORKING_DAY)}, 1, "2026-11-04 17:30", MET, MISSED, "two working days after Monday end on Wednesday"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-04 17:30"], {"terms": to(2, Unit.WORKING_DAY)}, 1, "2026-11-04 17:30", MET, MET, "in the second of its due a promise is kept"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-02 14:31"], {"terms": to(180, Unit.WORKING_MINUTE), "week": (LUNCH,) * 5 + ((), ())}, 1, "2026-11-02 14:30", MET, MISSED, "lunch is no working time: two hours before noon, one after 13:30"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-02 14:31"], {"terms": to(360, Unit.WORKING_MINUTE), "week": (LUNCH,) * 5 + ((), ())}, 1, "2026-11-02 17:30", MET, MET, "six hours and the lunch end at the closing"),
    (["acknowledged 2026-11-06 10:00", "result_notified 2026-11-09 09:00"], {"terms": to(1, Unit.WORKING_DAY), "week": (OFFICE,) * 6 + ((),)}, 1, "2026-11-07 17:30", MET, MISSED, "a Saturday that is worked is the working day after Friday"),
    (["acknowledged 2026-11-06 10:00", "result_notified 2026-11-09 09:00"], {"terms": to(1, Unit.WORKING_DAY), "worked": (date(2026, 11, 7),)}, 1, "2026-11-07 17:30", MET, MISSED, "one Saturday worked besides"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-10 09:00"], {"off": (date(2026, 11, 9),)}, 1, "2026-11-10 17:30", MISSED, MET, "a further day off moves the fifth working day to Tuesday"),
    (["acknowledged 2026-02-13 10:00", "result_notified 2026-02-25 10:00"], {"terms": to(2, Unit.WORKING_DAY)}, 1, "2026-02-24 17:30", MET, MISSED, "Friday before Tết: the week of Tết has no working day"),
    (["acknowledged 2026-02-13 10:00", "result_notified 2026-02-18 10:00"], {"terms": to(2, Unit.CALENDAR_DAY)}, 1, "2026-02-24 00:00", MET, MET, "a last day that is a day off moves past the week of Tết (art. 148)"),
    (["acknowledged 2026-11-07 11:00", "result_notified 2026-11-10 12:00"], {"terms": to(24, Unit.HOUR)}, 1, "2026-11-08 11:00", MET, MISSED, "hours of the clock count from the Saturday itself, not from Monday's opening"),
    (["acknowledged 2026-11-07 11:00", "result_notified 2026-11-09 12:00"], {"terms": to(1, Unit.CALENDAR_DAY, AfterHours.SAME_DAY)}, 1, "2026-11-10 00:00", MET, MET, "from the Saturday it arrived: Sunday moves to Monday"),
    (["acknowledged 2026-11-02 10:00", "withdrawn 2026-11-10 10:00"], {"terms": to(10, Unit.WORKING_DAY)}, 1, "2026-11-16 17:30", MISSED, GONE, "withdrawn overdue; under a longer term it would have been withdrawn before it was due (D13)"),
    (["acknowledged 2026-11-02 10:00", "withdrawn 2026-11-10 10:00"], {"terms": to(3, Unit.WORKING_DAY)}, 1, "2026-11-05 17:30", MISSED, MISSED, "withdrawn overdue under both"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-04 10:00"], {"terms": to(40, Unit.WORKING_DAY)}, 1, "2026-12-29 17:30", MET, TO_COME, "told, but under this term not due yet (D11)"),
    (["acknowledged 2026-11-02 10:00"], {"terms": to(40, Unit.WORKING_DAY)}, 1, "2026-12-29 17:30", "overdue", TO_COME, "never told, and not due yet under this term"),
    (["withdrawn 2026-11-06 10:00", "reopened 2026-11-07 09:00", "acknowledged 2026-11-07 11:00", "result_notified 2026-11-09 10:00"], {"terms": to(48, Unit.HOUR)}, 1, "2026-11-09 09:00", MET, MISSED, "withdrawn before anybody acknowledged it: the re-opening set the first run off, not what came after"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-03 10:00", "closed 2026-11-03 10:05", "reopened 2026-11-04 19:00", "result_notified 2026-11-10 10:00"], {"terms": to(2, Unit.WORKING_DAY)}, 2, "2026-11-09 17:30", MET, MISSED, "a re-opening's run counts from its own evening, which is the next morning (D2, D6)"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-03 10:00", "closed 2026-11-03 10:05", "reopened 2026-11-07 09:00", "closed 2026-11-07 10:00", "reopened 2026-11-08 20:00", "result_notified 2026-11-10 10:00"], {"terms": to(48, Unit.HOUR)}, 2, "2026-11-09 09:00", MET, MET, "opened twice in one weekend: the first run counts from the first time"),
    (["acknowledged 2026-11-02 10:00", "result_notified 2026-11-03 10:00", "closed 2026-11-03 10:05", "reopened 2026-11-07 09:00", "closed 2026-11-07 10:00", "reopened 2026-11-08 20:00", "result_notified 2026-11-10 10:00"], {"terms": to(24, Unit.HOUR)}, 3, "2026-11-09 20:00", MET, MISSED, "and the second run from the second time"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("events", "supposed", "number", "due", "was", "then", "why"), CASES, ids=[row[-1] for row in CASES]
)
def test_what_becomes_of_one_promise(
    events: list[str], supposed: dict[str, Any], number: int, due: str, was: str, then: str, why: str
) -> None:
    procedure, received = shipped.procedure("pops"), f"received {events[0].partition(' ')[2]}"
    history = [
        replace(one, payload=ClockPayload(keeps_due=True)) if one.kind == "withdrawn" else one
        for one in happened(received, *events)
    ]
    wanted = Hypothesis("pops", **supposed)
    rules = Promised(procedure, [history])
    period = Filter(date(2026, 1, 1), date(2026, 12, 31))
    found = whatif.judged(facts_of(procedure, [history]), period, wanted, NOON, rules, procedure)
    (row,) = found.filter((pl.col("term") == "resolve") & (pl.col("number") == number)).iter_rows(named=True)
    assert (row["due_then"], row["verdict"], row["verdict_then"]) == (at(due), was, then), why


def test_a_products_own_term_stays_and_measures_no_length() -> None:
    """VHV 3: what a product promises is not the procedure's to change."""
    procedure = shipped.procedure("pops")
    histories = [
        happened("received 2026-11-02 09:00", "acknowledged 2026-11-02 10:00", "result_notified 2026-11-05 16:00")
    ]
    rules = Promised(procedure, histories)
    its = facts_of(procedure, histories, reply_days=[8])
    november = Filter(date(2026, 11, 1), date(2026, 11, 30))
    answer = whatif.ask(its, november, Hypothesis("pops", to(2, Unit.WORKING_DAY)), NOON, rules, procedure)
    told = answer.of("resolve")
    assert told is not None
    assert (told.met, told.met_then, answer.products) == (1, 1, 1)
    assert answer.reach["resolve"].amount is None, "no promise of the procedure's own length is left to measure"

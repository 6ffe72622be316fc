"""Moments with fractions of a second: what is written from now on has none, what earlier versions wrote still replays.

Earlier versions logged every live moment with its microseconds, in the events and in the columns that follow from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from core.commands import sample
from core.insight import facts
from core.insight.verdicts import verdict as verdict_column
from core.register.case import case as cases
from core.register.case import complaints
from core.register.case.case import Case
from core.register.case.steps.recording import StepFields
from core.register.log import act as acts
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.tables import Complaint, Event, SlaCycle
from core.register.log.verify import verify
from core.rules import clocks, verdicts
from core.rules.calendar import ensure_aware
from core.rules.verdicts import Verdict
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import clock, draft, logged, take
from tests.register.log import old_register

MIGRATION = "core.register.log.migrations.versions.0006_whole_seconds_and_drafts"
REASONS = "core.register.log.migrations.versions.0013_reasons_of_misses"
HALF = timedelta(milliseconds=500)
LIVE = at("2026-11-20 10:00") + HALF
IN_TIME = at("2026-11-23 17:30") + timedelta(milliseconds=400)
READ_AT = at("2026-11-25 09:00")


def fractions(register: Register) -> set[str]:
    """The columns in which some row has a fraction of a second."""
    found = set()
    with register.read() as session:
        for table in (Event, Complaint, SlaCycle):
            for row in session.execute(select(table.__table__)).mappings():
                found |= {f"{table.__tablename__}.{name}" for name, value in row.items() if _has_fraction(value)}
    return found


def _has_fraction(value: object) -> bool:
    return isinstance(value, datetime) and value.microsecond > 0


def test_what_is_logged_live_is_written_to_the_second(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, recorded_at=LIVE)
    take(register, "acknowledge", complaint, cast.agent, IN_TIME, text="Đã nhận")
    assert fractions(register) == set()
    found = clock(register, complaint, "acknowledge")
    assert (found.starts_at, found.stopped_at) == (LIVE - HALF, at("2026-11-23 17:30"))
    assert verdicts.verdict(found, READ_AT) is Verdict.MET


def test_moments_that_people_give_are_written_to_the_second_too(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, recorded_at=LIVE, sent_at=LIVE - 2 * HALF, incident_at=LIVE - 4 * HALF)
    complaint = take(register, "acknowledge", complaint, cast.agent, LIVE, text="Đã nhận")
    complaint = take(register, "classify", complaint, cast.lead, LIVE, kind="complaint")
    forward: StepFields = {"department": "payment", "text": "?", "due_at": IN_TIME}
    complaint = take(register, "forward", complaint, cast.lead, LIVE, **forward)
    assert fractions(register) == set()
    assert (complaint.sent_at, complaint.incident_at) == (LIVE - 3 * HALF, LIVE - 5 * HALF), "cut and never rounded"
    assert complaint.department_due_at == at("2026-11-23 17:30")
    with register.read() as session:
        payloads = "".join(session.scalars(select(Event.payload).where(Event.subject == "complaint")))
    assert "T10:30:00+00:00" in payloads and ":00." not in payloads, "neither do the events hold a fraction"
    assert verify(register).is_whole


def test_the_register_s_own_close_asks_no_reason_for_the_due_second(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, recorded_at=LIVE)
    withdrawn = take(register, "withdraw", complaint, cast.agent, IN_TIME, text="Khách rút")
    assert withdrawn.state == "withdrawn"
    assert verdicts.verdict(clock(register, complaint, "acknowledge"), READ_AT) is Verdict.CANCELLED


def test_the_sample_is_drawn_with_fractions_and_written_without(register: Register) -> None:
    given: list[int] = []
    write = complaints.write_histories

    def watched(
        session: Session, histories: Iterable[complaints.History], act: Act, *, nothing_follows: bool
    ) -> list[Case]:
        histories = list(histories)
        for complaint, steps in histories:
            given.extend(one.microsecond for one in (complaint.recorded_at, *(step.at for step in steps)))
        return write(session, histories, act, nothing_follows=nothing_follows)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(complaints, "write_histories", watched)
        sample.fill(register, 40, READ_AT, seed=3)
    with register.read() as session:
        assert session.scalar(select(func.count(Complaint.id))) == 40
    assert sum(micros > 0 for micros in given) > len(given) * 0.9, "else no test meets a live moment"
    assert fractions(register) == set()


# a register of the version before


@pytest.fixture
def before(register: Register, cast: Cast) -> Register:
    """Three complaints as the version before wrote them, with microseconds in the log and in what follows from it."""
    with pytest.MonkeyPatch.context() as earlier:
        for module in (acts, cases, clocks, verdicts):
            earlier.setattr(module, "whole_second", lambda moment: ensure_aware(moment).astimezone(UTC))
        complaint = logged(register, cast, recorded_at=LIVE)
        take(register, "acknowledge", complaint, cast.agent, IN_TIME, text="Đã nhận")
        hours = logged(register, cast, recorded_at=at("2026-11-20 22:00") + HALF, procedure="misa", category="payment")
        take(register, "acknowledge", hours, cast.agent, at("2026-11-20 23:00") + 0.8 * HALF, text="Đã nhận")
        logged(register, cast, recorded_at=at("2026-11-21 09:00:30.25"), procedure="dai-huu", category="other")
    assert {"events.happened_at", "complaints.recorded_at", "sla_cycles.starts_at", "sla_cycles.due_at"} <= fractions(
        register
    )
    return register


def upgrade(register: Register) -> None:
    """What migration 0006 does to the rows of a register, and 0013 in the column that it makes of them."""
    with register.engine.begin() as connection:
        import_module(MIGRATION).cut_to_the_second(connection)
        connection.execute(update(Complaint).values(unexplained_due_at=None))
        import_module(REASONS).carry_forward(connection)


def test_the_version_before_called_it_late_and_outside_hours(before: Register) -> None:
    """The fault as it stood: without it the tests below would prove nothing."""
    with before.read() as session:
        cycle = session.scalars(select(SlaCycle).where(SlaCycle.stopped_at.is_not(None))).first()
    assert cycle is not None and cycle.stopped_at is not None and cycle.stopped_at > cycle.due_at


def test_an_upgraded_register_replays_whole(before: Register) -> None:
    seal = _seal(before)
    upgrade(before)
    assert fractions(before) == {"events.happened_at", "events.logged_at"}, "the log itself never changes"
    assert verify(before).problems == []
    assert _seal(before) == seal


def test_an_upgraded_register_counts_the_due_second_as_in_time_in_every_reading(before: Register) -> None:
    upgrade(before)
    with before.read() as session:
        one_by_one = {
            (cycle.complaint_id, cycle.term, cycle.number): verdicts.verdict(cycle, READ_AT).value
            for cycle in session.scalars(select(SlaCycle))
        }
    many = facts.load(before).cycles.with_columns(verdict_column(READ_AT))
    in_columns = {
        (row["complaint_id"], str(row["term"]), row["number"]): str(row["verdict"]) for row in many.to_dicts()
    }
    assert in_columns == one_by_one
    assert one_by_one[1, "acknowledge", 1] == one_by_one[2, "acknowledge", 1] == "met"


def test_a_register_of_version_0_1_is_cut_when_it_is_migrated(empty_database_url: str, tmp_path: Path) -> None:
    """Its events are whole seconds; the rows beside them are put half a second off, as if they were not."""
    old_register.write(empty_database_url)
    register = Register(empty_database_url, tmp_path / "evidence")
    off = "{0} + 500000" if register.is_sqlite else "{0} + interval '0.5 second'"
    with register.engine.begin() as connection:
        for table, columns in import_module(MIGRATION).CUT.items():
            values = ", ".join(f"{column} = {off.format(column)}" for column in columns)
            connection.execute(text(f"UPDATE {table} SET {values}"))
    migrate(register.url)
    assert fractions(register) == set()
    assert verify(register).is_whole
    register.engine.dispose()


def test_work_goes_on_after_the_upgrade(before: Register, cast: Cast) -> None:
    upgrade(before)
    with before.write() as session:
        session.execute(select(Complaint.id))
        complaints.log(session, draft(recorded_at=LIVE), Act(cast.agent, READ_AT))
        code = session.scalars(select(Complaint.code).order_by(Complaint.id)).first()
        assert code is not None
        fields = {"kind": "complaint", "category": "payment"}
        complaints.take(session, code, "classify", fields, Act(cast.agent, READ_AT + HALF))  # type: ignore[arg-type]
    assert verify(before).problems == []


def _seal(register: Register) -> bytes:
    with register.read() as session:
        newest = session.scalars(select(Event.hash).order_by(Event.id.desc())).first()
    assert newest is not None
    return newest

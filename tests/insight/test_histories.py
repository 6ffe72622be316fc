"""Stays, read in columns, against the fold of each case's events one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from sqlalchemy import select

from core.commands import sample
from core.insight import facts
from core.insight.facts import Facts
from core.insight.histories import PHASE_OF
from core.register.case import case as cases
from core.register.case import complaints
from core.register.case.payload import CaseEvent
from core.register.case.projection import apply
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Event
from core.rules import guides
from core.rules.requests import Request
from core.rules.steps import AWAITING_CUSTOMER, CLOSED_UNTIMED, STATES, State
from core.rules.undo import effective
from tests.conftest import Cast
from tests.engines import MONDAY, Sqlite
from tests.insight.test_facts import draft

ORGANISATIONS = ("pops", "vhv", "misa", "dai-huu")
MINUTES = timedelta(minutes=10)


class Stay(NamedTuple):
    """A row of ``stays``."""

    complaint_id: int
    waits_for: str
    phase: str
    assignee_id: int | None
    starts_at: datetime
    ends_at: datetime | None


def folded(register: Register) -> list[Stay]:
    """What the events of each case say, by the fold that the register itself uses."""
    found: list[Stay] = []
    with register.read() as session:
        wanted = select(Event).where(Event.subject == "complaint").order_by(Event.subject_id, Event.seq)
        for id, its in groupby(session.scalars(wanted), key=lambda event: event.subject_id):
            history = effective([cases.event_of(event) for event in its])
            if all(event.kind != CLOSED_UNTIMED for event in history):
                found += _merged(id, list(_each(history)))
    return found


def _each(history: Sequence[CaseEvent]) -> Iterator[tuple[datetime, tuple[str, str, int | None] | None]]:
    """From when on which answer counts, for each event; None at an end."""
    row, latest = None, history[0].at
    for n, event in enumerate(history, start=1):
        row = apply(row, event)
        latest = max(latest, event.at)
        state = State(row["state"])
        phase = guides.stage(history[:n])[0] or STATES[state].next_phase  # no stage has a guide before the first step
        owed = any(_is_open(one) for one in row["requests"])
        waits_for = "department" if owed else "customer" if state in AWAITING_CUSTOMER else "us"
        yield latest, (waits_for, phase.value, row["assignee_id"]) if phase else None


def _is_open(request: Request) -> bool:
    return request.ended is None


def _merged(id: int, told: list[tuple[datetime, tuple[str, str, int | None] | None]]) -> Iterator[Stay]:
    ends = [at for at, _what in told[1:]] + [None]
    lasting = [(what, at, end) for (at, what), end in zip(told, ends, strict=True) if end is None or end > at]
    for what, its in groupby(lasting, key=lambda one: one[0]):
        stretch = list(its)
        if what is not None:
            waits_for, phase, assignee = what
            yield Stay(id, waits_for, phase, assignee, stretch[0][1], stretch[-1][2])


class Move(NamedTuple):
    """A row of ``moves``."""

    complaint_id: int
    event: str
    was: str | None
    state: str
    at: datetime
    since: int | None


def folded_moves(register: Register) -> list[Move]:
    """The steps of each case by the same fold."""
    found: list[Move] = []
    with register.read() as session:
        wanted = select(Event).where(Event.subject == "complaint").order_by(Event.subject_id, Event.seq)
        for id, its in groupby(session.scalars(wanted), key=lambda event: event.subject_id):
            history = effective([cases.event_of(event) for event in its])
            if any(event.kind == CLOSED_UNTIMED for event in history):
                continue
            row, state, latest = None, "", history[0].at
            for event in history:
                row, latest = apply(row, event), max(latest, event.at)
                if event.kind in PHASE_OF or row["state"] != state:
                    before = found[-1] if state else None
                    since = round((latest - before.at).total_seconds()) if before else None
                    found.append(Move(id, event.kind, state or None, str(row["state"]), latest, since))
                state = str(row["state"])
    return found


def moves(known: Facts) -> list[Move]:
    """The steps as facts hold them."""
    plain = known.moves.with_columns(pl.col(pl.Categorical).cast(pl.String))
    return [Move(**row) for row in plain.sort("complaint_id", maintain_order=True).iter_rows(named=True)]


def are_together(known: Facts) -> bool:
    """Whether the rows of a complaint stand together, by which figures count it once."""
    ids = (frame["complaint_id"] for frame in (known.stays, known.moves))
    return all(len(its.rle()) == its.n_unique() for its in ids)


def read(known: Facts) -> list[Stay]:
    plain = known.stays.with_columns(pl.col(pl.Categorical).cast(pl.String)).sort("complaint_id", "starts_at")
    return [Stay(**row) for row in plain.iter_rows(named=True)]


@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_a_sample_is_read_as_it_is_folded(tmp_path: Path, organisation: str) -> None:
    register = open_up(
        Sqlite.url(tmp_path / "complaints.db"), tmp_path / "evidence", organisation=organisation, now=MONDAY
    )
    sample.fill(register, 400, MONDAY, seed=2)
    known = facts.load(register)
    assert read(known) == folded(register)
    assert moves(known) == folded_moves(register)
    assert are_together(known)
    assert {stay.waits_for for stay in read(known)} == {"us", "department", "customer"}
    with register.read() as session:
        rounds = dict(session.execute(select(Complaint.id, Complaint.rounds)).all())
    assert all(refused <= rounds[id] for id, refused in known.complaints.select("id", "refused").iter_rows())


def test_what_was_taken_back_counts_as_it_stands(register: Register, cast: Cast, now: datetime) -> None:
    """On both engines, and refreshed after each step as if all were read anew."""
    with register.write() as session:
        first, second = (complaints.log(session, draft(now), Act(cast.agent, now)).code for _ in range(2))
    due = now + timedelta(days=9)
    history: list[tuple[str, str, StepFields]] = [
        (first, "acknowledge", {"text": "Đã nhận"}),
        (first, "classify", {"kind": "complaint", "category": "other"}),
        (first, "ask_customer", {"text": "Ảnh màn hình?", "chase_on": date(2026, 11, 30)}),
        (first, "undo", {}),
        (first, "forward", {"department": "payment", "text": "Kiểm tra giúp", "due_at": due}),
        (first, "forward", {"department": "content", "text": "Xem giúp", "due_at": due}),
        (first, "answer", {"text": "Đã hoàn", "request": 1}),
        (first, "assign", {"assignee_id": cast.agent2.id}),
        (first, "propose", {"text": "Hoàn Stars", "channel": "hotline", "chase_on": date(2026, 11, 30)}),
        (first, "refuse", {"text": "Khách không đồng ý", "due_at": due}),
        (first, "answer", {"text": "Đã xem", "request": 2}),
        (first, "notify_result", {"text": "Đã báo"}),
        (second, "acknowledge", {"text": "Đã nhận"}),
        (second, "merge", {"merged_into": first}),
        (second, "unmerge", {"text": "Hai việc khác nhau"}),
        (first, "close", {"outcome": "upheld", "root_cause": "gateway_fault"}),
        (first, "reopen", {"text": "Khách báo lại"}),
        (second, "withdraw", {"text": "Khách rút"}),
        (first, "correct", {"corrects": "happened_at", "of": 2, "becomes": now + MINUTES / 2, "text": "Nhầm giờ"}),
    ]
    known = facts.load(register)
    for n, (code, step, fields) in enumerate(history, start=1):
        with register.write() as session:
            complaints.take(session, code, step, fields, Act(cast.lead, now + MINUTES * n))
        known = facts.refresh(known, register)
        assert read(known) == read(facts.load(register)) == folded(register), step
        assert moves(known) == moves(facts.load(register)) == folded_moves(register), step
        assert are_together(known), step
    assert known.complaints.sort("id")["refused"].to_list() == [1, 0]
    waits = {(stay.waits_for, stay.phase) for stay in read(known)}
    assert {("department", "handle"), ("department", "conciliate")} <= waits, "the customer was asked as well"

"""Steps taken in one save (D26): all or none, each its own event, under the same rules as one after the other."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.errors import Conflict, Invalid, NotAllowed
from core.register.case import complaints
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event
from core.register.log.verify import verify
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import clock, logged

SETTLED: list[tuple[str, StepFields]] = [
    ("acknowledge", {"channel": "hotline"}),
    ("classify", {"kind": "inquiry", "category": "payment"}),
    ("notify_result", {"channel": "hotline", "text": "Nạp tối đa 500 Stars một lần"}),
    ("close", {"outcome": "answered"}),
]
NOW = at("2026-11-16 09:20")


def settled(
    register: Register, cast: Cast, complaint: Complaint, *, version: int = 1, **changed: StepFields
) -> Complaint:
    steps = [(step, {**fields, **changed.get(step, {})}) for step, fields in SETTLED]
    with register.write() as session:
        return complaints.take_together(session, complaint.code, steps, Act(cast.agent, NOW, None, version))  # type: ignore[arg-type] # dict of a StepFields


def kinds(register: Register, complaint: Complaint) -> list[str]:
    with register.read() as session:
        its = select(Event.kind).where(Event.subject == "complaint", Event.subject_id == complaint.id)
        return list(session.scalars(its.order_by(Event.seq)))


def test_a_question_answered_on_the_phone_is_one_save(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    after = settled(register, cast, complaint)
    assert (after.state, after.kind, after.outcome, after.version) == ("closed", "inquiry", "answered", 5)
    assert kinds(register, complaint) == ["received", "acknowledged", "classified", "result_notified", "closed"]
    assert {clock(register, after, term).stopped_at for term in ("acknowledge", "resolve")} == {NOW}
    assert verify(register).is_whole


def test_what_cannot_be_done_leaves_nothing_done(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with pytest.raises(Invalid) as refused:
        settled(register, cast, complaint, close={"outcome": "?"})
    assert set(refused.value.fields) == {"outcome"}
    assert kinds(register, complaint) == ["received"]


def test_somebody_was_faster(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    settled(register, cast, complaint)
    with pytest.raises(Conflict):
        settled(register, cast, complaint, version=1)


def test_each_step_asks_for_its_own_right(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with pytest.raises(NotAllowed), register.write() as session:
        complaints.take_together(session, complaint.code, SETTLED, Act(cast.manager, NOW))
    assert kinds(register, complaint) == ["received"]

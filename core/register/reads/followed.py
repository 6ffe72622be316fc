"""A case as its customer follows it (D41): where it stands in their words, and what was said to them. Nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import case as cases
from core.register.case.evidence import text_of
from core.register.case.payload import CaseEvent
from core.register.log.tables import Complaint
from core.register.reads import timeline
from core.register.reads.timeline import Wanted
from core.rules.steps import OPEN, STEPS, State
from core.rules.undo import effective

STANDINGS: Mapping[State, str] = {
    State.received: "received",
    State.acknowledged: "in_progress",
    State.classified: "in_progress",
    State.investigating: "in_progress",
    State.waiting_customer: "waiting_for_you",
    State.proposed: "proposal",
    State.decided: "in_progress",
    State.resolved: "result_told",
    State.closed: "closed",
    State.withdrawn: "withdrawn",
    State.merged: "joined",
}
"""State → what a customer reads; the names stand in ``names.po`` under ``standing``."""
SAID_BY = {
    State.waiting_customer: ("ask_customer", "chase"),
    State.proposed: ("propose",),
    State.resolved: ("notify_result",),
    State.closed: ("notify_result",),
}
"""State → the steps by which the customer was told what they read of it."""


class Followed(NamedTuple):
    """``said``: the question, the proposal or the result as it was told to the customer. ``wanted``: what must come.

    ``may_say``: keys of ``core.register.api.messages.KINDS``. ``joined``: the code of the case in which it goes on.
    """

    code: str
    version: int
    standing: str
    received_at: datetime
    said: str
    said_at: datetime | None
    wanted: tuple[Wanted, ...]
    may_say: tuple[str, ...]
    joined: str | None


def read(session: Session, complaint: Complaint) -> Followed:
    """The complaint as its customer follows it; the caller has seen their secret."""
    state = State(complaint.state)
    events = effective([cases.event_of(event) for event in cases.history(session, complaint.id)])
    said = _last(events, SAID_BY.get(state, ()))
    asked = timeline.wanted_of(session, events).values() if state is State.waiting_customer else ()
    return Followed(
        complaint.code,
        complaint.version,
        STANDINGS[state],
        complaint.recorded_at,
        text_of(session, said.payload.get("text_id")) if said else "",
        said.at if said else None,
        tuple(one for one in asked if one.came_at is None),
        may_say(session, complaint),
        complaint.merged_into,
    )


def may_say(session: Session, complaint: Complaint) -> tuple[str, ...]:
    """What the customer may say to it now."""
    state = State(complaint.state)
    if state not in OPEN:
        return ()
    procedure = rulebook.of(session).procedure(session, complaint.procedure, complaint.procedure_version)
    answers = [key for key in ("accept", "refuse") if state in STEPS[key].from_states and procedure.conciliation]
    return ("add", *answers)


def _last(events: Sequence[CaseEvent], steps: Sequence[str]) -> CaseEvent | None:
    """The newest event of these steps that says something: whoever only asked again may have said nothing anew."""
    kinds = {STEPS[step].event for step in steps}
    return next((one for one in reversed(events) if one.kind in kinds and "text_id" in one.payload), None)

"""A complaint joins an incident, and leaves it (D24); what is done for all is ``core.register.case.incidents``."""

from __future__ import annotations

from core.i18n import N_
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.steps import JOIN, LEAVE


def join(situation: Situation, fields: StepFields) -> Content:
    """The incident that it belongs to from now on; the first one's word is what the incident is called."""
    read = Reader(JOIN, situation, fields)
    code = read.word(
        "incident", fields.get("incident"), situation.incidents, N_("Choose an incident that has not ended.")
    )
    if situation.row["incident"] is not None:
        read.problems["incident"] = N_("It belongs to an incident already: let it leave that one first.")
    return read.done(Payload(incident=code or ""), {"text_id": ("note", read.text("text", fields.get("text")))})


def joined(row: Row, event: CaseEvent) -> None:
    """One incident at a time."""
    row["incident"] = event.payload["incident"]


def leave(situation: Situation, fields: StepFields) -> Content:
    """It has another cause after all."""
    read = Reader(LEAVE, situation, fields)
    text = read.text("text", fields.get("text"))
    code = situation.row["incident"]
    if code is None:
        read.problems["text"] = N_("It belongs to no incident: reload to see where it stands.")
    return read.done(Payload(incident=code or ""), {"text_id": ("note", text)})


def left(row: Row, _event: CaseEvent) -> None:
    """It belongs to none."""
    row["incident"] = None


RECORDINGS = {
    JOIN: Recording(join, joined),
    LEAVE: Recording(leave, left),
}

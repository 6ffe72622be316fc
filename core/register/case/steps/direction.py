"""A direction is asked of a superior or the board, and given (Minh Tuấn 3, MISA 2).

``core.rules.directions`` keeps what the row says of it.
"""

from __future__ import annotations

from core.errors import NotAllowed
from core.i18n import N_
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.directions import awaited
from core.rules.steps import DIRECT, ESCALATE


def escalate(situation: Situation, fields: StepFields) -> Content:
    """The question or proposal, to whom it goes, and by when a direction is needed; one is awaited at a time."""
    read = Reader(ESCALATE, situation, fields)
    if awaited(situation.directions):
        raise NotAllowed(N_("A direction is awaited already: remind of it, or take the request back first."))
    whom = read.word(
        "addressee",
        fields.get("addressee"),
        situation.procedure.escalates_to,
        N_("Choose whom you ask: by this procedure not everybody is asked."),
    )
    text = read.text("text", fields.get("text"), N_("Write what is to be decided, and what you propose."))
    due_at = read.due_at(N_("No direction can come by then: give a time after this step."))
    return read.done(Payload(addressee=whom, due_at=due_at), {"text_id": ("question", text)})


def direct(situation: Situation, fields: StepFields) -> Content:
    """What is to be done."""
    read = _reader(DIRECT, situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what is to be done."))
    return read.done(Payload(), {"text_id": ("answer", text)})


def approve(situation: Situation, fields: StepFields) -> Content:
    """What was proposed is to be done."""
    read = _reader("approve_proposal", situation, fields)
    return read.done(Payload(), {"text_id": ("answer", read.text("text", fields.get("text")))})


def return_(situation: Situation, fields: StepFields) -> Content:
    """Why what was proposed is not agreed to."""
    read = _reader("return_proposal", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write why it is returned, and what is missing."))
    return read.done(Payload(), {"text_id": ("reason", text)})


def remind(situation: Situation, fields: StepFields) -> Content:
    """Whoever was asked is reminded; the due stays."""
    read = _reader("remind_direction", situation, fields)
    return read.done(Payload(), {"text_id": ("question", read.text("text", fields.get("text")))})


def recall(situation: Situation, fields: StepFields) -> Content:
    """Why no direction is needed any more."""
    read = _reader("recall_direction", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write why the request is taken back."))
    return read.done(Payload(), {"text_id": ("reason", text)})


def _reader(step: str, situation: Situation, fields: StepFields) -> Reader:
    """What is said of the direction that is awaited, not before it was asked for."""
    read = Reader(step, situation, fields)
    found = awaited(situation.directions)
    if found is None:
        read.problems["text"] = N_("No direction is awaited: reload to see where the complaint stands.")
    elif situation.at < found.asked_at:
        read.problems["happened_at"] = N_("Give a time after the direction was asked for.")
    return read


RECORDINGS = {
    ESCALATE: Recording(escalate),
    DIRECT: Recording(direct),
    "approve_proposal": Recording(approve),
    "return_proposal": Recording(return_),
    "remind_direction": Recording(remind),
    "recall_direction": Recording(recall),
}

"""A direction is asked of a superior or the board, and given (Minh Tuấn 3, MISA 2).

``core.rules.directions`` keeps what the row says of it.
"""

from __future__ import annotations

from core.errors import NotAllowed
from core.i18n import N_
from core.register.case.payload import Payload
from core.register.case.steps.recording import Check, Content, Reader, Recording, Situation, StepFields
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


def _says(step: str, kind: str, sentence: str = "") -> Check:
    """The check of a step that says something of the direction that is awaited.

    ``kind``: of the text that is kept; ``sentence``: what to write, where a text is needed.
    """

    def check(situation: Situation, fields: StepFields) -> Content:
        read = _reader(step, situation, fields)
        return read.done(Payload(), {"text_id": (kind, read.text("text", fields.get("text"), sentence))})

    return check


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
    DIRECT: Recording(_says(DIRECT, "answer", N_("Write what is to be done."))),
    "approve_proposal": Recording(_says("approve_proposal", "answer")),
    "return_proposal": Recording(
        _says("return_proposal", "reason", N_("Write why it is returned, and what is missing."))
    ),
    "remind_direction": Recording(_says("remind_direction", "question")),
    "recall_direction": Recording(_says("recall_direction", "reason", N_("Write why the request is taken back."))),
}

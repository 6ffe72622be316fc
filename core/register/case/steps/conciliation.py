"""Step 5 of the procedure: proposed, agreed or refused, decided; and what is promised to the customer meanwhile."""

from __future__ import annotations

from core.i18n import N_
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps.handling import must_be_taken
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.clocks import PROGRESS, REPLY, SOLUTION

PROMISES = (PROGRESS, REPLY)
"""What a date can be promised for by the step ``promise``; a refusal promises a ``SOLUTION``."""


def propose(situation: Situation, fields: StepFields) -> Content:
    """The remedy as proposed to the customer, and the day on which we ask whether they agree (POPS step 5)."""
    must_be_taken(situation)
    read = Reader("propose", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what the customer is offered."))
    channel = read.channel(N_("Choose the channel the proposal went through."))
    payload = Payload(channel=channel, chase_on=read.chase_on())
    said, texts = read.told("proposal", text)
    return read.done(payload | said, texts)


def proposed(row: Row, _event: CaseEvent) -> None:
    """Each proposal begins a round (D17)."""
    row["rounds"] += 1


def accept(situation: Situation, fields: StepFields) -> Content:
    """The customer agrees; the result is still to be told officially (POPS step 6)."""
    read = Reader("accept", situation, fields)
    return read.done(read.result_due_at(), {"text_id": ("reply", read.text("text", fields.get("text")))})


def refuse(situation: Situation, fields: StepFields) -> Content:
    """Why the customer does not agree, and by when they hear again: no clock restarts (D7), a promise begins (D17)."""
    read = Reader("refuse", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write why the customer does not agree."))
    due_at = read.due_at(N_("The customer cannot hear by then: give a time after this step."))
    return read.done(Payload(kind=SOLUTION, due_at=due_at), {"text_id": ("reply", text)})


def refused(row: Row, _event: CaseEvent) -> None:
    """A result that was told is not the last word any more; the verdict of its clock stays (D17)."""
    row["resolved_at"] = None


def decide(situation: Situation, fields: StepFields) -> Content:
    """The final decision of the organisation with its reason; whoever takes the step approves it (D17)."""
    read = Reader("decide", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write the decision and its reason."))
    if not situation.row["rounds"]:
        read.problems["text"] = N_(
            "Nothing was proposed to the customer yet: a final decision follows a refused proposal."
        )
    return read.done(read.result_due_at(), {"text_id": ("decision", text)})


def promise(situation: Situation, fields: StepFields) -> Content:
    """A date given to the customer: of the next word about progress, or of the result (D14)."""
    read = Reader("promise", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what the customer was told."))
    kind = read.word("promised", fields.get("promised"), PROMISES, N_("Choose what the date is promised for."))
    payload = Payload(
        kind=kind,
        due_at=read.due_at(N_("That time is over already: promise one to come.")),
        channel=read.channel(N_("Choose the channel the customer was told through.")),
    )
    said, texts = read.told("word", text)
    return read.done(payload | said, texts)


def tell_progress(situation: Situation, fields: StepFields) -> Content:
    """What the customer was told about progress; it keeps a promised update (D14)."""
    read = Reader("tell_progress", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what the customer was told."))
    payload = Payload(channel=read.channel(N_("Choose the channel the customer was told through.")))
    said, texts = read.told("word", text)
    return read.done(payload | said, texts)


def negotiate(situation: Situation, fields: StepFields) -> Content:
    """The customer asks to negotiate: the statutory 7 working days begin (D14)."""
    read = Reader("negotiate", situation, fields)
    return read.done(Payload(), {"text_id": ("reply", read.text("text", fields.get("text")))})


RECORDINGS = {
    "propose": Recording(propose, proposed),
    "accept": Recording(accept),
    "refuse": Recording(refuse, refused),
    "decide": Recording(decide),
    "promise": Recording(promise),
    "tell_progress": Recording(tell_progress),
    "negotiate": Recording(negotiate),
}

"""Step 4 of the procedure: questions to departments and to the customer, and their answers."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Invalid, NotAllowed
from core.i18n import N_, label
from core.register.case.details import split
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.details import is_value, missing


def forward(situation: Situation, fields: StepFields) -> Content:
    """The question to a department, and by when it should answer (POPS step 4).

    What the category must know before it is forwarded is known by then, or given with the step.
    """
    must_be_taken(situation)
    read = Reader("forward", situation, fields)
    department = read.entry(
        "department",
        fields.get("department"),
        situation.catalogues.departments,
        N_("Choose the department to ask."),
    )
    question = read.text("text", fields.get("text"), N_("Write what the department should check or decide."))
    due_at = read.due_at(N_("The department cannot answer by then: give a time after this step."))
    given = read.details()
    _check_known(read, given)
    details, personal = split(read.detail_fields, given)
    number = len(situation.row["requests"]) + 1  # says that whoever was asked before goes on being asked (D19)
    payload = Payload(department=department, due_at=due_at, request=number)
    return read.done(payload | details, {"text_id": ("question", question), **personal})


def must_be_taken(situation: Situation) -> None:
    """NotAllowed where the rules do not take the complaint and no lead has admitted it (VHV 1)."""
    if situation.against:
        raise NotAllowed(N_("The rules do not take this complaint: refuse it with the reason, or let a lead admit it."))


def _check_known(read: Reader, given: Mapping[str, str]) -> None:
    """Invalid with the names of what is missing; a history that comes in may lack it."""
    if not read.situation.is_live:
        return
    known = {**read.situation.details, **given}
    fields = read.detail_fields
    usable = [key for key, value in known.items() if key in fields and is_value(fields[key], value)]
    lacking = missing(fields.values(), usable, "forward")
    for field in lacking:
        read.problems.setdefault(f"details.{field.key}", N_("This must be known before it is forwarded."))
    if lacking:
        raise Invalid(
            N_("Before it is forwarded, this must be known: {names}. Everything you typed is still here."),
            read.problems,
            names=", ".join(label(field.vi, field.en) for field in lacking),
        )


def answer(situation: Situation, fields: StepFields) -> Content:
    """What the department found (POPS step 4)."""
    read = Reader("answer", situation, fields)
    payload = read.request()
    text = read.text("text", fields.get("text"), N_("Write what the department found or decided."))
    return read.done(payload, {"text_id": ("answer", text)})


def return_request(situation: Situation, fields: StepFields) -> Content:
    """Why the department says that the question is not theirs, and whose it is as far as they know (D19)."""
    read = Reader("return_request", situation, fields)
    payload = read.request()
    payload["belongs_to"] = read.entry(
        "belongs_to",
        fields.get("belongs_to"),
        situation.catalogues.departments,
        N_("Choose a department of the list, or none."),
    )
    text = read.text("text", fields.get("text"), N_("Write why it is not the department's."))
    return read.done(payload, {"text_id": ("reason", text)})


def recall(situation: Situation, fields: StepFields) -> Content:
    """Why the answer is not needed any more (D19)."""
    read = Reader("recall", situation, fields)
    payload = read.request()
    text = read.text("text", fields.get("text"), N_("Write why the question is taken back."))
    return read.done(payload, {"text_id": ("reason", text)})


def remind(situation: Situation, fields: StepFields) -> Content:
    """The department is asked once more for what it owes; its due stays (D19)."""
    read = Reader("remind", situation, fields)
    return read.done(read.request(), {"text_id": ("question", read.text("text", fields.get("text")))})


def ask_customer(situation: Situation, fields: StepFields) -> Content:
    """The question to the customer, what must come, and the day on which it is repeated (D5)."""
    read = Reader("ask_customer", situation, fields)
    question = read.text("text", fields.get("text"), N_("Write what the customer is asked."))
    wanted, lines = read.wanted()
    payload, texts = read.told("question", question)
    return read.done(wanted | Payload(chase_on=read.chase_on()) | payload, {**texts, **lines})


def chase(situation: Situation, fields: StepFields) -> Content:
    """The customer is asked once more, and the day of the next time."""
    read = Reader("chase", situation, fields)
    text = read.text("text", fields.get("text"))
    payload = Payload(channel=read.channel(N_("Choose the channel you asked again through.")), chase_on=read.chase_on())
    said, texts = read.told("question", text)
    return read.done(payload | said, texts)


def end_waiting(situation: Situation, fields: StepFields) -> Content:
    """Nobody answers: what was asked or proposed is not waited for any longer (D17).

    Asked of people alone; a history that comes in ended as it did.
    """
    read = Reader("end_waiting", situation, fields)
    waiting, silence = situation.waiting, situation.procedure.silence
    if situation.is_live and waiting and waiting.chases < silence.chases:
        raise NotAllowed(
            N_("The customer was asked again {chases} of {wanted} times: ask again before waiting ends."),
            chases=waiting.chases,
            wanted=silence.chases,
        )
    if situation.is_live and waiting and waiting.working_days < silence.working_days:
        raise NotAllowed(
            N_("The customer has had {days} of {wanted} working days to answer: wait until then."),
            days=waiting.working_days,
            wanted=silence.working_days,
        )
    return read.done(read.result_due_at(), {"text_id": ("note", read.text("text", fields.get("text")))})


def record_reply(situation: Situation, fields: StepFields) -> Content:
    """What the customer answered, and what came with it."""
    read = Reader("record_reply", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what the customer answered."))
    return read.done(read.came(), {"text_id": ("reply", text)})


RECORDINGS = {
    "forward": Recording(forward),
    "answer": Recording(answer),
    "return_request": Recording(return_request),
    "recall": Recording(recall),
    "remind": Recording(remind),
    "ask_customer": Recording(ask_customer),
    "chase": Recording(chase),
    "end_waiting": Recording(end_waiting),
    "record_reply": Recording(record_reply),
}

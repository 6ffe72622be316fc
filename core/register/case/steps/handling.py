"""Step 4 of the procedure: questions to departments and to the customer, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.errors import Invalid, NotAllowed
from core.i18n import N_, label
from core.register.case.details import split
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.details import is_value, missing


def forward(situation: Situation, fields: StepFields) -> Content:
    """The question to a department, and by when it should answer (POPS step 4).

    What the category must know before it is forwarded is known by then, or given with the step.
    """
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
    payload = Payload(department=department, due_at=due_at)
    return read.done(payload | details, {"text_id": ("question", question), **personal})


def _check_known(read: Reader, given: Mapping[str, str]) -> None:
    """Invalid with the names of what is missing."""
    known = {**read.situation.details, **given}
    fields = read.detail_fields
    usable = [key for key, value in known.items() if key in fields and is_value(fields[key], value)]
    lacking = missing(fields.values(), usable, "forward") if read.situation.is_live else []
    for field in lacking:
        read.problems.setdefault(f"details.{field.key}", N_("This must be known before it is forwarded."))
    if lacking:
        raise Invalid(
            N_("Before it is forwarded, this must be known: {names}. Everything you typed is still here."),
            read.problems,
            names=", ".join(label(field.vi, field.en) for field in lacking),
        )


def forwarded(row: Row, event: CaseEvent) -> None:
    """The last department it was forwarded to is the one the complaint is with."""
    due_at = event.payload.get("due_at")
    row["department"] = event.payload.get("department")
    row["department_due_at"] = datetime.fromisoformat(due_at) if due_at else None


def answer(situation: Situation, fields: StepFields) -> Content:
    """What the department found (POPS step 4)."""
    read = Reader("answer", situation, fields)
    if not situation.row["waiting_department"]:
        read.problems["text"] = N_("No department is being waited for: forward the complaint first, or write a note.")
    text = read.text("text", fields.get("text"), N_("Write what the department found or decided."))
    return read.done(Payload(department=situation.row["department"]), {"text_id": ("answer", text)})


def ask_customer(situation: Situation, fields: StepFields) -> Content:
    """The question to the customer, and the day on which it is repeated (D5)."""
    read = Reader("ask_customer", situation, fields)
    question = read.text("text", fields.get("text"), N_("Write what the customer is asked."))
    payload = Payload(chase_on=read.chase_on())
    return read.done(payload | read.answer_text(question), {"text_id": ("question", question)})


def chase(situation: Situation, fields: StepFields) -> Content:
    """The customer is asked once more, and the day of the next time."""
    read = Reader("chase", situation, fields)
    text = read.text("text", fields.get("text"))
    payload = Payload(channel=read.channel(N_("Choose the channel you asked again through.")), chase_on=read.chase_on())
    return read.done(payload | read.answer_text(text), {"text_id": ("question", text)})


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
    """What the customer answered."""
    read = Reader("record_reply", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what the customer answered."))
    return read.done(Payload(), {"text_id": ("reply", text)})


RECORDINGS = {
    "forward": Recording(forward, forwarded),
    "answer": Recording(answer),
    "ask_customer": Recording(ask_customer),
    "chase": Recording(chase),
    "end_waiting": Recording(end_waiting),
    "record_reply": Recording(record_reply),
}

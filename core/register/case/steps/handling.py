"""Step 4 of the procedure: questions to departments and to the customer, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from core.errors import Invalid
from core.i18n import N_, label
from core.register.case.details import split
from core.register.case.payload import CaseEvent, Payload, Row, instant
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.calendar import local_day, whole_second
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
    due_at = fields.get("due_at")
    if not isinstance(due_at, datetime):
        read.problems["due_at"] = N_("Give the time by which the department should answer.")
    elif whole_second(due_at) < situation.at:
        read.problems["due_at"] = N_("The department cannot answer by then: give a time after this step.")
    given = read.details()
    _check_known(read, given)
    details, personal = split(read.detail_fields, given)
    payload = Payload(department=department, due_at=instant(due_at) if isinstance(due_at, datetime) else None)
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
    chase_on = fields.get("chase_on")
    if not isinstance(chase_on, date) or isinstance(chase_on, datetime):
        read.problems["chase_on"] = N_("Give the day on which we ask again.")
    elif chase_on < local_day(situation.at):
        read.problems["chase_on"] = N_("That day is over already: give the day on which we ask again.")
    payload = Payload(chase_on=chase_on.isoformat() if isinstance(chase_on, date) else None)
    return read.done(payload | read.answer_text(question), {"text_id": ("question", question)})


def record_reply(situation: Situation, fields: StepFields) -> Content:
    """What the customer answered."""
    read = Reader("record_reply", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what the customer answered."))
    return read.done(Payload(), {"text_id": ("reply", text)})


RECORDINGS = {
    "forward": Recording(forward, forwarded),
    "answer": Recording(answer),
    "ask_customer": Recording(ask_customer),
    "record_reply": Recording(record_reply),
}

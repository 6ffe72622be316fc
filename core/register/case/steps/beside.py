"""The steps beside the order of the procedure: assignment, notes, files, what the category must know, undoing."""

from __future__ import annotations

from core.i18n import N_
from core.register.case.details import split, split_facts
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.steps import ADMIT, VERIFY


def assign(situation: Situation, fields: StepFields) -> Content:
    """Who works on it from now on, and a word to them (D23)."""
    read = Reader("assign", situation, fields)
    person = fields.get("assignee_id")
    if situation.assignee_sees is None:
        read.problems["assignee_id"] = N_("Choose a colleague who can work on complaints.")
    elif not situation.assignee_sees:
        read.problems["assignee_id"] = N_(
            "They would not see this complaint: choose somebody of its branch, or of the department it is with."
        )
    text = read.text("text", fields.get("text"))
    return read.done(Payload(assignee_id=person), {"text_id": ("note", text)})


def assigned(row: Row, event: CaseEvent) -> None:
    """One person holds it at a time."""
    row["assignee_id"] = event.payload.get("assignee_id")


def note(situation: Situation, fields: StepFields) -> Content:
    """An internal note; it meets no deadline (D4). By some procedures it says that the work log was looked at."""
    read = Reader("note", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write the note."))
    looked = bool(fields.get("work_log")) and situation.procedure.checks_work_log
    return read.done(read.came() | (Payload(work_log=True) if looked else Payload()), {"text_id": ("note", text)})


def add_evidence(situation: Situation, fields: StepFields) -> Content:
    """Files that belong to the case, or where a recording of a call lies (POPS I.3, step 4)."""
    read = Reader("add_evidence", situation, fields)
    said, place = read.recording()
    if not fields.get("files") and not place["recording_id"][1]:
        read.problems["files"] = N_("Choose at least one file, or say where the recording lies.")
    return read.done(said | read.came(), {"text_id": ("note", read.text("text", fields.get("text"))), **place})


def details(situation: Situation, fields: StepFields) -> Content:
    """What the category must know, completed or corrected; what is needed at intake cannot be emptied."""
    read = Reader("details", situation, fields)
    changed, known = read.details(), read.detail_fields
    for key, value in changed.items():
        if not value and known[key].required == "intake":
            read.problems[f"details.{key}"] = N_("This must stay known: correct it, but do not empty it.")
    if not changed and not read.problems:
        read.problems["details"] = N_("Nothing has changed yet: fill in or correct a value.")
    said, personal = split(known, changed)
    return read.done(said | read.came(), personal)


def verify(situation: Situation, fields: StepFields) -> Content:
    """What is true of the customer, as somebody found it now (MISA 2); which is an event of its own, however often."""
    read = Reader(VERIFY, situation, fields)
    facts, customer_id = read.facts(), situation.row["customer_id"]
    if customer_id is None:
        read.problems["facts"] = N_("The customer left no name and no contact: there is nobody to verify.")
    elif not facts and not read.problems:
        read.problems["facts"] = N_("Fill in what you verified, or choose what is right still.")
    said, personal = split_facts(situation.customer_fields, facts)
    return read.done(said | Payload(customer_id=customer_id), personal)


def admit(situation: Situation, fields: StepFields) -> Content:
    """Why it is taken though the rules do not (VHV 1); whatever stands against it, or will once it is corrected."""
    read = Reader(ADMIT, situation, fields)
    text = read.text("text", fields.get("text"), N_("Write why it is taken all the same."))
    return read.done(Payload(), {"text_id": ("reason", text)})


def undo(situation: Situation, fields: StepFields) -> Content:
    """The last step is taken back (D22); who may do so is checked before (``core.rules.undo``)."""
    return Reader("undo", situation, fields).done(Payload(undoes=situation.row["version"]))


RECORDINGS = {
    "assign": Recording(assign, assigned),
    "note": Recording(note),
    "add_evidence": Recording(add_evidence),
    "details": Recording(details),
    VERIFY: Recording(verify),
    ADMIT: Recording(admit),
    "undo": Recording(undo),  # the fold goes back to the row before (core.register.case.projection.follow)
}

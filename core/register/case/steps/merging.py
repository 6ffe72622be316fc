"""A complaint goes on in another one, and by itself again (D13); both complaints: ``core.register.case.merging``."""

from __future__ import annotations

from datetime import datetime

from core.i18n import N_
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields, Survivor
from core.rules.requests import open_of
from core.rules.steps import MERGE, OPEN, UNMERGE


def merge(situation: Situation, fields: StepFields) -> Content:
    """In which complaint it goes on: one of the same customer, open, and received before it.

    A question that a department still works on is settled first, since nobody would see its answer any more.
    """
    read = Reader(MERGE, situation, fields)
    text = read.text("text", fields.get("text"))
    into = read.word("merged_into", fields.get("merged_into"), _Any(), N_("Choose the complaint in which it goes on."))
    survivor = situation.survivor
    if into and survivor is None:
        read.problems["merged_into"] = NO_SUCH
    elif survivor is not None:
        problem = _cannot(situation, survivor)
        if problem:
            read.problems["merged_into"] = problem
        elif not _is_of_one_customer(situation, survivor) and not text:
            read.problems["text"] = N_("Say how you know that it is the same customer.")
    payload = Payload(merged_into=survivor.code if survivor else "", keeps_due=True)
    return read.done(payload, {"text_id": ("reason", text)})


ITSELF = N_("This is the complaint itself, or one that went on in it: choose another one.")
NO_SUCH = N_("There is no such complaint that you see: check the code.")
CLOSED = N_("That complaint is closed: open it again first.")
LATER = N_("That complaint was received later: merge that one into this one, so that no deadline moves.")
OF_OTHERS = N_("They are of different customers as far as is known: a lead can say that it is the same one.")
OWED = N_("A department still owes an answer here: wait for it, or take the question back first.")


class _Any:
    """Any code: whether there is such a complaint is looked up before."""

    def __contains__(self, code: object) -> bool:
        return bool(code)


def _cannot(situation: Situation, survivor: Survivor) -> str | None:
    """Why it cannot go on there: the first reason."""
    row = situation.row
    is_of_others = not _is_of_one_customer(situation, survivor)
    reasons = (
        (survivor.code == row["code"], ITSELF),
        (not survivor.is_seen, NO_SUCH),
        (survivor.state not in OPEN, CLOSED),
        (survivor.place > place_of(row), LATER),
        (is_of_others and not situation.merges_customers, OF_OTHERS),
        (bool(open_of(row["requests"])), OWED),
    )
    return next((sentence for holds, sentence in reasons if holds), None)


def _is_of_one_customer(situation: Situation, survivor: Survivor) -> bool:
    customer_id = situation.row["customer_id"]
    return customer_id is not None and customer_id == survivor.customer_id


def place_of(row: Row) -> tuple[datetime, int, int]:
    """What says which of two complaints was received first; of one second the first that was logged."""
    return row["recorded_at"], row["year"], row["number"]


def merged(row: Row, event: CaseEvent) -> None:
    """An end of its own; what was found out about it so far stays."""
    row["merged_into"] = event.payload["merged_into"]
    row["closed_at"] = event.at


def unmerge(situation: Situation, fields: StepFields) -> Content:
    """Why it is a complaint of its own after all."""
    read = Reader(UNMERGE, situation, fields)
    text = read.text("text", fields.get("text"), N_("Write why it goes on by itself."))
    payload = Payload(unmerges=situation.merge, merged_into=situation.row["merged_into"] or "")
    return read.done(payload, {"text_id": ("reason", text)})


RECORDINGS = {
    MERGE: Recording(merge, merged),
    UNMERGE: Recording(unmerge),  # the fold reads the history without the merge (core.rules.undo.effective)
}

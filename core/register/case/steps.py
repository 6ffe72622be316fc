"""What each step must say: fields checked against the catalogues, turned into an event's payload and its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.errors import Invalid
from core.i18n import N_
from core.register.case.case import Case, Texts
from core.register.case.draft import UNKEEPABLE
from core.register.case.evidence import MAX_TEXT, FileDraft
from core.rules.calendar import ensure_aware, local_day
from core.rules.catalogue import Catalogues
from core.rules.procedure import Procedure
from core.rules.text import keepable

Fields = Mapping[str, Any]
KINDS = ("inquiry", "complaint")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a step is checked against: the case, its procedure, the catalogues, when it happens, whether a promise was broken."""

    case: Case
    procedure: Procedure
    catalogues: Catalogues
    at: datetime
    is_late: bool
    people: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """A step ready for the log."""

    payload: Mapping[str, Any] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    files: tuple[FileDraft, ...] = ()


class _Reader:
    """Reads the fields of one form, collecting a sentence per field that must be mended."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.problems: dict[str, str] = {}

    def word(self, name: str, known: Any, sentence: str, *, needed: bool = True) -> str | None:
        value = self.fields.get(name) or None
        if value is None and not needed:
            return None
        if value is None or value not in known:
            self.problems[name] = sentence
            return None
        return str(value)

    def text(self, name: str, sentence: str = "") -> str:
        value = str(self.fields.get(name) or "").strip()
        if sentence and not value:
            self.problems[name] = sentence
        if len(value) > MAX_TEXT:
            self.problems[name] = N_("The text is longer than 20,000 characters: shorten it or attach it as a file.")
        if keepable(value) != value:
            self.problems[name] = UNKEEPABLE
        return value

    def done(self, said: Said) -> Said:
        if self.problems:
            raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), self.problems)
        return said


def acknowledge(asked: Asked, fields: Fields) -> Said:
    """Who answered the customer, through which channel (POPS step 2); an automatic mail does not count (D4)."""
    form = _Reader({"channel": asked.case.row["channel"], **_given(fields)})
    channel = form.word("channel", asked.procedure.channels, N_("Choose the channel you answered through."))
    return form.done(Said({"channel": channel}, {"text_id": ("reply", form.text("text"))}))


def classify(asked: Asked, fields: Fields) -> Said:
    """Inquiry or complaint, category, level (POPS step 3); an inquiry may become a complaint, no clock restarts (D7)."""
    form = _Reader({"category": asked.case.row["category"], **_given(fields)})
    kind = form.word("kind", KINDS, N_("Choose whether this is an inquiry or a complaint."))
    category = form.word("category", asked.procedure.categories, N_("Choose what the complaint is about."))
    levels = {level.key for level in asked.procedure.levels}
    level = form.word("level", levels, N_("Choose a level of this procedure, or leave it empty."), needed=False)
    return form.done(Said({"kind": kind, "category": category, "level": level}))


def assign(asked: Asked, fields: Fields) -> Said:
    """Who works on it from now on."""
    form = _Reader(fields)
    person = fields.get("assignee_id")
    if person not in asked.people:
        form.problems["assignee_id"] = N_("Choose a colleague who can work on complaints.")
    return form.done(Said({"assignee_id": person}))


def forward(asked: Asked, fields: Fields) -> Said:
    """Which department is asked what, and by when it should answer (POPS step 4)."""
    form = _Reader(fields)
    department = form.word("department", asked.catalogues.departments, N_("Choose the department to ask."))
    question = form.text("text", N_("Write what the department should check or decide."))
    due_at = fields.get("due_at")
    if not isinstance(due_at, datetime):
        form.problems["due_at"] = N_("Give the time by which the department should answer.")
    elif ensure_aware(due_at) < asked.at:
        form.problems["due_at"] = N_("The department cannot answer by then: give a time after this step.")
    said = {"department": department, "due_at": due_at.isoformat() if isinstance(due_at, datetime) else None}
    return form.done(Said(said, {"text_id": ("question", question)}, tuple(fields.get("files", ()))))


def answer(asked: Asked, fields: Fields) -> Said:
    """What the department found (POPS step 4)."""
    form = _Reader(fields)
    if not asked.case.row["waiting_department"]:
        form.problems["text"] = N_("No department is being waited for: forward the complaint first, or write a note.")
    text = form.text("text", N_("Write what the department found or decided."))
    said = {"department": asked.case.row["department"]}
    return form.done(Said(said, {"text_id": ("answer", text)}, tuple(fields.get("files", ()))))


def ask_customer(asked: Asked, fields: Fields) -> Said:
    """What the customer is asked, and when we ask again (D5)."""
    form = _Reader(fields)
    question = form.text("text", N_("Write what the customer is asked."))
    chase_on = fields.get("chase_on")
    if not isinstance(chase_on, date) or isinstance(chase_on, datetime):
        form.problems["chase_on"] = N_("Give the day on which we ask again.")
    elif chase_on < local_day(asked.at):
        form.problems["chase_on"] = N_("That day is over already: give the day on which we ask again.")
    said = {"chase_on": chase_on.isoformat() if isinstance(chase_on, date) else None}
    return form.done(Said(said, {"text_id": ("question", question)}))


def record_reply(asked: Asked, fields: Fields) -> Said:
    """What the customer answered."""
    form = _Reader(fields)
    text = form.text("text", N_("Write what the customer answered."))
    return form.done(Said({}, {"text_id": ("reply", text)}, tuple(fields.get("files", ()))))


def notify_result(asked: Asked, fields: Fields) -> Said:
    """Who told the customer the result, through which channel: this satisfies “resolved” (D4, POPS step 6)."""
    form = _Reader({"channel": asked.case.row["channel"], **_given(fields)})
    channel = form.word("channel", asked.procedure.channels, N_("Choose the channel the result was told through."))
    text = form.text("text", N_("Write the result the customer was told."))
    return form.done(Said({"channel": channel}, {"text_id": ("result", text)}, tuple(fields.get("files", ()))))


def close(asked: Asked, fields: Fields) -> Said:
    """Outcome, root cause, lesson; a case that missed a deadline says why (POPS step 7)."""
    form = _Reader(fields)
    is_inquiry = asked.case.row["kind"] == "inquiry"
    outcomes = set(asked.catalogues.outcomes) - {"withdrawn"}
    outcome = form.word("outcome", outcomes, N_("Choose how the complaint ended."))
    cause = form.word(
        "root_cause",
        asked.catalogues.causes,
        N_("Choose the root cause; “not determined” if it is unknown."),
        needed=not is_inquiry,
    )
    reason = form.word(
        "breach_reason",
        asked.catalogues.breach_reasons,
        N_("A deadline was missed: choose the reason."),
        needed=asked.is_late,
    )
    said = {"outcome": outcome, "root_cause": cause, "breach_reason": reason if asked.is_late else None}
    return form.done(Said(said, {"lesson_id": ("lesson", form.text("lesson"))}))


def withdraw(asked: Asked, fields: Fields) -> Said:
    """Why the customer takes the complaint back (D13)."""
    form = _Reader(fields)
    return form.done(Said({}, {"text_id": ("reason", form.text("text", N_("Write why the complaint is withdrawn.")))}))


def reopen(asked: Asked, fields: Fields) -> Said:
    """Why it opens again: a new cycle begins, the old verdict stays (D6)."""
    form = _Reader(fields)
    return form.done(Said({}, {"text_id": ("reason", form.text("text", N_("Write why the complaint opens again.")))}))


def note(asked: Asked, fields: Fields) -> Said:
    """An internal note; it meets no deadline (D4)."""
    form = _Reader(fields)
    return form.done(Said({}, {"text_id": ("note", form.text("text", N_("Write the note.")))}))


def add_evidence(asked: Asked, fields: Fields) -> Said:
    """Files that belong to the case (POPS step 4)."""
    form = _Reader(fields)
    files = tuple(fields.get("files", ()))
    if not files:
        form.problems["files"] = N_("Choose at least one file.")
    return form.done(Said({}, {"text_id": ("note", form.text("text"))}, files))


STEPS: Mapping[str, Callable[[Asked, Fields], Said]] = {
    step.__name__: step
    for step in (
        acknowledge,
        classify,
        assign,
        forward,
        answer,
        ask_customer,
        record_reply,
        notify_result,
        close,
        withdraw,
        reopen,
        note,
        add_evidence,
    )
}


def _given(fields: Fields) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}

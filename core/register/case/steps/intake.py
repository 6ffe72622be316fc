"""Steps 2 and 3 of the procedure: the first answer, and what kind of matter it is."""

from __future__ import annotations

from core.i18n import N_
from core.register.case.draft import KINDS, NO_LEVEL
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields


def acknowledge(situation: Situation, fields: StepFields) -> Content:
    """Who answered the customer, through which channel (POPS step 2); an automatic mail does not count (D4)."""
    read = Reader("acknowledge", situation, fields)
    channel = read.channel(N_("Choose the channel you answered through."))
    text = read.text("text", fields.get("text"))
    payload, texts = read.told("reply", text)
    return read.done(Payload(channel=channel) | payload, texts)


def acknowledged(row: Row, event: CaseEvent) -> None:
    """The first answer counts."""
    row["acknowledged_at"] = row["acknowledged_at"] or event.at


def classify(situation: Situation, fields: StepFields) -> Content:
    """Kind, category, level (POPS step 3); an inquiry may become a complaint, no clock restarts (D7)."""
    read = Reader("classify", situation, fields)
    row, known = situation.row, situation.catalogues
    levels = known.levels if situation.procedure.gives_levels else {}
    payload = Payload(
        kind=read.word("kind", fields.get("kind"), KINDS, N_("Choose whether this is an inquiry or a complaint.")),
        category=read.entry(
            "category",
            fields.get("category") or row["category"],
            known.categories,
            N_("Choose what the complaint is about."),
            kept=row["category"],
        ),
        level=read.entry(
            "level",
            fields.get("level"),
            levels,
            N_("Choose a level of this procedure, or leave it empty."),
            kept=row["level"],
        ),
    )
    is_without = not (payload["level"] or row["level"]) and situation.procedure.demands_level(payload["kind"])
    if is_without and situation.is_live:
        read.problems.setdefault("level", NO_LEVEL)
    return read.done(payload)


def classified(row: Row, event: CaseEvent) -> None:
    """A field left empty stays as it was."""
    payload = event.payload
    row["kind"] = payload.get("kind") or row["kind"]
    row["category"] = payload.get("category") or row["category"]
    row["level"] = payload.get("level") or row["level"]


RECORDINGS = {
    "acknowledge": Recording(acknowledge, acknowledged),
    "classify": Recording(classify, classified),
}

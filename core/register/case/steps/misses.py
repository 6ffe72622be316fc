"""Why a promise was missed: at any time by a step of its own, at the latest with closing (POPS step 7)."""

from __future__ import annotations

from collections.abc import Mapping

from core.i18n import N_
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.misses import EXPLAIN

FIELD = "breach_reason"


def explain_miss(situation: Situation, fields: StepFields) -> Content:
    """The reason of one broken promise; one that has a reason is given another by those who may correct it."""
    read = Reader(EXPLAIN, situation, fields)
    missed, promise = situation.missed, fields.get("explains")
    read.word("explains", promise, missed, N_("Choose a promise that was missed."))
    given = missed.get(promise or "")
    if given and not situation.corrects:
        read.problems["explains"] = N_("Its reason was given already: a lead can correct it.")
    reason = read.entry(
        FIELD,
        _reason_of(fields, promise or ""),
        situation.catalogues.breach_reasons,
        N_("A deadline was missed: choose the reason."),
        kept=given,
    )
    text = read.text("text", fields.get("text"))
    return read.done(Payload(explains=promise or "", breach_reason=reason), {"text_id": ("note", text)})


def reasons_given(read: Reader) -> Payload:
    """The reason of each promise that is broken and unexplained, asked one by one; a history gives one for all."""
    reasons: dict[str, str] = {}
    for promise in read.situation.unexplained:
        reason = read.entry(
            FIELD,
            _reason_of(read.fields, promise),
            read.situation.catalogues.breach_reasons,
            N_("A deadline was missed: choose the reason."),
        )
        if reason:
            reasons[promise] = reason
        elif read.situation.is_live:
            read.problems[f"{FIELD}.{promise}"] = read.problems.pop(FIELD)
    return Payload(breach_reasons=reasons) if reasons else Payload()


def _reason_of(fields: StepFields, promise: str) -> str | None:
    given = fields.get("breach_reason")
    return given.get(promise) if isinstance(given, Mapping) else given


RECORDINGS = {EXPLAIN: Recording(explain_miss)}

"""What the fields of an answer text stand for on one complaint (``core.rules.answer_text.FIELDS``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.i18n import Language, due_words
from core.register import rulebook
from core.register.case import case as cases
from core.register.case.payload import CaseEvent, Payload
from core.register.clocks import cycles
from core.register.reads.dossier import Dossier
from core.rules.calendar import BeyondCalendar
from core.rules.steps import STEPS, Effect
from core.rules.verdicts import Verdict, verdict

RUNNING = Verdict.RUNNING
CUSTOMERS_READ: Language = "vi"
UNKNOWN_NAME = "Quý khách"
RESOLVE = "resolve"
"""The stage whose running promise is the deadline that a customer is told."""


def of(session: Session, dossier: Dossier, step: str, writer: str, now: datetime) -> dict[str, str]:
    """Field → its words, in the customers' language, for somebody who is about to take ``step``.

    The name is the one that this complaint came with; ``writer`` answers, and is named where nobody holds the complaint
    yet. ``deadline`` is empty where no result is promised, or one that is overdue.
    """
    name = dossier.named_as or (dossier.contact.name if dossier.contact else "")
    due_at = _deadline(session, dossier, step, now)
    return {
        "name": name or UNKNOWN_NAME,
        "code": dossier.complaint.code,
        "deadline": due_words(due_at, CUSTOMERS_READ) if due_at else "",
        "holder": dossier.assignee or writer,
    }


def _deadline(session: Session, dossier: Dossier, step: str, now: datetime) -> datetime | None:
    """When the result is due; the promise that ``step`` itself begins, as acknowledging does, where none runs yet.

    A date that is about to be promised is not known yet (D14).
    """
    case = cases.load(session, dossier.complaint.code)
    payload = Payload(calendar=rulebook.calendar_version(session))
    taken = CaseEvent(len(case.events) + 1, STEPS[step].event, now, payload)
    stages = {term.key: term.stage for term in dossier.procedure.terms}

    def running(events: Sequence[CaseEvent]) -> datetime | None:
        promised = [cycle for cycle, _ in cycles.cycles_of(session, case.row, events) if verdict(cycle, now) is RUNNING]
        return min((cycle.due_at for cycle in promised if stages.get(cycle.term) == RESOLVE), default=None)

    try:
        upto_now = running(case.events)
        begins_none = Effect.PROMISES in STEPS[step].effect
        return upto_now if upto_now or begins_none else running([*case.events, taken])
    except BeyondCalendar:  # the year's days off are not approved: no promise can be told
        return None

"""What the fields of an answer text stand for on one complaint (``core.rules.answer_text.FIELDS``)."""

from __future__ import annotations

from core.i18n import Language, due_words
from core.register.reads.dossier import Dossier
from core.rules.verdicts import Verdict

CUSTOMERS_READ: Language = "vi"
UNKNOWN_NAME = "Quý khách"
RESOLVE = "resolve"
"""The stage whose running promise is the deadline that a customer is told."""


def of(dossier: Dossier, writer: str) -> dict[str, str]:
    """Field → its words, in the customers' language; no ``deadline`` while no result is promised.

    ``writer``: who answers, named where nobody holds the complaint yet. The name is the one this complaint came with.
    """
    name = dossier.named_as or (dossier.contact.name if dossier.contact else "")
    stages = {term.key: term.stage for term in dossier.procedure.terms}
    due = [
        clock.due_at
        for clock in dossier.clocks
        if stages.get(clock.term) == RESOLVE and clock.verdict is Verdict.RUNNING
    ]
    return {
        "name": name or UNKNOWN_NAME,
        "code": dossier.complaint.code,
        "deadline": due_words(min(due), CUSTOMERS_READ) if due else "",
        "holder": dossier.assignee or writer,
    }

"""Issuing a paper (D39): its number is taken, the PDF made and its event written in one transaction, or nothing is."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case.case import Case
from core.register.case.evidence import FileDraft
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content
from core.register.log import transaction
from core.register.log.act import Stamp
from core.register.log.tables import Paper, Person
from core.register.papers import contents, parts, typeset
from core.register.papers.data import Said
from core.rules.calendar import local_day
from core.rules.catalogue import counted_as
from core.rules.papers import KINDS, file_name, number_of, offered


def offers(session: Session, case: Case) -> tuple[str, ...]:
    """The kinds of paper that the case's procedure offers at its present step, the likeliest first."""
    row = case.row
    procedure = rulebook.of(session).procedure(session, row["procedure"], row["procedure_version"])
    events = {event.kind for event in case.counting}
    return offered(procedure.papers, procedure.offers, events, row["channel"])


def complete(session: Session, case: Case, content: Content, stamp: Stamp) -> Content:
    """The content of the event with the number that is next, and the PDF with it.

    Raises Invalid where a template cannot make it: nothing is written then, and the number stays free.
    """
    payload, (_kind, body) = content.payload, content.texts["text_id"]
    kind, replaces = payload["paper"], payload.get("replaces", "")
    branch = counted_as(rulebook.catalogues(session).branches, case.row["branch"]) if case.row["branch"] else ""
    year = local_day(stamp.logged_at).year
    ordinal = _next(session, kind, year, branch)
    number = number_of(KINDS[kind].mark, year, ordinal, branch)
    template, versions = parts.template(session, kind)
    writer = session.get(Person, stamp.actor_id) if stamp.actor_id is not None else None
    said = Said(kind, body, writer.name if writer else "", number, replaces)
    data = contents.data_of(session, case, said, stamp.logged_at)
    made = typeset.pdf(template, data, stamp.logged_at)
    numbered = Payload(
        paper_year=year, paper_ordinal=ordinal, paper_branch=branch, paper_number=number, template=versions
    )
    file = FileDraft(file_name(number), BytesIO(made))
    return replace(content, payload=cast("Payload", {**payload, **numbered}), files=(file,))


def _next(session: Session, kind: str, year: int, branch: str) -> int:
    """The next number of the kind, year and branch; the writer is alone, so there are no gaps and no twins."""
    numbers, key = transaction.of(session).last_papers, (kind, year, branch)
    if key not in numbers:
        of_these = (Paper.kind == kind, Paper.year == year, Paper.branch == branch)
        numbers[key] = session.scalar(select(func.max(Paper.ordinal)).where(*of_these)) or 0
    numbers[key] += 1
    return numbers[key]

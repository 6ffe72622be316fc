"""The papers of a complaint that were issued (D39), as its events give them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from core.register.case.payload import CaseEvent, PaperRow
from core.rules.steps import ISSUED


class Issued(NamedTuple):
    """A paper that was issued: by the event ``seq`` of its complaint.

    ``number``: as it is printed; ``year``, ``ordinal`` and ``branch`` (empty: none) are what it is made of.
    ``file_id``: the PDF, ``text_id``: what somebody wrote for it, rows of ``evidence``. ``replaces``: the number of the
    paper that it corrects, empty for none. ``template``: the versions of what it was made of.
    """

    kind: str
    year: int
    branch: str
    ordinal: int
    number: str
    seq: int
    file_id: int
    text_id: int
    replaces: str
    template: str
    issued_at: datetime
    issued_by: int | None


def fold(events: Iterable[CaseEvent]) -> tuple[Issued, ...]:
    """The papers that a history issued, oldest first; none is ever taken back."""
    return tuple(_issued(event) for event in events if event.kind == ISSUED)


def rows_of(complaint_id: int, events: Iterable[CaseEvent]) -> list[PaperRow]:
    """The rows of ``papers`` that follow from these events."""
    return [
        PaperRow(
            kind=one.kind,
            year=one.year,
            branch=one.branch,
            ordinal=one.ordinal,
            number=one.number,
            complaint_id=complaint_id,
            seq=one.seq,
            file_id=one.file_id,
            replaces=one.replaces or None,
            issued_at=one.issued_at,
            issued_by=one.issued_by,
        )
        for one in fold(events)
    ]


def _issued(event: CaseEvent) -> Issued:
    payload = event.payload
    return Issued(
        payload["paper"],
        payload["paper_year"],
        payload["paper_branch"],
        payload["paper_ordinal"],
        payload["paper_number"],
        event.seq,
        payload["files"][0],
        payload["text_id"],
        payload.get("replaces", ""),
        payload["template"],
        event.at,
        event.actor_id,
    )

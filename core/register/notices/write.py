"""Notices of what happened to complaints, written in the transaction that writes the events (D40)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.register.log.bulk import insert_rows
from core.register.log.tables import Event, Notice
from core.register.messages import outbox
from core.register.messages.outbox import Told
from core.register.notices.readers import Readers
from core.rules import notices
from core.rules.steps import UNDONE

if TYPE_CHECKING:
    from core.register.case.case import Case
    from core.register.case.payload import CaseEvent
    from core.register.log.seal import EventRow


class NoticeRow(TypedDict):
    """One row of ``notices``."""

    person_id: int
    cause: str
    kind: str
    complaint_id: int | None
    event_id: int | None
    at: datetime
    read_at: datetime | None


def of_cases(session: Session, cases: Sequence[Case], logged: Sequence[EventRow]) -> None:
    """Write the notices that the fresh events of ``cases`` give, ``logged`` their rows in the log.

    A step that is undone takes its notices back, unless they were read. Most events give none and cost nothing. What is
    said to a customer by mail (D46) is a message of the same cause.
    """
    ids = {(row["subject_id"], row["seq"]): row["id"] for row in logged}
    readers: Readers | None = None
    rows: list[NoticeRow] = []
    told: list[Told] = []
    for case in cases:
        for event in case.fresh_events:
            if event.kind == UNDONE:
                _take_back(session, case.id, event.payload["undoes"])
            if event.payload.get("mail"):
                outbox.to_customer(session, cause_of(ids[case.id, event.seq]), case.row["code"], logged[0]["logged_at"])
            if event.kind in notices.OF_EVENT | notices.INSIDE:
                readers = readers or Readers(session)
                event_id, at = ids[case.id, event.seq], logged[0]["logged_at"]
                for person_id, kind in _readers(readers, case, event, at):
                    rows.append(
                        NoticeRow(
                            person_id=person_id,
                            cause=cause_of(event_id),
                            kind=kind,
                            complaint_id=case.id,
                            event_id=event_id,
                            at=at,
                            read_at=None,
                        )
                    )
                told += [Told(None, *asked, cause_of(event_id), case.id) for asked in _departments(case, event)]
    insert_rows(session, Notice, rows)
    told += [Told(row["person_id"], None, row["kind"], row["cause"], row["complaint_id"] or 0) for row in rows]
    if told:
        outbox.of_notices(session, told, logged[0]["logged_at"])


def cause_of(event_id: int) -> str:
    """The cause of a notice that an event gives: at most one per reader."""
    return f"event:{event_id}"


def _readers(readers: Readers, case: Case, event: CaseEvent, now: datetime) -> Iterator[tuple[int, str]]:
    """Who is told of ``event``, each once and by the first kind that fits."""
    told = {event.actor_id}
    for notice in notices.of_event(event.kind, by_person=event.actor_id is not None):
        for person_id in readers.find(notice.whom, case, event, now):
            if person_id not in told:
                told.add(person_id)
                yield person_id, notice.key


def _departments(case: Case, event: CaseEvent) -> Iterator[tuple[str, str]]:
    """The department that ``event`` tells of something, with the kind of notice: also where nobody of it signs in."""
    for notice in notices.of_event(event.kind, by_person=event.actor_id is not None):
        if notice.whom is notices.Whom.DEPARTMENT:
            number = event.payload.get("request")
            yield from ((one.department, notice.key) for one in case.row["requests"] if one.number == number)


def _take_back(session: Session, complaint_id: int, seq: int) -> None:
    its = Event.subject == "complaint", Event.subject_id == complaint_id, Event.seq == seq
    event_id = session.scalar(select(Event.id).where(*its))
    session.execute(delete(Notice).where(Notice.event_id == event_id, Notice.read_at.is_(None)))
    if event_id is not None:
        outbox.take_back(session, cause_of(event_id))

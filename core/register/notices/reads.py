"""The notices of one person: how many are new, the newest of them, and that they were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from core.register.log.tables import Complaint, Event, Notice, Person
from core.register.reads.visible import visible
from core.rules.policy import Actor
from core.rules.text import keepable

LASTS = timedelta(days=90)
"""How long a notice is kept: what it is about stays in the complaint."""
MOST = 99
"""So many new ones are counted; who has more sees the lists of the queue."""


@dataclass(frozen=True, slots=True)
class Told:
    """One notice as it is shown; ``by``: the name of who caused it, None for the register itself."""

    cause: str
    kind: str
    code: str
    category: str
    state: str
    at: datetime
    by: str | None
    is_new: bool


def count_new(session: Session, by: Actor) -> int:
    """How many notices of ``by`` nobody has read, ``MOST`` at most."""
    new = select(Notice.cause).join(Complaint, Complaint.id == Notice.complaint_id)
    new = new.where(_of(by), Notice.read_at.is_(None), visible(session, by)).limit(MOST)
    return session.scalar(select(func.count()).select_from(new.subquery())) or 0


def newest(session: Session, by: Actor, *, limit: int, offset: int = 0) -> list[Told]:
    """The notices of ``by`` about complaints that they see, the newest first."""
    found = session.execute(
        select(
            Notice.cause,
            Notice.kind,
            Complaint.code,
            Complaint.category,
            Complaint.state,
            Notice.at,
            Person.name,
            Notice.read_at.is_(None),
        )
        .join(Complaint, Complaint.id == Notice.complaint_id)
        .join(Event, Event.id == Notice.event_id, isouter=True)
        .join(Person, Person.id == Event.actor_id, isouter=True)
        .where(_of(by), visible(session, by))
        .order_by(Notice.at.desc(), Notice.event_id.desc(), Notice.cause)
        .limit(limit)
        .offset(offset)
    )
    return [Told(*row) for row in found]


def count(session: Session, by: Actor) -> int:
    """How many notices ``newest`` has of ``by``."""
    its = select(func.count()).select_from(Notice).join(Complaint, Complaint.id == Notice.complaint_id)
    return session.scalar(its.where(_of(by), visible(session, by))) or 0


def new_about(session: Session, by: Actor, code: str) -> int | None:
    """The id of the complaint ``code`` where ``by`` has a notice about it that was not read."""
    its = select(Complaint.id).join(Notice, Notice.complaint_id == Complaint.id)
    return session.scalar(
        its.where(Complaint.code == keepable(code).strip().upper(), _of(by), Notice.read_at.is_(None)).limit(1)
    )


def read(session: Session, by: Actor, *, now: datetime, complaint_id: int | None = None) -> int:
    """``by`` has read what is new about the complaint, or all; returns how many.

    No part of the record, so no event (docs/architecture.md, decision 16).
    """
    new = update(Notice).where(_of(by), Notice.read_at.is_(None)).values(read_at=now)
    if complaint_id is not None:
        new = new.where(Notice.complaint_id == complaint_id)
    return len(session.execute(new.returning(Notice.cause)).all())


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove everybody's notices of more than ``LASTS`` ago."""
    session.execute(delete(Notice).where(Notice.at < now - LASTS))


def _of(by: Actor) -> ColumnElement[bool]:
    return Notice.person_id == by.id

"""The internal marks of complaints (D18): until when their stage is meant to be done, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import case as cases
from core.register.log import seal
from core.register.log.tables import Complaint, Event
from core.rules import guides
from core.rules.calendar import BeyondCalendar, whole_second
from core.rules.guides import MOVES, Mark, StageEvent
from core.rules.time_left import TimeLeft, time_left
from core.rules.undo import REWRITING, effective

READ = MOVES | REWRITING
NOTHING: Mapping[str, object] = MappingProxyType({})


class Moved(NamedTuple):
    """An event that can begin or end a stage."""

    kind: str
    at: datetime
    payload: Mapping[str, object]


class Marked(NamedTuple):
    """A mark and what is left until it."""

    mark: Mark
    left: TimeLeft


def of_case(session: Session, complaint: Complaint, events: Sequence[StageEvent], now: datetime) -> Marked | None:
    """The mark of the complaint whose history ``events`` is as it counts; None without one."""
    book, version = rulebook.of(session), rulebook.calendar_version(session)
    procedure = book.procedure(session, complaint.procedure, complaint.procedure_version)
    if not procedure.guides:
        return None
    calendar = book.calendar(session, complaint.procedure, complaint.procedure_version, version)
    try:
        found = guides.mark(procedure, calendar, events)
    except BeyondCalendar:
        return None
    return Marked(found, time_left(procedure, calendar, found.deadline, now)) if found else None


def of_many(session: Session, complaints: Sequence[Complaint], *, now: datetime) -> dict[int, Marked]:
    """Complaint id → its mark, where it has one; one query for all of them."""
    book = rulebook.of(session)
    by_id = {
        one.id: one
        for one in complaints
        if one.acknowledged_at and book.procedure(session, one.procedure, one.procedure_version).guides
    }
    columns = (Event.subject_id, Event.kind, Event.happened_at, Event.payload)
    wanted = select(*columns).where(Event.subject == "complaint", Event.subject_id.in_(by_id), Event.kind.in_(READ))
    rows = session.execute(wanted.order_by(Event.subject_id, Event.seq)).all() if by_id else ()
    found = {
        key: of_case(session, by_id[key], _counting(session, key, list(its)), now)
        for key, its in groupby(rows, key=lambda row: row.subject_id)
    }
    return {key: marked for key, marked in found.items() if marked}


def _counting(
    session: Session, complaint_id: int, rows: Sequence[Row[int, str, datetime, str]]
) -> Sequence[StageEvent]:
    """Its events that move a stage, as they count; whole histories are read only where something was taken back."""
    if any(row.kind in REWRITING for row in rows):
        return effective(list(map(cases.event_of, cases.history(session, complaint_id))))
    return [Moved(row.kind, whole_second(row.happened_at), _leads_to(row.payload)) for row in rows]


def _leads_to(payload: str) -> Mapping[str, object]:
    """The payload as far as stages read it; reading all of each would take most of the time of a list."""
    return seal.read(payload) if '"leads_to"' in payload else NOTHING

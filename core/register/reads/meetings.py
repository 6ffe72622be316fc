"""Weekly reviews as they are read: one with its notes and decisions, the list of all, what is still to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from core.register.log import seal
from core.register.log.tables import Decision, Event, Meeting, MeetingText, Person
from core.register.meetings import decisions, minutes
from core.rules.calendar import LOCAL, local_day
from core.rules.papers import KINDS, OF_A_MEETING, number_of
from core.rules.policy import Actor, colleague

Wanted = Select[Decision, date, str, str, str]
"""A decision, the week of its meeting, its words, those of what became of it, its owner; the last two may be None."""


class Note(NamedTuple):
    """What is written of one item; ``seq``: its place, 0 where nothing is."""

    seq: int
    text: str
    by: str
    at: datetime | None


NO_NOTE = Note(0, "", "", None)


@dataclass(frozen=True, slots=True)
class Line:
    """One decision. ``week``: of the meeting that made it. ``ending``: None while it is open."""

    id: int
    week: date
    text: str
    owner_id: int
    owner: str
    due_on: date
    ending: str | None
    ended_at: datetime | None
    result: str

    def is_late(self, today: date) -> bool:
        """Whether it is open after its day."""
        return self.ending is None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Brief:
    """One meeting in the list of all; ``open``: of its decisions."""

    id: int
    week: date
    opened_at: datetime
    closed_at: datetime | None
    decisions: int
    open: int


@dataclass(frozen=True, slots=True)
class Whole:
    """One meeting: what was written, decided, and what was still open of earlier ones when it began.

    ``figures``: the frozen JSON, empty while it is open; ``after``: the newest event of the log when it was frozen,
    ``digest``: of that JSON, as the log has it. ``number``: of the minutes (D39), empty while it is open.
    """

    id: int
    week: date
    seq: int
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    notes: Mapping[str, Note]
    decided: tuple[Line, ...]
    carried: tuple[Line, ...]
    figures: str
    after: int
    digest: str
    number: str


def listed(session: Session) -> list[Brief]:
    """All meetings, the newest week first."""
    stands = Decision.ending.is_distinct_from(decisions.TAKEN_BACK)
    rows = (
        select(
            Meeting,
            func.count(Decision.id).filter(stands),
            func.count(Decision.id).filter(Decision.ending.is_(None)),
        )
        .outerjoin(Decision, Decision.meeting_id == Meeting.id)
        .group_by(Meeting.id)
        .order_by(Meeting.week.desc())
    )
    return [
        Brief(one.id, one.week, one.opened_at, one.closed_at, decided, left)
        for one, decided, left in session.execute(rows)
    ]


def whole(session: Session, monday: date) -> Whole | None:
    """The meeting over the week from ``monday``; None where nobody opened one."""
    found = session.scalar(select(Meeting).where(Meeting.week == monday))
    if found is None:
        return None
    names = {
        one.id: one.name
        for one in session.scalars(select(Person).where(Person.id.in_([found.opened_by, found.closed_by])))
    }
    figures, after, digest, number = _frozen(session, found.id) if found.closed_at is not None else ("", 0, "", "")
    return Whole(
        id=found.id,
        week=found.week,
        seq=found.seq,
        opened_at=found.opened_at,
        opened_by=names.get(found.opened_by or 0, ""),
        closed_at=found.closed_at,
        closed_by=names.get(found.closed_by or 0, ""),
        notes=notes(session, found.id),
        decided=tuple(_lines(session, _wanted().where(Decision.meeting_id == found.id))),
        carried=tuple(_lines(session, _carried(found))),
        figures=figures,
        after=after,
        digest=digest,
        number=number,
    )


def told(meeting: Whole, by: Actor) -> Whole:
    """The same with the names of colleagues as ``by`` reads them (``policy.colleague``); texts stay as written."""
    return replace(
        meeting,
        opened_by=colleague(by, meeting.opened_by),
        closed_by=colleague(by, meeting.closed_by),
        notes={item: note._replace(by=colleague(by, note.by)) for item, note in meeting.notes.items()},
        decided=tuple(replace(one, owner=colleague(by, one.owner)) for one in meeting.decided),
        carried=tuple(replace(one, owner=colleague(by, one.owner)) for one in meeting.carried),
    )


def notes(session: Session, meeting_id: int) -> dict[str, Note]:
    """Item → the newest note of it."""
    rows = (
        select(MeetingText.item, MeetingText.seq, MeetingText.body, Person.name, Event.happened_at)
        .join(
            Event, and_(Event.subject == minutes.SUBJECT, Event.subject_id == meeting_id, Event.seq == MeetingText.seq)
        )
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(MeetingText.meeting_id == meeting_id, Event.kind == minutes.NOTED)
        .order_by(MeetingText.seq)
    )
    return {item: Note(seq, text, by or "", at) for item, seq, text, by, at in session.execute(rows)}


def undone(session: Session, *, of: int | None = None) -> list[Line]:
    """The decisions that are open, the one due first first; ``of``: those of one owner."""
    wanted = _wanted().where(Decision.ending.is_(None))
    return _lines(session, wanted if of is None else wanted.where(Decision.owner_id == of))


def _carried(meeting: Meeting) -> Wanted:
    """Decisions of earlier weeks that were open when this meeting began, whatever became of them since."""
    was_open = Decision.ended_at.is_(None) | (Decision.ended_at >= meeting.opened_at)
    return _wanted().where(Meeting.week < meeting.week, was_open)


def _wanted() -> Wanted:
    said, result = aliased(MeetingText), aliased(MeetingText)
    of_meeting = said.meeting_id == Decision.meeting_id
    return (
        select(Decision, Meeting.week, said.body, result.body, Person.name)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .join(said, and_(of_meeting, said.seq == Decision.seq))
        .outerjoin(result, and_(result.meeting_id == Decision.meeting_id, result.seq == Decision.ended_seq))
        .outerjoin(Person, Person.id == Decision.owner_id)
        .where(Decision.ending.is_distinct_from(decisions.TAKEN_BACK))
        .order_by(Decision.due_on, Decision.id)
    )


def _lines(session: Session, wanted: Wanted) -> list[Line]:
    return [
        Line(one.id, week, text, one.owner_id, owner or "", one.due_on, one.ending, one.ended_at, result or "")
        for one, week, text, result, owner in session.execute(wanted)
    ]


def _frozen(session: Session, meeting_id: int) -> tuple[str, int, str, str]:
    """The frozen figures, the newest event of the log before them, the digest that the log has of them; the number."""
    closed = session.execute(
        select(Event.id, Event.happened_at, Event.payload, MeetingText.body)
        .join(MeetingText, and_(MeetingText.meeting_id == meeting_id, MeetingText.seq == Event.seq))
        .where(Event.subject == minutes.SUBJECT, Event.subject_id == meeting_id, Event.kind == minutes.CLOSED)
    ).one()
    payload, number = seal.read(closed.payload), _number(session, closed.id, local_day(closed.happened_at).year)
    return closed.body, int(str(payload["after"])), str(payload["digest"]), number


def _number(session: Session, closing: int, year: int) -> str:
    """The number of the minutes: which closing of its local year it was, in the order of the log.

    So none is given twice, left out or changed: the log only grows, and a closing is dated as it is saved.
    """
    first, next_first = (datetime(one, 1, 1, tzinfo=LOCAL).astimezone(UTC) for one in (year, year + 1))
    of_year = Event.id <= closing, Event.happened_at >= first, Event.happened_at < next_first
    its = select(func.count()).where(Event.subject == minutes.SUBJECT, Event.kind == minutes.CLOSED, *of_year)
    return number_of(KINDS[OF_A_MEETING].mark, year, session.scalar(its) or 0, None)

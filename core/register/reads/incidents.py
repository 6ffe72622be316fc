"""Incidents as one reader sees them (D24): each with its complaints that they may see, what was asked and answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import cast

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from core.register.case import incident
from core.register.case.case import event_of
from core.register.case.evidence import text_of
from core.register.case.incident import of_code
from core.register.log import seal
from core.register.log.seal import LoggedEvent
from core.register.log.tables import Complaint, Customer, Event, Evidence, Incident, Person, Request, SlaCycle
from core.register.reads import queue
from core.register.reads.queue import Line
from core.register.reads.visible import visible
from core.rules import masking, policy, roles
from core.rules.calendar import whole_second
from core.rules.policy import Actor
from core.rules.prevention import Analysis
from core.rules.steps import JOIN, STEPS, State
from core.rules.undo import effective

MOST_ENDED = 50
"""Incidents that have ended and are still listed, the newest first."""
NOT_MERGED = Complaint.merged_into.is_(None)
MOST_ASKED = 20
"""Questions to departments that are read of one incident, the newest first; those of one act are one."""


@dataclass(frozen=True, slots=True)
class Brief:
    """One incident and what the reader's complaints of it come to.

    ``title``: hidden for who does not read texts. ``customers``: those known, and each complaint that came without a
    customer. ``late``: complaints with a promise that was not kept, or is overdue. ``open``: those not closed.
    ``next_due_at``: of the clock that is due first.
    """

    code: str
    title: str
    category: str
    opened_at: datetime
    opened_by: str | None
    ended_at: datetime | None
    complaints: int
    customers: int
    late: int
    open: int
    next_due_at: datetime | None

    @property
    def in_time(self) -> int:
        """The complaints of which no promise is broken."""
        return self.complaints - self.late


@dataclass(frozen=True, slots=True)
class Member:
    """One complaint of an incident, as acts need it; ``phone``: of its customer, for who sees personal data."""

    code: str
    version: int
    state: str
    channel: str
    category: str
    analysis: str | None
    owed: tuple[str, ...]
    customer: str
    phone: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a department was asked about several complaints at once, and what it answered the first time."""

    department: str
    asked_at: datetime
    due_at: datetime
    question: str
    complaints: int
    open: int
    answer: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was corrected of an incident: its name (hidden for who reads no texts), or when it ended (None: not)."""

    at: datetime
    who: str
    corrects: str
    was: str | datetime | None
    becomes: str | datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Whole:
    """One incident with its complaints, the one due next first; ``first``: that one's row.

    ``corrected``: what was corrected of it, in the order of the log.
    """

    brief: Brief
    members: tuple[Member, ...]
    asked: tuple[Asked, ...]
    first: Complaint | None
    corrected: tuple[Corrected, ...] = ()

    def versions(self, codes: Collection[str] | None = None) -> dict[str, int | None]:
        """Code → version as shown, of these complaints or of all."""
        return {one.code: one.version for one in self.members if codes is None or one.code in codes}


@dataclass(frozen=True, slots=True)
class Name:
    """An incident by its code and what it is called."""

    code: str
    title: str


def going_on(session: Session, *, by: Actor) -> list[Name]:
    """The incidents that can be joined, the newest first."""
    wanted = (
        select(Incident.code, Evidence.body)
        .outerjoin(Evidence, Evidence.id == Incident.title_id)
        .where(Incident.ended_at.is_(None))
        .order_by(Incident.id.desc())
    )
    return [Name(code, _text(title, by)) for code, title in session.execute(wanted)]


def is_any_going_on(session: Session) -> bool:
    """Whether there is one to join."""
    return bool(session.scalar(select(exists().where(Incident.ended_at.is_(None)))))


def listed(session: Session, *, by: Actor, now: datetime) -> list[Brief]:
    """The incidents that go on, the one due next first; then those that have ended, the newest first."""
    going = _briefs(session, by, now, Incident.ended_at.is_(None))
    ended = _briefs(session, by, now, Incident.ended_at.is_not(None), most=MOST_ENDED)
    going.sort(key=lambda one: (one.next_due_at is None, one.next_due_at or one.opened_at))
    return [*going, *ended]


def of_complaint(session: Session, complaint: Complaint, *, by: Actor) -> tuple[Name, int] | None:
    """The incident of a complaint, and how many others of it the reader sees."""
    if complaint.incident is None:
        return None
    found = of_code(session, complaint.incident)
    title = session.get(Evidence, found.title_id) if found.title_id is not None else None
    theirs = select(func.count()).where(_its(session, found.code, by))
    others = session.scalar(theirs.where(Complaint.id != complaint.id)) or 0
    return Name(found.code, _text(title.body if title else None, by)), others


def read(session: Session, code: str, *, by: Actor, now: datetime) -> Whole | None:
    """The incident ``code``; None where there is none, or none that the reader may see."""
    found = _briefs(session, by, now, Incident.code == code)
    if not found:
        return None
    its = _its(session, code, by)
    wanted = select(Complaint, Customer).outerjoin(Customer, Customer.id == Complaint.customer_id).where(its)
    rows = session.execute(wanted.order_by(Complaint.next_due_at.asc().nulls_last(), Complaint.id)).all()
    members = tuple(_member(complaint, customer, by) for complaint, customer in rows)
    first = rows[0][0] if rows else None
    return Whole(found[0], members, tuple(_asked(session, its, by)), first, tuple(_corrected(session, code, by)))


def _corrected(session: Session, code: str, by: Actor) -> Iterable[Corrected]:
    """Each correction with what stood there before, from the events of the incident."""
    history = (
        select(Event, Person.name)
        .join(Incident, Incident.id == Event.subject_id)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.subject == incident.SUBJECT, Incident.code == code)
        .order_by(Event.seq)
    )
    events: list[LoggedEvent] = []
    for event, who in session.execute(history):
        before = incident.fold(event.subject_id, events) if events else None
        events.append(event)
        if event.kind != incident.CORRECTED or before is None:
            continue
        payload, after = seal.read(event.payload), incident.fold(event.subject_id, events)
        is_name = payload["corrects"] == incident.NAME
        texts = (_text(text_of(session, row["title_id"]), by) for row in (before, after))
        was, becomes = texts if is_name else (before["ended_at"], after["ended_at"])
        reason = _text(text_of(session, cast("int", payload["reason_id"])), by)
        name = policy.colleague(by, who or "")
        yield Corrected(event.happened_at, name, str(payload["corrects"]), was, becomes, reason)


def waiting(session: Session, code: str, *, by: Actor) -> dict[str, int | None]:
    """Code → version of its complaints whose analysis waits for the board."""
    its = select(Complaint.code, Complaint.version).where(_its(session, code, by))
    found = session.execute(its.where(Complaint.analysis == Analysis.waiting))
    return {row.code: row.version for row in found}


def lines(session: Session, code: str, *, by: Actor, now: datetime, rows: range) -> list[Line]:
    """The ``rows`` (counted from 0) of the incident's complaints as the queue shows them, the one due next first."""
    return queue.found(session, _its(session, code, by), by=by, now=now, rows=rows)


def _its(session: Session, code: str, by: Actor) -> ColumnElement[bool]:
    """Not what went on in another complaint (D13): that one counts, if it belongs to the incident."""
    return and_(Complaint.incident == code, NOT_MERGED, visible(session, by))


def _briefs(
    session: Session, by: Actor, now: datetime, which: ColumnElement[bool], most: int | None = None
) -> list[Brief]:
    """The incidents of which the reader sees a complaint; those without any are seen by who lets complaints join."""
    seen = and_(Complaint.incident == Incident.code, NOT_MERGED, visible(session, by))
    of_nobody = case((and_(Complaint.id.is_not(None), Complaint.customer_id.is_(None)), 1), else_=0)
    late = case((_is_late(now), 1), else_=0)
    is_open = case((and_(Complaint.id.is_not(None), Complaint.state.not_in(_OVER)), 1), else_=0)
    wanted = (
        select(
            Incident,
            Evidence.body,
            Person.name,
            func.count(Complaint.id),
            func.count(Complaint.customer_id.distinct()) + func.coalesce(func.sum(of_nobody), 0),
            func.coalesce(func.sum(late), 0),
            func.coalesce(func.sum(is_open), 0),
            func.min(Complaint.next_due_at),
        )
        .select_from(Incident)
        .outerjoin(Complaint, seen)
        .outerjoin(Evidence, Evidence.id == Incident.title_id)
        .outerjoin(Person, Person.id == Incident.opened_by)
        .where(which)
        .group_by(Incident.id, Evidence.id, Person.id)
        .order_by(Incident.id.desc())
        .limit(most)
    )
    is_empty = ~exists().where(Complaint.incident == Incident.code, NOT_MERGED).correlate(Incident)
    is_empty = is_empty if roles.may(by.role, JOIN) else false()
    wanted = wanted.having(or_(func.count(Complaint.id) > 0, is_empty))
    return [
        Brief(
            code=one.code,
            title=_text(title, by),
            category=one.category,
            opened_at=one.opened_at,
            opened_by=None if one.opened_by is None else policy.colleague(by, name) if name else "?",
            ended_at=one.ended_at,
            complaints=count,
            customers=customers,
            late=is_late,
            open=are_open,
            next_due_at=due,
        )
        for one, title, name, count, customers, is_late, are_open, due in session.execute(wanted)
    ]


_OVER = (State.closed.value, State.withdrawn.value)


def _is_late(now: datetime) -> ColumnElement[bool]:
    """Whether a promise of the complaint was missed, or is overdue (D10)."""
    stopped_late = SlaCycle.stopped_at > SlaCycle.due_at
    overdue = and_(SlaCycle.stopped_at.is_(None), SlaCycle.due_at < whole_second(now))
    its = (SlaCycle.complaint_id == Complaint.id, SlaCycle.cancelled_at.is_(None), or_(stopped_late, overdue))
    return exists().where(*its).correlate(Complaint)


def _member(complaint: Complaint, customer: Customer | None, by: Actor) -> Member:
    owed = dict.fromkeys(one.department for one in complaint.requests if one.ended is None)
    reads = customer is not None and roles.sees_personal_data(by.role)
    return Member(
        complaint.code,
        complaint.version,
        complaint.state,
        complaint.channel,
        complaint.category,
        complaint.analysis,
        tuple(owed),
        (customer.name or "") if customer and reads else "",
        (customer.phone or "") if customer and reads else "",
    )


def _asked(session: Session, its: ColumnElement[bool], by: Actor) -> Iterable[Asked]:
    """What was asked in one act is one line: the same department, at the same moment, until the same time."""
    wanted = (
        select(Request)
        .join(Complaint, Complaint.id == Request.complaint_id)
        .where(its)
        .order_by(Request.asked_at.desc(), Request.department, Request.complaint_id, Request.number)
    )
    groups: dict[tuple[str, datetime, datetime], list[Request]] = {}
    for one in session.scalars(wanted):
        groups.setdefault((one.department, one.asked_at, one.due_at), []).append(one)
    for (department, asked_at, due_at), requests in islice(groups.items(), MOST_ASKED):
        answered = next((one for one in requests if one.ended == "answered"), None)
        question = session.get(Evidence, requests[0].question_id) if requests[0].question_id else None
        yield Asked(
            department,
            asked_at,
            due_at,
            _text(question.body if question else None, by),
            len(requests),
            sum(one.ended is None for one in requests),
            _text(_answer(session, answered), by) if answered else "",
        )


def _answer(session: Session, request: Request) -> str | None:
    """What the department wrote about this request."""
    its = select(Event).where(Event.subject == "complaint", Event.subject_id == request.complaint_id)
    history = effective([event_of(event) for event in session.scalars(its.order_by(Event.seq))])
    for event in history:
        if event.kind == STEPS["answer"].event and event.payload.get("request") == request.number:
            written = session.get(Evidence, event.payload["text_id"])
            return written.body if written else None
    return None


def _text(text: str | None, by: Actor) -> str:
    """Whole for who sees personal data, hidden for all others."""
    return (text or "") if roles.sees_personal_data(by.role) else masking.mask_text(text or "")

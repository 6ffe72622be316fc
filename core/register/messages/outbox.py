"""Messages as rows (D42, D46): written with their cause, taken to be sent, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.bulk import among
from core.register.log.tables import Complaint, Message, Notice, Outlet, OutletState, Person
from core.register.messages import outlets
from core.register.messages.choices import Choices
from core.register.messages.outlets import Configured
from core.register.people import accounts
from core.rules import messages as rules
from core.rules.messages import FILE, GROUP_OF, PERSONAL, SMTP, TO_LOOK_AT, WEBHOOK, Choice, Office, State
from core.rules.notices import NOTICES, Whom

EVERYBODY = "everybody"
NOTICE, DIGEST, TRY, CUSTOMER = "notice", "digest", "try", "customer"
"""The kinds of messages: of what happened, of a morning, to try an outlet, and what is said to a customer (D46)."""
LEFT = (State.SENDING, State.SENT, State.UNSURE)
"""The states of a message that left, or may have."""
LASTS = timedelta(days=90)
"""How long a message is kept: as long as the notices it tells of."""
OUTLET_RESTS = timedelta(minutes=1)
"""How long nothing is sent through an outlet that did not answer: what waits there loses none of its tries."""


class Line(TypedDict, total=False):
    """One line of a message: its kind, the complaint by code and category, when it is due (ISO, UTC).

    ``cause``: of the notice it tells of. ``n``: how many analyses wait; ``week``: the week that is reviewed.
    """

    kind: str
    code: str
    category: str
    due: str | None
    cause: str
    n: int
    week: str


class Told(NamedTuple):
    """One notice to be sent on: to a person, or to a department (``person_id`` None).

    ``by_the_hour``: its clock counts hours, so it does not wait for the office to open.
    """

    person_id: int | None
    department: str | None
    kind: str
    cause: str
    complaint_id: int
    by_the_hour: bool = False


def office(session: Session, now: datetime) -> Office:
    """The office hours that messages keep: those of the organisation's first procedure."""
    procedure = rulebook.current_procedure(session, "", now)
    version = rulebook.calendar_version(session)
    calendar = rulebook.of(session).calendar(session, procedure.key, procedure.version, version)
    return Office(calendar, procedure.hours_stated)


def of_notices(session: Session, told: Sequence[Told], now: datetime) -> None:
    """Write the messages of notices that this transaction writes, one a reader; nothing where no outlet is in use."""
    ways = outlets.in_use(session) if told else []
    if not ways:
        return
    open_at = office(session, now).held_until(now)
    lines = _Lines(session, told)
    for outlet in ways:
        for reader, person_id, its in _readers(session, outlet, told):
            due_at = now if any(one.by_the_hour for one in its) else open_at
            new = New(outlet.id, reader, person_id, its[0].cause, NOTICE, lines.of(its))
            put(session, new, due_at=due_at, now=now)


def _readers(
    session: Session, outlet: Configured, told: Sequence[Told]
) -> Iterator[tuple[str, int | None, list[Told]]]:
    """Who is told what through this outlet: each reader once."""
    if outlet.kind == WEBHOOK:
        department = outlet.values["department"]
        its = {one.cause: one for one in told if _is_for_room(one, department)}
        if its:
            yield (f"department:{department}" if department else EVERYBODY), None, list(its.values())
        return
    people = reached(session, outlet, {one.person_id for one in told if one.person_id is not None})
    chosen = Choices(session, people)
    for person in people:
        theirs = [one for one in told if one.person_id == person.id]
        now = [
            one for one in theirs if rules.when(one.kind, chosen.of(person.id, GROUP_OF[one.kind])) is Choice.AT_ONCE
        ]
        if now:
            yield reader_of(person.id), person.id, now


def _is_for_room(one: Told, department: str) -> bool:
    """Whether a webhook of ``department`` tells of it; one without a department tells what is urgent, to anybody."""
    if department:
        return one.department == department
    return NOTICES[one.kind].urgent


def reached(session: Session, outlet: Configured, ids: Iterable[int]) -> list[Person]:
    """Those of these people whom a personal outlet reaches: by mail who has an address, by file everybody."""
    found = session.scalars(select(Person).where(Person.active, among(Person.id, "ids")), {"ids": sorted(ids)})
    return [one for one in found if outlet.kind == FILE or one.email]


def reader_of(person_id: int) -> str:
    """How a person is named as a reader."""
    return f"person:{person_id}"


def asked_departments(kind: str) -> bool:
    """Whether a notice of that kind is for a department, which a webhook may serve."""
    return NOTICES[kind].whom is Whom.DEPARTMENT


def to_customer(session: Session, cause: str, code: str, now: datetime) -> None:
    """Write the mail of a step to the customer of the case ``code``, to leave at once (D46); nothing where none can.

    What it says and to whom is read when it leaves: the row holds neither.
    """
    if (outlet := outlets.to_customers(session)) is not None:
        lines = [Line(kind=CUSTOMER, code=code, cause=cause)]
        put(session, New(outlet.id, CUSTOMER, None, cause, CUSTOMER, lines), due_at=now, now=now)


def has_left(session: Session, cause: str) -> bool:
    """Whether the mail of a step to a customer left, or may have."""
    its = Message.kind == CUSTOMER, Message.cause == cause, Message.state.in_(LEFT)
    return session.scalar(select(Message.id).where(*its)) is not None


class Failure(NamedTuple):
    """Why a message was not handed over; ``name``: of the program. ``is_final``: trying again would change nothing.

    ``is_unsure``: it may have been handed over all the same.
    """

    name: str
    is_final: bool = False
    is_unsure: bool = False


class _Lines:
    """What messages say of complaints: code, category and what is due next."""

    def __init__(self, session: Session, told: Iterable[Told]) -> None:
        its = select(
            Complaint.id, Complaint.code, Complaint.category, Complaint.next_due_at, Complaint.department_due_at
        ).where(among(Complaint.id, "ids"))
        ids = sorted({one.complaint_id for one in told})
        self._rows = {row.id: row for row in session.execute(its, {"ids": ids})}

    def of(self, told: Iterable[Told]) -> list[Line]:
        return [self._line(one) for one in told]

    def _line(self, one: Told) -> Line:
        row = self._rows[one.complaint_id]
        due = row.department_due_at if asked_departments(one.kind) else row.next_due_at
        return Line(kind=one.kind, code=row.code, category=row.category, due=iso(due), cause=one.cause)


def iso(moment: datetime | None) -> str | None:
    """As a line keeps it."""
    return moment.isoformat() if moment else None


class New(NamedTuple):
    """A message before it is written; ``person_id``: None where a room reads it."""

    outlet_id: int
    reader: str
    person_id: int | None
    cause: str
    kind: str
    lines: Sequence[Line] = ()


def put(session: Session, new: New, *, due_at: datetime, now: datetime) -> None:
    """Write one message, unless this reader got one of the same cause through the same outlet."""
    its = Message.outlet_id == new.outlet_id, Message.reader == new.reader, Message.cause == new.cause
    if session.scalar(select(Message.id).where(*its)) is not None:
        return
    row = new._asdict() | {"lines": json.dumps(new.lines), "state": State.WAITING, "tries": 0}
    session.execute(insert(Message).values(**row, due_at=due_at, written_at=now))


def take_back(session: Session, cause: str) -> None:
    """Drop what was not sent yet of a cause that is no more: its step was undone.

    A mail to a customer that was given up is dropped too, so that nobody sends it again.
    """
    given_up = and_(Message.kind == CUSTOMER, Message.state == State.DEAD)
    its = Message.cause == cause, or_(_unsent(), given_up)
    session.execute(update(Message).where(*its).values(state=State.DROPPED))


def take(session: Session, holder: str, *, now: datetime) -> Message | None:
    """The next message to be sent, marked as being sent by ``holder``; None where none is due.

    What nobody needs any more is dropped on the way: notices that were taken back or read, people who left.
    """
    due = select(Message).where(*_due(now)).order_by(Message.due_at, Message.id).limit(1)
    while (message := session.scalar(due)) is not None:
        lines = _still_wanted(session, message)
        if lines is None:
            message.state = State.DROPPED
            session.flush()
            continue
        message.lines = json.dumps(lines)
        message.state, message.taken_by, message.tries = State.SENDING, holder, message.tries + 1
        session.flush()
        return message
    return None


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether there is anything to be sent."""
    return session.scalar(select(Message.id).where(*_due(now)).limit(1)) is not None


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What can be sent now: through outlets that are in use and answered, or did not some time ago; tries always."""
    answers = or_(OutletState.failed_with.is_(None), OutletState.failed_at <= now - OUTLET_RESTS)
    ready = select(OutletState.outlet_id).where(OutletState.is_on, answers)
    tried = and_(Message.kind == TRY, Message.outlet_id.in_(select(Outlet.id).where(Outlet.removed_at.is_(None))))
    return _unsent(), Message.due_at <= now, or_(Message.outlet_id.in_(ready), tried)


def _unsent() -> ColumnElement[bool]:
    return Message.state.in_((State.WAITING, State.FAILED))


def _still_wanted(session: Session, message: Message) -> list[Line] | None:
    """The lines that still tell something new; None where none does, or nobody is there to read it."""
    lines: list[Line] = json.loads(message.lines)
    if message.person_id is None:
        return lines
    person = session.get_one(Person, message.person_id)
    mail = session.scalar(select(Outlet.kind).where(Outlet.id == message.outlet_id)) == SMTP
    if not person.active or (mail and not person.email):
        return None
    causes = [line["cause"] for line in lines if "cause" in line]
    new = select(Notice.cause).where(
        Notice.person_id == person.id, Notice.read_at.is_(None), among(Notice.cause, "causes")
    )
    there = set(session.scalars(new, {"causes": causes}))
    kept = [line for line in lines if "cause" not in line or line["cause"] in there]
    return kept if kept or not lines else None


def settle(session: Session, message: Message, holder: str, *, now: datetime, failure: Failure | None) -> None:
    """Write down what became of a message that ``holder`` took; nothing where somebody decided otherwise meanwhile."""
    its = Message.id == message.id, Message.taken_by == holder, Message.state.in_((State.SENDING, State.UNSURE))
    outcome: dict[str, object] = {"state": State.SENT, "sent_at": now, "failed_with": None}
    if failure is not None:
        pause = rules.next_try(message.tries) if message.kind != TRY else None
        state = State.UNSURE if failure.is_unsure else State.DEAD if failure.is_final or pause is None else State.FAILED
        outcome = {"state": state, "failed_with": failure.name, "due_at": now + (pause or timedelta(0))}
        if state is State.FAILED and session.get_one(Outlet, message.outlet_id).removed_at is not None:
            outcome |= {"state": State.DROPPED, "failed_with": outlets.WITH_ITS_OUTLET}
    session.execute(update(Message).where(*its).values(**outcome))
    if failure is None or not failure.is_final:
        outlets.note_result(session, message.outlet_id, now=now, failed_with=failure.name if failure else None)


def give_up_sending(session: Session) -> int:
    """What was being sent when the worker before this one ended: whether it left is not known; returns how many."""
    was = update(Message).where(Message.state == State.SENDING)
    return len(session.execute(was.values(state=State.UNSURE, failed_with="ended").returning(Message.id)).all())


def resend(session: Session, message_id: int, act: Act) -> None:
    """Send a message once more that is dead or of which nobody knows; the log names outlet and cause.

    Raises NotAllowed, and NotFound where it is neither any more.
    """
    accounts.check_may(session, act, outlets.MANAGE)
    message = session.get(Message, message_id, populate_existing=True)
    if message is None or message.state not in TO_LOOK_AT:
        raise NotFound(N_("This message is not waiting for you any more: look at the page again."))
    message.state, message.due_at, message.tries, message.taken_by = State.WAITING, act.now, 0, None
    outlets.log_resent(session, message.outlet_id, message.cause, act)


def try_out(session: Session, outlet_id: int, act: Act) -> None:
    """Write a message to whoever asks (by webhook: to its room), so that an outlet can be seen to work."""
    accounts.check_may(session, act, outlets.MANAGE)
    outlet = next((one for one in outlets.listed(session) if one.id == outlet_id), None)
    if outlet is None or act.actor_id is None:
        raise NotFound(N_("There is no such outlet any more: look at the page again."))
    if outlet.kind == SMTP and not accounts.get(session, act.actor_id).email:
        raise Invalid(N_("Type your own e-mail address on the page of your account first: the message goes there."))
    person_id = act.actor_id if outlet.kind in PERSONAL else None
    reader = reader_of(act.actor_id) if person_id else EVERYBODY
    new = New(outlet_id, reader, person_id, f"{TRY}:{act.now.isoformat()}", TRY)
    put(session, new, due_at=act.now, now=act.now)


class Waiting(NamedTuple):
    """A message as the pages list it; ``code``: of the case whose customer reads it, empty for every other reader."""

    id: int
    outlet: str
    reader: str
    person: str | None
    cause: str
    state: str
    tries: int
    written_at: datetime
    due_at: datetime
    failed_with: str | None
    code: str


def listed(session: Session, states: Iterable[State], limit: int) -> list[Waiting]:
    """Messages in one of ``states``, the newest first."""
    found = session.execute(
        select(
            Message.id,
            Outlet.name,
            Message.reader,
            Person.name,
            Message.cause,
            Message.state,
            Message.tries,
            Message.written_at,
            Message.due_at,
            Message.failed_with,
            Message.kind,
            Message.lines,
        )
        .join(Outlet, Outlet.id == Message.outlet_id)
        .join(Person, Person.id == Message.person_id, isouter=True)
        .where(Message.state.in_([*states]), Message.kind != TRY)
        .order_by(Message.written_at.desc(), Message.id.desc())
        .limit(limit)
    )
    return [
        Waiting._make((*row[:-2], json.loads(row.lines)[0]["code"] if row.kind == CUSTOMER else "")) for row in found
    ]


def counts(session: Session) -> Mapping[str, int]:
    """State → how many messages."""
    wanted = select(Message.state, func.count().label("n")).where(Message.kind != TRY).group_by(Message.state)
    return {state.value: 0 for state in State} | {row.state: row.n for row in session.execute(wanted)}


def oldest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the oldest message waits that should have left through an outlet in use; None where none does."""
    used = select(OutletState.outlet_id).where(OutletState.is_on)
    late = select(func.min(Message.due_at)).where(_unsent(), Message.due_at <= now, Message.outlet_id.in_(used))
    return session.scalar(late)


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove messages of more than ``LASTS`` ago."""
    session.execute(delete(Message).where(Message.written_at < now - LASTS))

"""What is said to customers by mail (D46): the letter of a step, its thread, and what became of it, in the log.

The message holds no text and no address: both are read when it leaves, and what is not there any more is not sent.
What became of it is an event of a stream of its own beside the complaint's, so that neither the version that people
have read nor any figure changes by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import Message as Parsed
from email.parser import BytesHeaderParser
from html import escape
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.register import rulebook
from core.register.case import case as cases
from core.register.case import evidence, issued
from core.register.case.evidence import text_of
from core.register.case.payload import CaseEvent
from core.register.log import seal
from core.register.log.act import MAILBOX, Stamp
from core.register.log.bulk import among, insert_rows
from core.register.log.seal import Subject
from core.register.log.tables import Complaint, Customer, Event, MailMessage, Message, Notice, Outlet
from core.register.mail.reading import MESSAGE_ID, digest_of
from core.register.messages import checks, outbox, outlets
from core.register.messages.letters import Enclosed, Letter, message_id
from core.register.messages.outbox import CUSTOMER, Failure, Told
from core.register.messages.outlets import WITH_ITS_OUTLET
from core.register.messages.senders import NotHandedOverError, own_id
from core.register.notices.readers import Readers
from core.register.notices.write import NoticeRow, cause_of
from core.register.reads.visible import columns_of
from core.rules.contacts import email_key
from core.rules.evidence_kinds import MAIL
from core.rules.messages import State
from core.rules.notices import MAIL_FAILED
from core.rules.undo import effective

SUBJECT = "mail"
"""What the events are about: the mails to the customer of the complaint of that id."""
SENT, FAILED, UNSURE = "mail_sent", "mail_failed", "mail_unsure"
BECAME = {State.SENT: SENT, State.DEAD: FAILED, State.DROPPED: FAILED, State.UNSURE: UNSURE}
LATE = timedelta(hours=1)
"""After this long, whoever sent a mail that has not left is told."""
HEAD = 256 << 10
"""Bytes of a mail within which its headers are looked for."""
MOST_BEFORE, LONGEST_ID = 20, 250
"""So many mails of a thread are named, each by an id of at most so many letters."""
NO_ADDRESS, NOTHING_TO_SAY, BOUNCED = "no address", "nothing to say", "bounced"
TAKEN_AS = "sent"
"""What a mail of ours became among those that are known."""


def address_of(customer: Customer | None) -> str:
    """The one address of a customer as mail servers take it; empty where none is known that they would."""
    found = email_key(customer.email or "") if customer is not None else None
    return found if found and checks.is_address(found) else ""


class _Step(NamedTuple):
    """The step that a message belongs to: its complaint, its event, and the history as it counts."""

    complaint: Complaint
    event: CaseEvent
    history: tuple[CaseEvent, ...]


def _step(session: Session, message: Message) -> _Step:
    row = session.get_one(Event, int(message.cause.partition(":")[2]))
    counting = tuple(effective([cases.event_of(one) for one in cases.history(session, row.subject_id)]))
    return _Step(session.get_one(Complaint, row.subject_id), cases.event_of(row), counting)


def letter(session: Session, message: Message) -> Letter:
    """The mail as somebody wrote it, in the thread of the customer's last one; nothing is added to what they said.

    Raises ``NotHandedOverError`` where there is no address or no text any more.
    """
    complaint, event, history = _step(session, message)
    customer = session.get(Customer, complaint.customer_id) if complaint.customer_id else None
    to, said = address_of(customer), text_of(session, event.payload.get("text_id"))
    if not to:
        raise NotHandedOverError(Failure(NO_ADDRESS, is_final=True))
    if not said:
        raise NotHandedOverError(Failure(NOTHING_TO_SAY, is_final=True))
    outlet = next(one for one in outlets.listed(session) if one.id == message.outlet_id)
    return Letter(
        id=message_id(message),
        to=to,
        subject=text_of(session, event.payload.get("subject_id")) or f"[{complaint.code}]",
        text=f"{said}\n",
        html=html(said),
        at=message.written_at,
        sender_name=rulebook.organisation(session).name,
        lines=(),
        is_by_person=True,
        reply_to=outlets.answers_to(session, outlet),
        thread=tuple(_thread(session, history)),
        enclosed=tuple(_enclosed(session, event, history)),
    )


def html(said: str) -> str:
    """The same text as HTML: its lines as they were typed, nothing in it that could load or run anything."""
    return (
        '<!doctype html><html lang="vi"><body style="font-family:sans-serif;font-size:15px">'
        f'<div style="white-space:pre-wrap">{escape(said)}</div></body></html>\n'
    )


def _thread(session: Session, history: tuple[CaseEvent, ...]) -> Iterator[str]:
    """The ids of the mails before this one, the oldest first: what the customer's newest mail names, then itself."""
    newest = next((number for event in reversed(history) if (number := _mail_in(event))), None)
    if newest is None:
        return
    try:
        _row, path = evidence.open_file(session, newest)
    except NotFound:
        return  # better a mail outside its thread than none
    with path.open("rb") as stored:
        head = BytesHeaderParser().parsebytes(stored.read(HEAD))
    known = dict.fromkeys((*_ids(head, "References"), *_ids(head, "In-Reply-To"), *_ids(head, "Message-ID")[:1]))
    own = _ids(head, "Message-ID")[:1]
    yield from [one for one in known if one not in own][-MOST_BEFORE:]
    yield from own


def _ids(head: Parsed, name: str) -> list[str]:
    return [one for one in MESSAGE_ID.findall(str(head.get(name, ""))) if one.isascii() and len(one) <= LONGEST_ID]


def _mail_in(event: CaseEvent) -> int | None:
    """The file that is the mail by which the event came, where one did (D43)."""
    if event.payload.get("api_key") != MAILBOX:
        return None
    return next((int(number) for number, kind in event.payload.get("file_kinds", {}).items() if kind == MAIL), None)


def _enclosed(session: Session, event: CaseEvent, history: tuple[CaseEvent, ...]) -> Iterator[Enclosed]:
    """The papers that somebody chose to send along."""
    numbers = event.payload.get("enclosed") or ()
    for paper in issued.fold(history):
        if paper.number in numbers:
            row, path = evidence.open_file(session, paper.file_id)
            yield Enclosed(row.file_name or f"{paper.ordinal}.pdf", path.read_bytes())


def remember(session: Session, message: Message) -> None:
    """Know the mail again from now on, so that an answer to it finds its case without any code."""
    digest = _digest(session, message)
    if session.get(MailMessage, digest) is None:
        complaint_id = session.get_one(Event, int(message.cause.partition(":")[2])).subject_id
        session.add(MailMessage(digest=digest, became=TAKEN_AS, complaint_id=complaint_id, at=message.written_at))
        session.flush()


def bounced(session: Session, id: str, *, now: datetime) -> bool:
    """A mail server sent back the mail with this Message-ID: it did not arrive; whether it was one of ours."""
    digest = digest_of(id, b"")
    known = session.get(MailMessage, digest)
    if known is None or known.became != TAKEN_AS or known.complaint_id is None:
        return False
    causes = [cause_of(event.id) for event in cases.history(session, known.complaint_id)]
    theirs = Message.kind == CUSTOMER, Message.state.in_((State.SENT, State.UNSURE)), among(Message.cause, "causes")
    for message in session.scalars(select(Message).where(*theirs), {"causes": causes}).all():
        if _digest(session, message) == digest:
            message.state, message.failed_with = State.DEAD, BOUNCED
            session.flush()
            return note(session, message.id, now=now)
    return False


def _digest(session: Session, message: Message) -> bytes:
    """By what a mail of ours is known again."""
    settings = json.loads(session.get_one(Outlet, message.outlet_id).settings)
    return digest_of(own_id(message_id(message), settings["sender"]), b"")


def note(session: Session, message_id: int, *, now: datetime) -> bool:
    """Log what became of a mail, once for each turn it took; of one that may not have arrived people are told.

    Whether there was anything to log.
    """
    message = session.get_one(Message, message_id, populate_existing=True)
    became = BECAME.get(State(message.state))
    if became is None:
        return False
    complaint, event, _history = _step(session, message)
    if outcomes(session, complaint.id).get(event.seq, (None,))[0] == became:
        return False
    at = message.sent_at or now
    seal.append(session, Subject(SUBJECT, complaint.id), became, {"of": event.seq}, Stamp(at, now, None))
    if became != SENT:
        _tell(session, message, complaint, event.actor_id, now)
    return True


def note_lost(session: Session, *, now: datetime) -> int:
    """``note`` every mail that was given up, of which nobody knows, or whose outlet was removed; how many were new.

    Of one that has waited for ``LATE`` people are told as well, though it is tried on: its customer knows nothing yet.
    """
    lost = or_(
        Message.state.in_((State.DEAD, State.UNSURE)),
        and_(Message.state == State.DROPPED, Message.failed_with == WITH_ITS_OUTLET),
    )
    found = session.scalars(select(Message.id).where(Message.kind == CUSTOMER, lost).order_by(Message.id)).all()
    late = Message.state.in_((State.WAITING, State.FAILED)), Message.written_at <= now - LATE
    for message in session.scalars(select(Message).where(Message.kind == CUSTOMER, *late)).all():
        complaint, event, _history = _step(session, message)
        _tell(session, message, complaint, event.actor_id, now)
    return sum(note(session, one, now=now) for one in found)


def outcomes(session: Session, complaint_id: int) -> dict[int, tuple[str, datetime]]:
    """The ``seq`` of a step → what became last of its mail, and when."""
    its = select(Event).where(Event.subject == SUBJECT, Event.subject_id == complaint_id).order_by(Event.seq)
    found = ((seal.read(event.payload)["of"], event) for event in session.scalars(its))
    return {of: (event.kind, event.happened_at) for of, event in found if isinstance(of, int)}


def _tell(session: Session, message: Message, complaint: Complaint, sender_id: int | None, now: datetime) -> None:
    """Tell whoever sent it, and who holds the case, so that somebody telephones; each once a step."""
    readers, row = Readers(session), columns_of(complaint) | {"assignee_id": complaint.assignee_id}
    cause, event_id = f"{SUBJECT}:{message.cause}", int(message.cause.partition(":")[2])
    known = set(session.scalars(select(Notice.person_id).where(Notice.cause == cause)))
    rows = [
        NoticeRow(
            person_id=person_id,
            cause=cause,
            kind=MAIL_FAILED,
            complaint_id=complaint.id,
            event_id=event_id,
            at=now,
            read_at=None,
        )
        for person_id in readers.those_who_see([sender_id, *readers.of_holder(row)], row, now)
        if person_id not in known
    ]
    if not rows:
        return
    insert_rows(session, Notice, rows)
    outbox.of_notices(session, [Told(row["person_id"], None, MAIL_FAILED, cause, complaint.id) for row in rows], now)

"""What becomes of a mail (D43): a complaint, a word of a customer in an open case, or nothing; once for each mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, PopsError
from core.register.case import complaints, evidence, file_kinds
from core.register.case.customers import CustomerDraft
from core.register.case.draft import BY_MAIL, EMAIL, Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import MAILBOX, Act
from core.register.log.tables import Complaint, Customer, MailMessage
from core.register.mail.reading import Attachment, Author, Mail, digest_of
from core.register.messages import to_customers
from core.register.reads import followed
from core.rules.contacts import email_key
from core.rules.evidence_kinds import MAIL
from core.rules.steps import State
from core.rules.text import fold

CHAIN = 20
"""Over how many merges a mail follows its case to where it goes on (D13)."""


class Became(StrEnum):
    """What became of a mail; the register stores these words."""

    LOGGED = "logged"  # a complaint of its own
    ADDED = "added"  # a word of the customer in a case that is open
    IGNORED = "ignored"  # no person wrote it
    REFUSED = "refused"  # it could not be logged: somebody has to read it in the mailbox
    KNOWN = "known"  # it was taken before


class Box(NamedTuple):
    """How complaints of a mailbox are logged, where the mail does not say: procedure, category, branch."""

    procedure: str
    category: str
    branch: str | None = None


class Arrived(NamedTuple):
    """A mail as it arrived: what was read of it, its bytes, and when the mail server had it."""

    mail: Mail
    raw: bytes
    at: datetime


class Taken(NamedTuple):
    """What became of it, and the code of its case; ``why``: the error where it was refused."""

    became: Became
    code: str | None = None
    why: PopsError | None = None


def take(session: Session, arrived: Arrived, box: Box, *, now: datetime) -> Taken:
    """Take one mail, in the transaction that remembers it, so that a crash neither loses nor doubles it.

    A mail that is part of a known thread, or has the code of a case of the same sender, belongs to that case while it
    is open; what has ended takes nothing, so what is new is a new complaint. Anybody may write a code into a subject.
    What is refused is refused before anything of it is written.
    """
    digest = digest_of(arrived.mail.message_id, arrived.raw)
    if session.get(MailMessage, digest) is not None:
        return Taken(Became.KNOWN)
    if arrived.mail.author is not Author.PERSON:
        for message_id in arrived.mail.bounced:
            to_customers.bounced(session, message_id, now=now)
        _remember(session, digest, Became.IGNORED, None, now)
        return Taken(Became.IGNORED)
    case = _case_of(session, arrived.mail)
    try:
        complaint = _added(session, case, arrived, now) if case else _logged(session, arrived, box, now)
    except Invalid as refused:
        _remember(session, digest, Became.REFUSED, None, now)
        return Taken(Became.REFUSED, None, refused)
    became = Became.ADDED if case else Became.LOGGED
    _remember(session, digest, became, complaint.id, now)
    return Taken(became, complaint.code)


def _remember(session: Session, digest: bytes, became: Became, complaint_id: int | None, now: datetime) -> None:
    session.add(MailMessage(digest=digest, became=became.value, complaint_id=complaint_id, at=now))
    session.flush()


def _case_of(session: Session, mail: Mail) -> Complaint | None:
    """The open case to which the mail belongs."""
    for message_id in mail.references:
        known = session.get(MailMessage, digest_of(message_id, b""))
        if known is not None and known.complaint_id is not None:
            return _open_one(session, session.get_one(Complaint, known.complaint_id))
    key = email_key(mail.address)
    if mail.code is None or key is None:
        return None
    named = select(Complaint).join(Customer, Customer.id == Complaint.customer_id)
    found = session.scalars(named.where(Complaint.code == mail.code, Customer.email_key == key)).first()
    return _open_one(session, found) if found else None


def _open_one(session: Session, complaint: Complaint) -> Complaint | None:
    """The complaint, or the one in which it goes on, where customers may add to it."""
    for _merge in range(CHAIN):
        if complaint.merged_into is None:
            break
        complaint = session.scalars(select(Complaint).where(Complaint.code == complaint.merged_into)).one()
    return complaint if followed.may_say(session, complaint) else None


def _added(session: Session, case: Complaint, arrived: Arrived, now: datetime) -> Complaint:
    """What a customer writes answers a question that waits, and is a note in any other state (as by the API, D41)."""
    step = "record_reply" if case.state == State.waiting_customer else "note"
    fields: StepFields = {"text": _said(arrived.mail), "files": tuple(_files(arrived))}
    return complaints.take(session, case.code, step, fields, Act(None, now, api_key=MAILBOX))


def _logged(session: Session, arrived: Arrived, box: Box, now: datetime) -> Complaint:
    mail = arrived.mail
    sent_at = mail.sent_at if mail.sent_at is not None and mail.sent_at <= arrived.at else None
    draft = Draft(
        channel=EMAIL,
        recorded_at=min(arrived.at, now),
        statement=_said(mail),
        category=box.category,
        procedure=box.procedure,
        branch=box.branch,
        customer=CustomerDraft(name=mail.name[:200], email=mail.address if email_key(mail.address) else ""),
        sent_at=sent_at,
        files=tuple(_files(arrived)),
        source=BY_MAIL,
    )
    return complaints.log(session, draft, Act(None, now, api_key=MAILBOX))


def _said(mail: Mail) -> str:
    """Subject and text as one; a subject that only answers or repeats says nothing, and no mail is empty."""
    subject = mail.subject.strip()
    is_repeated = bool(subject) and fold(subject) in fold(mail.text)
    is_answer = fold(subject).startswith(("re:", "tra loi:", "fwd:", "fw:")) and bool(mail.text)
    parts = [] if is_repeated or is_answer or not subject else [subject]
    if mail.text:
        parts.append(mail.text)
    return "\n\n".join(parts)[: evidence.MAX_TEXT] or "…"


def _files(arrived: Arrived) -> Iterator[FileDraft]:
    """The mail itself, in which nothing is lost, and those of its files that can be evidence by themselves."""
    whole = Attachment("mail.eml", "message/rfc822", arrived.raw)
    for one in (whole, *arrived.mail.attachments):
        if can_be_evidence(one):
            yield FileDraft(one.name, BytesIO(one.content), MAIL if one is whole else None)


def can_be_evidence(file: Attachment) -> bool:
    """Whether the register would keep the file: what it would not stays within the mail."""
    try:
        file_kinds.media_type(file.name)
        file_kinds.check_head(file.name, file.content[: file_kinds.HEAD])
        file_kinds.check_whole(file.name, BytesIO(file.content))
    except Invalid:
        return False
    return len(file.content) <= file_kinds.limit(file.name)

"""What a customer says to their case by themselves: the steps that exist for it, taken by the register (D41)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register.api import keys, requests, secret
from core.register.api.requests import Name
from core.register.case import case as cases
from core.register.case import complaints
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.clocks import promises
from core.register.log.act import OWN_PAGE, Act
from core.register.log.tables import Complaint
from core.register.reads import followed
from core.rules.steps import STEPS, State

ADD, ACCEPT, REFUSE = "add", "accept", "refuse"
KINDS = (ADD, ACCEPT, REFUSE)
HEARS_IN, TOLD_IN = 2, 1
"""Working days by which whoever refused hears again, and whoever agreed is told the result, as the forms offer."""
NOT_YOURS = N_("No case has this code and secret: check both.")
SAY = N_("Write what you want to tell us.")
NOT_NOW = {
    ADD: N_("This case is at an end: a new complaint is logged for what is new."),
    ACCEPT: N_("Nothing is proposed to you at the moment: look where the case stands."),
    REFUSE: N_("Neither a proposal nor a result can be refused at the moment: look where the case stands."),
}


class Message(NamedTuple):
    """What the customer says: ``kind`` of ``KINDS``. ``version``: of the case as they saw it, None where unknown."""

    code: str
    secret: str
    kind: str
    text: str
    files: tuple[FileDraft, ...] = ()
    version: int | None = None


class Taken(NamedTuple):
    """What became of it: the step that was taken, the version of the case since, by when they hear again."""

    code: str
    step: str
    version: int
    hears_by: datetime | None


def take(session: Session, said: Message, *, name: Name | None, now: datetime) -> Taken:
    """Take the step that ``said`` means, once for one ``name``; without one (the register's own page) each time.

    Raises NotFound (code, secret), NotAllowed (the case does not take it now), Conflict (``version``), Invalid.
    """
    if name is not None:
        keys.check_in_use(session, [name.key_id], now)
    complaint = secret.opens(session, said.code, said.secret)
    if complaint is None:
        raise NotFound(NOT_YOURS)
    if name is not None and (row := requests.known(session, [name]).get((name.key_id, name.reference))):
        requests.check_same(row, name)
        return _taken(session, complaint, row.seq)
    step = _step(session, complaint, said)
    if said.version not in (None, complaint.version):
        raise Conflict(N_("The case has moved on since you looked at it: see where it stands, then send this again."))
    act = Act(None, now, version=complaint.version, api_key=name.key_id if name else OWN_PAGE)
    complaint = complaints.take(session, complaint.code, step, _fields(session, complaint, step, said, now), act)
    if name is not None:
        requests.keep(session, [(name, complaint.id, complaint.version)], now)
    return _taken(session, complaint, complaint.version)


def _step(session: Session, complaint: Complaint, said: Message) -> str:
    """The step: an answer to a question, word of what is new, or what they say to a proposal or a result."""
    if said.kind not in KINDS:
        raise Invalid(N_("Say what this is."), {"kind": N_("One of add, accept, refuse.")})
    if said.kind != ACCEPT and not said.text.strip():
        raise Invalid(SAY, {"text": SAY})
    if said.kind not in followed.may_say(session, complaint):
        raise NotAllowed(NOT_NOW[said.kind])
    if said.kind == ADD:
        return "record_reply" if complaint.state == State.waiting_customer else "note"
    return said.kind


def _fields(session: Session, complaint: Complaint, step: str, said: Message, now: datetime) -> StepFields:
    fields: dict[str, object] = {"text": said.text, "files": said.files}
    if step in (ACCEPT, REFUSE):
        last_day = promises.day_after(session, complaint, HEARS_IN if step == REFUSE else TOLD_IN, now=now)
        if step == REFUSE or complaint.next_due_at is None:
            fields["due_at"] = promises.office_closes(session, complaint, last_day)
    return cast("StepFields", fields)


def _taken(session: Session, complaint: Complaint, seq: int) -> Taken:
    event = cases.event_of(cases.history(session, complaint.id)[seq - 1])
    step = next(key for key, one in STEPS.items() if one.event == event.kind)
    due_at = event.payload.get("due_at")
    return Taken(complaint.code, step, seq, datetime.fromisoformat(due_at) if due_at else None)

"""What somebody typed into a form and has not saved yet: kept for a week, for that person alone.

A draft is no part of the register's record: it says nothing that happened, is changed many times a minute and goes when
the form is saved. So it is the one write without an event (``docs/architecture.md``, decision 14).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from core.i18n import N_
from core.register.log.tables import Complaint, FormDraft
from core.rules.text import keepable

LOG, QUEUE, CASE = "log", "queue", "case"
FORM = re.compile(rf"{LOG}|{QUEUE}|{CASE}:(?P<code>KN-\d{{4}}-\d{{6,12}})")
TOKEN = re.compile(r"[\w-]{8,64}", re.ASCII)
LASTS = timedelta(days=7)
STARTED = re.compile(r"(?P<ms>[0-9a-f]{12})-")
OVER = "over"
MOST = 50
"""Drafts of one person; the oldest goes for a newer one."""
MAX_SIZE = 131_072
"""Bytes of a form: the two longest texts of the log form (20,000 letters each) in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it was last saved; ``token`` names the filling, ``fields``: name of a field → plain value of JSON."""

    token: str
    fields: Mapping[str, object]
    saved_at: datetime


def of_case(code: str) -> str:
    """The name of the form in which steps on the complaint ``code`` are filled in."""
    return f"{CASE}:{code}"


def kind_of(form: str) -> str:
    """``log``, ``queue`` or ``case``; Invalid for a form that there is not."""
    if not FORM.fullmatch(form):
        raise Invalid(N_("There is no such form: load the page again."))
    return form.partition(":")[0]


def new_token(now: datetime) -> str:
    """A name for a filling begun ``now``: the milliseconds since 1970 as twelve hexadecimal digits, and chance."""
    return f"{int(now.timestamp() * 1000):012x}-{secrets.token_urlsafe(12)}"


def keep(
    session: Session, person_id: int, form: str, token: str, fields: Mapping[str, object], *, now: datetime
) -> bool:
    """Keep ``fields`` as the person's draft of ``form``, in place of the one before; whether it was kept.

    False when that filling is over: saved or given up, so what was on its way meanwhile does not come back. False as
    well when the draft kept now is of a filling begun later: an older tab does not replace it. What nobody touched for
    a week goes. Raises Invalid for an unknown form or one that is too large, NotFound for an unknown complaint.
    """
    content = _content(form, token, fields)
    forget_old(session, now=now)
    draft = _row(session, person_id, form)
    if _row(session, person_id, _over(token)) is not None:
        return False
    if draft is not None and _is_refused(draft, token):
        return False
    if draft is None:
        _make_room(session, person_id)
        draft = FormDraft(person_id=person_id, form=form, complaint_id=_complaint_id(session, form))
        session.add(draft)
    draft.token, draft.fields, draft.saved_at = token, content, now
    return True


def find(session: Session, person_id: int, form: str, *, now: datetime) -> Kept | None:
    """The person's own draft of ``form``, if one was kept in the last week."""
    draft = _row(session, person_id, form)
    if draft is None or draft.fields is None or draft.saved_at < now - LASTS:
        return None
    return Kept(draft.token, cast("Mapping[str, object]", json.loads(draft.fields)), draft.saved_at)


def end(session: Session, person_id: int, form: str, token: str, *, now: datetime) -> None:
    """The filling ``token`` is over, saved or given up: its text goes.

    Belongs into the transaction that saves the form. A row without text stays under a name of its own for as long as a
    draft lasts, so that a late request of the same filling is known for what it is, whatever was begun since. The text
    of another filling stays.
    """
    draft = _row(session, person_id, form)
    if draft is not None and draft.token != token:
        draft = None
    over = _row(session, person_id, _over(token))
    if over is not None:
        return
    if draft is None:
        draft = FormDraft(person_id=person_id, token=token)
        session.add(draft)
    draft.form, draft.complaint_id, draft.fields, draft.saved_at = _over(token), None, None, now


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove everybody's drafts that nobody touched for a week."""
    session.execute(delete(FormDraft).where(FormDraft.saved_at < now - LASTS))


def erase(session: Session, complaint_id: int) -> int:
    """Remove everybody's drafts on one complaint, for whoever erases the complaint's person; returns how many."""
    gone = session.execute(delete(FormDraft).where(FormDraft.complaint_id == complaint_id).returning(FormDraft.id))
    return len(gone.all())


def _content(form: str, token: str, fields: Mapping[str, object]) -> str:
    kind_of(form)
    if not TOKEN.fullmatch(token):
        raise Invalid(N_("There is no such form: load the page again."))
    content = keepable(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))
    if len(content.encode()) > MAX_SIZE:
        raise Invalid(N_("The draft is too long to be kept: save the form, or attach the text as a file."))
    return content


def _over(token: str) -> str:
    """What stands for the form in the row of a filling that is over."""
    return f"{OVER}:{hashlib.sha256(token.encode()).hexdigest()[:24]}"


def _is_refused(draft: FormDraft, token: str) -> bool:
    """Whether ``token`` may not replace ``draft``: over itself (rows of older versions), or begun before it."""
    if draft.fields is None:
        return draft.token == token
    return draft.token != token and _started(token) < _started(draft.token)


def _started(token: str) -> int:
    """When a filling was begun, in milliseconds since 1970; 0 for a token that does not say."""
    said = STARTED.match(token)
    return int(said["ms"], 16) if said else 0


def _row(session: Session, person_id: int, form: str) -> FormDraft | None:
    theirs = select(FormDraft).where(FormDraft.person_id == person_id, FormDraft.form == form)
    return session.scalars(theirs).first()


def _make_room(session: Session, person_id: int) -> None:
    theirs = select(FormDraft.id).where(FormDraft.person_id == person_id, FormDraft.fields.is_not(None))
    count = session.scalar(select(func.count()).select_from(theirs.subquery())) or 0
    if count >= MOST:
        oldest = session.scalars(theirs.order_by(FormDraft.saved_at).limit(count - MOST + 1)).all()
        session.execute(delete(FormDraft).where(FormDraft.id.in_(oldest)))


def _complaint_id(session: Session, form: str) -> int | None:
    found = FORM.fullmatch(form)
    code = found["code"] if found else None
    if code is None:
        return None
    complaint_id = session.scalar(select(Complaint.id).where(Complaint.code == code))
    if complaint_id is None:
        raise NotFound(N_("There is no complaint {code}: check the code."), code=code)
    return complaint_id

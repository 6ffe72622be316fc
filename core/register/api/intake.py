"""Complaints that programs send, many at once: each logged once, and answered the same however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.errors import Invalid, PopsError
from core.register.api import keys, requests, secret
from core.register.api.requests import Name
from core.register.case import complaints
from core.register.case.case import Case
from core.register.case.draft import BY_API, Draft
from core.register.log.act import Act
from core.register.log.tables import ApiRequest, Complaint


class Sent(NamedTuple):
    """One request to log a complaint."""

    name: Name
    draft: Draft


class Logged(NamedTuple):
    """What is answered; ``secret``: None where it can be told no more (``core.register.api.secret``)."""

    code: str
    secret: str | None
    received_at: datetime


def log_all(session: Session, sent: Sequence[Sent]) -> list[Logged | PopsError]:
    """Log what was not logged yet; each answer in the place of its request.

    ``sent``: of names that differ; with files each alone, and a file that cannot be kept raises Invalid. Raises
    NotAllowed where a key was revoked meanwhile.
    """
    now = max(one.draft.recorded_at for one in sent)
    keys.check_in_use(session, (one.name.key_id for one in sent), now)
    known = requests.known(session, [one.name for one in sent])
    new = [one for one in sent if (one.name.key_id, one.name.reference) not in known]
    logged = dict(zip((one.name for one in new), _log(session, new, now), strict=True))
    return [
        logged[one.name]
        if one.name in logged
        else _repeated(session, known[one.name.key_id, one.name.reference], one.name)
        for one in sent
    ]


def _log(session: Session, new: Sequence[Sent], now: datetime) -> list[Logged | PopsError]:
    if not new:
        return []
    wanted = [
        (one.draft._replace(source=BY_API), Act(None, one.draft.recorded_at, api_key=one.name.key_id)) for one in new
    ]
    found = complaints.log_all(session, wanted)
    cases = [case for case in found if isinstance(case, Case)]
    given = dict(zip((case.id for case in cases), secret.give(session, [case.id for case in cases]), strict=True))
    written = [(one.name, case.id, 1) for one, case in zip(new, found, strict=True) if isinstance(case, Case)]
    requests.keep(session, written, now)
    return [
        Logged(case.row["code"], given[case.id], case.row["recorded_at"]) if isinstance(case, Case) else case
        for case in found
    ]


def _repeated(session: Session, row: ApiRequest, name: Name) -> Logged | PopsError:
    try:
        requests.check_same(row, name)
    except Invalid as other:
        return other
    complaint = session.get_one(Complaint, row.complaint_id)
    return Logged(complaint.code, secret.again(session, complaint.id), complaint.recorded_at)

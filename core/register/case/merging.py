"""Two complaints of which one goes on in the other (D13): where a chain ends, what the other's log says of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_
from core.register import rulebook
from core.register.case import case as cases
from core.register.case.case import Case
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content, Survivor
from core.register.log.act import Stamp
from core.register.log.tables import Complaint
from core.rules import policy
from core.rules.policy import Actor
from core.rules.steps import MERGED, MERGED_IN, TAKEN_OUT, UNDONE, UNMERGED, State
from core.rules.text import keepable

MOST = 500
"""Complaints that are merged in one act."""


def of_code(session: Session, code: str | None) -> Complaint | None:
    """The complaint ``code``, or the one in which that one goes on, wherever the chain ends; None without any."""
    code = keepable((code or "").strip().upper())
    found = session.scalars(select(Complaint).where(Complaint.code == code)).first()
    while found is not None and found.merged_into is not None:
        found = session.scalars(select(Complaint).where(Complaint.code == found.merged_into)).first()
    return found


def survivor(session: Session, code: str | None, by: Actor | None) -> Survivor | None:
    """The complaint in which one is to go on, as its step is checked against it."""
    found = of_code(session, code)
    if found is None:
        return None
    its = {"requests": found.requests, "branch": found.branch, "logged_by_id": found.logged_by_id}
    is_seen = by is None or policy.sees(by, its, rulebook.catalogues(session))
    return Survivor(found.code, State(found.state), found.customer_id, place(found), is_seen)


def received_first(session: Session, codes: Collection[str]) -> Complaint:
    """Of these complaints the one in which the others can go on; Invalid where they are too many, or fewer than two."""
    if len(codes) > MOST:
        raise Invalid(N_("At most {n} complaints at a time: choose fewer."), n=MOST)
    found = list(session.scalars(select(Complaint).where(Complaint.code.in_(codes))))
    if len(found) < 2:  # noqa: PLR2004 (one of them goes on)
        raise Invalid(N_("Choose at least two complaints of one customer."))
    return min(found, key=place)


def place(complaint: Complaint) -> tuple[datetime, int, int]:
    """What says which of two complaints was received first, as ``core.register.case.steps.merging.place_of``."""
    return complaint.recorded_at, complaint.year, complaint.number


def merge_of(case: Case) -> int:
    """The ``seq`` of the event by which it was merged away; 0 where it was not."""
    return max((event.seq for event in case.counting if event.kind == MERGED), default=0)


def others(session: Session, changed: Iterable[Case], stamp: Stamp) -> Collection[Case]:
    """The complaints that ``changed`` went to, or were taken out of, by their new events: each says so in its own log.

    So no undoing leads into a ring: once the other one goes on in this one, the last event here is no step to undo.
    """
    found: dict[str, Case] = {}
    for case in changed:
        for event in case.fresh_events:
            about = case.events[event.payload["undoes"] - 1] if event.kind == UNDONE else event
            if about.kind in (MERGED, UNMERGED):
                code = about.payload["merged_into"]
                other = found[code] = found.get(code) or cases.load(session, code)
                is_in = (about.kind == MERGED) == (event is about)
                content = Content(Payload(merged=case.row["code"]))
                other.add(session, MERGED_IN if is_in else TAKEN_OUT, content, stamp)
    return found.values()

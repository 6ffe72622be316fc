"""Beside the log form: cases that may be about the same thing, by their customer or by what they say (D24).

Each question is about the last days only, by the indexes on customer and time of receipt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import customers
from core.register.case.draft import Draft
from core.register.log.tables import Complaint, Evidence
from core.register.reads import incidents
from core.register.reads.incidents import Name
from core.register.reads.visible import visible
from core.rules.alike import alike
from core.rules.catalogue import counted_as
from core.rules.policy import Actor

SAME_CUSTOMER = timedelta(days=7)
SAME_WORDS = timedelta(hours=24)
SEVERAL = 3
"""Customers who say the same within a day: one cause, so that an incident is proposed."""
MOST_COMPARED = 3_000
"""Of the last day's complaints, the newest are compared: some hundreds a day are usual."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What the draft may belong to.

    ``duplicates``: of the same customer, of the last seven days, of the same category or with the same words, the
    newest first. ``incident``: one that goes on, to which complaints with the same words belong. ``others``: code →
    version of the complaints of the last day with the same words that belong to none; ``customers``: how many
    customers say so, this one included.
    """

    duplicates: tuple[Complaint, ...] = ()
    incident: Name | None = None
    others: tuple[tuple[str, int], ...] = ()
    customers: int = 1

    @property
    def proposes_incident(self) -> bool:
        """Whether so many say the same that one should be opened."""
        return self.incident is None and self.customers >= SEVERAL


def find(session: Session, draft: Draft, *, by: Actor, now: datetime) -> Alike:
    """What ``by`` should know before the draft is logged."""
    known = customers.Finder(session, [draft.customer], now=now).known(draft.customer)
    customer_id = known["id"] if known else None
    recent = _recent(session, draft, by)
    same_words = set(alike(draft.statement, ((one.id, one.body or "") for one in recent)))
    near = [one for one in recent if one.id in same_words]
    return Alike(
        duplicates=tuple(_duplicates(session, draft, customer_id, by)),
        incident=_incident(session, near, by),
        others=tuple((one.code, one.version) for one in near if one.incident is None),
        customers=_customers(near, customer_id),
    )


class Recent(NamedTuple):
    """What is read of a complaint of the last day: some hundreds at each pause in typing."""

    id: int
    code: str
    version: int
    incident: str | None
    customer_id: int | None
    body: str | None


def _recent(session: Session, draft: Draft, by: Actor) -> list[Recent]:
    """The complaints received within a day of the draft, with what they say."""
    if not draft.statement.strip():
        return []
    at = draft.recorded_at
    within = Complaint.recorded_at.between(at - SAME_WORDS, at + SAME_WORDS)
    columns = Complaint.id, Complaint.code, Complaint.version, Complaint.incident, Complaint.customer_id, Evidence.body
    wanted = select(*columns).join(Evidence, Evidence.id == Complaint.statement_id)
    newest = (
        wanted.where(within, Complaint.merged_into.is_(None), visible(session, by))
        .order_by(Complaint.recorded_at.desc())
        .limit(MOST_COMPARED)
    )
    return [Recent(*row) for row in session.execute(newest)]


def _duplicates(session: Session, draft: Draft, customer_id: int | None, by: Actor) -> list[Complaint]:
    if customer_id is None:
        return []
    wanted = (
        select(Complaint, Evidence.body)
        .outerjoin(Evidence, Evidence.id == Complaint.statement_id)
        .where(Complaint.customer_id == customer_id, Complaint.merged_into.is_(None), visible(session, by))
        .where(Complaint.recorded_at >= draft.recorded_at - SAME_CUSTOMER)
        .order_by(Complaint.recorded_at.desc(), Complaint.id.desc())
    )
    found = [(one, body or "") for one, body in session.execute(wanted)]
    categories = rulebook.catalogues(session).categories
    same_words = set(alike(draft.statement, ((one.id, body) for one, body in found)))
    category = counted_as(categories, draft.category) if draft.category else None
    return [one for one, _body in found if one.id in same_words or counted_as(categories, one.category) == category]


def _incident(session: Session, near: Sequence[Recent], by: Actor) -> Name | None:
    """The incident that goes on and that most of ``near`` belong to."""
    going_on = {one.code: one for one in incidents.going_on(session, by=by)} if near else {}
    named = Counter(one.incident for one in near if one.incident in going_on)
    return going_on[named.most_common(1)[0][0] or ""] if named else None


def _customers(near: Sequence[Recent], customer_id: int | None) -> int:
    """How many customers say so with this one; a complaint without any is one more."""
    others = {one.customer_id for one in near if one.customer_id not in (None, customer_id)}
    return 1 + len(others) + sum(one.customer_id is None for one in near)

"""What was verified of a customer (MISA 2): the newest word of the events ``customer_verified`` of their complaints.

There is no table of it: a customer has few complaints, and fewer of them with such an event. Each names the customer
it is about, so that what was verified on a complaint that turns out to be another customer's counts for neither.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import case as cases
from core.register.log.tables import Complaint, Event, Evidence
from core.rules.details import is_value
from core.rules.steps import VERIFIED
from core.rules.undo import effective


class Said(NamedTuple):
    """A value as it was verified last, when and by whom; ``personal``: it is kept as evidence."""

    value: str
    at: datetime
    by: int | None
    personal: bool


def of_customer(session: Session, customer_id: int) -> dict[str, Said]:
    """Field → what was verified last; what was erased is not known."""
    theirs = (
        select(Event.subject_id)
        .join(Complaint, Complaint.id == Event.subject_id)
        .where(Complaint.customer_id == customer_id, Event.subject == "complaint", Event.kind == VERIFIED)
    )
    its = [
        (event.at, complaint_id, event.seq, event)
        for complaint_id in session.scalars(theirs.distinct()).all()
        for event in effective([cases.event_of(row) for row in cases.history(session, complaint_id)])
        if event.kind == VERIFIED and event.payload.get("customer_id") == customer_id
    ]
    found: dict[str, Said] = {}
    texts = select(Evidence.id, Evidence.body)
    for at, _complaint, _seq, event in sorted(its, key=lambda one: one[:3]):
        plain = dict(event.payload.get("facts", {}))
        kept = event.payload.get("fact_ids", {})
        bodies = {row.id: row.body or "" for row in session.execute(texts.where(Evidence.id.in_(kept.values())))}
        for key, value in (plain | {key: bodies.get(one, "") for key, one in kept.items()}).items():
            found[key] = Said(value, at, event.actor_id, key in kept)
    return {key: said for key, said in found.items() if said.value}


def values(session: Session, customer_id: int | None) -> dict[str, str]:
    """Field that is verified now → its known value; empty for a complaint of nobody."""
    if customer_id is None:
        return {}
    known = of_customer(session, customer_id)
    fields = (one for one in rulebook.organisation(session).customer_fields if not one.retired)
    return {one.key: known[one.key].value for one in fields if one.key in known and is_value(one, known[one.key].value)}

"""The contact of a complaint, corrected (D21) and taken back (D22): whose complaint it is, and how that reads."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.case import customers
from core.register.case.case import Case
from core.register.case.customers import CONTACT, NAMED_AS, CustomerDraft, Moved
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content
from core.register.log.tables import Complaint


def as_text(contact: CustomerDraft, named_as: str = "") -> str:
    """A contact as its evidence keeps it; ``named_as``: the name the complaint came with, where it is another one."""
    known = {**contact._asdict(), NAMED_AS: named_as}
    return json.dumps({name: text for name, text in known.items() if text}, ensure_ascii=False)


def read(text: str) -> CustomerDraft:
    """A contact as it was shown; empty where nothing was known."""
    known: dict[str, str] = json.loads(text or "{}")
    name = known.pop(NAMED_AS, "")
    contact = CustomerDraft(**known)
    return contact._replace(name=name or contact.name)


def corrected(session: Session, case: Case, content: Content, becomes: CustomerDraft, now: datetime) -> Content:
    """The content of a correction, with the customer whose complaint it is then."""
    was_id, events = case.row["customer_id"], case.counting
    named_as = case.text(session, events[0].payload.get("named_as_id"))
    was = as_text(customers.contact_of(session, was_id, ""), named_as)
    moved = customers.correct(session, case.id, was_id, becomes, now)
    payload = content.payload | Payload(
        was={"customer_id": was_id},
        customer_id=moved.id,
        new_details=list(moved.new_details) or None,
        customer_digests=dict(moved.digests),
    )
    texts = {"was_id": (CONTACT, was), "becomes_id": (CONTACT, as_text(becomes))}
    return Content(payload, {**content.texts, **texts, "named_as_id": (NAMED_AS, moved.named_as)})


def taken_back(session: Session, case: Case, content: Content) -> Content:
    """The content of an undoing, with what attests the customers after it."""
    payload = case.events[-1].payload
    moved = Moved(
        payload.get("customer_id"), tuple(payload.get("new_details") or ()), payload.get("customer_digests", {})
    )
    was: dict[str, str] = json.loads(case.text(session, payload.get("was_id")) or "{}")
    was.pop(NAMED_AS, None)
    was_id = payload.get("was", {}).get("customer_id")
    event_id = session.scalars(select(Complaint.changed).where(Complaint.id == case.id)).one()
    of = customers.Corrected(case.id, event_id, int(was_id) if was_id is not None else None, CustomerDraft(**was))
    digests = customers.take_back(session, of, moved)
    return Content(content.payload | Payload(customer_digests=dict(digests)), content.texts, content.files)

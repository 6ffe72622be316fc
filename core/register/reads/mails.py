"""Mails to the customer of a complaint as people read of them (D46): on their way, sent, or perhaps never arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log.bulk import among
from core.register.log.tables import Customer, Event, Message
from core.register.messages import outlets, to_customers
from core.register.messages.outbox import CUSTOMER
from core.register.messages.to_customers import UNSURE
from core.register.notices.write import cause_of
from core.rules.messages import State

ON_ITS_WAY, TRIED = "mail_on_its_way", "mail_tried"
WAITS = (State.WAITING, State.SENDING, State.FAILED)
"""The states of a message that may still be sent by itself."""


class Mailed(NamedTuple):
    """What became of a mail: a kind of event of ``to_customers``, ``ON_ITS_WAY``, or ``TRIED`` in vain and tried again.

    ``at``: when, None where that is not known.
    """

    became: str
    at: datetime | None = None


def of_steps(session: Session, complaint_id: int, asked: Sequence[Event]) -> Mapping[int, Mailed]:
    """The ``seq`` of each of the events ``asked``, by which a mail was to leave → what became of it.

    What a restored register does not know any more is unsure: the backup may be older than the mail.
    """
    if not asked:
        return {}
    causes = {cause_of(event.id): event.seq for event in asked}
    waiting = select(Message.cause, Message.state).where(
        Message.kind == CUSTOMER, Message.state.in_(WAITS), among(Message.cause, "causes")
    )
    known = to_customers.outcomes(session, complaint_id)
    found = {event.seq: Mailed(*known.get(event.seq, (UNSURE, None))) for event in asked}
    for row in session.execute(waiting, {"causes": sorted(causes)}):
        found[causes[row.cause]] = Mailed(TRIED if row.state == State.FAILED else ON_ITS_WAY)
    return found


def sender(session: Session, customer: Customer | None) -> str:
    """The address that a mail to this customer leaves from; empty where none can."""
    outlet = outlets.to_customers(session)
    return outlet.values["sender"] if outlet is not None and to_customers.address_of(customer) else ""

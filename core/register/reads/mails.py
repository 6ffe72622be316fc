"""Mails to the customer of a complaint as people read of them (D46): on their way, sent, or perhaps never arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log.bulk import among
from core.register.log.tables import Customer, Event, Message, OutletState, WorkerState
from core.register.messages import outlets, to_customers
from core.register.messages.lease import LASTS
from core.register.messages.outbox import CUSTOMER
from core.register.messages.to_customers import UNSURE
from core.register.notices.write import cause_of
from core.rules.messages import State

ON_ITS_WAY, TRIED, HELD, NO_WORKER = "mail_on_its_way", "mail_tried", "mail_held", "mail_no_worker"
WAITS = (State.WAITING, State.SENDING, State.FAILED)
"""The states of a message that may still be sent by itself."""


class Mailed(NamedTuple):
    """What became of a mail: a kind of event of ``to_customers``, or how it waits.

    That is ``ON_ITS_WAY``; ``TRIED`` where the mail server did not take it, or does not answer at all; ``HELD`` where
    somebody switched the server off; ``NO_WORKER`` where no process is there that sends. ``at``: when, None where that
    is not known.
    """

    became: str
    at: datetime | None = None


def of_steps(session: Session, complaint_id: int, asked: Sequence[Event], now: datetime | None) -> Mapping[int, Mailed]:
    """The ``seq`` of each of the events ``asked``, by which a mail was to leave → what became of it.

    ``now``: to know whether anything sends; None where nobody asks for that. What a restored register does not know any
    more is unsure: the backup may be older than the mail.
    """
    if not asked:
        return {}
    causes = {cause_of(event.id): event.seq for event in asked}
    its = Message.kind == CUSTOMER, Message.state.in_(WAITS), among(Message.cause, "causes")
    waiting = (
        select(Message.cause, Message.state, Message.written_at, OutletState.is_on, OutletState.failed_with)
        .join(OutletState, OutletState.outlet_id == Message.outlet_id, isouter=True)
        .where(*its)
    )
    known = to_customers.outcomes(session, complaint_id)
    found = {event.seq: Mailed(*known.get(event.seq, (UNSURE, None))) for event in asked}
    until = session.scalar(select(WorkerState.until))
    is_alone = now is not None and (until is None or until < now)
    for row in session.execute(waiting, {"causes": sorted(causes)}):
        how = _how(State(row.state), row.failed_with, is_on=bool(row.is_on))
        is_stuck = is_alone and how == ON_ITS_WAY and row.written_at + LASTS <= now  # by then another one has begun
        found[causes[row.cause]] = Mailed(NO_WORKER if is_stuck else how)
    return found


def _how(state: State, outlet_failed_with: str | None, *, is_on: bool) -> str:
    """How a mail waits: nothing is tried through a server that is off, nor at once through one that does not answer."""
    if state is State.SENDING:
        return ON_ITS_WAY
    if not is_on:
        return HELD
    return TRIED if state is State.FAILED or outlet_failed_with else ON_ITS_WAY


def sender(session: Session, customer: Customer | None) -> str:
    """The address that a mail to this customer leaves from; empty where none can."""
    outlet = outlets.to_customers(session)
    return outlet.values["sender"] if outlet is not None and to_customers.address_of(customer) else ""

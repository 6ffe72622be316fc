"""A customer's complaints as one reader sees them: beside the log form, and on the page of a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.case import customers
from core.register.log.tables import OPEN, Complaint, Customer
from core.register.reads.visible import visible
from core.rules import policy, roles
from core.rules.policy import Actor

MOST = 50


@dataclass(frozen=True)
class Known:
    """A customer found again, with the complaints that are still open and how many there were in all."""

    customer: Customer
    open: Sequence[Complaint]
    count: int


def find(session: Session, contact: str, by: Actor) -> Known | None:
    """The customer with this phone, e-mail or account; None for who may not know them.

    That is a role that does not see personal data, and whoever is limited and sees no complaint of that customer.
    """
    customer = customers.find(session, contact) if roles.sees_personal_data(by.role) else None
    if customer is None:
        return None
    theirs = history(session, customer.id, by)
    if policy.limits(by) and not theirs:
        return None
    still_open = select(Complaint).where(Complaint.customer_id == customer.id, OPEN, visible(by))
    newest_first = still_open.order_by(Complaint.recorded_at.desc(), Complaint.id.desc())
    return Known(customer, list(session.scalars(newest_first)), len(theirs))


def history(session: Session, customer_id: int, by: Actor) -> list[Complaint]:
    """The complaints of the customer that ``by`` sees, newest first, at most ``MOST``."""
    theirs = select(Complaint).where(Complaint.customer_id == customer_id, visible(by))
    return list(session.scalars(theirs.order_by(Complaint.recorded_at.desc(), Complaint.id.desc()).limit(MOST)))

"""A customer's complaints as one reader sees them: beside the log form, and on the page of a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import customers
from core.register.log.tables import OPEN, Complaint, Customer
from core.register.reads import verified
from core.register.reads.verified import Fact
from core.register.reads.visible import visible
from core.rules import policy, roles
from core.rules.policy import Actor

MOST = 50


@dataclass(frozen=True)
class Known:
    """A customer found again, with the complaints that are still open, how many there were in all, what is verified."""

    customer: Customer
    open: Sequence[Complaint]
    count: int
    facts: Sequence[Fact]


def find(session: Session, contact: str, by: Actor) -> Known | None:
    """The customer with this phone, e-mail or account, where ``by`` may know them; None otherwise."""
    customer = customers.find(session, contact)
    if customer is None or not may_know(session, customer.id, by):
        return None
    theirs = history(session, customer.id, by)
    still_open = select(Complaint).where(Complaint.customer_id == customer.id, OPEN, visible(session, by))
    newest_first = still_open.order_by(Complaint.recorded_at.desc(), Complaint.id.desc())
    facts = verified.of_customer(session, customer.id)
    return Known(customer, list(session.scalars(newest_first)), len(theirs), facts)


def may_know(session: Session, customer_id: int, by: Actor) -> bool:
    """Whether ``by`` may learn who the customer is.

    Not a role that does not see personal data, nor whoever is limited and sees no complaint of that customer.
    """
    if not roles.sees_personal_data(by.role):
        return False
    return not policy.limits(by, rulebook.catalogues(session)) or bool(history(session, customer_id, by))


def history(session: Session, customer_id: int, by: Actor) -> list[Complaint]:
    """The complaints of the customer that ``by`` sees, newest first, at most ``MOST``."""
    theirs = select(Complaint).where(Complaint.customer_id == customer_id, visible(session, by))
    return list(session.scalars(theirs.order_by(Complaint.recorded_at.desc(), Complaint.id.desc()).limit(MOST)))

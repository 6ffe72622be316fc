"""Find a complaint by what a caller can say: its code, or the customer's phone, e-mail or account."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import customers
from core.register.complaints import Actor
from core.register.dossier import may_see
from core.register.tables import Complaint
from core.rules import roles

CODE = re.compile(r"(?:kn)?[\s-]*(\d{4})[\s-]+0*(\d{1,6})|(?:kn)?[\s-]*0*(\d{1,6})", re.IGNORECASE)


def find(session: Session, words: str, *, by: Actor, year: int, limit: int = 20) -> tuple[Complaint, ...]:
    """Complaints that ``words`` name, newest first; a code without a year means ``year``.

    Who may not know customers finds by code only: otherwise a list of phone numbers would tell who complained.
    """
    found = _by_code(session, words.strip(), year)
    if not found and roles.sees_personal_data(by.role):
        customer = customers.find(session, words)
        found = customers.history(session, customer.id, limit) if customer else []
    return tuple(complaint for complaint in found if may_see(complaint, by))[:limit]


def _by_code(session: Session, words: str, year: int) -> list[Complaint]:
    match = CODE.fullmatch(words)
    if match is None:
        return []
    named_year, number, short = match.groups()
    wanted = select(Complaint).where(
        Complaint.year == int(named_year or year), Complaint.number == int(number or short)
    )
    return list(session.scalars(wanted))

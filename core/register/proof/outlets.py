"""Outlets (D42) against the log; their secrets are in no event."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register.log.tables import Event, Outlet
from core.register.messages import outlets
from core.register.proof.report import Report


def check(session: Session, report: Report) -> None:
    """Each outlet is set up as its newest event says; none is missing from the log or from the register."""
    stored = {row.id: row for row in session.scalars(select(Outlet))}
    its = select(Event).where(Event.subject == outlets.SUBJECT).order_by(Event.subject_id, Event.seq)
    for number, history in groupby(session.scalars(its), lambda event: event.subject_id):
        wanted, row = outlets.fold(number, history), stored.pop(number, None)
        if row is None or any(getattr(row, name) != value for name, value in wanted.items()):
            report.add(N_("outlet {number}: is not the one the log gives"), number=number)
    for number in sorted(stored):
        report.add(N_("outlet {number}: is in the register but not in the log"), number=number)

"""Incidents: each row is what its events give, and complaints belong to those there are (D24)."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import PopsError
from core.i18n import N_
from core.register.case import incident
from core.register.log.tables import Complaint, Event, Evidence, Incident
from core.register.proof.report import Report


def check(session: Session, report: Report) -> None:
    """Replay the events of each incident."""
    stored = {row.id: dict(row._mapping) for row in session.execute(select(*Incident.__table__.columns))}
    events = session.scalars(
        select(Event).where(Event.subject == incident.SUBJECT).order_by(Event.subject_id, Event.seq)
    )
    for number, history in groupby(events, lambda event: event.subject_id):
        found = stored.pop(number, None)
        try:
            logged = incident.fold(number, history)
        except (PopsError, KeyError, ValueError):
            logged = None
        if found is None or found != logged:
            report.add(N_("incident {number}: is not the one the log gives"), number=number)
        elif logged["title_id"] is not None and session.get(Evidence, logged["title_id"]) is None:
            report.add(N_("{code}: the text of its name is missing"), code=logged["code"])
    for row in stored.values():
        report.add(N_("{code}: is in the register but not in the log"), code=row["code"])
    strays = select(Complaint.code, Complaint.incident).outerjoin(Incident, Incident.code == Complaint.incident)
    for code, its in session.execute(strays.where(Complaint.incident.is_not(None), Incident.id.is_(None))):
        report.add(N_("{code}: belongs to incident {incident}, which is none"), code=code, incident=its)

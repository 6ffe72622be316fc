"""What people said about figures (D28) against the log: every re-basing and known event is what its events give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import PopsError
from core.i18n import N_
from core.register.figures import known_events, rebases
from core.register.log.seal import LoggedEvent
from core.register.log.tables import Event, KnownEvent, Rebase
from core.register.proof.report import Report

Fold = Callable[[int, Iterable[LoggedEvent]], Mapping[str, object]]


def check(session: Session, report: Report) -> None:
    """Replay the events of each."""
    _check(session, report, rebases.SUBJECT, Rebase, rebases.fold)
    _check(session, report, known_events.SUBJECT, KnownEvent, known_events.fold)


def _check(session: Session, report: Report, subject: str, table: type[Rebase] | type[KnownEvent], fold: Fold) -> None:
    stored = {row.id: dict(row._mapping) for row in session.execute(select(*table.__table__.columns))}
    events = session.scalars(select(Event).where(Event.subject == subject).order_by(Event.subject_id, Event.seq))
    for number, history in groupby(events, lambda event: event.subject_id):
        try:
            logged: Mapping[str, object] | None = fold(number, history)
        except (PopsError, KeyError, ValueError):
            logged = None
        if logged is None or stored.pop(number, None) != logged:
            report.add(N_("{subject} {number}: is not the one the log gives"), subject=subject, number=number)
    for number in stored:
        report.add(N_("{subject} {number}: is in the register but not in the log"), subject=subject, number=number)

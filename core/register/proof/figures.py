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
    compare(session, report, rebases.SUBJECT, _rows(session, Rebase), rebases.fold)
    compare(session, report, known_events.SUBJECT, _rows(session, KnownEvent), known_events.fold)


def _rows(session: Session, table: type[Rebase] | type[KnownEvent]) -> dict[int, Mapping[str, object]]:
    return {row.id: dict(row._mapping) for row in session.execute(select(*table.__table__.columns))}


def compare(
    session: Session, report: Report, subject: str, stored: dict[int, Mapping[str, object]], fold: Fold
) -> None:
    """Every row of ``stored`` (id → its columns) is what the events of its subject give, and none is missing."""
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

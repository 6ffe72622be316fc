"""Meetings against the log: each row and decision is what the events give, each text the one whose digest they hold."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import PopsError
from core.i18n import N_
from core.register import rulebook
from core.register.log import seal
from core.register.log.tables import Decision, Event, Meeting, MeetingText
from core.register.meetings import decisions, minutes
from core.register.proof.report import Report

Rows = dict[int, dict[str, object]]


def check(session: Session, report: Report) -> None:
    """Replay the events of each meeting."""
    meetings, decided = _stored(session, Meeting), _stored(session, Decision)
    texts = {(one.meeting_id, one.seq): rulebook.digest(one.body) for one in session.scalars(select(MeetingText))}
    wanted = select(Event).where(Event.subject == minutes.SUBJECT).order_by(Event.subject_id, Event.seq)
    for number, history in groupby(session.scalars(wanted), lambda event: event.subject_id):
        events = list(history)
        attested = {(number, one.seq): seal.read(one.payload).get("digest") for one in events}
        kept = {place: texts.pop(place, None) for place in attested}
        if kept != attested:
            report.add(N_("meeting {number}: a text is not the one that was written"), number=number)
        try:
            logged = dict(minutes.fold(number, events))
            its = [dict(one) for one in decisions.fold(number, events)]
        except (PopsError, KeyError, ValueError):
            logged, its = {}, []
        if meetings.pop(number, None) != logged:
            report.add(N_("meeting {number}: is not the one the log gives"), number=number)
        for one in its:
            if decided.pop(int(str(one["id"])), None) != one:
                report.add(N_("decision {number}: is not the one the log gives"), number=one["id"])
    for number in {*meetings, *(meeting for meeting, _seq in texts)}:
        report.add(N_("meeting {number}: is in the register but not in the log"), number=number)
    for number in decided:
        report.add(N_("decision {number}: is in the register but not in the log"), number=number)


def _stored(session: Session, table: type[Meeting] | type[Decision]) -> Rows:
    return {row.id: dict(row._mapping) for row in session.execute(select(*table.__table__.columns))}

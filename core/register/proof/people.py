"""Accounts replayed from the log: who has which role, department and branch, who is active, who is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register.log import seal
from core.register.log.seal import LoggedEvent
from core.register.log.tables import Event, Person
from core.register.proof.report import Report
from core.register.proof.streams import Side, keys, stream

ACTIVITY = {"activated": True, "deactivated": False}
ROLES = ("added", "role_changed")
"""The kinds of events that say which role, department and branch somebody has from now on."""


ABSENCES = ("absence_set", "absence_ended")
PRESENT: Mapping[str, object] = {"absent_from": None, "absent_until": None, "deputy_id": None}


def fold(events: Iterable[LoggedEvent]) -> dict[str, object]:
    """Events of one person, oldest first → role, department, branch, active and absence as they must stand."""
    expected: dict[str, object] = {**PRESENT}
    for event in events:
        if event.kind in ROLES:
            payload = seal.read(event.payload)
            expected |= {"role": payload["role"], "department": payload["department"]}
            expected["branch"] = payload.get("branch")  # events of earlier versions know no branches
        if event.kind == "added":
            expected["active"] = True
        elif event.kind in ACTIVITY:
            expected["active"] = ACTIVITY[event.kind]
        elif event.kind in ABSENCES:
            expected |= _absence(seal.read(event.payload))
    return expected


def _absence(said: Mapping[str, Any]) -> Mapping[str, object]:
    if not said:
        return PRESENT
    first, last = date.fromisoformat(said["from"]), date.fromisoformat(said["until"])
    return {"absent_from": first, "absent_until": last, "deputy_id": said["deputy"]}


def check(session: Session, report: Report) -> None:
    """Every account is as its events left it; none is missing from the log or from the register."""
    columns = Event.subject_id, Event.seq, Event.kind, Event.happened_at, Event.actor_id, Event.payload
    of_people = select(*columns).where(Event.subject == "person", Event.kind.in_((*ROLES, *ACTIVITY, *ABSENCES)))
    histories = Side(stream(session, of_people.order_by(Event.subject_id, Event.seq)), lambda row: row.subject_id)
    rows = Side(stream(session, select(*Person.__table__.columns).order_by(Person.id)), lambda row: row.id)
    for person_id in keys(rows, histories):
        row, logged = rows.take(person_id), histories.take(person_id)
        report.people += len(row)
        if not row:
            report.add(N_("person {id}: is in the log but not in the register"), id=person_id)
        elif not logged:
            report.add(N_("person {id}: is in the register but not in the log"), id=person_id)
        else:
            _compare(dict(row[0]._mapping), fold(logged), report)


def _compare(row: Mapping[str, object], expected: Mapping[str, object], report: Report) -> None:
    for name, value in expected.items():
        if row[name] != value:
            report.add(
                N_("person {id}.{name}: register says {stored}, log says {logged}"),
                id=row["id"],
                name=name,
                stored=row[name],
                logged=value,
            )

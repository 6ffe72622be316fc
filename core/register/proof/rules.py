"""Every version of calendar, procedures, catalogues and answer texts against the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register import rulebook
from core.register.log import seal
from core.register.log.tables import AnswerText, CalendarVersion, CatalogueVersion, Event, ProcedureVersion
from core.register.organisation.answer_texts import content
from core.register.proof.report import Report

Name = tuple[str, str | None, int]
"""calendar, procedure or catalogue; its key or name; version."""


def check(session: Session, report: Report) -> None:
    """The text of each version gives the digest that the log attests, and a procedure applies from when it says."""
    wanted = select(Event.subject, Event.subject_id, Event.payload).where(
        Event.subject.in_(("calendar", "procedure", "catalogue", "answer_text"))
    )
    events = [(row.subject, row.subject_id, seal.read(row.payload)) for row in session.execute(wanted)]
    attested = {
        (subject, payload.get("key") or payload.get("name"), version): payload.get("digest")
        for subject, version, payload in events
    }
    stored: dict[Name, str]
    stored = {("calendar", None, row.version): row.content for row in session.scalars(select(CalendarVersion))}
    stored |= {("procedure", row.key, row.version): row.content for row in session.scalars(select(ProcedureVersion))}
    stored |= {("catalogue", row.name, row.version): row.content for row in session.scalars(select(CatalogueVersion))}
    stored |= {("answer_text", row.key, row.version): content(row) for row in session.scalars(select(AnswerText))}
    moved = {one for one in _applied_otherwise(session, events) if one in stored}
    for name in sorted(attested.keys() | stored.keys(), key=str):
        if name not in stored or name in moved or attested.get(name) != rulebook.digest(stored[name]):
            subject, key, version = name
            report.add(
                N_("{subject} {key} version {version}: is not the one that was taken into use"),
                subject=subject,
                key=key or "",
                version=version,
            )


def _applied_otherwise(session: Session, events: Iterable[tuple[str, int, Mapping[str, object]]]) -> Iterator[Name]:
    """The versions of procedures that apply from another moment than the log says, as it does since migration 0011."""
    applies = {(one.key, one.version): one.applies_from for one in session.scalars(select(ProcedureVersion))}
    for subject, version, payload in events:
        key = str(payload.get("key"))
        if subject == "procedure" and "applies_from" in payload:
            said = str(payload["applies_from"])  # an instant, in whatever zone it was written
            if (datetime.fromisoformat(said) if said else None) != applies.get((key, version)):
                yield subject, key, version

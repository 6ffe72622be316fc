"""The deadlines a customer would be promised if a complaint were recorded now, before anything is written."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case.payload import Row
from core.register.log.tables import Complaint
from core.rules import admission, terms
from core.rules.admission import Against, Matter
from core.rules.calendar import LOCAL, BeyondCalendar, WorkCalendar, local_day
from core.rules.procedure import Procedure, Term
from core.rules.terms import Promise

OFFICE_CLOSES = time(17, 30)  # offered where a procedure states no hours


@dataclass(frozen=True, slots=True)
class Outlook:
    """The deadlines ahead. ``taken_until``: the last day on which a complaint about this incident is taken, if limited.

    ``longer_than_law``: the terms for which the statutory 7 working days would be shorter (D14).
    """

    procedure: Procedure
    promises: tuple[Promise, ...]
    taken_until: date | None
    longer_than_law: tuple[Term, ...]


def outlook(
    session: Session,
    procedure: str,
    recorded_at: datetime,
    *,
    incident_on: date | None = None,
    product: str | None = None,
    language: str,
) -> Outlook:
    """The promises of ``procedure`` for a complaint about ``product`` recorded then, on the calendar in use.

    Raises NotFound for an unknown procedure, BeyondCalendar for a year whose days off are not loaded.
    """
    own = rulebook.product(session, product)
    in_use = rulebook.current_procedure(session, procedure, recorded_at).with_reply_days(own.reply_days)
    version = rulebook.calendar_version(session)
    calendar = rulebook.of(session).calendar(session, in_use.key, in_use.version, version)
    return Outlook(
        in_use,
        terms.preview(in_use, calendar, recorded_at, incident_on, language=language),
        terms.admissible_until(in_use, calendar, incident_on, own.complaint_days) if incident_on else None,
        terms.promises_less_than_law(in_use),
    )


def against(session: Session, procedure: Procedure, matter: Matter) -> Against:
    """What stands against taking such a complaint (VHV 1)."""
    until = None
    if procedure.admissible and matter.incident_at:
        own = rulebook.product(session, matter.product).complaint_days
        with suppress(BeyondCalendar):  # nobody knows the days off of that year
            calendar = _calendar(session, procedure.key, procedure.version)
            until = terms.admissible_until(procedure, calendar, local_day(matter.incident_at), own)
    return admission.against(matter, taken_until=until, categories=rulebook.catalogues(session).categories)


def day_after(session: Session, complaint: Complaint, working_days: int, *, now: datetime) -> date:
    """The ``working_days``-th working day after today on the complaint's own calendar."""
    calendar = _calendar(session, complaint.procedure, complaint.procedure_version)
    return calendar.add_days(calendar.day_of(now), working_days)


def office_closes(session: Session, complaint: Complaint, on: date) -> datetime:
    """When the office closes on the working day ``on``; 17:30 where the procedure states no hours."""
    return _closes(session, complaint.procedure, complaint.procedure_version, on)


def office_closes_by(session: Session, row: Row, day: date) -> datetime:
    """The same on the first working day from ``day`` on, for a complaint as a transaction has it (art. 148)."""
    key, version = row["procedure"], row["procedure_version"]
    return _closes(session, key, version, _calendar(session, key, version).add_days(day, 0))


def _closes(session: Session, key: str, version: int, on: date) -> datetime:
    if not rulebook.of(session).procedure(session, key, version).hours_stated:
        return datetime.combine(on, OFFICE_CLOSES, LOCAL)
    return _calendar(session, key, version).closing(on)


def _calendar(session: Session, key: str, version: int) -> WorkCalendar:
    return rulebook.of(session).calendar(session, key, version, rulebook.calendar_version(session))

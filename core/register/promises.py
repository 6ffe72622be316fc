"""What a customer is promised if a complaint is recorded now, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from core.register import rulebook
from core.rules import terms
from core.rules.procedure import Procedure, Term
from core.rules.terms import Promise


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
    """The promises of ``procedure`` for a complaint recorded at ``recorded_at``, on the calendar in use.

    Raises NotFound for an unknown procedure, BeyondCalendar for a year whose days off are not loaded.
    """
    in_use = rulebook.current_procedure(session, procedure)
    version = rulebook.calendar_version(session)
    calendar = rulebook.of(session).calendar(session, in_use.key, in_use.version, version)
    return Outlook(
        in_use,
        terms.preview(in_use, calendar, recorded_at, incident_on, language=language),
        terms.admissible_until(in_use, calendar, incident_on, product) if incident_on else None,
        terms.promises_less_than_law(in_use),
    )

"""What follows from a procedure's terms: warning times, admissibility, promises in advance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.rules.calendar import BeyondCalendar, WorkCalendar
from core.rules.clocks import NEGOTIATION, Cycle, Occurrence, cycles, term_of
from core.rules.procedure import AfterHours, Procedure, Term, Unit
from core.rules.reasons import reasons

IN_OPEN_TIME = frozenset({Unit.WORKING_DAY, Unit.WORKING_MINUTE})


@dataclass(frozen=True, slots=True)
class Promise:
    """What a procedure promises for a complaint that arrives now.

    ``due_at``: None while the event that starts the term is still to come. ``latest_at``: the due instant if every
    earlier step is taken just before its own; None when that step has no deadline, or it lies beyond the calendar.
    ``because``: sentences, in order.
    """

    term: str
    label: str
    label_en: str
    due_at: datetime | None
    latest_at: datetime | None
    because: tuple[str, ...]


def warns_at(cycle: Cycle, procedure: Procedure, calendar: WorkCalendar) -> datetime:
    """From when the deadline counts as near: after ``warn_at`` of the clock's time (open time for working units)."""
    term = term_of(cycle, procedure)
    share = term.warn_at if term else 0.75
    if term and term.unit in IN_OPEN_TIME:
        return min(cycle.due_at, calendar.part_way(cycle.starts_at, cycle.due_at, share))
    seconds = max(0, (cycle.due_at - cycle.starts_at) // timedelta(seconds=1))
    return cycle.starts_at + timedelta(seconds=int(seconds * share))


def admissible_until(
    procedure: Procedure, calendar: WorkCalendar, incident_on: date, complaint_days: int | None = None
) -> date | None:
    """The last date on which a complaint about an incident of that date is taken, or None when there is no limit.

    ``complaint_days``: the product's own period in the unit of the procedure's (VHV 1), None where it has none.
    """
    rule = procedure.admissible
    if rule is None:
        return None
    amount = rule.amount if complaint_days is None else complaint_days
    if rule.unit is Unit.WORKING_DAY:
        return calendar.add_days(incident_on, amount)
    return calendar.add_days(incident_on + timedelta(days=amount), 0)


def promises_less_than_law(procedure: Procedure) -> tuple[Term, ...]:
    """The answering terms that are longer than the statutory 7 working days a customer may ask for (D14)."""
    return tuple(
        term
        for term in procedure.terms
        if term.stage == "resolve" and term.unit is Unit.WORKING_DAY and term.amount > NEGOTIATION.amount
    )


def preview(
    procedure: Procedure,
    calendar: WorkCalendar,
    recorded_at: datetime,
    incident_on: date | None = None,
    *,
    language: str = "vi",
) -> tuple[Promise, ...]:
    """What the customer is promised if the complaint is recorded at ``recorded_at``, before anything else happens."""
    running = {
        c.term: c for c in cycles(procedure, calendar, [Occurrence("received", recorded_at)], incident_on=incident_on)
    }
    latest: dict[str, datetime] = {}
    promises: list[Promise] = []
    for term in procedure.terms:
        cycle = running.get(term.key)
        # A term that an earlier step sets off is counted from the latest moment at which that step is still in time.
        set_off = None if cycle else latest.get(term.from_event)
        if set_off is not None:
            cycle = _supposed(procedure, calendar, term, set_off)
        because = reasons(cycle, procedure, calendar, language) if cycle else ()
        due_at = running[term.key].due_at if term.key in running else None
        at_latest = cycle.due_at if cycle else None
        promises.append(Promise(term.key, term.label, term.label_en, due_at, at_latest, because))
        if cycle:
            latest[term.to_events[0]] = cycle.due_at
    return tuple(promises)


def _supposed(procedure: Procedure, calendar: WorkCalendar, term: Term, set_off: datetime) -> Cycle | None:
    event = Occurrence(term.from_event, _just_before(term, calendar, set_off))
    try:
        return next(c for c in cycles(procedure, calendar, [event]) if c.term == term.key)
    except BeyondCalendar:
        return None


def _just_before(term: Term, calendar: WorkCalendar, at: datetime) -> datetime:
    """``at``, or the second before it where the office is closed at ``at`` already: the step still counts that day."""
    is_shut = term.after_hours is AfterHours.NEXT_OPEN and not calendar.is_open(at)
    is_midnight = at == calendar.end_of_day(calendar.day_of(at) - timedelta(days=1))
    return at - timedelta(seconds=1) if is_shut or is_midnight else at

"""The organisation's calendar: proposals for a year, changes looked at before they are applied, versions that stay (D8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed
from core.i18n import N_
from core.register import case as cases
from core.register import rulebook
from core.register.complaints import Actor
from core.register.tables import CalendarVersion, Complaint, Event, SlaCycle
from core.rules import roles, terms
from core.rules.calendar import CalendarDays, DayRule, WorkCalendar, local_day
from core.rules.days import COMPUTED, CONFIRMED
from core.rules.terms import Occurrence

OPEN_IDS = select(Complaint.id).where(Complaint.closed_at.is_(None))
HORIZON = timedelta(days=75)  # the longest term (30 working days across Tết) stays inside it
LAW = "Bộ luật Lao động 2019, điều 112"


@dataclass(frozen=True, slots=True)
class Moved:
    """One open clock that a change would move."""

    code: str
    complaint_id: int
    term: str
    number: int
    old_due_at: datetime
    new_due_at: datetime

    @property
    def by(self) -> timedelta:
        """How far, later positive."""
        return self.new_due_at - self.old_due_at


@dataclass(frozen=True, slots=True)
class Version:
    """One applied version for the audit list."""

    version: int
    applied_at: datetime
    applied_by: int | None
    reason: str


def current(session: Session) -> CalendarDays:
    """The calendar in use."""
    return rulebook.of(session).days(session, rulebook.calendar_version(session))


def versions(session: Session) -> list[Version]:
    """All versions, newest first."""
    table = CalendarVersion
    rows = session.execute(
        select(table.version, table.applied_at, table.applied_by, table.reason).order_by(table.version.desc())
    )
    return [Version(*row) for row in rows]


def proposals(days: CalendarDays, year: int) -> dict[date, DayRule]:
    """What the ``holidays`` package proposes for ``year`` in Vietnamese and the calendar does not have yet.

    A proposal only: the organisation's calendar decides.
    """
    named = holidays.country_holidays("VN", years=year, language="vi")
    english = holidays.country_holidays("VN", years=year, language="en_US")
    return {
        day: DayRule((), name, english.get(day, name), LAW, COMPUTED)
        for day, name in sorted(named.items())
        if day not in days.days or year > days.last_year
    }


def with_year(days: CalendarDays, year: int, approved: Mapping[date, DayRule]) -> CalendarDays:
    """``days`` with the next year added; Invalid when it would leave a gap."""
    if year != days.last_year + 1:
        raise Invalid(N_("The next year to approve is {year}."), year=days.last_year + 1)
    return replace(days, last_year=year, days={**days.days, **approved})


def with_day(days: CalendarDays, day: date, *, is_off: bool, name: str, today: date) -> CalendarDays:
    """``days`` with one day off or one worked day more (a swapped Saturday keeps the procedure's hours).

    Raises Invalid for a day without a name, outside the years, or already past: verdicts were given on it (D8).
    """
    _check_day(days, day, today)
    if not name.strip():
        raise Invalid(N_("Write why: the reason stands beside every deadline it moves."), {"name": ""})
    rule = DayRule(() if is_off else None, name.strip(), name.strip(), N_("decision of the organisation"), CONFIRMED)
    return replace(days, days={**days.days, day: rule})


def without_day(days: CalendarDays, day: date, *, today: date) -> CalendarDays:
    """``days`` with ``day`` as ordinary as its weekday again."""
    _check_day(days, day, today)
    if day not in days.days:
        raise Invalid(N_("{day} is not in the calendar."), day=f"{day:%d/%m/%Y}")
    return replace(days, days={key: rule for key, rule in days.days.items() if key != day})


def preview(session: Session, days: CalendarDays) -> list[Moved]:
    """Which open clocks would move if ``days`` were applied, the earliest first; nothing is written."""
    moved: list[Moved] = []
    calendars: dict[tuple[str, int], WorkCalendar] = {}
    for complaint, events, running in _open(session):
        procedure = rulebook.of(session).procedure(session, complaint.procedure, complaint.procedure_version)
        calendar = calendars.setdefault((procedure.key, procedure.version), procedure.calendar(days))
        said = [Occurrence(event.kind, event.happened_at, event.payload) for event in map(cases.happening_of, events)]
        dues = {(cycle.term, cycle.number): cycle.due_at for cycle in terms.cycles(procedure, calendar, said)}
        moved += [
            Moved(complaint.code, complaint.id, row.term, row.number, row.due_at, dues[row.term, row.number])
            for row in running
            if dues[row.term, row.number] != row.due_at
        ]
    return sorted(moved, key=lambda one: (one.old_due_at, one.code))


def apply(session: Session, days: CalendarDays, *, reason: str, by: Actor, now: datetime) -> list[Moved]:
    """Apply ``days`` as the next version and move the open clocks it touches, each with its own event (D8).

    Raises NotAllowed for a role that does not manage the calendar, Invalid without a reason or without a change.
    """
    if not roles.may(by.role, "manage_calendar"):
        raise NotAllowed(N_("Your role does not include this step: ask a lead."))
    if not reason.strip():
        raise Invalid(N_("Write why: the reason stands beside every deadline it moves."), {"reason": ""})
    in_use = current(session)
    if (days.days, days.last_year) == (in_use.days, in_use.last_year):
        raise Invalid(N_("Nothing changes: add or remove a day first."))
    if days.version != in_use.version:
        raise Invalid(N_("Somebody applied another calendar meanwhile: look at the preview again."))
    moved = preview(session, days)
    rulebook.add_calendar(session, days, reason=reason.strip(), by=by.id, now=now)
    touched = []
    for code, its in groupby(sorted(moved, key=lambda one: one.code), key=lambda one: one.code):
        case = cases.load(session, code)
        case.add(session, "recalculated", {"moved": [_said(one) for one in its]}, happened_at=now, now=now, by=by.id)
        touched.append(case)
    cases.save(session, touched)
    return moved


def missing_year(session: Session, *, now: datetime) -> int | None:
    """The first year without an approved calendar that a deadline of today can reach, or None."""
    last = current(session).last_year
    return last + 1 if local_day(now + HORIZON).year > last else None


def _check_day(days: CalendarDays, day: date, today: date) -> None:
    if not days.first_year <= day.year <= days.last_year:
        raise Invalid(N_("{day} lies outside the approved years."), {"day": ""}, day=f"{day:%d/%m/%Y}")
    if day <= today:
        raise Invalid(
            N_("{day} is not in the future: a day that has begun is not rewritten."), {"day": ""}, day=f"{day:%d/%m/%Y}"
        )


def _said(moved: Moved) -> dict[str, object]:
    return {
        "term": moved.term,
        "number": moved.number,
        "from": moved.old_due_at.isoformat(),
        "to": moved.new_due_at.isoformat(),
    }


def _open(session: Session) -> Iterable[tuple[Complaint, Sequence[Event], Sequence[SlaCycle]]]:
    """Every open complaint with a running clock: row, events, running clocks."""
    running = select(SlaCycle).where(SlaCycle.stopped_at.is_(None), SlaCycle.cancelled_at.is_(None))
    clocks: dict[int, list[SlaCycle]] = {}
    for row in session.scalars(running):
        clocks.setdefault(row.complaint_id, []).append(row)
    found = {row.id: row for row in session.scalars(select(Complaint).where(Complaint.closed_at.is_(None)))}
    wanted = select(Event).where(Event.subject == "complaint", Event.subject_id.in_(OPEN_IDS))
    ordered = session.scalars(wanted.order_by(Event.subject_id, Event.seq).execution_options(yield_per=2000))
    for complaint_id, events in groupby(ordered, key=lambda event: event.subject_id):
        if complaint_id in clocks and complaint_id in found:
            yield found[complaint_id], list(events), clocks[complaint_id]

"""The organisation's calendar in the register: versions that stay, a change looked at before it is applied (D8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_
from core.register import rulebook
from core.register.calendar.changes import differences
from core.register.case import case as cases
from core.register.case.payload import CaseEvent, MovedDue, Payload
from core.register.case.steps.recording import Content
from core.register.log import act as acts
from core.register.log.act import Act
from core.register.log.tables import CalendarVersion, Complaint, Event, SlaCycle
from core.rules import clocks, policy
from core.rules.calendar import LOCAL, WorkCalendar, local_day
from core.rules.days import CalendarDays
from core.rules.procedure import Procedure
from core.rules.undo import effective

HORIZON = timedelta(days=75)  # the longest term (30 working days across Tết) stays inside it
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """One running clock that a change would move; ``label`` names its term."""

    code: str
    complaint_id: int
    term: str
    number: int
    old_due_at: datetime
    new_due_at: datetime
    label: str = ""
    label_en: str = ""

    @property
    def by(self) -> timedelta:
        """How far, later positive."""
        return self.new_due_at - self.old_due_at


class RunningClock(NamedTuple):
    """A running cycle with the complaint it belongs to."""

    complaint_id: int
    term: str
    number: int
    due_at: datetime
    code: str
    procedure: str
    procedure_version: int
    reply_days: int | None


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


def as_applied(session: Session, version: int) -> CalendarDays | None:
    """The calendar exactly as ``version`` was applied; None where there is no such version."""
    content = session.scalar(select(CalendarVersion.content).where(CalendarVersion.version == version))
    return CalendarDays.from_json(content) if content else None


def preview(session: Session, days: CalendarDays) -> list[Moved]:
    """Which running clocks would move if ``days`` were applied, the earliest first; nothing is written.

    A clock whose due lies before the first changed day cannot move, so only the others are worked out anew.
    """
    changed = differences(current(session), days)
    if not changed:
        return []
    running = _running(session, min(changed))
    calendars: dict[tuple[str, int, int | None], tuple[Procedure, WorkCalendar]] = {}
    moved: list[Moved] = []
    for complaint_id, events in _histories(session, running):
        rows = running[complaint_id]
        name = (rows[0].procedure, rows[0].procedure_version, rows[0].reply_days)
        if name not in calendars:
            procedure = rulebook.of(session).procedure(session, *name)
            calendars[name] = (procedure, procedure.calendar(days))
        moved += _moved(rows, events, *calendars[name])
    return sorted(moved, key=lambda one: (one.old_due_at, one.code, one.term))


def apply(session: Session, days: CalendarDays, reason: str, act: Act) -> list[Moved]:
    """Apply ``days`` as the next version and move the running clocks it touches, each with its own event (D8).

    Raises NotAllowed for a role that does not manage the calendar, Invalid without a reason, without a change, or for a
    day that has begun.
    """
    actor = acts.actor(session, act)
    if actor is not None:
        policy.check_action(actor, "manage_calendar")
    if not reason.strip():
        raise Invalid(N_("Write why: the reason stands beside every deadline it moves."), {"reason": ""})
    in_use = current(session)
    if (days.days, days.last_year) == (in_use.days, in_use.last_year):
        raise Invalid(N_("Nothing changes: add or remove a day first."))
    if days.version != in_use.version:
        raise Invalid(N_("Somebody applied another calendar meanwhile: look at the preview again."))
    _refuse_begun(in_use, days, local_day(act.now))
    moved = preview(session, days)
    rulebook.add_calendar(session, days, reason.strip(), act)
    its_own: dict[int, list[Moved]] = {}
    for one in moved:
        its_own.setdefault(one.complaint_id, []).append(one)
    touched = []
    for complaint_id, events in _histories(session, its_own):
        case = cases.of_events(complaint_id, events)
        payload = Payload(moved=[_payload(one) for one in its_own[complaint_id]])
        case.add(session, "recalculated", Content(payload), act.stamp)
        touched.append(case)
    cases.save(session, touched)
    return moved


def closed_weekdays(session: Session, *, now: datetime) -> frozenset[int]:
    """The weekdays (Monday 0) on which no procedure has office hours: what a worked Saturday is an exception from."""
    procedures = rulebook.current_procedures(session, now).values()
    return frozenset(weekday for weekday in range(7) if not any(one.week[weekday] for one in procedures))


def missing_year(session: Session, *, now: datetime) -> int | None:
    """The first year without an approved calendar that a deadline of today can reach, or None."""
    last = current(session).last_year
    return last + 1 if local_day(now + HORIZON).year > last else None


def _refuse_begun(in_use: CalendarDays, days: CalendarDays, today: date) -> None:
    """A change looked at yesterday may name a day that has begun meanwhile; a new year may be approved late."""
    for day in differences(in_use, days):
        if day <= today and day.year <= in_use.last_year:
            raise Invalid(
                N_("{day} is not in the future: a day that has begun is not rewritten."),
                {"day": ""},
                day=f"{day:%d/%m/%Y}",
            )


def _payload(moved: Moved) -> MovedDue:
    return {
        "term": moved.term,
        "number": moved.number,
        "from": moved.old_due_at.isoformat(),
        "to": moved.new_due_at.isoformat(),
    }


def _moved(
    rows: list[RunningClock], events: Iterable[CaseEvent], procedure: Procedure, calendar: WorkCalendar
) -> Iterator[Moved]:
    anew = {(cycle.term, cycle.number): cycle for cycle in clocks.cycles(procedure, calendar, effective(list(events)))}
    for row in rows:
        cycle = anew[row.term, row.number]
        if cycle.due_at != row.due_at:
            term = clocks.term_of(cycle, procedure)
            label, label_en = (term.label, term.label_en) if term else ("", "")
            yield Moved(row.code, row.complaint_id, row.term, row.number, row.due_at, cycle.due_at, label, label_en)


def _running(session: Session, first: date) -> dict[int, list[RunningClock]]:
    """Complaint → its running clocks that are due on ``first`` or later."""
    wanted = (
        select(
            SlaCycle.complaint_id,
            SlaCycle.term,
            SlaCycle.number,
            SlaCycle.due_at,
            Complaint.code,
            Complaint.procedure,
            Complaint.procedure_version,
            Complaint.reply_days,
        )
        .join(Complaint, Complaint.id == SlaCycle.complaint_id)
        .where(SlaCycle.stopped_at.is_(None), SlaCycle.cancelled_at.is_(None))
        .where(SlaCycle.due_at >= datetime.combine(first, time(0), LOCAL))
    )
    found: dict[int, list[RunningClock]] = {}
    for row in map(RunningClock._make, session.execute(wanted)):
        found.setdefault(row.complaint_id, []).append(row)
    return found


def _histories(session: Session, ids: Iterable[int]) -> Iterator[tuple[int, Iterable[CaseEvent]]]:
    """Every complaint of ``ids`` with its events, oldest first."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        wanted = (
            select(Event.subject_id, Event.seq, Event.kind, Event.happened_at, Event.actor_id, Event.payload)
            .where(Event.subject == "complaint", Event.subject_id.in_(ordered[start : start + BATCH]))
            .order_by(Event.subject_id, Event.seq)
        )
        for complaint_id, rows in groupby(session.execute(wanted).all(), key=lambda row: int(row.subject_id)):
            yield complaint_id, map(cases.event_of, rows)

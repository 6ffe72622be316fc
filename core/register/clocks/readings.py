"""The clocks of one complaint as a person reads them: due, verdict, time left, and why the deadline is when it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case.payload import CaseEvent, Row
from core.register.clocks import cycles
from core.rules import clocks, misses, reasons, terms, verdicts
from core.rules.calendar import WorkCalendar, local_day
from core.rules.clocks import Cycle
from core.rules.procedure import Procedure
from core.rules.reasons import ExplainedDay
from core.rules.time_left import CLOCK_DAY, ON_THE_CLOCK, day_seconds
from core.rules.undo import effective
from core.rules.verdicts import BROKEN, Verdict


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One cycle at one moment.

    ``label``: empty for a promised date (D14). ``is_near``: the warning time has come. ``left_seconds``: from now (or
    from the stop) to due, negative when past it; open seconds where ``in_working_time``, else seconds on the clock.
    ``day_seconds``: how many of them a person calls a day. ``spent``: share of the term used up, 0 to 1.
    ``breach_reason``: why it was missed, once somebody said it. ``is_kept``: somebody did what was promised, late or
    not; else it ended by a withdrawal or a merge (D13).
    """

    term: str
    number: int
    label: str
    label_en: str
    starts_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    verdict: Verdict
    is_near: bool
    left_seconds: int
    in_working_time: bool
    day_seconds: int
    spent: float
    because: str
    days: tuple[ExplainedDay, ...]
    breach_reason: str | None = None
    is_kept: bool = False

    @property
    def is_broken(self) -> bool:
        """Whether the promise was not kept, so that a reason is owed (POPS step 7)."""
        return self.verdict in BROKEN


def read(
    session: Session, row: Row, events: Sequence[CaseEvent], *, now: datetime, language: str
) -> tuple[ClockReading, ...]:
    """Every clock of the complaint, in the procedure's order; sentences in ``language``."""
    book = rulebook.of(session)
    procedure = book.procedure(session, row["procedure"], row["procedure_version"], row["reply_days"])
    found = cycles.cycles_of(session, row, events)
    given = misses.reasons(effective(events), [cycle for cycle, _ in found])
    readings = []
    for cycle, version in found:
        calendar = book.calendar(session, row["procedure"], row["procedure_version"], version)
        reading = _reading(cycle, procedure, calendar, now, language)
        readings.append(replace(reading, breach_reason=given.get(misses.name_of(cycle))))
    return tuple(readings)


def _reading(cycle: Cycle, procedure: Procedure, calendar: WorkCalendar, now: datetime, language: str) -> ClockReading:
    term = clocks.term_of(cycle, procedure)
    read_at = cycle.cancelled_at or cycle.stopped_at or now
    in_working_time = (term is None or term.unit not in ON_THE_CLOCK) and _is_known(calendar, read_at)
    found = verdicts.verdict(cycle, now)
    return ClockReading(
        term=cycle.term,
        number=cycle.number,
        label=term.label if term else "",
        label_en=term.label_en if term else "",
        starts_at=cycle.starts_at,
        due_at=cycle.due_at,
        stopped_at=cycle.stopped_at,
        verdict=found,
        is_near=found is Verdict.RUNNING and now >= terms.warns_at(cycle, procedure, calendar),
        left_seconds=_between(calendar, read_at, cycle.due_at, in_working_time),
        in_working_time=in_working_time,
        day_seconds=day_seconds(procedure) if in_working_time else CLOCK_DAY,
        spent=_spent(cycle, calendar, read_at, in_working_time),
        because=reasons.because(cycle, procedure, calendar, language),
        days=reasons.explain(cycle, procedure, calendar),
        is_kept=cycle.working_seconds is not None,
    )


def _is_known(calendar: WorkCalendar, at: datetime) -> bool:
    """Whether the calendar reaches ``at``: a page must open although the year's days off are not approved yet."""
    return calendar.first_year <= local_day(at).year <= calendar.last_year


def _spent(cycle: Cycle, calendar: WorkCalendar, at: datetime, in_working_time: bool) -> float:
    whole = _between(calendar, cycle.starts_at, cycle.due_at, in_working_time)
    used = _between(calendar, cycle.starts_at, at, in_working_time)
    return 1.0 if whole <= 0 else min(1.0, max(0.0, used / whole))


def _between(calendar: WorkCalendar, a: datetime, b: datetime, in_working_time: bool) -> int:
    return calendar.seconds_between(a, b) if in_working_time else int((b - a).total_seconds())

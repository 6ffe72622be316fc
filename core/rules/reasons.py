"""Why a deadline is when it is: in sentences one can copy into a reply, and day by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.rules.calendar import DAY_OFF, WEEKEND, DayLine, WorkCalendar
from core.rules.clocks import Cycle, term_of
from core.rules.procedure import Procedure, Term, Unit
from core.rules.wording import Wording
from core.rules.wording import of as wording_of

START, COUNTED, SKIPPED, DUE = "start", "counted", "skipped", "due"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ExplainedDay:
    """One date between the start and the end of a clock.

    ``kind``: ``start`` (the day that is not counted), ``counted``, ``skipped`` or ``due``. ``number``: which working
    day of the term it is, None where days are not what is counted. ``seconds``: of the date inside the clock, open ones
    unless the term counts hours without a break.
    """

    day: date
    kind: str
    number: int | None
    seconds: int
    text: str
    text_en: str


def because(cycle: Cycle, procedure: Procedure, calendar: WorkCalendar, language: str = "vi") -> str:
    """One sentence for the customer: the deadline, how it was counted, and the rule's source."""
    wording = wording_of(language)
    term = term_of(cycle, procedure)
    ends = wording.moment(cycle.due_at.astimezone(calendar.zone), end=True)
    parts = "; ".join(reasons(cycle, procedure, calendar, language))
    if term is None:
        return wording.promised_deadline.format(ends=ends, parts=parts)
    label = term.label if language == "vi" else term.label_en
    return wording.deadline.format(label=label[0].lower() + label[1:], ends=ends, parts=parts, source=term.source)


def reasons(cycle: Cycle, procedure: Procedure, calendar: WorkCalendar, language: str = "vi") -> tuple[str, ...]:
    """The steps of the count as short sentences: when it was deemed received, what is counted, what is left out."""
    wording = wording_of(language)
    start = cycle.starts_at.astimezone(calendar.zone)
    term = term_of(cycle, procedure)
    if term is None:
        return (wording.promised.format(start=wording.moment(start)),)
    parts = [*_arrival(cycle, calendar, wording), _count(term, start, wording)]
    if term.unit in (Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.WORKING_MINUTE):
        parts += _left_out(cycle, term, calendar, wording)
    if term.is_products_own:
        parts.append(wording.products_own)
    if cycle.number > 1:
        parts.append(wording.again.format(number=cycle.number - 1))
    if cycle.due_without_pause not in (None, cycle.due_at):
        parts.append(wording.paused)
    return tuple(parts)


def explain(cycle: Cycle, procedure: Procedure, calendar: WorkCalendar) -> tuple[ExplainedDay, ...]:
    """Every date from the start of the clock to its end; the seconds sum to what the term counts between the two."""
    term = term_of(cycle, procedure)
    if term is not None and term.unit is Unit.HOUR:
        return tuple(_without_a_break(cycle, calendar))
    in_days = term is not None and term.unit is Unit.WORKING_DAY
    lines = calendar.explain(cycle.starts_at, max(cycle.starts_at, cycle.due_at))
    return tuple(_explained(lines, in_days, calendar))


def _explained(lines: tuple[DayLine, ...], in_days: bool, calendar: WorkCalendar) -> Iterator[ExplainedDay]:
    number = 0
    for i, line in enumerate(lines):
        worked = calendar.is_workday(line.day)
        if in_days and i > 0 and worked:  # the first day is not counted (D1)
            number += 1
        kind = _kind(i, len(lines), worked, in_days)
        nth = number if in_days and kind in (COUNTED, DUE) else None
        texts = [wording_of(language).day(line, kind, nth) for language in ("vi", "en")]
        yield ExplainedDay(line.day, kind, nth, line.seconds, *texts)


def _without_a_break(cycle: Cycle, calendar: WorkCalendar) -> Iterator[ExplainedDay]:
    """Each date with its hours, nights and days off included; the minutes shown sum to those of the term."""
    start = begin = cycle.starts_at.astimezone(calendar.zone)
    due = max(start, cycle.due_at.astimezone(calendar.zone))
    while True:
        midnight = datetime.combine(begin.date() + timedelta(days=1), time(0), calendar.zone)
        end = min(midnight, due)
        minutes = (end - start) // MINUTE - (begin - start) // MINUTE
        texts = [wording_of(language).hours(begin.date(), minutes, is_last=end == due) for language in ("vi", "en")]
        kind = DUE if end == due else COUNTED
        yield ExplainedDay(begin.date(), kind, None, int((end - begin).total_seconds()), *texts)
        if end == due:
            return
        begin = end


def _kind(i: int, count: int, worked: bool, in_days: bool) -> str:
    if i == count - 1:
        return DUE
    if i == 0:
        return START
    return COUNTED if worked or not in_days else SKIPPED


def _arrival(cycle: Cycle, calendar: WorkCalendar, wording: Wording) -> list[str]:
    if cycle.arrived_at is None:
        return []
    arrived, start = cycle.arrived_at.astimezone(calendar.zone), cycle.starts_at.astimezone(calendar.zone)
    why = calendar.reason(arrived.date())
    name = calendar.names.get(arrived.date(), ("", ""))[wording.index] if why == DAY_OFF else ""
    shut = f"{wording.outside} ({name})" if name else wording.outside
    return [wording.deemed.format(arrived=wording.moment(arrived), outside=shut, start=wording.moment(start))]


def _count(term: Term, start: datetime, wording: Wording) -> str:
    template = wording.counts[term.unit]
    plural = "" if term.amount == 1 else wording.plural
    return template.format(
        n=term.amount, s=plural, day=wording.on(start.date(), year=True), start=wording.moment(start)
    )


def _left_out(cycle: Cycle, term: Term, calendar: WorkCalendar, wording: Wording) -> list[str]:
    """What was passed over between the first day and the last, and which days off by the week were worked."""
    first = calendar.day_of(cycle.starts_at)
    last = calendar.day_of(cycle.due_at - timedelta(seconds=1))
    dates = [first + timedelta(days=i) for i in range(1, (last - first).days + 1)]
    if term.unit is Unit.CALENDAR_DAY:
        return []
    off = [d for d in dates if not calendar.is_workday(d) and calendar.reason(d) == DAY_OFF]
    weekend = any(not calendar.is_workday(d) and calendar.reason(d) == WEEKEND for d in dates)
    worked = [d for d in dates if calendar.is_workday(d) and d in calendar.names]
    skipped = [wording.run_of_days(run, calendar.names) for run in _consecutive(off)]
    if weekend:
        skipped.append(wording.weekend)
    named = [wording.run_of_days([d], calendar.names) for d in worked]
    parts = ((wording.skipped, skipped), (wording.worked, named))
    return [template.format(days=wording.listed(days)) for template, days in parts if days]


def _consecutive(days: list[date]) -> list[list[date]]:
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs

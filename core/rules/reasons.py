"""Why a deadline is when it is: in sentences one can copy into a reply, and day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.rules.calendar import DAY_OFF, WEEKEND, DayLine, WorkCalendar
from core.rules.clocks import Cycle, term_of
from core.rules.procedure import Procedure, Term, Unit
from core.rules.wording import Wording
from core.rules.wording import of as wording_of

START, COUNTED, SKIPPED, DUE = "start", "counted", "skipped", "due"
MINUTE = timedelta(minutes=1)
Effect = Callable[[Wording], str]
"""What a date did to the count, in the words of a language."""


@dataclass(frozen=True, slots=True)
class ExplainedDay:
    """One date between the start and the end of a clock.

    ``kind``: ``start`` (the day that is not counted), ``counted``, ``skipped`` or ``due``. ``number``: which day of the
    term it is, None where days are not what is counted, or this one is not. ``seconds``: of the date inside the clock,
    open ones unless the term counts hours without a break.
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
    if term.unit in (Unit.WORKING_DAY, Unit.WORKING_MINUTE):
        parts += _left_out(cycle, calendar, wording)
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
    lines = calendar.explain(cycle.starts_at, max(cycle.starts_at, cycle.due_at))
    if term is not None and term.unit is Unit.WORKING_DAY:
        return tuple(_working_days(lines, calendar))
    if term is not None and term.unit is Unit.CALENDAR_DAY:
        return tuple(_calendar_days(lines, term.amount, calendar))
    return tuple(_open_time(lines))


def _working_days(lines: Sequence[DayLine], calendar: WorkCalendar) -> Iterator[ExplainedDay]:
    """The first day is not counted (D1), nor is one that is not worked."""
    number = 0
    for i, line in enumerate(lines):
        worked, is_last = calendar.is_workday(line.day), i == len(lines) - 1
        if i and worked:
            number += 1
            yield _day(line, DUE if is_last else COUNTED, lambda one: one.nth, number)
        else:
            yield _day(line, SKIPPED if i else START, (lambda one: one.not_counted) if worked else _off(line))


def _calendar_days(lines: Sequence[DayLine], amount: int, calendar: WorkCalendar) -> Iterator[ExplainedDay]:
    """The first day is not counted, each after it is, worked or not; a last day off moves to the next working day."""
    due = len(lines) - 1
    last = due
    while last > amount and not calendar.is_workday(lines[last - 1].day):  # a pause may have made the term longer
        last -= 1
    for number, line in enumerate(lines):
        if number == 0:
            yield _day(line, START, lambda one: one.not_counted)
        elif number == due > last:
            yield _day(line, DUE, lambda one: one.moved_to)
        elif number > last:
            yield _day(line, SKIPPED, _off(line))
        elif number == last < due:
            yield _day(line, COUNTED, lambda one: one.nth_of_all + one.moved, number)
        else:
            yield _day(line, DUE if number == due else COUNTED, lambda one: one.nth_of_all, number)


def _open_time(lines: Sequence[DayLine]) -> Iterator[ExplainedDay]:
    """Each date with its open minutes, the first one too; the minutes shown sum to those of the term."""
    before = 0
    for i, line in enumerate(lines):
        after = before + line.seconds
        effect = _minutes(after // 60 - before // 60) if line.seconds else _off(line)
        yield _day(line, DUE if i == len(lines) - 1 else COUNTED if line.seconds else SKIPPED, effect)
        before = after


def _off(line: DayLine) -> Effect:
    return lambda one: one.off(line.reason)


def _minutes(minutes: int) -> Effect:
    return lambda one: one.open_time.format(minutes=minutes)


def _day(line: DayLine, kind: str, effect: Effect, number: int | None = None) -> ExplainedDay:
    """``effect``: what the date did to the count; ``{n}`` in it is ``number``."""
    said = [(one, effect(one).format(n=number)) for one in (wording_of("vi"), wording_of("en"))]
    texts = [one.day(line, text, is_last=kind == DUE) for one, text in said]
    return ExplainedDay(line.day, kind, number, line.seconds, *texts)


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


def _left_out(cycle: Cycle, calendar: WorkCalendar, wording: Wording) -> list[str]:
    """What was passed over between the first day and the last, and which days off by the week were worked."""
    first = calendar.day_of(cycle.starts_at)
    last = calendar.day_of(cycle.due_at - timedelta(seconds=1))
    dates = [first + timedelta(days=i) for i in range(1, (last - first).days + 1)]
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

"""The clocks a complaint's events have started: the fold from events to cycles with their due instants (D1-D7, D14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple, Protocol, TypedDict

from core.errors import Invalid
from core.rules.admission import INADMISSIBLE
from core.rules.calendar import WorkCalendar, ensure_aware, whole_second
from core.rules.procedure import AfterHours, Procedure, Repeats, Term, Unit
from core.rules.steps import Effect, events_with
from core.rules.verdicts import is_past


class ClockPayload(TypedDict, total=False):
    """What clocks read of an event's payload.

    ``chase_on``: the day on which the customer is reminded (D5). ``action``: the preventive action meant (MISA 4).
    ``kind``: of a promised date (D14), or of the matter where it is classified. ``due_at``: of such a date. Days and
    instants as ISO text. ``outcome``: of closing. ``keeps_due``: of an event that cancels: what fell due before it
    stays missed (D13); those that earlier versions logged cancelled that too, and say nothing.
    """

    chase_on: str | None
    action: str
    kind: str | None
    due_at: str | None
    outcome: str | None
    keeps_due: bool


class ClockEvent(Protocol):
    """What clocks read of an event: the register's own events and ``Occurrence`` both have it."""

    @property
    def kind(self) -> str:
        """A key of ``core.rules.steps.EFFECTS``."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def payload(self) -> ClockPayload:
        """What was recorded with it."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event that no register holds: supposed, or typed in."""

    kind: str
    at: datetime
    payload: ClockPayload = field(default_factory=ClockPayload)


class OfTerm(Protocol):
    """A ``Cycle``, or what else is of a term."""

    @property
    def term(self) -> str:
        """The key of the term."""


class Cycle(NamedTuple):
    """One run of one clock.

    ``starts_at``: when it starts counting: what arrived outside office hours is deemed received at the next opening
    (D2). ``due_at``: the instant the term ends, earned pauses included (D5); ``due_without_pause`` leaves them out.
    ``arrived_at``: the event that set it off, where that differs from ``starts_at``; only explanations need it.
    ``working_seconds``: open seconds from start to stop less the paused ones; None while it runs, and where nobody did
    what was promised: the complaint was withdrawn or merged away when it was overdue (``stopped_at``), so that it is
    missed (D13). ``paused_seconds``: open seconds paused (real seconds for a term in hours of the clock).
    """

    term: str
    number: int
    starts_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None
    cancelled_at: datetime | None = None
    working_seconds: int | None = None
    paused_seconds: int = 0
    due_without_pause: datetime | None = None
    arrived_at: datetime | None = None


@dataclass(slots=True)
class _Run:
    """A clock while the fold goes through the events; ``due`` where the due date itself was promised (D14).

    ``keeps_due``: as the event says that cancelled it. ``untaken``: the complaint was refused as one that the rules do
    not take, so that this was never promised, unless it was overdue by then.
    """

    start: datetime
    stop: datetime | None = None
    cancelled: datetime | None = None
    due: datetime | None = None
    action: str | None = None
    keeps_due: bool = False
    untaken: bool = False

    @property
    def runs(self) -> bool:
        return self.stop is None and self.cancelled is None

    def ended(self, due_at: datetime) -> tuple[datetime | None, datetime | None]:
        """When it stopped and when it was cancelled: one that was overdue when it was cancelled stays missed (D13)."""
        if self.keeps_due and self.cancelled and is_past(due_at, self.cancelled):
            return self.cancelled, None
        return self.stop, self.cancelled


Pause = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Count:
    """A term counted from one start; ``due``: where it ends without any pause."""

    term: Term
    calendar: WorkCalendar
    start: datetime
    due: datetime

    def moved_by(self, days: int, seconds: int) -> datetime:
        """Where it ends with the working days and seconds that pauses have earned (D5)."""
        if self.term.unit is Unit.HOUR:
            return self.due + timedelta(seconds=seconds)
        if self.term.unit is Unit.WORKING_MINUTE:
            return self.calendar.add(self.start, timedelta(minutes=self.term.amount, seconds=seconds))
        return due(self.term, self.calendar, self.start, days)


NEGOTIATION = Term(
    key="negotiation",
    stage="negotiate",
    label="Thương lượng theo yêu cầu của khách hàng",
    label_en="Negotiation asked for by the customer",
    from_event="negotiation_requested",
    to_events=("remedy_proposed", "result_notified", "closed"),
    amount=7,
    unit=Unit.WORKING_DAY,
    after_hours=AfterHours.SAME_DAY,
    warn_at=0.75,
    source="Luật Bảo vệ quyền lợi người tiêu dùng 19/2023, điều 57 khoản 2",
    rule="Tiếp nhận và thương lượng chậm nhất 07 ngày làm việc kể từ ngày nhận được yêu cầu",
    decision="D14",
    repeats=Repeats.EACH,
)
"""The statutory clock that every procedure carries (D14)."""

PROMISED = "promised_"
PROGRESS = "update"
"""The kind of promised date that any word to the customer keeps (D14)."""
SOLUTION = "solution"
"""The kind by which a customer who refused a proposal hears again: the next proposal or the result keeps it (D17)."""
REPLY = "reply"
"""The kind that only the result keeps (D14)."""
SAYS_KIND = ("received", "classified")
"""The events that say what kind of matter it is: at intake, where it is known at once, and later."""
GIVEN = "date_promised"
"""The event that is nothing but a date; the others of ``Effect.PROMISES`` may do without one."""

# Looked up once: to read a member of an enum is a call by itself, and every clock asks for these.
_WORKING_DAY, _HOUR, _WORKING_MINUTE = Unit.WORKING_DAY, Unit.HOUR, Unit.WORKING_MINUTE
_NEXT_OPEN, _EACH = AfterHours.NEXT_OPEN, Repeats.EACH
# Sets of event names: a flag would be tested some eighty times per complaint, and sets are about ten times faster.
_CANCEL = events_with(Effect.CANCELS)
_REOPEN = events_with(Effect.REOPENS)
_PAUSE = events_with(Effect.PAUSES)
_END_PAUSE = events_with(Effect.ENDS_PAUSE)
_WHETHER_IT_COUNTS = _CANCEL | _REOPEN
_KEEP = {PROGRESS: events_with(Effect.KEEPS_UPDATE), SOLUTION: events_with(Effect.KEEPS_SOLUTION)}
_KEEP_REPLY = events_with(Effect.KEEPS_REPLY)
_PROMISE = events_with(Effect.PROMISES)
_at = attrgetter("at")


def cycles(
    procedure: Procedure, calendar: WorkCalendar, events: Iterable[ClockEvent], *, incident_on: date | None = None
) -> tuple[Cycle, ...]:
    """Every clock these events have started: the procedure's terms in their order, the statutory one, promised dates.

    Events may come in any order; those of one second keep theirs, since clocks read whole seconds (D29). A term may
    start from the ``incident`` itself.
    Raises ``BeyondCalendar`` when a clock reaches a year that is not loaded.
    """
    ordered: list[ClockEvent] = sorted(map(to_the_second, events), key=_at)
    if incident_on is not None:
        ordered.insert(0, Occurrence("incident", datetime.combine(incident_on, datetime.min.time(), calendar.zone)))
    earned = pauses(calendar, ordered) if procedure.pause_on else ()
    kinds = {event.kind for event in ordered}
    built = [
        cycle
        for term in (*procedure.terms, NEGOTIATION)
        if term.from_event in kinds or term.else_from in kinds
        for number, run in enumerate(_runs(term, _heeded(term, ordered)), 1)
        for cycle in (_cycle(term, number, calendar, run, earned),)
        if not (run.untaken and cycle.cancelled_at)
    ]
    if not kinds.isdisjoint(_PROMISE):
        built += _promised_cycles(calendar, ordered)
    return tuple(built)


def to_the_second(event: ClockEvent) -> ClockEvent:
    """The event as clocks read it; one that is logged on a fraction of a second happened in that second (D29)."""
    return Occurrence(event.kind, whole_second(event.at), event.payload) if event.at.microsecond else event


def term_of(cycle: OfTerm, procedure: Procedure) -> Term | None:
    """The term behind a cycle; None for a promised date, which has no length of its own."""
    return NEGOTIATION if cycle.term == NEGOTIATION.key else procedure.term(cycle.term)


def starts_counting(term: Term, calendar: WorkCalendar, at: datetime) -> datetime:
    """When a term set off at ``at`` starts counting: at the next opening (D2), or that very moment (D3)."""
    if term.after_hours is _NEXT_OPEN and term.unit is not _HOUR:
        return calendar.next_open(at)
    return ensure_aware(at).astimezone(UTC)


def due(term: Term, calendar: WorkCalendar, start: datetime, extra_days: int = 0) -> datetime:
    """When the term ends that starts counting at ``start`` (D1, D3); ``extra_days`` are earned by pauses (D5)."""
    n = term.amount
    if term.unit is _WORKING_DAY:
        return calendar.due_days(start, n + extra_days)
    if term.unit is _HOUR:
        return start + timedelta(hours=n)
    if term.unit is _WORKING_MINUTE:
        return calendar.add(start, timedelta(minutes=n))
    last = calendar.day_of(start) + timedelta(days=n + extra_days)
    # Civil Code art. 148: a last day off moves to the next working day, which zero working days after it is.
    return calendar.end_of_day(calendar.add_days(last, 0))


def _heeded(term: Term, events: Sequence[ClockEvent]) -> Sequence[ClockEvent]:
    """The events that a clock looks at; one that is promised for one kind of matter reads what every event says."""
    if term.for_kind:
        return events
    its = (term.from_event, term.else_from, *term.to_events)
    return [event for event in events if event.kind in its or event.kind in _WHETHER_IT_COUNTS]


def _runs(term: Term, events: Sequence[ClockEvent]) -> list[_Run]:
    """The clock's runs as the events make them; what happens after a withdrawal or merge counts only once re-opened.

    One pass in the order of the events. Re-opening and cancelling are looked at first, because they decide whether the
    events between them count at all.
    """
    runs: list[_Run] = []
    early: datetime | None = None  # the first stop, kept because histories may record the end before the beginning
    gone = False
    fits = True  # until it is classified as something else, it is what the term is for
    for event in events:
        kind, at = event.kind, event.at
        if term.for_kind and kind in SAYS_KIND:
            fits = event.payload.get("kind") in (None, term.for_kind)
        if kind in _REOPEN:
            gone = False
            # A run still going is not doubled: it was never met, so re-opening gives it no second term (D6).
            if term.repeats is Repeats.ON_REOPENING and not any(run.runs for run in runs):
                runs.append(_Run(at))
        elif kind in _CANCEL:
            gone = True
            _cancel(runs, event)
        elif gone or (kind == term.from_event and not fits):
            continue
        elif term.for_kind and event.payload.get("outcome") == INADMISSIBLE:
            for run in runs:
                if run.runs:
                    run.cancelled, run.keeps_due, run.untaken = at, True, True
        elif kind in term.to_events:
            _stop(term, runs, events, event)
            early = early or at
        elif kind == term.from_event and term.repeats is _EACH:
            runs.append(_Run(at, action=event.payload.get("action")))
        elif kind == term.from_event and all(run.untaken for run in runs):
            runs.append(_Run(at, early))  # recorded as done before it began: met, not running for ever
    return runs


def _stop(term: Term, runs: list[_Run], events: Sequence[ClockEvent], event: ClockEvent) -> None:
    """Stop the earliest run still going; a term that never started although it was met runs from ``else_from``.

    An event that names its action stops the run of that action only.
    """
    if not runs and term.else_from:
        # Judged against the event it should have followed, else skipping a step would make its promise vanish.
        runs.extend([_Run(e.at) for e in events if e.kind == term.else_from][:1])
    action = event.payload.get("action")
    for run in runs:
        if run.runs and (action is None or run.action in (None, action)):
            run.stop = event.at
            break


def _cycle(term: Term, number: int, calendar: WorkCalendar, run: _Run, earned: Sequence[Pause]) -> Cycle:
    start = starts_counting(term, calendar, run.start)
    plain = due(term, calendar, start)
    ends, paused = plain, 0
    if earned and pauses_count(term):
        ends, paused = _extended(_Count(term, calendar, start, plain), run.stop, earned)
    working = None if run.stop is None else max(0, calendar.seconds_between(start, run.stop) - paused)
    arrived = None if run.start == start else run.start
    return Cycle(term.key, number, start, ends, *run.ended(ends), working, paused, plain, arrived)


def pauses(calendar: WorkCalendar, events: Sequence[ClockEvent]) -> tuple[Pause, ...]:
    """Earned pauses (D5): from a question with a chase date until nobody waits, at most to the end of that date.

    ``events`` in the order of their times. They never overlap: a second question asked while the first waits adds only
    what the first did not cover.
    """
    found: list[Pause] = []
    for i, question in enumerate(events):
        if question.kind not in _PAUSE or not question.payload.get("chase_on"):
            continue
        lapses = calendar.end_of_day(date.fromisoformat(str(question.payload["chase_on"])))
        reply = next((e.at for e in events[i + 1 :] if e.kind in _END_PAUSE), lapses)
        begins = max(question.at, found[-1][1]) if found else question.at
        if begins < min(reply, lapses):
            found.append((begins, min(reply, lapses)))
    return tuple(found)


def due_with(
    earned: Sequence[Pause], term: Term, calendar: WorkCalendar, start: datetime, stop: datetime | None
) -> datetime:
    """``due`` with what these pauses earn a clock that counts from ``start`` and was stopped at ``stop`` (D5)."""
    plain = due(term, calendar, start)
    return _extended(_Count(term, calendar, start, plain), stop, earned)[0] if pauses_count(term) else plain


def pauses_count(term: Term) -> bool:
    """Whether a pause moves this term: waiting for the customer excuses the result, no other promise (D5)."""
    return term.stage == "resolve"


def _extended(count: _Count, stop: datetime | None, pauses: Sequence[Pause]) -> tuple[datetime, int]:
    """Due instant and paused seconds; a pause that begins after the clock ran out rescues nothing.

    Terms in days move by the working days the pause ran over (its first day not counted, as in every term of days), so
    they still end at close of office; the others move by the paused time itself.
    """
    calendar, ends, days, seconds = count.calendar, count.due, 0, 0
    for begins, until in pauses:
        a, b = max(begins, count.start), until if stop is None else min(until, stop)
        if a >= b or a >= ends:  # ``ends`` as extended so far: an earlier pause may still save a later one
            continue
        is_on_the_clock = count.term.unit is Unit.HOUR
        seconds += int((b - a).total_seconds()) if is_on_the_clock else calendar.seconds_between(a, b)
        # A pause that ends at midnight has not run over the day that begins then.
        days += calendar.days_between(calendar.day_of(a), calendar.day_of(b - timedelta(seconds=1)))
        ends = count.moved_by(days, seconds)
    return ends, seconds


def _promised_cycles(calendar: WorkCalendar, events: Sequence[ClockEvent]) -> list[Cycle]:
    """Dates promised to the customer (D14): a new date replaces an old one only when given before that fell due.

    An event settles what was promised before it first, and only then may promise anew: giving a new date is itself a
    word to the customer, which keeps a promised update but not a promised result. A refusal promises when the customer
    hears again, an agreement or decision when the result is told where no other promise runs (D17).
    """
    runs: dict[str, list[_Run]] = {}
    for event in events:
        for kind, promised in runs.items():
            if event.kind in _KEEP.get(kind, _KEEP_REPLY):
                _settle(promised, stop=event.at)
            elif event.kind in _CANCEL:
                _cancel(promised, event)
        if event.kind in _PROMISE and (event.payload.get("due_at") or event.kind == GIVEN):
            kind, due_at = _promise(event)
            promised = runs.setdefault(kind, [])
            # Past its due moment the old promise stands broken: no later date takes that back.
            _settle([run for run in promised if run.due and event.at <= run.due], cancelled=event.at)
            promised.append(_Run(event.at, due=due_at))
    return [
        _promised(PROMISED + kind, i, calendar, run)
        for kind, promised in runs.items()
        for i, run in enumerate(promised, 1)
    ]


def _settle(runs: Iterable[_Run], stop: datetime | None = None, cancelled: datetime | None = None) -> None:
    """End every run that is still going."""
    for run in runs:
        if run.runs:
            run.stop, run.cancelled = stop, cancelled


def _cancel(runs: Sequence[_Run], event: ClockEvent) -> None:
    """End every run that is still going without a verdict, save what the event leaves missed (``_Run.ended``)."""
    for run in runs:
        if run.runs:
            run.cancelled, run.keeps_due = event.at, event.payload.get("keeps_due", False)


def _promise(event: ClockEvent) -> tuple[str, datetime]:
    try:
        return str(event.payload["kind"]), whole_second(datetime.fromisoformat(str(event.payload["due_at"])))
    except (KeyError, ValueError):
        raise Invalid("A promised date needs a kind and a due time like 2026-11-30T17:30+07:00.") from None


def _promised(key: str, number: int, calendar: WorkCalendar, run: _Run) -> Cycle:
    assert run.due is not None
    start = ensure_aware(run.start).astimezone(UTC)
    working = None if run.stop is None else max(0, calendar.seconds_between(start, run.stop))
    return Cycle(key, number, start, run.due, *run.ended(run.due), working, 0, run.due)

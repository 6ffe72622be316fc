"""What changed terms would have meant: the promises that fell due in the last quarter, judged by other terms (D9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import case as cases
from core.register.log.tables import Complaint, Event, SlaCycle
from core.rules import clocks_vector
from core.rules.calendar import LOCAL, Instants, WorkCalendar, local_day, whole_second
from core.rules.procedure import AfterHours, Procedure, Term, Unit
from core.rules.steps import CORRECTED, Effect, events_with
from core.rules.undo import effective
from core.rules.verdicts import BROKEN, is_past

WEEKS = 13
_BROKEN = [clocks_vector.VERDICTS.index(one) for one in BROKEN]


@dataclass(frozen=True, slots=True)
class TermEffect:
    """One term as it was and as it would have been.

    ``due``, ``met``: the promises that fell due, and those of them that were kept. ``due_then``, ``met_then``: the same
    under the other term; what would fall due only later is in neither. ``better``, ``worse``: how many would change
    from broken to kept or not due yet, and from kept to broken.
    """

    term: str
    label: str
    label_en: str
    due: int
    met: int
    due_then: int
    met_then: int
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class Replay:
    """The period, the terms in the procedure's order, and how many complaints have a promise whose verdict changes."""

    start: date
    end: date
    terms: tuple[TermEffect, ...]
    complaints: int
    changed: int


class Promise(NamedTuple):
    """One clock of the quarter as it is stored; what groups it with others comes first."""

    procedure_version: int
    calendar_version: int
    reply_days: int
    term: str
    complaint_id: int
    starts_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    is_kept: bool


def last_quarter(session: Session, wanted: Procedure, now: datetime) -> Replay:
    """The promises of procedure ``wanted.key`` that fell due in the last ``WEEKS`` weeks, judged by ``wanted``.

    Terms and office hours may differ from those promised, the events that start and meet a term may not. What was
    cancelled by a withdrawal or a merge is left out; what was overdue then is broken, and would have been cancelled
    under a term that ended later, in time or not (D13). Where a question to the customer pauses a clock (D5), the pause
    counts for what was promised only. Raises BeyondCalendar where a term would end in a year that is not loaded.
    """
    start = local_day(now) - timedelta(weeks=WEEKS)
    promises = _promises(session, wanted.key, start, now)
    arrivals = _arrivals(session, wanted.key, start, now)
    effects: dict[str, list[TermEffect]] = {}
    complaints: set[int] = set()
    changed: set[int] = set()
    for name, rows in groupby(promises, key=lambda one: one[:4]):
        its = list(rows)
        complaints.update(one.complaint_id for one in its)
        group = _Group.of(session, wanted, name)
        if group is not None:
            effect, moved = group.judged(its, arrivals, now)
            effects.setdefault(effect.term, []).append(effect)
            changed |= moved
    terms = (_summed(term, effects.get(term.key, ())) for term in wanted.terms)
    return Replay(start, local_day(now), tuple(terms), len(complaints), len(changed))


@dataclass(frozen=True, slots=True)
class _Group:
    """Promises of one term that were made under the same versions and for products with the same terms."""

    before: Term
    after: Term
    calendar: WorkCalendar
    calendar_then: WorkCalendar
    is_set_off_alike: bool

    @classmethod
    def of(cls, session: Session, wanted: Procedure, name: tuple[int, int, int, str]) -> _Group | None:
        """None for a clock that is no term of ``wanted``: the statutory one, a promised date, a term of old."""
        version, calendar_version, reply_days, key = name
        book = rulebook.of(session)
        promised = book.procedure(session, wanted.key, version, reply_days or None)
        before, after = promised.term(key), wanted.with_reply_days(reply_days or None).term(key)
        if before is None or after is None:
            return None
        days = book.days(session, calendar_version)
        calendar = book.calendar(session, wanted.key, version, calendar_version)
        is_alike = promised.week == wanted.week and _is_deemed(before) == _is_deemed(after)
        return cls(before, after, calendar, wanted.calendar(days), is_alike)

    def judged(
        self, promises: Sequence[Promise], arrivals: Mapping[int, list[datetime]], now: datetime
    ) -> tuple[TermEffect, set[int]]:
        """The effect on these promises, and the ids of the complaints whose verdict changes."""
        at = np.datetime64(int(now.timestamp()), "s")
        due = _instants(one.due_at for one in promises)
        stopped = _instants(one.stopped_at for one in promises)
        set_off = self._set_off(promises, arrivals)
        _starts, due_then = clocks_vector.due_many(self.after, self.calendar_then, set_off)
        was, then = (clocks_vector.verdicts(one, stopped, at) for one in (due, due_then))
        is_due = (due_then <= at) & ~_cancelled_then(promises, stopped, due_then)
        broken, broken_then = np.isin(was, _BROKEN), np.isin(then, _BROKEN)
        better, worse = broken & ~broken_then, ~broken & broken_then
        moved = np.flatnonzero(better | worse).tolist()
        effect = TermEffect(
            self.after.key,
            self.after.label,
            self.after.label_en,
            len(promises),
            int((~broken).sum()),
            int(is_due.sum()),
            int((is_due & ~broken_then).sum()),
            int(better.sum()),
            int(worse.sum()),
        )
        return effect, {promises[i].complaint_id for i in moved}

    def _set_off(self, promises: Sequence[Promise], arrivals: Mapping[int, list[datetime]]) -> Instants:
        """When each clock was set off: what arrived outside office hours started counting later (D2).

        Only other office hours and a term without them need to know; the event is the one whose deemed start is the
        stored one.
        """
        starts = _instants(one.starts_at for one in promises)
        if self.is_set_off_alike or not _is_deemed(self.before):
            return starts
        events = [(i, at) for i, one in enumerate(promises) for at in arrivals.get(one.complaint_id, ())]
        rows = np.array([i for i, _ in events], np.int64)
        moments = _instants(at for _, at in events)
        fits = self.calendar.add_many(moments, 0) == starts[rows]
        starts[rows[fits]] = moments[fits]
        return starts


def _cancelled_then(promises: Sequence[Promise], stopped: Instants, due_then: Instants) -> NDArray[np.bool_]:
    """Which were withdrawn or merged away overdue, and would not have been overdue yet by ``due_then`` (D13)."""
    is_unkept = np.array([one.stopped_at is not None and not one.is_kept for one in promises], np.bool_)
    return is_unkept & ~is_past(due_then, stopped)


def _is_deemed(term: Term) -> bool:
    return term.after_hours is AfterHours.NEXT_OPEN and term.unit is not Unit.HOUR


def _promises(session: Session, key: str, start: date, now: datetime) -> list[Promise]:
    wanted = (
        select(
            Complaint.procedure_version,
            SlaCycle.calendar_version,
            Complaint.reply_days,
            SlaCycle.term,
            SlaCycle.complaint_id,
            SlaCycle.starts_at,
            SlaCycle.due_at,
            SlaCycle.stopped_at,
            SlaCycle.working_seconds,
        )
        .join(Complaint, Complaint.id == SlaCycle.complaint_id)
        .where(*_fell_due(key, start, now))
    )
    rows = [
        Promise(version, calendar, days or 0, term, complaint_id, starts_at, due_at, stopped_at, working is not None)
        for version, calendar, days, term, complaint_id, starts_at, due_at, stopped_at, working in session.execute(
            wanted
        )
    ]
    return sorted(rows, key=lambda one: one[:5])


def _fell_due(key: str, start: date, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A term that ends at 24:00 belongs to the day that it ends, as in every figure (D12)."""
    return (
        Complaint.procedure == key,
        SlaCycle.due_at > datetime.combine(start, time(0), LOCAL),
        SlaCycle.due_at <= whole_second(now),
        SlaCycle.cancelled_at.is_(None),
    )


def _arrivals(session: Session, key: str, start: date, now: datetime) -> dict[int, list[datetime]]:
    """Complaint → the moments of the events that may have set a clock off, oldest first."""
    its = rulebook.procedure_versions(session, key)
    terms = [term for one in its for term in rulebook.of(session).procedure(session, key, one.version).terms]
    kinds = {term.from_event for term in terms} | {term.else_from for term in terms} | events_with(Effect.REOPENS)
    due = select(SlaCycle.complaint_id).join(Complaint, Complaint.id == SlaCycle.complaint_id)
    wanted = (
        select(Event.subject_id, Event.happened_at, Event.kind)
        .where(Event.subject == "complaint", Event.kind.in_(kinds) & cases.counts() | (Event.kind == CORRECTED))
        .where(Event.subject_id.in_(due.where(*_fell_due(key, start, now))))
        .order_by(Event.subject_id, Event.seq)
    )
    found: dict[int, list[datetime]] = {}
    corrected: set[int] = set()
    for complaint_id, at, kind in session.execute(wanted):
        found.setdefault(complaint_id, []).append(at)
        if kind == CORRECTED:
            corrected.add(complaint_id)
    for complaint_id in corrected:  # its times are those that its history gives once it is read as it counts (D21)
        counting = effective([cases.event_of(event) for event in cases.history(session, complaint_id)])
        found[complaint_id] = [event.at for event in counting if event.kind in kinds]
    return found


def _instants(moments: Iterable[datetime | None]) -> Instants:
    """Whole seconds in UTC, NaT for None."""
    seconds = [
        np.datetime64("NaT", "s") if one is None else np.datetime64(int(one.timestamp()), "s") for one in moments
    ]
    return np.array(seconds, "datetime64[s]")


def _summed(term: Term, effects: Iterable[TermEffect]) -> TermEffect:
    rows = list(_numbers(effects))
    sums = [sum(column) for column in zip(*rows, strict=True)] if rows else [0] * 6
    return TermEffect(term.key, term.label, term.label_en, *sums)


def _numbers(effects: Iterable[TermEffect]) -> Iterator[tuple[int, ...]]:
    for one in effects:
        yield one.due, one.met, one.due_then, one.met_then, one.better, one.worse

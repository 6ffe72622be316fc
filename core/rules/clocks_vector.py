"""The terms of many complaints at once: columns of moments in, columns of starts, due instants and verdicts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import numpy as np
from numpy.typing import NDArray

from core.rules.calendar import Instants, WorkCalendar
from core.rules.procedure import AfterHours, Procedure, Term, Unit
from core.rules.verdicts import CASES, Verdict, is_past

VERDICTS = tuple(Verdict)
NOT_STARTED = -1
# ``verdicts.CASES`` to gather from: a case's place is 4 · cancelled + 2 · stopped + late, its value an index.
_CASES = np.array([VERDICTS.index(CASES[a, b, c]) for a, b, c in product((False, True), repeat=3)], np.int8)
_NEVER = np.datetime64("NaT", "s")


@dataclass(frozen=True)
class TermColumns:
    """One term of many complaints, one row each, all of one length.

    ``starts_at``, ``due_at``, ``stopped_at``: datetime64[s] in UTC, NaT where there is none. ``working_seconds``:
    int64, -1 unless stopped. ``verdict``: int8 index into ``VERDICTS``, -1 where the clock has not started.
    """

    starts_at: Instants
    due_at: Instants
    stopped_at: Instants
    working_seconds: NDArray[np.int64]
    verdict: NDArray[np.int8]


def terms_many(
    procedure: Procedure, calendar: WorkCalendar, moments: Mapping[str, Instants], now: datetime
) -> dict[str, TermColumns]:
    """First cycles by term key, as ``clocks.cycles`` and ``verdicts.verdict`` give them one by one.

    ``moments``: event kind → when it first happened (datetime64 in UTC, read to the second, NaT = never). Terms none
    of whose starting events is there are left out. Re-openings, pauses and promised dates need the whole history: see
    ``clocks.cycles``.
    """
    at = np.datetime64(int(now.timestamp()), "s")
    moments = {kind: column.astype("datetime64[s]", copy=False) for kind, column in moments.items()}
    terms = [term for term in procedure.terms if term.from_event in moments or term.else_from in moments]
    return {term.key: _columns(term, calendar, moments, at) for term in terms}


def due_many(term: Term, calendar: WorkCalendar, at: Instants) -> tuple[Instants, Instants]:
    """When the term starts counting and when it ends, for each instant that sets it off; NaT stays NaT."""
    starts, dues = np.full(at.shape, _NEVER), np.full(at.shape, _NEVER)
    known = ~np.isnat(at)
    if known.all():
        return _due(term, calendar, at)
    starts[known], dues[known] = _due(term, calendar, at[known])
    return starts, dues


def starts_many(term: Term, calendar: WorkCalendar, at: Instants) -> Instants:
    """When the term starts counting that is set off at each instant (D2, D3); none of them NaT."""
    is_deemed = term.after_hours is AfterHours.NEXT_OPEN and term.unit is not Unit.HOUR
    return calendar.add_many(at, 0) if is_deemed else at.astype("datetime64[s]", copy=False)


def _due(term: Term, calendar: WorkCalendar, at: Instants) -> tuple[Instants, Instants]:
    start = starts_many(term, calendar, at)
    if term.unit is Unit.HOUR:
        return start, (start.view(np.int64) + term.amount * 3600).view("datetime64[s]")
    if term.unit is Unit.WORKING_MINUTE:
        return start, calendar.add_many(start, term.amount * 60)
    return start, calendar.due_days_many(start, term.amount, working=term.unit is Unit.WORKING_DAY)


def least_many(term: Term, calendar: WorkCalendar, starts: Instants, at: Instants) -> NDArray[np.int64]:
    """The smallest amount of the term's unit, at least 1, with which it ends no earlier than ``at``.

    ``starts``: when each starts counting, as ``due_many`` gives it; ``at``: one instant each, or one for all. A term of
    that amount is kept by what happens at ``at``, one that is shorter by one is not.
    """
    if term.unit is Unit.HOUR:
        passed = (at - starts).astype(np.int64)
        return np.maximum(-(-passed // 3600), 1)
    if term.unit is Unit.WORKING_MINUTE:
        # Where it ends at a closing, what happens before the next opening is late already: up to the second before it.
        opened = calendar.elapsed_many(starts, at - np.timedelta64(1, "s"))
        return np.maximum(opened // 60 + 1, 1)
    return calendar.least_days_many(starts, at, working=term.unit is Unit.WORKING_DAY)


def _columns(term: Term, calendar: WorkCalendar, moments: Mapping[str, Instants], now: np.datetime64) -> TermColumns:
    stop = _first([moments[kind] for kind in term.to_events if kind in moments])
    at = moments.get(term.from_event)
    instead = moments.get(term.else_from)
    if at is None:
        assert instead is not None
        at = np.full(instead.shape, _NEVER)
    if stop is None:
        stop = np.full(at.shape, _NEVER)
    # Met before it started, or without ever starting: judged from ``else_from``, as in ``clocks._stop``.
    if instead is not None:
        at = np.where(~np.isnat(stop) & (np.isnat(at) | (stop < at)), instead, at)
    stop = np.where(np.isnat(at), _NEVER, stop)
    starts, dues = due_many(term, calendar, at)
    return TermColumns(starts, dues, stop, _worked(calendar, starts, stop), verdicts(dues, stop, now))


def _first(columns: Sequence[Instants]) -> Instants | None:
    """The earliest of several moments, row by row; never only where all are."""
    if not columns:
        return None
    first = columns[0]
    for column in columns[1:]:
        first = np.fmin(first, column)
    return first


def _worked(calendar: WorkCalendar, starts: Instants, stop: Instants) -> NDArray[np.int64]:
    stopped = ~np.isnat(stop)
    if stopped.all():
        return np.maximum(calendar.elapsed_many(starts, stop), 0)
    worked = np.full(starts.shape, -1, np.int64)
    worked[stopped] = np.maximum(calendar.elapsed_many(starts[stopped], stop[stopped]), 0)
    return worked


def verdicts(
    due: Instants, stopped: Instants, now: np.datetime64, cancelled: NDArray[np.bool_] | None = None
) -> NDArray[np.int8]:
    """The verdicts of D10 as indices into ``VERDICTS``; -1 where nothing is due. ``cancelled``: None where none is."""
    is_running = np.isnat(stopped)
    late = is_past(due, np.where(is_running, now, stopped))
    case = 2 * ~is_running + late
    codes = _CASES.take(case if cancelled is None else case + 4 * cancelled)
    codes[np.isnat(due)] = NOT_STARTED
    return codes

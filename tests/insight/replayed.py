"""Histories as facts with the clocks they started, and the same judged anew one by one (D37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from core import shipped
from core.insight import facts, set_off, typed
from core.insight.codes import Codes
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.typed import AS_STORED, Block, InForce, Reading
from core.insight.whatif import Hypothesis, Rules
from core.rules import clocks, verdicts
from core.rules.calendar import WorkCalendar, local_day
from core.rules.clocks import Cycle, Occurrence, Pause
from core.rules.days import CalendarDays
from core.rules.procedure import Procedure
from core.rules.verdicts import FELL_DUE, Verdict

CODES = Codes()
DAYS = shipped.calendar_days()
MICRO = 1_000_000
History = Sequence[Occurrence]


@dataclass(frozen=True, eq=False)
class Promised(Rules):
    """One version of the procedure and of the days off for all histories."""

    one: Procedure
    histories: Sequence[History]

    def procedure(self, version: int, reply_days: int | None) -> Procedure:  # noqa: ARG002 (there is one)
        return self.one.with_reply_days(reply_days)

    def days(self, version: int) -> CalendarDays:  # noqa: ARG002 (there is one)
        return DAYS

    def pauses(self, calendar: WorkCalendar) -> Mapping[int, Sequence[Pause]]:
        return {
            id: clocks.pauses(calendar, sorted(events, key=lambda event: event.at))
            for id, events in enumerate(self.histories, 1)
        }


def facts_of(promised: Procedure, histories: Sequence[History], **columns: Sequence[object]) -> Facts:
    """The histories, numbered from 1, with their clocks as promised; ``columns``: what else the complaints say."""
    complaints, cycles, events = [], [], []
    for id, history in enumerate(histories, 1):
        first = {
            kind: min((e.at for e in history if e.kind == kind), default=None) for kind in ("received", "acknowledged")
        }
        quiet = {"waiting_department": 0, "reopened": 0, "rounds": 0, "state": "received", "category": "payment"}
        more = {name: values[id - 1] for name, values in columns.items()}
        own = {"id": id, "code": f"KN-2026-{id:06d}", "procedure": promised.key, "procedure_version": 1}
        moments = {"recorded_at": micro(first["received"]), "acknowledged_at": micro(first["acknowledged"])}
        complaints.append(quiet | own | moments | {"channel": "email"} | more)
        calendar = promised.with_reply_days(more.get("reply_days")).calendar(DAYS)  # type: ignore[arg-type]
        its = clocks.cycles(promised.with_reply_days(more.get("reply_days")), calendar, history)  # type: ignore[arg-type]
        cycles += [_row(id, one) for one in its]
        events += [
            {"complaint_id": id, "seq": seq, "at": micro(e.at), "kind": e.kind, "payload": None}
            for seq, e in enumerate(sorted(history, key=lambda e: e.at), 1)
        ]
    frames = _frame(complaints, typed.COMPLAINT_COLUMNS), _frame(cycles, typed.CYCLE_COLUMNS)
    beside = {"events": _frame(events, typed.BESIDE["events"])}
    stages = {(promised.key, term.key): term.stage for term in promised.terms}
    reading = Reading(stages, AS_STORED, CODES, InForce(), b"a key of tests", set_off.of([promised]))
    return facts.whole(len(complaints), [Block(typed.frames(reading, *frames, beside))], reading)


def one_by_one(
    promised: Procedure, histories: Sequence[History], wanted: Hypothesis, now: datetime, period: Filter
) -> dict[tuple[int, str, int], tuple[datetime, datetime, str, str]]:
    """(complaint, term, number) → due and due then, verdict and verdict then as counted, of what fell due."""
    found = {}
    for id, history in enumerate(histories, 1):
        own = {term.key: wanted.term(term) for term in promised.terms}
        other = replace(promised, terms=tuple(own.values()))
        before = clocks.cycles(promised, promised.calendar(DAYS), history)
        then = {(c.term, c.number): c for c in clocks.cycles(other, wanted.calendar(promised, DAYS), history)}
        for cycle in before:
            it = then[cycle.term, cycle.number]
            day = local_day(cycle.due_at - timedelta(microseconds=1))  # 24:00 belongs to the day that it ends
            if counted(cycle, now) in FELL_DUE and period.start <= day <= period.end and _is_term(promised, cycle):
                found[id, cycle.term, cycle.number] = (
                    cycle.due_at, it.due_at, counted(cycle, now), counted(it, now)
                )  # fmt: skip
    return found


def counted(cycle: Cycle, now: datetime) -> str:
    """As a rate counts it (D11)."""
    judged = verdicts.verdict(cycle, now)
    return str(Verdict.RUNNING if cycle.due_at > now and judged is not Verdict.CANCELLED else judged)


def micro(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * MICRO)


def _is_term(procedure: Procedure, cycle: Cycle) -> bool:
    return procedure.term(cycle.term) is not None or cycle.term == clocks.NEGOTIATION.key


def _row(id: int, cycle: Cycle) -> dict[str, object]:
    moments = {name: micro(getattr(cycle, name)) for name in ("starts_at", "due_at", "stopped_at", "cancelled_at")}
    return {
        "complaint_id": id,
        "term": cycle.term,
        "number": cycle.number,
        "working_seconds": cycle.working_seconds,
        "calendar_version": 1,
        **moments,
    }


def _frame(rows: Sequence[Mapping[str, object]], columns: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=dict(columns))

"""The clocks of a complaint as promised: each cycle on the calendar version in force when it began (D8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case.projection import Happening, Row
from core.rules import clocks, terms
from core.rules.clocks import Cycle, Occurrence

Key = tuple[str, int]


def cycles_of(session: Session, row: Row, events: Sequence[Happening]) -> list[tuple[Cycle, int]]:
    """Every cycle of the complaint with its calendar version.

    A cycle keeps the version under which it began; a ``recalculated`` event moves the cycles open at that moment to its
    version. With one version in the whole history (nearly always) one pass of the rules is enough.
    """
    version = events[0].payload["calendar"]
    if all(event.payload["calendar"] == version for event in events):
        return [(cycle, version) for cycle in _derive(session, row, events, version)]
    on = _versions(session, row, events)
    derived = {v: {(c.term, c.number): c for c in _derive(session, row, events, v)} for v in set(on.values())}
    return [(derived[v][key], v) for key, v in on.items()]


def rows_of(session: Session, complaint_id: int, row: Row, events: Sequence[Happening]) -> list[dict[str, Any]]:
    """The ``sla_cycles`` rows of the complaint."""
    procedure = rulebook.of(session).procedure(session, row["procedure"], row["procedure_version"])
    rows = []
    for cycle, version in cycles_of(session, row, events):
        calendar = rulebook.of(session).calendar(session, row["procedure"], row["procedure_version"], version)
        rows.append(
            {
                "complaint_id": complaint_id,
                "term": cycle.term,
                "number": cycle.number,
                "starts_at": cycle.starts_at,
                "due_at": cycle.due_at,
                "warns_at": terms.warns_at(cycle, procedure, calendar),
                "stopped_at": cycle.stopped_at,
                "cancelled_at": cycle.cancelled_at,
                "working_seconds": cycle.working_seconds,
                "calendar_version": version,
            }
        )
    return rows


def next_due(cycles: Sequence[dict[str, Any]]) -> datetime | None:
    """The earliest due of the clocks that run."""
    return min((c["due_at"] for c in cycles if c["stopped_at"] is None and c["cancelled_at"] is None), default=None)


def is_missed(cycle: dict[str, Any], now: datetime) -> bool:
    """Whether the promise was broken: stopped after due, or running past due at ``now`` (D10)."""
    return cycle["cancelled_at"] is None and (cycle["stopped_at"] or now) > cycle["due_at"]


def _versions(session: Session, row: Row, events: Sequence[Happening]) -> dict[Key, int]:
    on: dict[Key, int] = {}
    for upto, event in enumerate(events, start=1):
        version = event.payload["calendar"]
        for cycle in _derive(session, row, events[:upto], version):
            key = (cycle.term, cycle.number)
            runs = cycle.stopped_at is None and cycle.cancelled_at is None
            if key not in on or (event.kind == "recalculated" and runs):
                on[key] = version
    return on


def _derive(session: Session, row: Row, events: Sequence[Happening], version: int) -> Sequence[Cycle]:
    book = rulebook.of(session)
    procedure = book.procedure(session, row["procedure"], row["procedure_version"])
    calendar = book.calendar(session, row["procedure"], row["procedure_version"], version)
    said = [Occurrence(event.kind, event.happened_at, event.payload) for event in events]
    return clocks.cycles(procedure, calendar, said)

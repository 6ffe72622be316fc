"""The clocks of a complaint as promised: each cycle on the calendar version in force when it began (D8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case.payload import CaseEvent, ClockColumns, CycleRow, Row
from core.register.log import transaction
from core.rules import clocks, misses, terms
from core.rules.calendar import WorkCalendar
from core.rules.clocks import Cycle
from core.rules.procedure import Procedure
from core.rules.undo import effective
from core.rules.verdicts import BROKEN, is_past, verdict

Key = tuple[str, int]  # term, number


def cycles_of(session: Session, row: Row, events: Sequence[CaseEvent]) -> list[tuple[Cycle, int]]:
    """Every cycle of the complaint with its calendar version.

    A cycle keeps the version under which it began; a ``recalculated`` event moves the cycles open at that moment to its
    version. With one version in the whole history (nearly always) one pass of the rules is enough. A clock that an
    undone step stopped runs on with its old version and due (D22).
    """
    return _cycles(session, row, effective(events))


def _cycles(session: Session, row: Row, events: Sequence[CaseEvent]) -> list[tuple[Cycle, int]]:
    in_force = {event.payload["calendar"] for event in events}
    if len(in_force) == 1:
        (version,) = in_force
        return [(cycle, version) for cycle in _derive(session, row, events, version)]
    versions = _versions(session, row, events)
    derived = {
        version: {(cycle.term, cycle.number): cycle for cycle in _derive(session, row, events, version)}
        for version in set(versions.values())
    }
    return [(derived[version][key], version) for key, version in versions.items()]


def rows_of(session: Session, complaint_id: int, row: Row, events: Sequence[CaseEvent]) -> list[CycleRow]:
    """The ``sla_cycles`` rows of the complaint."""
    events = effective(events)
    found = _cycles(session, row, events)
    reasons = misses.reasons(events, [cycle for cycle, _ in found])
    return [
        CycleRow(
            complaint_id=complaint_id,
            term=cycle.term,
            number=cycle.number,
            starts_at=cycle.starts_at,
            due_at=cycle.due_at,
            warns_at=terms.warns_at(cycle, *_rules(session, row, version)),
            stopped_at=cycle.stopped_at,
            cancelled_at=cycle.cancelled_at,
            working_seconds=cycle.working_seconds,
            calendar_version=version,
            breach_reason=reasons.get(misses.name_of(cycle)) if reasons else None,
        )
        for cycle, version in found
    ]


def next_due(rows: Sequence[CycleRow]) -> datetime | None:
    """The earliest due of the clocks that run."""
    running = [row["due_at"] for row in rows if row["stopped_at"] is None and row["cancelled_at"] is None]
    return min(running, default=None)


def columns_of(rows: Sequence[CycleRow]) -> ClockColumns:
    """What the complaint's own row says of its clocks.

    Of the promises with a reason, that of the one that was due last stands for the complaint. ``unexplained_due_at``:
    the earliest due of those without one that run or were missed; once it is past, a miss is unexplained.
    """
    explained = [
        (row["due_at"], row["term"], row["number"], row["breach_reason"]) for row in rows if row["breach_reason"]
    ]
    return ClockColumns(
        next_due_at=next_due(rows),
        unexplained_due_at=min([row["due_at"] for row in rows if _awaits_reason(row)], default=None),
        breach_reason=max(explained)[-1] if explained else None,
    )


def _awaits_reason(row: CycleRow) -> bool:
    if row["breach_reason"] is not None or row["cancelled_at"] is not None:
        return False
    return row["stopped_at"] is None or is_past(row["due_at"], row["stopped_at"])


def missed(session: Session, row: Row, events: Sequence[CaseEvent], at: datetime) -> dict[str, str | None]:
    """The promises of the complaint that are broken as of ``at`` (``misses.name_of``) → the reason each has so far."""
    events = effective(events)
    found = [cycle for cycle, _ in _cycles(session, row, events)]
    reasons = misses.reasons(events, found)
    names = [misses.name_of(cycle) for cycle in found if verdict(cycle, at) in BROKEN]
    return {name: reasons.get(name) for name in names}


def is_any_running(session: Session, row: Row, events: Sequence[CaseEvent]) -> bool:
    """Whether any clock of the complaint runs, due or overdue: a case without one would be in nobody's list (D17)."""
    return any(cycle.stopped_at is None and cycle.cancelled_at is None for cycle, _ in cycles_of(session, row, events))


def _versions(session: Session, row: Row, events: Sequence[CaseEvent]) -> dict[Key, int]:
    """Cycle → its calendar version, found by replaying the history event by event.

    Each prefix of the history is judged by the calendar of its last event, because that is what the promise was made
    on.
    """
    versions: dict[Key, int] = {}
    for upto, event in enumerate(events, start=1):
        version = event.payload["calendar"]
        for cycle in _derive(session, row, events[:upto], version):
            key = (cycle.term, cycle.number)
            runs = cycle.stopped_at is None and cycle.cancelled_at is None
            if key not in versions or (event.kind == "recalculated" and runs):
                versions[key] = version
    return versions


def _derive(session: Session, row: Row, events: Sequence[CaseEvent], version: int) -> Sequence[Cycle]:
    return clocks.cycles(*_rules(session, row, version), events)


def _rules(session: Session, row: Row, version: int) -> tuple[Procedure, WorkCalendar]:
    """The procedure of the complaint, and its working time on calendar ``version``."""
    key, its_version, reply_days = row["procedure"], row["procedure_version"], row["reply_days"]
    known, name = transaction.of(session).clocks, (key, its_version, reply_days, version)
    if name not in known:
        book = rulebook.of(session)
        procedure = book.procedure(session, key, its_version, reply_days)
        known[name] = procedure, book.calendar(session, key, its_version, version)
    return known[name]

"""What falls due next, from the rows of ``sla_cycles``."""

from __future__ import annotations

from core.register.case.payload import CycleRow
from core.register.clocks import cycles
from tests.local_time import at

# due, stopped, cancelled
MET = ("2026-10-05 17:30", "2026-10-05 10:00", None)
CANCELLED = ("2026-10-06 17:30", None, "2026-10-05 10:00")
BOTH = ("2026-10-04 17:30", "2026-10-05 10:00", "2026-10-05 11:00")
LATER = ("2026-10-08 17:30", None, None)
RUNNING = ("2026-10-07 17:30", None, None)


def row(due: str, stopped: str | None, cancelled: str | None) -> CycleRow:
    return CycleRow(
        complaint_id=1,
        term="resolve",
        number=1,
        starts_at=at("2026-10-01 09:00"),
        due_at=at(due),
        warns_at=at(due),
        stopped_at=at(stopped) if stopped else None,
        cancelled_at=at(cancelled) if cancelled else None,
        working_seconds=None,
        calendar_version=1,
    )


def test_what_is_due_next_is_the_earliest_of_the_clocks_that_run() -> None:
    every = [row(*clock) for clock in (MET, CANCELLED, LATER, RUNNING, BOTH)]
    assert cycles.next_due(every) == at("2026-10-07 17:30")
    assert cycles.next_due([row(*MET)]) is None, "stopped"
    assert cycles.next_due([row(*CANCELLED)]) is None, "cancelled"
    assert cycles.next_due([]) is None

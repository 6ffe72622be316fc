"""What the complaint's row says of its clocks: what falls due next, and what was missed for which reason."""

from __future__ import annotations

import pytest

from core.register.case.payload import CycleRow
from core.register.clocks import cycles
from tests.local_time import at

# due, stopped, cancelled
MET = ("2026-10-05 17:30", "2026-10-05 10:00", None)
CANCELLED = ("2026-10-06 17:30", None, "2026-10-05 10:00")
BOTH = ("2026-10-04 17:30", "2026-10-05 10:00", "2026-10-05 11:00")
LATER = ("2026-10-08 17:30", None, None)
RUNNING = ("2026-10-07 17:30", None, None)
IN_TIME = ("2026-10-02 17:30", "2026-10-02 17:30", None)
MISSED = ("2026-10-02 17:30", "2026-10-03 09:00", None)
MISSED_LATER = ("2026-10-03 17:30", "2026-10-04 09:00", None)


def row(
    due: str, stopped: str | None, cancelled: str | None, reason: str | None = None, term: str = "resolve"
) -> CycleRow:
    return CycleRow(
        complaint_id=1,
        term=term,
        number=1,
        starts_at=at("2026-10-01 09:00"),
        due_at=at(due),
        warns_at=at(due),
        stopped_at=at(stopped) if stopped else None,
        cancelled_at=at(cancelled) if cancelled else None,
        working_seconds=None,
        calendar_version=1,
        breach_reason=reason,
    )


def test_what_is_due_next_is_the_earliest_of_the_clocks_that_run() -> None:
    every = [row(*clock) for clock in (MET, CANCELLED, LATER, RUNNING, BOTH)]
    assert cycles.next_due(every) == at("2026-10-07 17:30")
    assert cycles.next_due([row(*MET)]) is None, "stopped"
    assert cycles.next_due([row(*CANCELLED)]) is None, "cancelled"
    assert cycles.next_due([]) is None


SAID = [
    # rows, the complaint's reason, from when on a miss is unexplained, why
    ([], None, None, "no clock"),
    ([row(*RUNNING), row(*LATER)], None, "2026-10-07 17:30", "the first that may be missed"),
    ([row(*MISSED), row(*RUNNING)], None, "2026-10-02 17:30", "missed already"),
    ([row(*IN_TIME), row(*MET)], None, None, "kept, one in its due second"),
    ([row(*CANCELLED), row(*BOTH)], None, None, "cancelled, whatever stopped it"),
    ([row(*MISSED, "overload"), row(*RUNNING)], "overload", "2026-10-07 17:30", "explained: the next may be missed"),
    ([row(*MISSED, "overload"), row(*MISSED_LATER)], "overload", "2026-10-03 17:30", "one of two is explained"),
    ([row(*MISSED_LATER, "third_party"), row(*MISSED, "overload")], "third_party", None, "that due last stands for it"),
    (
        [row(*MISSED, "third_party"), row(*MISSED, "overload", "acknowledge")],
        "third_party",
        None,
        "due at once: the order of their keys decides, so that a replay finds the same",
    ),
]


@pytest.mark.parametrize(("rows", "reason", "unexplained", "why"), SAID, ids=[row[-1] for row in SAID])
def test_what_was_missed_for_which_reason(
    rows: list[CycleRow], reason: str | None, unexplained: str | None, why: str
) -> None:
    found = cycles.columns_of(rows)
    assert found["breach_reason"] == reason, why
    assert found["unexplained_due_at"] == (at(unexplained) if unexplained else None), why
    assert found["next_due_at"] == cycles.next_due(rows)

"""Which segments of the queue each role is offered, drawn by hand in the order of the screen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.rules import segments
from tests.local_time import at

EVERY = "all unacknowledged due_today overdue waiting_customer waiting_department to_close"
OWN = "all unacknowledged due_today overdue waiting_customer chase_today waiting_department to_close mine"
OFFERED = [
    ("agent", f"{OWN} unexplained", "holds complaints"),
    ("lead", f"{OWN} unexplained", "holds complaints"),
    (
        "handler",
        "all waiting_department due_today overdue mine",
        "a department gets what was acknowledged, closes nothing",
    ),
    ("manager", f"{EVERY} unexplained", "holds none"),
    ("stranger", "all waiting_department due_today overdue mine", "an unknown role is limited like a department"),
]


@pytest.mark.parametrize(("role", "wanted", "why"), OFFERED)
def test_segments_offered(role: str, wanted: str, why: str) -> None:
    assert segments.offered(role) == tuple(wanted.split()), why


def test_figures_count_the_segments_that_need_no_reader() -> None:
    assert (*EVERY.split(), "unexplained") == segments.OF_EVERYBODY


ENDS = [
    # read at, midnight that ends the local day in UTC, why
    ("2026-11-20 00:00", datetime(2026, 11, 20, 17, tzinfo=UTC), "midnight begins its own day"),
    ("2026-11-20 23:59", datetime(2026, 11, 20, 17, tzinfo=UTC), "the last minute, already the 20th 16:59 in UTC"),
    ("2026-12-31 10:00", datetime(2026, 12, 31, 17, tzinfo=UTC), "the year ends"),
]


@pytest.mark.parametrize(("now", "ends", "why"), ENDS)
def test_today_ends_at_local_midnight(now: str, ends: datetime, why: str) -> None:
    assert segments.Reading.at(at(now)).end_of_today == ends, why

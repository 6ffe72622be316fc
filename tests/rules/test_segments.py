"""Which segments of the queue each role is offered, drawn by hand in the order of the screen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.rules import segments
from tests.local_time import at

EVERY = "all unacknowledged due_today overdue waiting_customer waiting_department to_close"
OWN = "mine unassigned unacknowledged due_today overdue waiting_customer chase_today waiting_department to_close"
OFFERED = [
    ("agent", f"{OWN} unexplained all", "holds complaints"),
    ("lead", f"mine unassigned to_direct {OWN.removeprefix('mine unassigned ')} unexplained all", "directs too"),
    (
        "handler",
        "waiting_department due_today overdue mine all",
        "a department gets what was acknowledged, closes nothing",
    ),
    ("manager", f"to_direct {EVERY} unexplained", "holds none, and directs"),
    ("analyst", f"{EVERY} unexplained", "looks on"),
    ("stranger", "waiting_department due_today overdue mine all", "an unknown role is limited like a department"),
]


@pytest.mark.parametrize(("role", "wanted", "why"), OFFERED)
def test_segments_offered(role: str, wanted: str, why: str) -> None:
    assert segments.offered(role) == tuple(wanted.split()), why


OPENS_WITH = [
    ("agent", "mine", "their own work"),
    ("lead", "overdue", "what is late, whoever has it"),
    ("handler", "waiting_department", "what the department owes"),
    ("manager", "to_direct", "directs, and does nothing else of it"),
]


@pytest.mark.parametrize(("role", "segment", "why"), OPENS_WITH)
def test_the_segment_a_queue_opens_with(role: str, segment: str, why: str) -> None:
    assert segments.first(role) == segment, why
    assert segment in segments.offered(role)


USEFUL = [
    # role, empty segment, counts that are not 0, where there is work, why
    ("agent", "mine", {"unassigned": 2, "overdue": 1, "all": 9}, "unassigned", "something to take"),
    ("agent", "mine", {"all": 9, "to_close": 9}, "all", "others work on everything"),
    ("lead", "overdue", {"mine": 1, "due_today": 3, "all": 9}, "mine", "their own first"),
    ("handler", "waiting_department", {"unassigned": 5, "all": 1}, "all", "departments take nothing over"),
    ("manager", "to_direct", {"overdue": 2, "mine": 1, "all": 9}, "overdue", "nothing to direct: what is late"),
    ("lead", "overdue", {"to_direct": 1, "mine": 3, "all": 9}, "to_direct", "somebody waits for them"),
    ("agent", "mine", {}, None, "the queue is empty"),
]


@pytest.mark.parametrize(("role", "segment", "some", "wanted", "why"), USEFUL)
def test_where_there_is_work(role: str, segment: str, some: dict[str, int], wanted: str | None, why: str) -> None:
    counts = dict.fromkeys(segments.SEGMENTS, 0) | some
    assert segments.next_with_work(role, counts, segment) == wanted, why


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

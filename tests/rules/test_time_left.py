"""Time left of a promise: working time where the term counts working days, the clock where it counts hours (D3)."""

from __future__ import annotations

import pytest

from core import shipped
from core.rules.time_left import Nearness, day_seconds, time_left
from tests.local_time import at

HOUR, NINE_HOURS, CLOCK_DAY = 3600, 32_400, 86_400


# POPS `acknowledge`, received Monday 16/11/2026 09:00: due Tuesday 17:30, 17 open hours later; warns after 12:45 h.
@pytest.mark.parametrize(
    ("now", "nearness", "hours", "share", "why"),
    [
        ("2026-11-16 09:00", Nearness.ON_TRACK, 17.5, 0.0, "nothing used up: 8.5 h of Monday and 9 h of Tuesday"),
        ("2026-11-16 17:30", Nearness.ON_TRACK, 9.0, 8.5 / 17.5, "Monday is over: one working day left"),
        ("2026-11-16 23:00", Nearness.ON_TRACK, 9.0, 8.5 / 17.5, "the night takes nothing away"),
        ("2026-11-17 13:30", Nearness.NEAR, 4.0, 13.5 / 17.5, "past the warning point"),
        ("2026-11-17 17:30", Nearness.NEAR, 0.0, 1.0, "on the due instant it is not overdue yet"),
        ("2026-11-17 17:31", Nearness.OVERDUE, 0.0, 1.0, "overdue at once, although no working time has passed since"),
        ("2026-11-18 12:30", Nearness.OVERDUE, -4.0, 1.0, "four open hours of Wednesday"),
        ("2026-11-23 08:30", Nearness.OVERDUE, -27.0, 1.0, "Wednesday to Friday, the weekend not counted"),
    ],
)
def test_a_term_in_working_days_counts_open_time(
    now: str, nearness: Nearness, hours: float, share: float, why: str
) -> None:
    pops = shipped.procedure("pops")
    left = time_left(
        pops,
        pops.calendar(shipped.calendar_days()),
        "acknowledge",
        starts_at=at("2026-11-16 09:00"),
        due_at=at("2026-11-17 17:30"),
        warns_at=at("2026-11-17 13:15"),
        now=at(now),
    )
    assert (left.nearness, left.seconds / HOUR, left.day) == (nearness, hours, NINE_HOURS), why
    assert left.share == pytest.approx(share), why


def test_a_term_in_hours_runs_through_the_night_and_the_weekend() -> None:
    misa = shipped.procedure("misa")
    left = time_left(
        misa,
        misa.calendar(shipped.calendar_days()),
        "acknowledge",
        starts_at=at("2026-11-20 23:30"),
        due_at=at("2026-11-21 00:30"),
        warns_at=at("2026-11-21 00:15"),
        now=at("2026-11-21 03:30"),
    )
    assert (left.nearness, left.seconds, left.day) == (Nearness.OVERDUE, -3 * HOUR, CLOCK_DAY)


def test_a_moment_beyond_the_calendar_is_told_on_the_clock_instead_of_failing() -> None:
    pops = shipped.procedure("pops")
    left = time_left(
        pops,
        pops.calendar(shipped.calendar_days()),
        "acknowledge",
        starts_at=at("2026-11-16 09:00"),
        due_at=at("2026-11-17 17:30"),
        warns_at=at("2026-11-17 13:15"),
        now=at("2099-11-17 17:30"),
    )
    assert left.nearness is Nearness.OVERDUE
    assert left.day == CLOCK_DAY


@pytest.mark.parametrize(("key", "seconds"), [("pops", NINE_HOURS), ("misa", CLOCK_DAY)])
def test_a_day_is_the_office_hours_or_all_of_it(key: str, seconds: int) -> None:
    assert day_seconds(shipped.procedure(key)) == seconds

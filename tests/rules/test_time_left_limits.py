"""How much time a promise has left, at the edges: warning instant, due instant, clocks without length, odd days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import shipped
from core.rules.procedure import Unit
from core.rules.time_left import ON_THE_CLOCK, Deadline, Nearness, day_seconds, time_left
from tests.rules.given import at, days_off, pops, with_term

HOUR, CLOCK_DAY = 3600, 86_400

# POPS `acknowledge`, received Monday 16/11/2026 09:00: due Tuesday 17:30 (17.5 open hours later),
# near from Tuesday 13:15.
EDGES = [
    # now, nearness, open seconds left, why
    ("2026-11-16 08:59:59", Nearness.ON_TRACK, 17.5 * HOUR + 1, "read a second before it starts"),
    ("2026-11-17 13:14:59", Nearness.ON_TRACK, 4.25 * HOUR + 1, "a second before the warning instant"),
    ("2026-11-17 13:15:00", Nearness.NEAR, 4.25 * HOUR, "the warning instant itself is near"),
    ("2026-11-17 17:29:59", Nearness.NEAR, 1, "the last second"),
    ("2026-11-17 17:30:00", Nearness.NEAR, 0, "due now is not overdue"),
    ("2026-11-17 17:30:01", Nearness.OVERDUE, 0, "a second later it is, although no open time has passed"),
    ("2026-11-18 08:30:01", Nearness.OVERDUE, -1, "the first open second of Wednesday"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "nearness", "left", "why"), EDGES, ids=[row[-1] for row in EDGES])
@pytest.mark.parametrize("unit", [Unit.WORKING_DAY, Unit.WORKING_MINUTE])
def test_open_time_at_its_edges(now: str, nearness: Nearness, left: float, unit: Unit, why: str) -> None:
    procedure = with_term("acknowledge", unit=unit)
    found = time_left(
        procedure,
        days_off(procedure),
        Deadline(
            "acknowledge",
            starts_at=at("2026-11-16 09:00"),
            due_at=at("2026-11-17 17:30"),
            warns_at=at("2026-11-17 13:15"),
        ),
        at(now),
    )
    assert (found.nearness, found.seconds, found.day) == (nearness, left, 9 * HOUR), why
    assert found.share == pytest.approx(min(1.0, max(0.0, 1 - left / (17.5 * HOUR)))), why
    assert 0.0 <= found.share <= 1.0, why


ON_CLOCK = [
    # unit, now, nearness, seconds left, why
    (Unit.HOUR, "2026-11-20 22:00", Nearness.ON_TRACK, 4 * HOUR, "an hour of four before the warning, at night"),
    (Unit.HOUR, "2026-11-20 23:30", Nearness.NEAR, 2.5 * HOUR, "after the warning"),
    (Unit.HOUR, "2026-11-21 02:00", Nearness.NEAR, 0, "due now"),
    (Unit.CALENDAR_DAY, "2026-11-21 03:00", Nearness.OVERDUE, -1 * HOUR, "calendar days run on the clock too"),
]


@pytest.mark.parametrize(("unit", "now", "nearness", "left", "why"), ON_CLOCK, ids=[row[-1] for row in ON_CLOCK])
def test_time_on_the_clock_at_its_edges(unit: Unit, now: str, nearness: Nearness, left: float, why: str) -> None:
    procedure = with_term("acknowledge", unit=unit)
    found = time_left(
        procedure,
        days_off(procedure),
        Deadline(
            "acknowledge",
            starts_at=at("2026-11-20 22:00"),
            due_at=at("2026-11-21 02:00"),
            warns_at=at("2026-11-20 23:00"),
        ),
        at(now),
    )
    assert (found.nearness, found.seconds, found.day) == (nearness, left, CLOCK_DAY), why
    assert found.share == pytest.approx(min(1.0, 1 - left / (4 * HOUR))), why


def test_only_hours_and_calendar_days_run_on_the_clock() -> None:
    assert {unit.value for unit in ON_THE_CLOCK} == {"hour", "calendar_day"}


def test_a_promised_date_belongs_to_no_term_and_counts_open_time() -> None:
    found = time_left(
        pops(),
        days_off(pops()),
        Deadline(
            "promised_reply",
            starts_at=at("2026-11-20 16:30"),
            due_at=at("2026-11-23 09:30"),
            warns_at=at("2026-11-23 09:00"),
        ),
        at("2026-11-21 12:00"),
    )
    assert (found.seconds, found.day, found.share) == (HOUR, 9 * HOUR, 0.5), (
        "Saturday: an hour of Monday is left of two"
    )


NO_LENGTH = [
    ("2026-11-17 16:30", "read before it: used up, never a division by nothing"),
    ("2026-11-17 17:30", "read on it"),
    ("2026-11-18 17:30", "read after it"),
]


@pytest.mark.parametrize(("now", "why"), NO_LENGTH)
@pytest.mark.parametrize("unit", [Unit.WORKING_DAY, Unit.HOUR])
def test_a_clock_without_length_is_used_up(unit: Unit, now: str, why: str) -> None:
    due = at("2026-11-17 17:30")
    procedure = with_term("acknowledge", unit=unit)
    found = time_left(
        procedure, days_off(procedure), Deadline("acknowledge", starts_at=due, due_at=due, warns_at=due), at(now)
    )
    assert found.share == 1.0, why


def test_a_clock_of_one_second_is_unused_until_it_has_passed() -> None:
    start = at("2026-11-17 10:00")
    share = [
        time_left(
            pops(),
            days_off(pops()),
            Deadline("acknowledge", starts_at=start, due_at=start + timedelta(seconds=1), warns_at=start),
            start + timedelta(seconds=seconds),
        ).share
        for seconds in (0, 1)
    ]
    assert share == [0.0, 1.0]


def test_beyond_the_calendar_the_clock_itself_is_read() -> None:
    found = time_left(
        pops(),
        days_off(pops()),
        Deadline(
            "acknowledge",
            starts_at=at("2026-11-16 09:00"),
            due_at=at("2026-11-17 17:30"),
            warns_at=at("2026-11-17 13:15"),
        ),
        at("2030-11-17 17:30"),
    )
    days = (date(2030, 11, 17) - date(2026, 11, 17)).days
    assert (found.nearness, found.seconds, found.day, found.share) == (
        Nearness.OVERDUE,
        -days * CLOCK_DAY,
        CLOCK_DAY,
        1.0,
    )


DAYS = [
    # open intervals of the first worked day, seconds, why
    ([(time(8, 30), time(17, 30))], 9 * HOUR, "POPS"),
    ([(time(8), time(12)), (time(13), time(17))], 8 * HOUR, "a pause at noon is not open"),
    ([(time(8, 15, 10), time(12, 45, 40))], 4 * HOUR + 30 * 60 + 30, "minutes and seconds count"),
    ([(time(0), time(0))], CLOCK_DAY, "the whole day: midnight closes it"),
    ([(time(20), time(0))], 4 * HOUR, "until midnight"),
]


@pytest.mark.parametrize(("open_hours", "wanted", "why"), DAYS, ids=[row[-1] for row in DAYS])
def test_how_long_an_ordinary_day_is(open_hours: Sequence[tuple[time, time]], wanted: int, why: str) -> None:
    procedure = pops(week=((), tuple(open_hours), ((time(1), time(2)),), (), (), (), ()))
    assert day_seconds(procedure) == wanted, f"{why}; Monday is closed, so Tuesday is the ordinary day"


@given(st.integers(-90_000, 90_000), st.integers(0, 90_000), st.sampled_from(sorted(shipped.procedures())))
def test_the_share_used_up_never_leaves_nought_to_one(before_due: int, whole: int, key: str) -> None:
    due = at("2026-11-17 17:30")
    procedure = shipped.procedure(key)
    found = time_left(
        procedure,
        days_off(procedure),
        Deadline(procedure.terms[0].key, starts_at=due - timedelta(seconds=whole), due_at=due, warns_at=due),
        due - timedelta(seconds=before_due),
    )
    assert 0.0 <= found.share <= 1.0
    assert found.nearness is (
        Nearness.OVERDUE if before_due < 0 else Nearness.NEAR if before_due == 0 else Nearness.ON_TRACK
    )

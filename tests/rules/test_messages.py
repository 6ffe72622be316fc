"""When messages leave (D42): office hours, choices, and the delays of what did not arrive."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core import shipped
from core.register.messages import letters
from core.rules import messages
from core.rules.messages import APPROVALS, GROUPS, WEEK, Choice, Office, by_the_hour, next_try, options, when
from core.rules.notices import NOTICES
from tests.local_time import at


def office(procedure: str) -> Office:
    rules = shipped.procedure(procedure)
    return Office(rules.calendar(shipped.calendar_days()), rules.hours_stated)


HELD = [
    ("pops", "2026-11-16 09:00", "2026-11-16 09:00", "within hours"),
    ("pops", "2026-11-16 08:30", "2026-11-16 08:30", "the opening belongs to them"),
    ("pops", "2026-11-16 17:30", "2026-11-17 08:30", "the closing does not"),
    ("pops", "2026-11-16 07:59", "2026-11-16 08:30", "before the opening"),
    ("pops", "2026-11-20 18:00", "2026-11-23 08:30", "Friday evening to Monday"),
    ("pops", "2026-11-23 20:00", "2026-11-25 08:30", "the day off between, 24/11 (Ngày Văn hóa)"),
    ("misa", "2026-11-16 03:00", "2026-11-16 08:30", "a procedure without stated hours keeps the usual ones"),
    ("misa", "2026-11-16 18:00", "2026-11-17 08:30", "the same in the evening"),
    ("pops", "2049-11-15 18:00", "2049-11-16 08:30", "a year that no calendar knows: Monday to Friday"),
]


@pytest.mark.parametrize(("procedure", "now", "until", "why"), HELD)
def test_outside_office_hours_a_message_waits_for_the_opening(procedure: str, now: str, until: str, why: str) -> None:
    assert office(procedure).held_until(at(now)) == at(until), why


MORNINGS = [
    ("2026-11-16 08:29", None, "not open yet"),
    ("2026-11-16 08:30", date(2026, 11, 16), "the opening"),
    ("2026-11-16 17:29", date(2026, 11, 16), "late, but within hours"),
    ("2026-11-16 17:30", None, "closed: what was missed comes with the next morning"),
    ("2026-11-21 09:00", None, "Saturday"),
    ("2026-11-24 09:00", None, "a day off"),
]


@pytest.mark.parametrize(("now", "day", "why"), MORNINGS)
def test_the_morning_of_a_working_day(now: str, day: date | None, why: str) -> None:
    assert office("pops").morning(at(now)) == day, why


def test_the_working_day_before() -> None:
    assert office("pops").day_before(date(2026, 11, 25)) == date(2026, 11, 23)
    assert office("pops").day_before(date(2026, 11, 23)) == date(2026, 11, 20)


def test_delays_grow_then_come_hourly_for_a_day() -> None:
    delays = [next_try(tries) for tries in range(1, 40)]
    known = [delay for delay in delays if delay is not None]
    assert [delay / timedelta(minutes=1) for delay in known[:6]] == [1, 5, 15, 60, 60, 60]
    assert sum(known[4:], timedelta(0)) == timedelta(hours=24)
    assert delays[len(known) :] == [None] * (39 - len(known))


@pytest.mark.parametrize("kind", NOTICES)
def test_the_usual_is_at_once_for_what_is_urgent(kind: str) -> None:
    daily = messages.GROUP_OF[kind] in messages.DAILY
    wanted = Choice.AT_ONCE if NOTICES[kind].urgent and not daily else Choice.MORNING
    assert when(kind, Choice.USUAL) is wanted
    assert when(kind, Choice.OFF) is Choice.OFF
    assert when(kind, Choice.AT_ONCE) is (Choice.MORNING if daily else Choice.AT_ONCE)


def test_every_kind_belongs_to_one_group_and_has_words() -> None:
    assert sorted(kind for kinds in GROUPS.values() for kind in kinds) == sorted([*NOTICES, APPROVALS, WEEK])
    assert set(letters.SENTENCES) == set(NOTICES)


def test_what_comes_daily_is_there_or_not() -> None:
    assert options("today") == (Choice.USUAL, Choice.OFF)
    assert options("asked") == tuple(Choice)


@pytest.mark.parametrize(
    ("procedure", "term", "is_short"),
    [("misa", "acknowledge", True), ("misa", "reply", False), ("pops", "acknowledge", False), ("pops", "none", False)],
)
def test_only_a_clock_of_few_hours_wakes_somebody(procedure: str, term: str, is_short: bool) -> None:
    assert by_the_hour(shipped.procedure(procedure).term(term)) is is_short

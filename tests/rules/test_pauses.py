"""How long a clock stands still while the customer is awaited (D5): overlapping questions, lapses, extensions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules.clocks import Occurrence
from core.rules.procedure import AfterHours, Unit
from tests.rules.given import asked, at, days_off, happened, pausing, runs, with_term

HOUR = 3600
DAY = 9 * HOUR  # open seconds of a POPS day, 08:30 to 17:30

# Acknowledged Thursday 01/10/2026 10:00: due Thursday 08/10 17:30 without a pause.
BEFORE = ("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00")

# ruff: disable[E501]
PAUSES = [
    # questions (asked, chased on), later events, due, open seconds paused, why
    ([("2026-10-02 10:00", "2026-10-06")], [], "2026-10-12 17:30", 7.5 * HOUR + 2 * DAY, "one question, lapsed at the end of Tuesday: Monday and Tuesday are given back"),
    ([("2026-10-02 10:00", "2026-10-06"), ("2026-10-05 10:00", "2026-10-06")], [], "2026-10-12 17:30", 7.5 * HOUR + 2 * DAY, "asked again inside the first wait: Tuesday is given back once"),
    ([("2026-10-02 10:00", "2026-10-06"), ("2026-10-05 10:00", "2026-10-05")], [], "2026-10-12 17:30", 7.5 * HOUR + 2 * DAY, "the second wait lies wholly inside the first"),
    ([("2026-10-02 10:00", "2026-10-02"), ("2026-10-02 11:00", "2026-10-05")], [], "2026-10-09 17:30", 7.5 * HOUR + DAY, "the second wait goes on where the first lapsed"),
    ([("2026-10-02 10:00", "2026-10-06"), ("2026-10-02 10:00", "2026-10-06")], [], "2026-10-12 17:30", 7.5 * HOUR + 2 * DAY, "two questions of one moment are one wait"),
    ([("2026-10-02 10:00", "2026-10-06"), ("2026-10-05 10:00", "2026-10-06")], ["customer_replied 2026-10-05 14:00"], "2026-10-09 17:30", 7.5 * HOUR + 5.5 * HOUR, "one reply answers both questions"),
    ([("2026-10-02 10:00", "2026-10-06"), ("2026-10-05 16:00", "2026-10-06")], ["customer_replied 2026-10-05 14:00"], "2026-10-12 17:30", 7.5 * HOUR + 5.5 * HOUR + 1.5 * HOUR + DAY, "asked again after the reply: a wait of its own, Tuesday as well"),
    ([("2026-10-02 10:00", "2026-10-06"), ("2026-10-05 10:00", "2026-10-05"), ("2026-10-06 10:00", "2026-10-06")], ["customer_replied 2026-10-08 09:00"], "2026-10-12 17:30", 7.5 * HOUR + 2 * DAY, "three questions, two of them inside the first wait, answered after all had lapsed"),
    ([("2026-10-01 12:00", "2026-10-06")], ["customer_replied 2026-10-02 00:00:00"], "2026-10-08 17:30", 5.5 * HOUR, "answered as Friday began: Friday was not waited on"),
    ([("2026-10-01 12:00", "2026-10-06")], ["customer_replied 2026-10-02 00:00:01"], "2026-10-09 17:30", 5.5 * HOUR, "a second later it was"),
    ([("2026-10-02 10:00", "2026-10-30")], ["customer_replied 2026-10-02 10:00"], "2026-10-08 17:30", 0, "answered the same instant: no wait at all"),
    ([("2026-10-02 10:00", "2026-10-01")], [], "2026-10-08 17:30", 0, "the chase date was over before it was asked"),
    ([("2026-09-29 10:00", "2026-10-02")], [], "2026-10-09 17:30", 7.5 * HOUR + DAY, "asked before the clock starts: only what lies in its run counts"),
    ([("2026-10-08 17:29:59", "2026-10-09")], [], "2026-10-09 17:30", 1 + DAY, "asked a second before it fell due: Friday is given back"),
    ([("2026-10-08 17:30", "2026-10-09")], [], "2026-10-08 17:30", 0, "asked on the due instant: the term had run out"),
    ([("2026-10-08 10:00", "2026-10-09"), ("2026-10-09 17:29:59", "2026-10-12")], ["customer_replied 2026-10-09 10:00"], "2026-10-12 17:30", 9 * HOUR + 1 + DAY, "asked within the extended term, which ends on Friday"),
    ([("2026-10-08 10:00", "2026-10-09"), ("2026-10-09 17:30", "2026-10-12")], ["customer_replied 2026-10-09 10:00"], "2026-10-09 17:30", 9 * HOUR, "asked when the extended term ended: nothing more"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("questions", "later", "due", "paused", "why"), PAUSES, ids=[row[-1] for row in PAUSES])
def test_what_a_wait_gives_back(
    questions: Sequence[tuple[str, str]], later: Sequence[str], due: str, paused: float, why: str
) -> None:
    events = happened(*BEFORE)
    for when, chase_on in questions:
        events += asked(when, chase_on)
    events += happened(*later)
    (resolve,) = runs(pausing(), "resolve", events)
    assert (resolve.due_at, resolve.paused_seconds) == (at(due), paused), why
    assert resolve.due_without_pause == at("2026-10-08 17:30"), why


# ruff: disable[E501]
STOPPED = [
    # result told, due, open seconds worked, open seconds paused, why
    ("2026-10-02 10:00", "2026-10-08 17:30", 9 * HOUR, 0, "told when the question was asked: nothing was waited for"),
    ("2026-10-02 12:00", "2026-10-08 17:30", 9 * HOUR, 2 * HOUR, "told within the same day: two hours waited, no day given back"),
    ("2026-10-05 10:00", "2026-10-09 17:30", 9 * HOUR, 9 * HOUR, "told on Monday: Monday is given back"),
    ("2026-10-07 10:00", "2026-10-12 17:30", 10.5 * HOUR, 7.5 * HOUR + 2 * DAY, "told after the wait lapsed"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("told", "due", "worked", "paused", "why"), STOPPED, ids=[row[-1] for row in STOPPED])
def test_a_wait_ends_with_the_clock(told: str, due: str, worked: float, paused: float, why: str) -> None:
    events = happened(*BEFORE, f"result_notified {told}") + asked("2026-10-02 10:00", "2026-10-06")
    (resolve,) = runs(pausing(), "resolve", sorted(events, key=lambda event: event.at))
    assert (resolve.due_at, resolve.working_seconds, resolve.paused_seconds) == (at(due), worked, paused), why


ENDINGS = [
    # what happens on Monday 10:00, open seconds paused, why
    ("customer_replied", 9 * HOUR, "the customer answered"),
    ("result_notified", 9 * HOUR, "the customer has the result"),
    ("closed", 9 * HOUR, "nobody waits for a closed case"),
    ("reopened", 9 * HOUR, "work goes on"),
    ("withdrawn", 9 * HOUR, "the customer has left"),
    ("merged", 9 * HOUR, "another complaint goes on"),
    ("customer_asked", 7.5 * HOUR + 2 * DAY, "another question goes on waiting"),
    ("noted", 7.5 * HOUR + 2 * DAY, "a note is nothing to the customer"),
    ("forwarded", 7.5 * HOUR + 2 * DAY, "nor is a question to a department"),
]


@pytest.mark.parametrize(("event", "paused", "why"), ENDINGS)
def test_what_ends_a_wait(event: str, paused: float, why: str) -> None:
    """A clock that only ``answered`` stops, so that what ends the wait does not end the clock as well."""
    procedure = pausing(to_events=("answered",))
    events = happened(*BEFORE) + asked("2026-10-02 10:00", "2026-10-06") + happened(f"{event} 2026-10-05 10:00")
    assert runs(procedure, "resolve", events)[0].paused_seconds == paused, why


def test_a_wait_moves_the_answer_but_no_other_promise() -> None:
    events = happened("received 2026-10-01 09:00") + asked("2026-10-01 10:00", "2026-10-30")
    (acknowledge,) = runs(pausing(), "acknowledge", events)
    assert (acknowledge.due_at, acknowledge.paused_seconds) == (at("2026-10-02 17:30"), 0)


def test_a_wait_that_lapses_as_the_clock_starts_moves_nothing() -> None:
    procedure = pausing(after_hours=AfterHours.SAME_DAY)
    events = happened("received 2026-10-05 09:00") + asked("2026-10-06 10:00", "2026-10-06")
    (resolve,) = runs(procedure, "resolve", events + happened("acknowledged 2026-10-07 00:00"))
    assert (resolve.due_at, resolve.paused_seconds) == (at("2026-10-14 17:30"), 0)


def test_only_a_question_to_the_customer_pauses() -> None:
    events = happened(*BEFORE) + happened("forwarded 2026-10-02 10:00", data={"chase_on": "2026-10-06"})
    assert runs(pausing(), "resolve", events)[0].paused_seconds == 0


def test_no_wait_counts_where_the_procedure_does_not_pause() -> None:
    (resolve,) = runs(with_term("resolve"), "resolve", happened(*BEFORE) + asked("2026-10-02 10:00", "2026-10-06"))
    assert (resolve.due_at, resolve.paused_seconds) == (at("2026-10-08 17:30"), 0)


# ruff: disable[E501]
UNITS = [
    # unit, amount, due without the wait, due, paused seconds, why
    (Unit.HOUR, 72, "2026-10-04 10:00", "2026-10-06 01:00", 39 * HOUR, "hours of the clock: Friday 10:00 to Sunday 01:00"),
    (Unit.WORKING_MINUTE, 1200, "2026-10-05 12:00", "2026-10-06 10:30", 7.5 * HOUR, "open minutes: Friday 10:00 to 17:30"),
    (Unit.CALENDAR_DAY, 4, "2026-10-06 00:00", "2026-10-06 00:00", 7.5 * HOUR, "calendar days: no working day was waited for"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("unit", "amount", "plain", "due", "paused", "why"), UNITS, ids=[row[-1] for row in UNITS])
def test_each_unit_moves_by_what_it_counts(
    unit: Unit, amount: int, plain: str, due: str, paused: float, why: str
) -> None:
    events = happened(*BEFORE, "customer_replied 2026-10-04 01:00") + asked("2026-10-02 10:00", "2026-10-06")
    (resolve,) = runs(pausing(unit=unit, amount=amount), "resolve", events)
    found = (resolve.due_without_pause, resolve.due_at, resolve.paused_seconds)
    assert found == (at(plain), at(due), paused), why


def test_calendar_days_move_by_the_working_days_waited_for() -> None:
    events = happened(*BEFORE, "customer_replied 2026-10-05 10:00") + asked("2026-10-02 10:00", "2026-10-06")
    (resolve,) = runs(pausing(unit=Unit.CALENDAR_DAY, amount=4), "resolve", events)
    assert (resolve.due_without_pause, resolve.due_at) == (at("2026-10-06 00:00"), at("2026-10-07 00:00"))


STEP = timedelta(minutes=30)
moments = st.integers(0, 20 * 48).map(lambda steps: at("2026-10-01 10:00") + steps * STEP)


@settings(max_examples=40)
@given(st.lists(st.tuples(moments, st.integers(0, 6)), max_size=6), st.lists(moments, max_size=4).map(sorted))
def test_no_moment_is_given_back_twice(questions: list[tuple[datetime, int]], replies: list[datetime]) -> None:
    """Whatever is asked and answered, an open half-hour is paused once or not at all, counted one by one."""
    events = happened(*BEFORE)
    paused: set[datetime] = set()
    for begins, days in questions:
        chase_on = (begins + timedelta(days=days)).date()
        events += asked(f"{begins:%Y-%m-%d %H:%M}", chase_on.isoformat())
        lapses = at(f"{chase_on + timedelta(days=1)} 00:00")
        paused |= _open_steps(begins, min([lapses, *(reply for reply in replies if reply >= begins)]))
    events += [Occurrence("customer_replied", reply) for reply in replies]
    amount = 20 * 9 * 60  # twenty office days
    procedure = pausing(unit=Unit.WORKING_MINUTE, amount=amount)
    (resolve,) = runs(procedure, "resolve", events)
    assert resolve.paused_seconds == len(paused) * STEP.total_seconds()
    extended = timedelta(minutes=amount) + len(paused) * STEP
    assert resolve.due_at == days_off(procedure).add(at("2026-10-01 10:00"), extended)


def _open_steps(begins: datetime, until: datetime) -> set[datetime]:
    """Every office half-hour from ``begins`` (Monday to Friday, 08:30 to 17:30; no holiday lies in these weeks)."""
    steps = [begins + i * STEP for i in range((until - begins) // STEP)]
    return {step for step in steps if step.weekday() < 5 and (8, 30) <= (step.hour, step.minute) < (17, 30)}

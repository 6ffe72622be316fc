import pytest

from core.insight import backlog
from core.insight.dimensions import AGES
from tests.insight.given import NOW, WEEK_46, Case, register

SEGMENTS = [
    # columns, the segments it is in besides "all", why (it is Wednesday 18/11 10:00)
    (Case(next_due_at="2026-11-18 17:30"), {"unacknowledged", "due_today"}, "received, due this afternoon"),
    (Case(next_due_at="2026-11-18 10:00", state="acknowledged"), {"due_today"}, "due this instant is still ahead"),
    (Case(next_due_at="2026-11-18 09:59", state="acknowledged"), {"overdue"}, "due a minute ago"),
    (Case(next_due_at="2026-11-19 00:00", state="classified"), {"due_today"}, "due at 24:00 of today"),
    (Case(next_due_at="2026-11-19 00:01", state="classified"), set(), "due tomorrow"),
    (Case(state="waiting_customer"), {"waiting_customer"}, "no running clock"),
    (Case(state="investigating", waiting_department=1), {"waiting_department"}, "a department is asked"),
    (Case(state="resolved"), {"to_close"}, "told, not yet closed"),
    (Case(state="classified", unexplained_due_at="2026-11-18 10:00"), set(), "due this instant is no miss yet"),
    (Case(state="classified", unexplained_due_at="2026-11-18 09:59"), {"unexplained"}, "missed, nobody said why"),
]


@pytest.mark.parametrize(("case", "segments", "why"), SEGMENTS, ids=[row[2] for row in SEGMENTS])
def test_an_open_complaint_is_in_its_segments(case: Case, segments: set[str], why: str) -> None:
    found = backlog.segments(register([case]), WEEK_46, NOW)
    assert {name for name, count in found.items() if count} == segments | {"all"}, why


def test_closed_and_withdrawn_are_not_open() -> None:
    facts = register([Case(closed_at="2026-11-18 09:00"), Case(closed_at="2026-11-18 09:00", state="withdrawn")])
    assert set(backlog.segments(facts, WEEK_46, NOW).values()) == {0}


OLD = [
    ("2026-11-18 09:00", "0", "an hour"),
    ("2026-11-18 11:00", "0", "recorded after now by a clock ahead"),
    ("2026-11-17 10:00", "1", "24 hours to the second"),
    ("2026-11-17 10:01", "0", "a minute less than a day"),
    ("2026-11-11 10:00", "7", "a week"),
    ("2026-10-19 10:00", "30", "a month"),
    ("2024-01-01 10:00", "30", "years"),
]


@pytest.mark.parametrize(("recorded", "age", "why"), OLD, ids=[row[2] for row in OLD])
def test_age_is_whole_days_since_recorded(recorded: str, age: str, why: str) -> None:
    found = backlog.ageing(register([Case(recorded=recorded, next_due_at="2026-11-18 09:00")]), WEEK_46, NOW)
    assert found["age"].to_list() == list(AGES)
    assert dict(zip(found["age"], zip(found["count"], found["overdue"], strict=True), strict=True))[age] == (1, 1), why
    assert found["count"].sum() == 1


def test_the_period_does_not_hide_what_is_open_but_the_keys_do() -> None:
    facts = register([Case(recorded="2024-01-01 10:00", category="login"), Case(category="payment")])
    assert backlog.segments(facts, WEEK_46, NOW)["all"] == 2
    assert backlog.segments(facts, WEEK_46.only("category", "login"), NOW)["all"] == 1

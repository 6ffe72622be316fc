"""A cause's complaints before an action was done and since, counted by hand from a few cases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.insight import prevention, rows
from core.insight.filters import Filter
from tests.insight.given import CALENDAR, NOW, TODAY, Case, register

EVERYTHING = Filter.of("quarter", TODAY)
DONE_ON = date(2026, 10, 28)  # a Wednesday: its week, and that of today (16/11), are in neither average


def closed(day: str, cause: str = "gateway_fault", **columns: object) -> Case:
    return Case(recorded=f"{day} 08:00", closed_at=f"{day} 09:00", root_cause=cause, **columns)


FACTS = register(
    [
        *(closed("2026-09-01") for _ in range(4)),  # in the first of the eight weeks, from Monday 31/8
        *(closed("2026-10-25") for _ in range(4)),  # Sunday, the last day before the week of the action
        closed("2026-08-30"),  # one day before the eight weeks
        closed("2026-10-26"),  # in the week of the action
        closed("2026-11-02"),  # in the first whole week since
        closed("2026-11-17"),  # in the week that runs
        closed("2026-09-02", "unknown"),  # another cause
        closed("2026-09-02", state="withdrawn"),  # left the figures (D13)
        Case(recorded="2026-09-02 08:00", root_cause="gateway_fault"),  # not closed: nobody has told the result
    ]
)


def test_the_weeks_before_and_since() -> None:
    found = prevention.rate(FACTS, EVERYTHING, "gateway_fault", DONE_ON, TODAY, CALENDAR)
    assert found.weeks == (4, 0, 0, 0, 0, 0, 0, 4, 1, 1, 0, 1)
    assert found.before == pytest.approx(8 / (8 * 45 - 2 * 9) * 45), "1/9 and 2/9 were off: nine hours each"
    assert found.since == 1 / 2, "of two whole weeks"


def test_a_week_of_tet_is_no_effect() -> None:
    """Ten a week before; after it one week that was all Tết (16/2 to 20/2), and one with ten again."""
    weeks = [date(2025, 12, 15) + n * timedelta(weeks=1) for n in range(9)] + [date(2026, 2, 23)]
    facts = register([closed(f"{monday:%Y-%m-%d}") for monday in weeks for _ in range(10)])
    found = prevention.rate(facts, EVERYTHING, "gateway_fault", date(2026, 2, 11), date(2026, 3, 4), CALENDAR)
    assert found.weeks[-4:] == (10, 0, 10, 0)
    assert found.since == 10, "per open week, not 5 per calendar week"
    assert found.low is not None and found.high is not None and found.low < 1 < found.high, "nothing changed"


def test_a_real_fall_is_told_from_chance() -> None:
    weeks = [date(2026, 7, 6) + n * timedelta(weeks=1) for n in range(8)]
    before = [closed(f"{monday:%Y-%m-%d}") for monday in weeks for _ in range(20)]
    facts = register([*before, *(closed(day) for day in ("2026-09-14", "2026-09-22"))])
    found = prevention.rate(facts, EVERYTHING, "gateway_fault", date(2026, 9, 7), date(2026, 10, 1), CALENDAR)
    assert found.high is not None and found.high < 1


@pytest.mark.filterwarnings("error")
def test_what_is_closed_while_the_office_is_not_hides_no_effect() -> None:
    """Twenty a week before, and one in the week of Tết, in which no hour was open; since then one a week."""
    weeks = [date(2026, 1, 5) + n * timedelta(weeks=1) for n in range(10)]
    counts = {monday: 1 if monday == date(2026, 2, 16) else 20 for monday in weeks}
    before = [closed(f"{monday:%Y-%m-%d}") for monday, n in counts.items() for _ in range(n)]
    facts = register([*before, *(closed(f"2026-03-{day}") for day in ("23", "30")), closed("2026-04-06")])
    found = prevention.rate(facts, EVERYTHING, "gateway_fault", date(2026, 3, 17), date(2026, 4, 15), CALENDAR)
    assert 1 in found.weeks[:8], "Tết is among the weeks before"
    assert found.high is not None and found.high < 1, "it is told from chance"


@pytest.mark.filterwarnings("error")
def test_a_cause_that_was_not_seen_before_is_compared_with_nothing_odd() -> None:
    others = [closed(f"{date(2026, 8, 3) + n * timedelta(weeks=1):%Y-%m-%d}", "unknown") for n in range(14)]
    facts = register([*others, closed("2026-11-02")])
    found = prevention.rate(facts, EVERYTHING, "gateway_fault", DONE_ON, TODAY, CALENDAR)
    assert (found.before, found.since) == (0, 1 / 2)


def test_weeks_that_the_register_does_not_cover_are_no_weeks_without_complaints() -> None:
    facts = register([closed("2026-10-19"), closed("2026-10-20"), closed("2026-11-02")])
    found = prevention.rate(facts, EVERYTHING, "gateway_fault", DONE_ON, TODAY, CALENDAR)
    assert found.before == 2, "one week is covered, not eight (D27)"
    first = register([closed("2026-11-02")])
    found = prevention.rate(first, EVERYTHING, "gateway_fault", DONE_ON, TODAY, CALENDAR)
    assert (found.before, found.low) == (None, None), "nothing before to compare with"


def test_the_rows_are_those_that_the_weeks_count() -> None:
    found = prevention.rate(FACTS, EVERYTHING, "gateway_fault", DONE_ON, TODAY, CALENDAR)
    assert rows.count(FACTS, found.rows, NOW) == sum(found.weeks), "D15"


EDGES = [
    # done on, since, why
    (date(2026, 11, 18), None, "done today: no week has passed"),
    (date(2026, 11, 9), None, "done last week: only the running one follows"),
    (date(2026, 11, 8), 0.0, "Sunday: the week from the 9th is whole"),
    (date(2026, 11, 1), 0.5, "two whole weeks, one complaint"),
]


@pytest.mark.parametrize(("done_on", "since", "why"), EDGES)
def test_only_whole_weeks_count_after_it(done_on: date, since: float | None, why: str) -> None:
    assert prevention.rate(FACTS, EVERYTHING, "gateway_fault", done_on, TODAY, CALENDAR).since == since, why


def test_only_what_the_reader_sees_is_counted() -> None:
    narrowed = EVERYTHING.only("category", "login")
    assert sum(prevention.rate(FACTS, narrowed, "gateway_fault", DONE_ON, TODAY, CALENDAR).weeks) == 0

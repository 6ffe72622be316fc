"""Whether a card's number changed beyond chance: by as much as it varied in the weeks before (D28)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.insight import changes
from core.insight.chance import ALARM, apart
from core.insight.facts import Facts
from tests.insight.given import NOW, WEEK_46, Case, Clock, beside, register

WEEKS = 27  # those before week 46, the last of them week 45


def wednesday(week: int) -> date:
    """Of the week so many before week 46."""
    return date(2026, 11, 11) - timedelta(weeks=week)


def one(week: int, *, hours: float, met: bool = True) -> Case:
    """A result that fell due, was told and closed in that week, after ``hours`` of open time."""
    day = wednesday(week)
    clock = Clock(f"{day} 17:30", f"{day} {10 if met else 20}:00", hours=hours)
    outcome = "upheld" if met else "rejected"
    return Case(
        clock, recorded=f"{day - timedelta(days=1)} 09:00", closed_at=f"{day} 21:00", state="closed", outcome=outcome
    )


def of_weeks(per_week: int, met: dict[int, int], hours: dict[int, float] | None = None) -> Facts:
    """``per_week`` results a week, 20 of 25 in time and 5 hours unless said otherwise of a week."""
    usual = per_week * 4 // 5
    return register(
        [
            one(week, hours=(hours or {}).get(week, 5) + i / per_week, met=i < met.get(week, usual))
            for week in range(WEEKS)
            for i in range(per_week)
        ]
    )


STEADY = {week: 40 + (week % 3 - 1) for week in range(WEEKS)}
RESTLESS = {week: 48 if week % 2 else 32 for week in range(WEEKS)}
OF_SHARES = [
    # in time of 50 in each week, in this one and in the one before; whether that is a change, why
    (STEADY, 20, 40, True, "half as many where weeks differ little"),
    (STEADY, 36, 40, False, "four fewer may be chance"),
    (RESTLESS, 30, 44, False, "weeks have always differed by as much"),
]


@pytest.mark.parametrize("name", ["resolve_in_time", "upheld"])
@pytest.mark.parametrize(("weeks", "now", "before", "is_real", "why"), OF_SHARES, ids=[row[-1] for row in OF_SHARES])
def test_a_share_changed_by_more_than_it_varies(
    name: str, weeks: dict[int, int], now: int, before: int, is_real: bool, why: str
) -> None:
    facts = of_weeks(50, weeks | {0: now, 1: before})
    against = beside(facts, WEEK_46, "due" if name == "resolve_in_time" else "closed")
    assert (changes.share(facts, name, against, NOW) < ALARM) is is_real, why


OF_HOURS = [
    # hours in this week, and in others by week; whether that is a change, why
    ({0: 9}, True, "nearly twice as long as ever"),
    ({0: 5.1}, False, "six minutes more, of times that lie within an hour"),
    ({week: 5 if week % 2 else 9 for week in range(WEEKS)}, False, "every other week took as long"),
]


@pytest.mark.parametrize(("hours", "is_real", "why"), OF_HOURS, ids=[row[-1] for row in OF_HOURS])
def test_a_median_changed_by_more_than_it_varies(hours: dict[int, float], is_real: bool, why: str) -> None:
    facts = of_weeks(30, {}, hours)
    assert (changes.median(facts, "resolve", beside(facts, WEEK_46, "due")) < ALARM) is is_real, why


OF_COUNTS = [
    # how many in each week before, in this one; whether that is a change, why
    ([30] * WEEKS, 60, True, "twice as many where each week had thirty"),
    ([30] * WEEKS, 36, False, "six more"),
    ([30] * WEEKS, 2, True, "of few too: hardly any came"),
    ([10, 80] * WEEKS, 60, False, "weeks have always differed by more"),
]


@pytest.mark.parametrize(("counts", "now", "is_real", "why"), OF_COUNTS, ids=[row[-1] for row in OF_COUNTS])
def test_a_count_changed_by_more_than_it_varies(counts: list[int], now: int, is_real: bool, why: str) -> None:
    each = [now, 30, *counts[2:WEEKS]]
    facts = register([Case(recorded=f"{wednesday(week)} 09:00") for week, n in enumerate(each) for _i in range(n)])
    assert (changes.recorded(facts, beside(facts, WEEK_46)) < ALARM) is is_real, why


def test_of_too_few_or_beside_nothing_no_change_is_told() -> None:
    few = of_weeks(19, {0: 0})
    other = beside(few, WEEK_46, "due")
    assert changes.share(few, "resolve_in_time", other, NOW) == 1.0
    assert changes.median(few, "resolve", other) == 1.0
    assert changes.recorded(few, beside(few, WEEK_46)) == 1.0
    many = of_weeks(50, {0: 0})
    alone = beside(many, WEEK_46, "due", choice="none")
    assert changes.share(many, "resolve_in_time", alone, NOW) == 1.0
    assert changes.median(many, "resolve", alone) == 1.0
    assert changes.recorded(many, alone) == 1.0


def test_of_a_young_register_more_than_binomial_variance_is_taken_for_granted() -> None:
    """Weeks 44 to 46 alone: nothing shows how weeks vary (D28)."""
    facts = register([one(week, hours=5, met=i < (30 if week else 16)) for week in range(3) for i in range(50)])
    assert apart(16, 50, 30, 50) < ALARM < changes.share(facts, "resolve_in_time", beside(facts, WEEK_46, "due"), NOW)

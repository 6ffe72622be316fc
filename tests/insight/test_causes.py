from datetime import date

import pytest

from core.insight import causes
from tests.insight.given import LONG_SINCE, WEEK_46, WEEK_47, Case, beside, register


def closed(day: str, cause: str | None, **columns: str) -> Case:
    return Case(closed_at=f"{day} 16:00", root_cause=cause, **columns)


def test_pareto_of_what_was_closed_in_the_period() -> None:
    facts = register(
        [
            closed("2026-11-10", "otp_delivery"),
            closed("2026-11-15", "gateway_fault"),
            closed("2026-11-09", "gateway_fault"),
            closed("2026-11-11", None),
            closed("2026-11-16", "gateway_fault"),
            Case(root_cause="gateway_fault"),
            closed("2026-11-10", None, state="withdrawn"),
        ]
    )
    found = causes.pareto(facts, WEEK_46)
    assert found[["key", "count"]].to_numpy().tolist() == [["gateway_fault", 2], ["none", 1], ["otp_delivery", 1]]
    assert found["share"].to_list() == [0.5, 0.25, 0.25]
    assert found["cumulative"].to_list() == [0.5, 0.75, 1.0]
    assert causes.total(facts, WEEK_46) == 4, "the one closed on Monday, the open and the withdrawn one are not in it"


RISES = [
    # this week, the week before, other causes looked at, rose, why
    (9, 0, 0, True, "nine against none: p = 1/512"),
    (4, 0, 0, False, "four against none: p = 1/16"),
    (5, 0, 0, True, "five against none: p = 1/32, looked at alone"),
    (5, 0, 1, False, "the same among two causes: 2/32 is not below 0.05"),
    (30, 28, 0, False, "about as many"),
    (0, 9, 0, False, "it fell"),
]


@pytest.mark.parametrize(("this", "before", "others", "rose", "why"), RISES, ids=[row[4] for row in RISES])
def test_a_cause_rose_only_beyond_chance_and_beyond_looking_often(
    this: int, before: int, others: int, rose: bool, why: str
) -> None:
    facts = register(
        [LONG_SINCE, Case()]
        + [closed("2026-11-10", "otp_delivery")] * this
        + [closed("2026-11-03", "otp_delivery")] * before
        + [closed(day, "app_release") for day in ("2026-11-03", "2026-11-10") for _ in range(others)]
    )
    found = causes.risen(facts, beside(facts, WEEK_46, "closed")).set_index("key")
    assert bool(found.loc["otp_delivery", "rose"]) is rose, why
    assert found.loc["otp_delivery", ["count", "before"]].to_list() == [this, before]


def test_a_running_week_rises_only_against_the_same_days() -> None:
    now, later = [closed("2026-11-17", "otp_delivery")] * 3, [closed("2026-11-13", "otp_delivery")] * 30
    facts = register([LONG_SINCE, Case(), *now, *later])
    found = causes.risen(facts, beside(facts, WEEK_47, "closed"))
    assert found[["count", "before"]].to_numpy().tolist() == [[3, 0]]


def test_months_are_local_and_without_gaps() -> None:
    facts = register(
        [
            closed("2026-09-30", "otp_delivery"),
            closed("2026-11-01", "otp_delivery"),
            closed("2025-11-30", "otp_delivery"),
        ]
    )
    found = causes.by_month(facts, WEEK_46, months=3)
    assert [day.date() for day in found["month"]] == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
    assert found["count"].to_list() == [1, 0, 1]


def test_months_cross_the_new_year() -> None:
    facts = register([closed("2026-12-31", "otp_delivery"), closed("2027-01-01", "otp_delivery")])
    found = causes.by_month(facts, WEEK_46.between(date(2027, 1, 1), date(2027, 1, 31)), months=2)
    assert found["count"].to_list() == [1, 1]


def test_causes_by_category() -> None:
    facts = register([closed("2026-11-10", "otp_delivery", category="login")] * 2 + [closed("2026-11-10", None)])
    assert causes.by_category(facts, WEEK_46).to_numpy().tolist() == [
        ["none", "payment", 1],
        ["otp_delivery", "login", 2],
    ]


def test_nothing_closed_gives_empty_figures_not_errors() -> None:
    facts = register([])
    for found in (
        causes.pareto(facts, WEEK_46),
        causes.risen(facts, beside(facts, WEEK_46, "closed")),
        causes.by_week(facts, WEEK_46.only("category", "login"), "otp_delivery").query("count > 0"),
        causes.by_month(facts, WEEK_46),
        causes.by_category(facts, WEEK_46),
    ):
        assert found.empty

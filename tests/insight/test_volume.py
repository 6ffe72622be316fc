from datetime import date
from math import isnan

import pytest

from core.insight import volume
from tests.insight.given import LONG_SINCE, NOVEMBER, WEEK_46, WEEK_47, Case, beside, register


def test_categories_with_share_and_change_against_the_week_before() -> None:
    days = {
        "payment": ("2026-11-03", "2026-11-10", "2026-11-11", "2026-11-12"),
        "login": ("2026-11-04", "2026-11-15"),
        "content": ("2026-11-05",),
    }
    cases = [Case(recorded=f"{day} 10:00", category=key) for key, all_days in days.items() for day in all_days]
    facts = register([LONG_SINCE, *cases])
    found = volume.by_category(facts, beside(facts, WEEK_46))
    assert found["key"].to_list() == ["payment", "login", "content"]
    assert found[["count", "before"]].to_numpy().tolist() == [[3, 1], [1, 1], [0, 1]]
    assert found["share"].to_list() == [0.75, 0.25, 0]
    assert found["ratio"].to_list() == [2.0, 0.0, -1.0]


def test_a_category_new_in_this_period_has_no_ratio() -> None:
    facts = register([LONG_SINCE, Case(recorded="2026-11-01 10:00"), Case(recorded="2026-11-10 10:00")])
    found = volume.by_category(facts, beside(facts, WEEK_46))
    assert found["before"].to_list() == [0]
    assert found["ratio"].isna().to_list() == [True]


def test_where_the_week_before_is_not_covered_nothing_is_compared() -> None:
    facts = register([Case(recorded="2026-11-05 10:00"), *[Case(recorded="2026-11-10 10:00")] * 30])
    (row,) = volume.by_category(facts, beside(facts, WEEK_46)).itertuples()
    assert (row.count, row.share, row.moved) == (30, 1.0, False)
    assert [isnan(value) for value in (row.before, row.ratio, row.p)] == [True] * 3, "one on Thursday is no week"


def test_a_running_week_is_compared_with_the_same_days_of_the_week_before() -> None:
    facts = register(
        [
            LONG_SINCE,
            Case(),
            *(Case(recorded=day) for day in ("2026-11-10 10:00", "2026-11-13 10:00", "2026-11-17 10:00")),
        ]
    )
    found = volume.by_category(facts, beside(facts, WEEK_47))
    assert found[["count", "before"]].to_numpy().tolist() == [[1, 1]], (
        "Friday 13/11 is not yet to be compared with on Wednesday"
    )


def test_a_quiet_week_is_zero_in_every_series() -> None:
    facts = register(
        [
            Case(recorded="2026-11-02 00:00"),
            Case(recorded="2026-11-22 23:59"),
            Case(recorded="2026-11-03 10:00", category="login"),
        ]
    )
    weeks = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    whole = volume.by_week(facts, NOVEMBER)
    assert [day.date() for day in whole["week"]] == weeks
    assert whole["count"].to_list() == [2, 0, 1, 0]
    found = volume.by_week_and_category(facts, NOVEMBER)
    assert found["category"].to_list() == ["payment"] * 4 + ["login"] * 4
    assert found["count"].to_list() == [1, 0, 1, 0, 1, 0, 0, 0]


def test_channel_by_category_holds_the_pairs_that_occur() -> None:
    facts = register(
        [Case(recorded="2026-11-10 10:00", channel="email")] * 2
        + [Case(recorded="2026-11-10 10:00", channel="web", category="login")]
    )
    found = volume.by_channel_and_category(facts, WEEK_46)
    assert found.to_numpy().tolist() == [["email", "payment", 2], ["web", "login", 1]]


HOURS = [
    ("2026-11-09 00:00", 0, 0, "Monday midnight local, Sunday evening in UTC"),
    ("2026-11-15 23:59", 6, 23, "Sunday's last hour"),
    ("2026-11-11 08:30", 2, 8, "Wednesday at opening"),
]


@pytest.mark.parametrize(("recorded", "weekday", "hour", "why"), HOURS)
def test_weekday_and_hour_are_local_and_all_168_cells_are_there(
    recorded: str, weekday: int, hour: int, why: str
) -> None:
    found = volume.by_weekday_and_hour(register([Case(recorded=recorded)]), WEEK_46)
    assert len(found) == 168
    hit = found[found["count"] > 0]
    assert hit.to_numpy().tolist() == [[weekday, hour, 1]], why


def test_nothing_recorded_gives_empty_figures_not_errors() -> None:
    facts = register([])
    assert volume.total(facts, WEEK_46) == 0
    assert volume.by_category(facts, beside(facts, WEEK_46)).empty
    assert volume.by_week(facts, WEEK_46)["count"].to_list() == [0]
    assert volume.by_week_and_category(facts, WEEK_46).empty
    assert volume.by_channel_and_category(facts, WEEK_46).empty
    assert volume.by_weekday_and_hour(facts, WEEK_46)["count"].sum() == 0


def test_withdrawn_complaints_stay_counted() -> None:
    facts = register([Case(recorded="2026-11-10 10:00", state="withdrawn", closed_at="2026-11-10 11:00")])
    assert volume.total(facts, WEEK_46) == 1
    assert volume.total(facts, WEEK_46.only("category", "login")) == 0

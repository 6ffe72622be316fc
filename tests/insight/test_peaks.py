"""The week in which there were more than chance explains, for the titles of small charts (D27, D28)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from core.insight import causes, peaks, volume
from core.insight.chance import APART, Clusters
from core.insight.clusters import Habits
from core.insight.filters import Filter
from core.insight.peaks import Peak
from tests.insight.given import WEEK_46, Case, beside, register

QUARTER = Filter(date(2026, 8, 17), date(2026, 11, 15))  # 13 weeks that are over, one of them with 2 September in it
COVERED = register([Case(recorded="2026-01-05 09:00")])
AGAINST = beside(COVERED, QUARTER)
EACH_BY_ITSELF = Habits({}, APART)
STEADY = [10, 12, 7, 9, 11, 10, 8, 13, 9, 10, 12, 10, 9]
LAST = date(2026, 11, 9)


def weekly(**counts: list[int]) -> pd.DataFrame:
    """Category → counts of the weeks of ``QUARTER``, as ``volume.by_week_and_category`` gives them."""
    rows = [
        (key, QUARTER.start + timedelta(weeks=week), n) for key, its in counts.items() for week, n in enumerate(its)
    ]
    found = pd.DataFrame(rows, columns=["category", "week", "count"])
    return found.assign(week=pd.to_datetime(found["week"]))


def found(habits: Habits = EACH_BY_ITSELF, **counts: list[int]) -> peaks.Peaks:
    return peaks.of(weekly(**counts), ("category", "week"), QUARTER, AGAINST, habits)


CASES = [
    # counts per week, its peak, why
    ([*STEADY[:-1], 40], Peak(LAST, 40), "four times as many as in any other week"),
    (STEADY, None, "some weeks have more, as chance has it"),
    ([*STEADY[:-1], 18], None, "the highest of thirteen weeks is no more than one of thirteen may be"),
    ([0] * 12 + [25], Peak(LAST, 25), "all in one week"),
]


@pytest.mark.parametrize(("counts", "peak", "why"), CASES, ids=[row[-1] for row in CASES])
def test_a_peak_is_beyond_what_chance_explains(counts: list[int], peak: Peak | None, why: str) -> None:
    assert found(login=counts) == {"login": peak}, why


def test_of_fewer_than_twenty_nothing_is_said() -> None:
    assert found(login=[1] * 12 + [7]) == {}
    assert found(login=[1] * 12 + [8]) == {"login": Peak(LAST, 8)}


def test_what_comes_in_clusters_has_no_peak_where_others_have_one() -> None:
    counts = [*STEADY[:-1], 30]
    habits = Habits({"content": Clusters(8.0, 25)}, APART)
    assert found(habits, login=counts, content=counts) == {"login": Peak(LAST, 30), "content": None}


def test_a_week_open_for_less_than_half_is_not_judged_and_a_shorter_one_by_its_hours() -> None:
    tet = Filter(date(2026, 1, 26), date(2026, 3, 8))  # the week from 16/2 is all Tết
    against = beside(COVERED, tet)
    rows = [("login", tet.start + timedelta(weeks=week), 60 if week == 3 else 10) for week in range(6)]
    counted = pd.DataFrame(rows, columns=["category", "week", "count"]).assign(
        week=lambda one: pd.to_datetime(one["week"])
    )
    assert peaks.of(counted, ("category", "week"), tet, against, EACH_BY_ITSELF) == {"login": None}
    short = STEADY.copy()
    short[2] = 20  # 31/8 to 6/9, with two days off of five: 33 in a whole week
    whole = STEADY.copy()
    whole[3] = 20
    assert found(login=short) == {"login": Peak(date(2026, 8, 31), 20)}
    assert found(login=whole) == {"login": None}


def test_weeks_that_the_register_does_not_cover_are_no_quiet_ones() -> None:
    late = beside(register([Case(recorded="2026-11-02 09:00")]), QUARTER)
    counted = weekly(login=[0] * 11 + [20, 20])
    assert peaks.of(counted, ("category", "week"), QUARTER, late, EACH_BY_ITSELF) == {}, "two weeks tell nothing"


def test_a_quiet_look_names_a_week_at_most_once_in_twenty() -> None:
    chance, looks = np.random.default_rng(28), 300
    alarms = 0
    for _look in range(looks):
        counts = {f"c{i}": chance.poisson(6 * (i + 1), 13).tolist() for i in range(4)}
        counts = {key: [n * 3 // 5 if week == 2 else n for week, n in enumerate(its)] for key, its in counts.items()}
        alarms += any(found(**counts).values())
    assert alarms / looks <= 0.05


def test_the_pages_ask_for_the_peaks_of_what_they_draw() -> None:
    def closed(day: date) -> Case:
        return Case(
            recorded=f"{day} 10:00",
            category="login",
            closed_at=f"{day} 16:00",
            root_cause="app_release",
            state="closed",
        )

    days = [QUARTER.start + timedelta(days=n) for n in range(QUARTER.days)]
    rise = date(2026, 10, 6)
    facts = register([*(closed(day) for day in days if day.weekday() < 5), *[closed(rise)] * 60])
    assert volume.weeks_of_most(facts, beside(facts, QUARTER)) == {"login": Peak(date(2026, 10, 5), 65)}
    months = causes.months_of_most(facts, beside(facts, QUARTER, "closed"))
    assert months == {"app_release": Peak(date(2026, 10, 1), 82)}
    assert volume.weeks_of_most(facts, beside(facts, WEEK_46)) == {}, "one week is no row of weeks"

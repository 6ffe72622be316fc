"""How complaints cluster is taken from the weeks before the period: whole ones that the register covers."""

from datetime import date, timedelta

import pytest

from core.insight import clusters, volume
from core.insight.chance import Clusters
from core.insight.clusters import FAR, NOTHING_KNOWN, UNKNOWN
from tests.insight.given import LONG_SINCE, NOW, WEEK_46, Case, beside, register

STEADY = [10, 11, 9, 10, 12, 8, 10, 10]
IN_CLUSTERS = [2, 20, 3, 18, 1, 22, 2, 12]


def test_counts_that_vary_more_than_chance_have_a_spread() -> None:
    found = clusters.of({"steady": STEADY, "clusters": IN_CLUSTERS}, [1] * 8)
    assert found.of("clusters").spread > 8
    assert found.of("clusters").freedom == 7
    assert 1 < found.of("steady").spread < found.of("clusters").spread, "no less than all keys together"
    assert found.of("never seen") == Clusters(found.of("steady").spread, 7)


def test_a_week_half_as_long_open_and_half_as_busy_is_no_cluster() -> None:
    counts, exposure = [20, 20, 10, 20, 20, 20, 10, 20], [2, 2, 1, 2, 2, 2, 1, 2]
    assert clusters.of({"login": counts}, exposure).of("login").spread == 1.0
    assert clusters.of({"login": counts}, [1] * 8).of("login").spread > 1.0


def test_one_outage_is_an_event_and_no_habit() -> None:
    assert clusters.of({"login": [*STEADY, 90]}, [1] * 9).of("login").spread == 1.0
    rare = clusters.of({"login": [0, 0, 0, 3, 0, 0, 0, 0, 0]}, [1] * 9)
    assert FAR < (3 - 1 / 3) ** 2 / (1 / 3)
    assert rare.of("login").spread > 2, "of what is seldom, three at once are how it comes"


@pytest.mark.parametrize("weeks", [0, 7])
def test_of_too_few_weeks_an_ordinary_spread_is_taken_for_granted(weeks: int) -> None:
    assert clusters.of({"login": STEADY[:weeks]}, [1] * weeks) == NOTHING_KNOWN
    assert NOTHING_KNOWN.of("login") == UNKNOWN


def recorded(counts: list[int]) -> list[Case]:
    """So many about signing in in each of the weeks before week 46, the last of them week 45."""
    first = date(2026, 11, 3) - timedelta(weeks=len(counts) - 1)
    return [
        Case(recorded=f"{first + timedelta(weeks=week)} 10:00", category="login")
        for week, count in enumerate(counts)
        for _ in range(count)
    ]


def test_a_rise_of_what_always_came_in_clusters_is_none() -> None:
    this_week = [Case(recorded="2026-11-10 10:00", category="login")] * 28
    moved = []
    for history in (STEADY, IN_CLUSTERS):
        facts = register([LONG_SINCE, *recorded([*history[:-1], 12]), *this_week])
        row = volume.by_category(facts, beside(facts, WEEK_46)).set_index("key").loc["login"]
        assert (row["count"], row["before"]) == (28, 12)
        moved.append(bool(row["moved"]))
    assert moved == [True, False]


def test_only_weeks_before_the_period_are_asked() -> None:
    facts = register([LONG_SINCE, *recorded(STEADY), *[Case(recorded="2026-11-10 10:00", category="login")] * 500])
    against = beside(facts, WEEK_46, now=NOW)
    assert clusters.before(facts, against, "category", "recorded_day").of("login").spread < 2

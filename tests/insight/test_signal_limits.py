"""When a figure is called unusual: exactly on a limit it is not, one beyond it is; and from when a week has ended."""

from __future__ import annotations

from math import comb, isnan

import pytest

from core.insight import causes, compliance, signals
from core.insight.facts import Facts
from core.insight.filters import Filter
from tests.insight.given import (
    CALENDAR,
    LONG_SINCE,
    NOVEMBER,
    NOW,
    WEEK_46,
    Case,
    Clock,
    at,
    beside,
    register,
)  # fmt: skip

# Usual is one in two (20 of 40 in October). Of 20 obligations in week 46 chance explains 4 to 16 met:
# P(X ≤ 3) = 1351 / 2^20
# = 0.00129 is at most 0.00135, P(X ≤ 4) = 6196 / 2^20 = 0.0059 is more, and the same on the other side.
LIMITS = [
    # met of 20, signal, why
    (2, "below", "two beyond the lower limit"),
    (3, "below", "one beyond the lower limit"),
    (4, "", "exactly on the lower limit"),
    (5, "", "inside"),
    (15, "", "inside"),
    (16, "", "exactly on the upper limit"),
    (17, "above", "one beyond the upper limit"),
    (20, "above", "all met"),
]


def obligations(wednesday: str, due: int, met: int) -> list[Case]:
    """That many *resolve* obligations due on one day, the first of them kept."""
    stops = [f"{wednesday} 09:00"] * met + [f"{wednesday} 18:00"] * (due - met)
    return [Case(Clock(f"{wednesday} 17:30", stop), recorded="2026-08-01 09:00") for stop in stops]


def judged(due: int, met: int, *, base: int = 40, base_met: int = 20) -> dict[str, object]:
    """Week 46 of ``by_week`` with ``base`` obligations in the weeks before."""
    facts = register(obligations("2026-10-14", base, base_met) + obligations("2026-11-11", due, met))
    return dict(compliance.by_week(facts, NOVEMBER, NOW, "resolve").iloc[1])


def test_the_limits_of_the_table_are_those_of_the_binomial() -> None:
    tail = [sum(comb(20, k) for k in range(upto + 1)) / 2**20 for upto in (3, 4)]
    assert tail[0] <= 0.0027 / 2 < tail[1]


@pytest.mark.parametrize(("met", "signal", "why"), LIMITS, ids=[f"{row[0]}: {row[2]}" for row in LIMITS])
def test_a_week_is_unusual_only_beyond_its_limits(met: int, signal: str, why: str) -> None:
    week = judged(20, met)
    assert (week["centre"], week["lower"], week["upper"]) == (0.5, 4 / 20, 16 / 20), why
    assert (week["share"], week["signal"]) == (met / 20, signal), why


@pytest.mark.parametrize(("met", "signals_found", "why"), [(4, 0, "on the limit"), (3, 1, "one beyond it")])
def test_the_overview_lists_a_week_only_beyond_its_limit(met: int, signals_found: int, why: str) -> None:
    facts = register(obligations("2026-10-14", 40, 20) + obligations("2026-11-11", 20, met))
    assert len(signals.newest(facts, WEEK_46, CALENDAR, NOW)) == signals_found, why


HISTORY = [
    # obligations in the weeks before, judged, why
    (19, False, "nineteen tell nothing"),
    (20, True, "twenty are enough"),
    (21, True, "more than enough"),
]


@pytest.mark.parametrize(("base", "is_judged", "why"), HISTORY, ids=[row[-1] for row in HISTORY])
def test_a_week_is_judged_from_twenty_obligations_before_it(base: int, is_judged: bool, why: str) -> None:
    week = judged(20, 0, base=base, base_met=base)
    assert isnan(float(str(week["centre"]))) is not is_judged, why
    assert week["signal"] == ("below" if is_judged else ""), why


def test_a_week_without_obligations_has_a_usual_rate_but_no_limits() -> None:
    week = judged(0, 0)
    assert (week["centre"], week["signal"], week["due"]) == (0.5, "", 0)
    assert [isnan(float(str(week[name]))) for name in ("share", "lower", "upper")] == [True, True, True]


WINDOW = [
    # day the earlier obligations fell due, counted before week 46, counted before week 47, why
    ("2026-05-13", 40, 0, "week 20 is the 26th week before week 46, and one too old for week 47"),
    ("2026-05-06", 0, 0, "week 19 is the 27th week before week 46"),
    ("2026-11-11", 0, 40, "week 46 itself is judged by what went before, and judges week 47"),
]


@pytest.mark.parametrize(("day", "week_46", "week_47", "why"), WINDOW, ids=[row[-1] for row in WINDOW])
def test_usual_is_what_the_26_weeks_before_show(day: str, week_46: int, week_47: int, why: str) -> None:
    now = at("2026-11-30 09:00")
    assert now is not None
    weeks = compliance.by_week(register(obligations(day, 40, 30)), Filter(WEEK_46.start, NOVEMBER.end), now, "resolve")
    assert weeks["centre"].notna().to_list()[:2] == [bool(week_46), bool(week_47)], why
    if week_46 or week_47:
        assert weeks["centre"].dropna().to_list()[0] == 0.75, why


ENDED = [
    # read at, weeks 45, 46 and 47 ended, why
    ("2026-11-15 23:59:59", [True, False, False], "the last second of Sunday: the week still runs"),
    ("2026-11-16 00:00:00", [True, True, False], "the next Monday has begun: the week has ended"),
    ("2026-11-16 23:59:59", [True, True, False], "all Monday long"),
    ("2026-11-22 23:59:59", [True, True, False], "week 47 runs to the end of its Sunday"),
    ("2026-11-23 00:00:00", [True, True, True], "and ends with it"),
]


@pytest.mark.parametrize(("now", "ended", "why"), ENDED, ids=[row[-1] for row in ENDED])
def test_a_week_has_ended_when_the_next_monday_begins_in_vietnam(now: str, ended: list[bool], why: str) -> None:
    moment = at(now)
    assert moment is not None
    found = compliance.by_week(register([]), NOVEMBER, moment, "resolve")
    assert found["ended"].to_list()[:3] == ended, why


def test_an_unusual_week_is_listed_only_once_it_has_ended() -> None:
    facts = register(obligations("2026-10-14", 40, 40) + obligations("2026-11-11", 20, 0))
    sunday, monday = at("2026-11-15 23:59:59"), at("2026-11-16 00:00:00")
    assert [len(signals.newest(facts, WEEK_46, CALENDAR, now)) for now in (sunday, monday)] == [0, 1]


COVERED = [LONG_SINCE, Case(recorded="2026-10-20 09:00", category="login")]
ALARM = [
    # probability of the rise, called a rise, why
    (0.0499999, True, "just below five in a hundred"),
    (0.05, False, "exactly five in a hundred is no alarm"),
    (0.0500001, False, "just above"),
]


def closed(cause: str, day: str = "2026-11-10") -> Case:
    return Case(closed_at=f"{day} 16:00", root_cause=cause, recorded="2026-08-01 09:00")


@pytest.mark.parametrize(("probability", "rose", "why"), ALARM, ids=[row[-1] for row in ALARM])
def test_a_cause_alarms_only_below_five_in_a_hundred(
    probability: float, rose: bool, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causes, "rose", lambda _now, _before, _share: probability)
    facts = register([*COVERED, closed("otp_delivery")])
    found = causes.risen(facts, beside(facts, WEEK_46, "closed"))
    assert found["rose"].to_list() == [rose], why


@pytest.mark.parametrize(("probability", "rose", "why"), ALARM, ids=[row[-1] for row in ALARM])
def test_a_category_alarms_only_below_five_in_a_hundred(
    probability: float, rose: bool, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "rose", lambda _now, _before, _share: probability)
    new = Case(recorded="2026-11-10 10:00", category="login")
    monkeypatch.setattr(causes, "rose", lambda _now, _before, _share: 1.0)
    found = signals.newest(register([*COVERED, new]), WEEK_46, CALENDAR, NOW)
    assert [signal.slice.filter.keys_of("category") for signal in found].count(("login",)) == rose, why


def test_two_causes_share_the_risk_of_a_false_alarm() -> None:
    """Holm: the clearer of two must be below 0.025 alone. Five against none is 1/32."""
    alone = register([*COVERED, *[closed("otp_delivery")] * 5])
    both = register([*COVERED, *[closed("otp_delivery")] * 5, closed("app_release")])
    assert [bool(_rose(facts)) for facts in (alone, both)] == [True, False]


def _rose(facts: Facts) -> bool:
    found = causes.risen(facts, beside(facts, WEEK_46, "closed")).set_index("key")
    return bool(found.loc["otp_delivery", "rose"])


FOUR_WEEKS = [
    # day the week's obligations fell due, listed, why
    ("2026-10-28", True, "week 44 is the first of the four weeks"),
    ("2026-10-21", False, "week 43 is a week too old"),
]


@pytest.mark.parametrize(("day", "listed", "why"), FOUR_WEEKS, ids=[row[-1] for row in FOUR_WEEKS])
def test_signals_reach_four_weeks_back(day: str, listed: bool, why: str) -> None:
    facts = register(obligations("2026-09-16", 40, 40) + obligations(day, 20, 0))
    assert bool(signals.newest(facts, WEEK_46, CALENDAR, NOW)) is listed, why

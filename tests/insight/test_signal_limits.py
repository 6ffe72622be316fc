"""When a figure is called unusual: exactly on a limit it is not, one beyond it is; and from when a week has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import isnan

import pytest

from core.insight import causes, compliance, signals, volume
from core.insight.asked import Answers
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.rules.baselines import Rebase
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
    weeks_before,
)  # fmt: skip

# Usual is one in two (20 of 40 in each of the ten weeks before), so that 20 obligations tell as much as 19 do beside a
# known rate. The limits are 3.6 standard deviations away: P(X ≤ 2) of them is 0.00024, P(X ≤ 1) is 0.00003, and the
# same on the other side.
LIMITS = [
    # met of 20, signal, why
    (0, "below", "two beyond the lower limit"),
    (1, "below", "one beyond the lower limit"),
    (2, "", "exactly on the lower limit"),
    (3, "", "inside"),
    (17, "", "inside"),
    (18, "", "exactly on the upper limit"),
    (19, "above", "one beyond the upper limit"),
    (20, "above", "all met"),
]


def obligations(wednesday: str, due: int, met: int) -> list[Case]:
    """That many *resolve* obligations due on one day, the first of them kept."""
    stops = [f"{wednesday} 09:00"] * met + [f"{wednesday} 18:00"] * (due - met)
    return [Case(Clock(f"{wednesday} 17:30", stop)) for stop in stops]


def judged(due: int, met: int, *, base: int = 40, base_met: int = 20, weeks: int = 10) -> dict[str, object]:
    """Week 46 of ``by_week`` with ``base`` obligations in each of the weeks before November."""
    facts = register(weeks_before(base, base_met, weeks=weeks) + obligations("2026-11-11", due, met))
    return dict(compliance.by_week(facts, NOVEMBER, NOW, "resolve", CALENDAR).iloc[1])


@pytest.mark.parametrize(("met", "signal", "why"), LIMITS, ids=[f"{row[0]}: {row[2]}" for row in LIMITS])
def test_a_week_is_unusual_only_beyond_its_limits(met: int, signal: str, why: str) -> None:
    week = judged(20, met)
    assert (week["centre"], week["lower"], week["upper"]) == (0.5, 2 / 20, 18 / 20), why
    assert (week["share"], week["signal"], week["rule"]) == (met / 20, signal, "limit" if signal else ""), why


@pytest.mark.parametrize(("met", "signals_found", "why"), [(2, 0, "on the limit"), (1, 1, "one beyond it")])
def test_the_overview_lists_a_week_only_beyond_its_limit(met: int, signals_found: int, why: str) -> None:
    facts = register(weeks_before(40, 20) + obligations("2026-11-11", 20, met))
    assert len(signals.newest(facts, WEEK_46, CALENDAR, NOW)) == signals_found, why


HISTORY = [
    # weeks before, obligations in each, judged, why
    (7, 40, False, "seven weeks tell nothing"),
    (8, 40, True, "eight are enough"),
    (9, 2, False, "eighteen obligations in them are too few"),
    (10, 2, True, "twenty are enough"),
]


@pytest.mark.parametrize(("weeks", "base", "is_judged", "why"), HISTORY, ids=[row[-1] for row in HISTORY])
def test_a_week_is_judged_from_eight_weeks_and_twenty_obligations_on(
    weeks: int, base: int, is_judged: bool, why: str
) -> None:
    week = judged(20, 0, base=base, base_met=base, weeks=weeks)
    assert isnan(float(str(week["centre"]))) is not is_judged, why
    assert week["signal"] == ("below" if is_judged else ""), why


def test_a_week_without_obligations_has_a_usual_rate_but_no_limits() -> None:
    week = judged(0, 0)
    assert (week["centre"], week["signal"], week["due"]) == (0.5, "", 0)
    assert [isnan(float(str(week[name]))) for name in ("share", "lower", "upper")] == [True, True, True]


def test_usual_stays_what_the_first_26_weeks_showed() -> None:
    """Then it falls, and that changes nothing of what is usual."""
    first = [case for case in weeks_before(40, 30, weeks=40) if str(case.clocks[0].due) < "2026-08-08"]
    later = [case for case in weeks_before(40, 28, weeks=40) if str(case.clocks[0].due) >= "2026-08-08"]
    facts = register(first + later + obligations("2026-11-11", 40, 28))
    weeks = compliance.by_week(facts, Filter(date(2026, 8, 31), NOVEMBER.end), NOW, "resolve", CALENDAR)
    assert set(weeks["centre"]) == {0.75}
    found = compliance.baseline(facts, NOVEMBER, NOW, "resolve", CALENDAR)
    assert found is not None
    assert (found.share, found.weeks, found.due) == (0.75, 26, 26 * 40)
    assert found.since == found.first == date(2026, 1, 26)
    assert found.last == date(2026, 8, 3), "two of the 28 weeks were open for less than half: that of Tết, that of 30/4"


def test_from_a_re_basing_on_the_weeks_after_it_show_what_is_usual() -> None:
    first = [case for case in weeks_before(40, 38, weeks=40) if str(case.clocks[0].due) < "2026-07-01"]
    later = [case for case in weeks_before(40, 30, weeks=40) if str(case.clocks[0].due) >= "2026-07-01"]
    facts = register(first + later)
    said = (Rebase("acknowledge", date(2026, 9, 7)), Rebase("resolve", date(2026, 6, 29)))
    in_force = facts.in_force._replace(rebased=said)
    rebased = replace(facts, reading=facts.reading._replace(in_force=in_force), answers=Answers())
    period = Filter(date(2026, 6, 15), NOVEMBER.end)
    frozen, anew = (compliance.by_week(one, period, NOW, "resolve", CALENDAR) for one in (facts, rebased))
    assert set(frozen["centre"]) == {0.95}
    assert frozen["signal"].to_list()[5:8] == ["below"] * 3, "a lasting fall is told of until somebody re-bases"
    assert anew["centre"].to_list()[:2] == [0.95, 0.95], "before it nothing changes"
    assert anew["centre"].isna().to_list()[2:10] == [True] * 8, "eight weeks judge nothing and show what is usual"
    assert set(anew["centre"][10:]) == {0.75}
    assert set(anew["signal"]) == {""}
    found = compliance.baseline(rebased, NOVEMBER, NOW, "resolve", CALENDAR)
    assert found is not None
    assert (found.since, found.first, found.share) == (date(2026, 6, 29), date(2026, 6, 29), 0.75)


def test_a_week_of_tet_is_drawn_and_not_judged() -> None:
    """MISA promises an answer within 24 hours of the clock, also while nobody works."""
    before = [case for case in weeks_before(40, 38, weeks=60) if str(case.clocks[0].due) < "2026-02-14"]
    tet = [
        Case(Clock(f"2026-02-18 {hour}:30", "2026-02-23 09:00"), recorded="2026-02-17 09:00") for hour in range(10, 23)
    ]
    weeks = compliance.by_week(
        register(before + tet), Filter(date(2026, 2, 9), date(2026, 2, 22)), NOW, "resolve", CALENDAR
    )
    assert (weeks["share"][1], weeks["due"][1], weeks["signal"][1]) == (0.0, 13, "")
    assert isnan(weeks["lower"][1])
    assert weeks["centre"][1] == 0.95


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
    found = compliance.by_week(register([]), NOVEMBER, moment, "resolve", CALENDAR)
    assert found["ended"].to_list()[:3] == ended, why


def test_an_unusual_week_is_listed_only_once_it_has_ended() -> None:
    facts = register(weeks_before(40, 38) + obligations("2026-11-11", 20, 0))
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
    monkeypatch.setattr(causes, "rose", lambda *_given: probability)
    facts = register([*COVERED, closed("otp_delivery")])
    found = causes.risen(facts, beside(facts, WEEK_46, "closed"))
    assert found["rose"].to_list() == [rose], why


OF_COUNTS = [
    # probability of the rise, listed, why
    (0.0199999, True, "just below the two in a hundred that promises leave"),
    (0.02, False, "exactly two in a hundred is no alarm"),
]


@pytest.mark.parametrize(("probability", "rose", "why"), OF_COUNTS, ids=[row[-1] for row in OF_COUNTS])
def test_the_overview_lists_a_category_only_below_two_in_a_hundred(
    probability: float, rose: bool, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume, "rose", lambda now, *_others: probability if now else 1.0)
    new = Case(recorded="2026-11-10 10:00", category="login")
    found = signals.newest(register([*COVERED, new]), WEEK_46, CALENDAR, NOW)
    assert [signal.slice.filter.keys_of("category") for signal in found].count(("login",)) == rose, why


@pytest.mark.usefixtures("each_by_itself")
def test_causes_and_categories_of_a_look_share_its_risk() -> None:
    """Seven of seven are 1/128: below 0.02 as one of two that are looked at, not as one of three."""
    new = [Case(closed_at="2026-11-10 16:00", root_cause="otp_delivery", recorded="2026-08-01 09:00")] * 7
    beside_it = [Case(recorded="2026-11-10 10:00", category="content")]
    alone, both = (register([*COVERED, *cases]) for cases in (new, new + beside_it))
    assert [len(signals.newest(facts, WEEK_46, CALENDAR, NOW)) for facts in (alone, both)] == [1, 0]


@pytest.mark.usefixtures("each_by_itself")
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
    facts = register([*weeks_before(40, 39, weeks=14)[160:], *obligations(day, 20, 0)])
    assert bool(signals.newest(facts, WEEK_46, CALENDAR, NOW)) is listed, why

"""Which obligations a figure of compliance counts at the edges of its period, and how it orders and divides them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import isnan

import pytest

from core.insight import compliance
from core.insight.dimensions import NONE
from core.insight.filters import Filter
from tests.insight.given import NOVEMBER, NOW, WEEK_46, Case, Clock, at, register

FROM_WEDNESDAY = Filter(date(2026, 11, 11), date(2026, 11, 15))
MIDWEEK = [
    # due, counted in week 46 of a period that starts on Wednesday 11/11, why
    ("2026-11-08 17:30", 0, "Sunday belongs to week 45"),
    ("2026-11-09 17:30", 0, "Monday of the week lies before the period"),
    ("2026-11-10 17:30", 0, "Tuesday as well"),
    ("2026-11-11 00:00", 0, "due when Tuesday ends is due on Tuesday"),
    ("2026-11-11 00:01", 1, "the first minute of the period"),
    ("2026-11-15 17:30", 1, "its last day"),
    ("2026-11-16 00:00", 1, "due when Sunday ends is due on Sunday"),
    ("2026-11-16 00:01", 0, "Monday after it"),
]


@pytest.mark.parametrize(("due", "counted", "why"), MIDWEEK, ids=[row[-1] for row in MIDWEEK])
def test_a_period_that_starts_midweek_counts_no_day_before_it(due: str, counted: int, why: str) -> None:
    facts = register([Case(Clock(due, due))])
    weeks = compliance.by_week(facts, FROM_WEDNESDAY, NOW, "resolve")
    assert weeks["due"].to_list() == [counted], why
    assert compliance.of(facts, FROM_WEDNESDAY, NOW, "resolve")["due"] == counted, why


def test_a_longer_period_that_starts_midweek_counts_no_day_before_it_either() -> None:
    dues = ("2026-11-10 17:30", "2026-11-11 17:30", "2026-11-16 17:30")
    weeks = compliance.by_week(
        register([Case(Clock(due, due)) for due in dues]),
        Filter(date(2026, 11, 11), date(2026, 11, 22)),
        NOW,
        "resolve",
    )
    assert weeks["due"].to_list() == [1, 1], "Tuesday lies before the period"


def test_the_days_before_a_period_still_tell_what_is_usual() -> None:
    """Week 45 judges week 46; Monday and Tuesday of week 46, outside the period, judge nothing."""
    usual = [Case(Clock("2026-11-04 17:30", "2026-11-04 09:00"))] * 30
    left_out = [Case(Clock("2026-11-10 17:30"))] * 30
    weeks = compliance.by_week(register(usual + left_out), FROM_WEDNESDAY, NOW, "resolve")
    assert weeks["centre"].to_list() == [1.0]


def test_each_week_stands_under_its_monday() -> None:
    weeks = compliance.by_week(register([]), NOVEMBER, NOW, "resolve")
    assert [week.date() for week in weeks["week"]] == [date(2026, 11, day) for day in (2, 9, 16, 23)]
    columns = "week due met missed overdue running cancelled share target ended centre lower upper signal"
    assert weeks.columns.to_list() == columns.split()


def test_a_figure_without_obligations_says_so() -> None:
    nothing = compliance.of(register([]), WEEK_46, NOW, "resolve")
    assert {
        name: nothing[name] for name in ("due", "met", "missed", "overdue", "running", "cancelled")
    } == dict.fromkeys(("due", "met", "missed", "overdue", "running", "cancelled"), 0)
    assert isnan(nothing["share"])
    assert isnan(compliance.whole(compliance.by_week(register([]), WEEK_46, NOW, "resolve"))["share"])
    assert compliance.summary(register([]), WEEK_46, NOW).empty


KEPT, LATE = Clock("2026-11-10 17:30", "2026-11-10 09:00"), Clock("2026-11-10 17:30", "2026-11-12 09:00")
OPEN = Clock("2026-11-10 17:30")


def test_dimensions_come_by_unkept_then_due_then_name() -> None:
    facts = register(
        [
            Case(LATE, department="legal"),
            Case(OPEN, department="payment"),
            Case(KEPT, department="payment"),
            Case(LATE, department="content"),
            Case(KEPT, department="engineering"),
            Case(LATE),
            Case(OPEN),
        ]
    )
    found = compliance.by(facts, WEEK_46, NOW, "department", "resolve")
    assert found[["key", "due", "missed", "overdue"]].to_numpy().tolist() == [
        ["none", 2, 1, 1],
        ["payment", 2, 0, 1],
        ["content", 1, 1, 0],
        ["legal", 1, 1, 0],
        ["engineering", 1, 0, 0],
    ]


# ruff: disable[E501]
FIRST = [
    # clocks of one complaint, complaints, breached, first, first met, why
    ([KEPT], 1, 0, 1, 1, "one cycle, kept"),
    ([LATE], 1, 1, 1, 0, "one cycle, missed"),
    ([OPEN], 1, 1, 1, 0, "one cycle, overdue"),
    ([Clock("2026-11-10 17:30", cancelled="2026-11-10 09:00")], 0, 0, 0, 0, "withdrawn: fell due nowhere"),
    ([Clock("2026-11-13 17:30", "2026-11-13 09:00", number=2)], 1, 0, 0, 0, "only a later cycle fell due"),
    ([KEPT, Clock("2026-11-13 17:30", "2026-11-14 09:00", number=2)], 1, 1, 1, 1, "kept first, broken after re-opening"),
    ([LATE, Clock("2026-11-13 17:30", "2026-11-13 09:00", number=2)], 1, 1, 1, 0, "broken first, kept after re-opening"),
    ([Clock("2026-11-10 17:30", "2026-11-12 09:00", term="acknowledge")], 0, 0, 0, 0, "another stage is not asked for"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("clocks", "complaints", "breached", "first", "met", "why"), FIRST, ids=[row[-1] for row in FIRST]
)
def test_what_reopening_hides(
    clocks: list[Clock], complaints: int, breached: int, first: int, met: int, why: str
) -> None:
    found = compliance.first_cycles(register([Case(*clocks)]), WEEK_46, NOW)
    assert [found[name] for name in ("complaints", "breached", "first", "first_met")] == [
        complaints,
        breached,
        first,
        met,
    ], why
    assert isnan(found["first_share"]) if not first else found["first_share"] == met / first, why
    assert isnan(found["breached_share"]) if not complaints else found["breached_share"] == breached / complaints, why


def test_time_to_resolve_leaves_out_what_was_withdrawn_or_belongs_to_another_stage() -> None:
    done = [Clock("2026-11-10 17:30", "2026-11-10 09:00", hours=hours) for hours in (1, 2, 4, 8)]
    withdrawn = Clock("2026-11-10 17:30", "2026-11-10 09:00", cancelled="2026-11-10 10:00", hours=100)
    other = Clock("2026-11-10 17:30", "2026-11-10 09:00", term="acknowledge", hours=100)
    facts = register([Case(clock) for clock in (*done, withdrawn, other, OPEN)])
    assert compliance.time_to_resolve(facts, WEEK_46, NOW) == {"count": 4, "median": 3.0, "p90": pytest.approx(6.8)}
    nothing = compliance.time_to_resolve(register([]), WEEK_46, NOW)
    assert nothing["count"] == 0
    assert (isnan(nothing["median"]), isnan(nothing["p90"])) == (True, True)


def test_reasons_count_missed_and_overdue_of_one_stage_each_by_its_own() -> None:
    acknowledge = Clock("2026-11-10 17:30", "2026-11-12 09:00", term="acknowledge", reason="third_party")
    running = Clock("2026-11-15 17:30", reason="overload")
    facts = register(
        [
            Case(replace(LATE, reason="overload"), acknowledge, breach_reason="third_party"),
            Case(replace(OPEN, reason="overload")),
            Case(OPEN, replace(acknowledge, reason=None), breach_reason="overload"),
            Case(replace(KEPT, reason="overload")),
            Case(running),
        ]
    )
    friday = at("2026-11-13 09:00")
    found = {stage: compliance.breach_reasons(facts, WEEK_46, friday, stage) for stage in ("resolve", "acknowledge")}
    counted = {stage: rows[["key", "count", "cumulative"]].to_numpy().tolist() for stage, rows in found.items()}
    assert counted == {
        "resolve": [["overload", 2, pytest.approx(2 / 3)], [NONE, 1, pytest.approx(1.0)]],
        "acknowledge": [[NONE, 1, pytest.approx(0.5)], ["third_party", 1, pytest.approx(1.0)]],
    }, "whatever the complaint's own reason says"

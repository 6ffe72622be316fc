from dataclasses import replace
from datetime import date, timedelta
from math import isnan

import pandas as pd
import pytest
from hypothesis import given as random_cases
from hypothesis import settings
from hypothesis import strategies as st

from core.insight import compliance, rows
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.rules.calendar import local_day
from tests.insight.given import CALENDAR, NOVEMBER, NOW, WEEK_46, WEEK_47, Case, Clock, at, register

CASES = [
    # clock, verdict on Wednesday 18/11 10:00, week due, why
    (Clock("2026-11-10 17:30", "2026-11-10 17:30"), "met", 46, "stopped on the due instant"),
    (Clock("2026-11-10 17:30", "2026-11-10 17:31"), "missed", 46, "one minute late"),
    (Clock("2026-11-13 17:30", "2026-11-17 09:00"), "missed", 46, "stopped in the next week, counts where it fell due"),
    (Clock("2026-11-13 17:30"), "overdue", 46, "nobody has stopped it"),
    (Clock("2026-11-13 17:30", cancelled="2026-11-12 09:00"), "cancelled", 46, "withdrawn leaves the rate (D13)"),
    (Clock("2026-11-17 17:30", "2026-11-13 09:00"), "met", 47, "kept early, counts where it falls due"),
    (Clock("2026-11-18 17:30"), "running", 47, "due this afternoon: not yet due"),
    (Clock("2026-11-18 10:00"), "running", 47, "due this very instant is not past due"),
]


def test_what_fell_due_is_counted_where_it_fell_due() -> None:
    facts = register([Case(clock) for clock, *_ in CASES])
    for week, filter in ((46, WEEK_46), (47, WEEK_47)):
        found = compliance.of(facts, filter, NOW, "resolve")
        verdicts = [verdict for _, verdict, due_week, _ in CASES if due_week == week]
        assert {name: found[name] for name in set(verdicts)} == {name: verdicts.count(name) for name in set(verdicts)}
        assert found["due"] == sum(verdict in ("met", "missed", "overdue") for verdict in verdicts)
    assert compliance.of(facts, WEEK_46, NOW, "resolve")["share"] == pytest.approx(1 / 4)
    assert compliance.of(facts, WEEK_47, NOW, "resolve")["share"] == 1.0


def test_a_week_without_obligations_is_a_gap_not_a_hundred_per_cent() -> None:
    facts = register([Case(Clock("2026-11-03 17:30", "2026-11-03 09:00")), Case(Clock("2026-11-25 17:30"))])
    weeks = compliance.by_week(facts, NOVEMBER, NOW, "resolve", CALENDAR)
    assert weeks["due"].to_list() == [1, 0, 0, 0]
    assert weeks["running"].to_list() == [0, 0, 0, 1]
    assert weeks["share"].isna().to_list() == [False, True, True, True]
    assert isnan(compliance.of(facts, WEEK_46, NOW, "resolve")["share"])


def test_stages_are_apart_and_terms_of_other_procedures_join_their_stage() -> None:
    facts = register(
        [
            Case(Clock("2026-11-10 17:30", "2026-11-10 09:00", term="acknowledge"), Clock("2026-11-10 17:30")),
            Case(Clock("2026-11-11 09:00", "2026-11-12 09:00", term="reply"), procedure="misa"),
        ]
    )
    found = compliance.summary(facts, WEEK_46, NOW).set_index("stage")[["due", "met", "missed", "overdue"]]
    assert found.loc["acknowledge"].to_list() == [1, 1, 0, 0]
    assert found.loc["resolve"].to_list() == [2, 0, 1, 1]


def test_dates_promised_to_customers_are_one_promise_whatever_they_are_for() -> None:
    """Đại Hữu tells customers of progress by the day it named (D14): how often it does is a figure of its own."""
    facts = register(
        [
            Case(
                Clock("2026-11-10 12:00", "2026-11-10 11:00", term="promised_update"),
                Clock("2026-11-11 12:00", "2026-11-11 12:01", term="promised_reply"),
                procedure="dai-huu",
            ),
            Case(Clock("2026-11-12 12:00", term="promised_solution"), procedure="pops"),
            Case(Clock("2026-11-12 12:00", cancelled="2026-11-11 12:00", term="promised_update")),
        ]
    )
    assert compliance.rated(facts) == ("resolve", "dates")
    found = compliance.of(facts, WEEK_46, NOW, "dates")
    assert [found[name] for name in ("due", "met", "missed", "overdue", "cancelled")] == [3, 1, 1, 1, 1]
    assert found["share"] == pytest.approx(1 / 3)


def ended_week(extra: list[Case]) -> pd.DataFrame:
    kept = [Case(Clock("2026-11-10 17:30", "2026-11-10 09:00")), Case(Clock("2026-11-13 17:30", "2026-11-16 09:00"))]
    return compliance.by_week(register(kept + extra), WEEK_46, NOW, "resolve", CALENDAR)


def test_the_figure_of_an_ended_week_stays_when_the_next_week_works_on() -> None:
    friday = "2026-11-13 17:30"
    asleep = compliance.by_week(
        register([Case(Clock(friday)), Case(Clock("2026-11-10 17:30", "2026-11-10 09:00"))]),
        WEEK_46,
        NOW,
        "resolve",
        CALENDAR,
    )
    worked = compliance.by_week(
        register([Case(Clock(friday, "2026-11-17 09:00")), Case(Clock("2026-11-10 17:30", "2026-11-10 09:00"))]),
        WEEK_46,
        NOW + timedelta(days=400),
        "resolve",
        CALENDAR,
    )
    assert asleep["ended"].to_list() == [True]
    assert asleep[["due", "met", "share"]].equals(worked[["due", "met", "share"]])


@settings(max_examples=60)
@random_cases(
    st.lists(st.tuples(st.integers(-60, 130), st.none() | st.integers(-60, 400)), min_size=1, max_size=12),
    st.integers(0, 500),
)
def test_whatever_is_done_after_the_week_ended_does_not_move_it(
    clocks: list[tuple[int, int | None]], later: int
) -> None:
    """Stops before the week's end happened; every later stop is free to come or not, and time is free to pass."""
    end = at("2026-11-16 00:00")
    monday = at("2026-11-09 00:00")

    def facts_seen(now_hours: int) -> pd.DataFrame:
        now = end + timedelta(hours=now_hours)
        cases = []
        for due_in, stop_in in clocks:
            stopped = None if stop_in is None else monday + timedelta(hours=stop_in)
            known = stopped if stopped is not None and stopped <= now else None
            cases.append(Case(Clock(monday + timedelta(hours=due_in), known)))
        return compliance.by_week(register(cases), WEEK_46, now, "resolve", CALENDAR)[["due", "met", "share"]]

    assert facts_seen(0).equals(facts_seen(later))


def test_a_promise_kept_early_waits_for_its_due_day() -> None:
    """Wednesday of week 47: what is due on Friday is not in the rate yet, kept or not (D11)."""
    cases = [
        Case(Clock("2026-11-16 17:30", "2026-11-16 10:00")),
        Case(Clock("2026-11-17 17:30")),
        Case(Clock("2026-11-20 17:30", "2026-11-17 10:00")),
        Case(Clock("2026-11-20 17:30")),
    ]
    week = Filter(date(2026, 11, 16), date(2026, 11, 22))
    wednesday, sunday = at("2026-11-18 12:00"), at("2026-11-22 12:00")
    found = [compliance.of(register(cases), week, now, "resolve") for now in (wednesday, sunday)]
    assert [(of["met"], of["due"], of["running"]) for of in found] == [(1, 2, 2), (2, 4, 0)]


def test_a_withdrawal_after_the_week_moves_to_its_own_line() -> None:
    before, after = (
        ended_week([Case(Clock("2026-11-13 17:30"))]),
        ended_week([Case(Clock("2026-11-13 17:30", cancelled="2026-11-17 09:00"))]),
    )
    assert before[["due", "cancelled"]].to_numpy().tolist() == [[3, 0]]
    assert after[["due", "cancelled"]].to_numpy().tolist() == [[2, 1]]


@settings(max_examples=60)
@random_cases(
    st.lists(
        st.tuples(
            st.sampled_from(["acknowledge", "resolve"]),
            st.sampled_from(["login", "payment"]),
            st.integers(0, 28 * 24),
            st.none() | st.integers(0, 28 * 24),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_compliance_is_what_counting_by_hand_gives(drawn: list[tuple[str, str, int, int | None, bool]]) -> None:
    start = at("2026-11-02 00:00")
    hours = [
        (stage, key, start + timedelta(hours=due), None if stop is None else start + timedelta(hours=stop), gone)
        for stage, key, due, stop, gone in drawn
    ]
    facts = register(
        [
            Case(Clock(due, stop, term=stage, cancelled=NOW if gone else None), category=key)
            for stage, key, due, stop, gone in hours
        ]
    )
    filter = NOVEMBER.only("category", "payment")
    for stage in ("acknowledge", "resolve"):
        by_hand: dict[date, list[int]] = {week: [0, 0] for week in filter.weeks()}
        for its_stage, key, due, stop, gone in hours:
            day = local_day(due - timedelta(microseconds=1))
            fell_due = due <= NOW if stop is not None else due < NOW
            if its_stage == stage and key == "payment" and not gone and fell_due and filter.start <= day <= filter.end:
                week = by_hand[day - timedelta(days=day.weekday())]
                week[0] += 1
                week[1] += stop is not None and stop <= due
        found = compliance.by_week(facts, filter, NOW, stage, CALENDAR)
        assert list(zip(found["due"], found["met"], strict=True)) == [tuple(pair) for pair in by_hand.values()]
        whole = compliance.of(facts, filter, NOW, stage)
        assert compliance.whole(found) == pytest.approx(whole, nan_ok=True)
        assert (whole["due"], whole["met"]) == tuple(map(sum, zip(*by_hand.values(), strict=True)))


def test_by_dimension_puts_the_most_missed_first_and_names_no_value() -> None:
    late, kept = Clock("2026-11-10 17:30", "2026-11-12 09:00"), Clock("2026-11-10 17:30", "2026-11-10 09:00")
    facts = register([Case(kept, department="legal"), Case(late), Case(late), Case(late, department="legal")])
    found = compliance.by(facts, WEEK_46, NOW, "department", "resolve")
    assert found[["key", "due", "missed"]].to_numpy().tolist() == [["none", 2, 2], ["legal", 2, 1]]


def test_first_cycle_and_ever_breached_after_reopening() -> None:
    first_kept = Clock("2026-11-10 17:30", "2026-11-10 09:00")
    second_late = Clock("2026-11-13 17:30", "2026-11-14 09:00", number=2)
    facts = register(
        [
            Case(first_kept, second_late),
            Case(first_kept),
            Case(Clock("2026-11-10 17:30")),
            Case(Clock("2026-11-20 17:30")),
        ]
    )
    found = compliance.first_cycles(facts, WEEK_46, NOW)
    assert (found["complaints"], found["breached"], found["first"], found["first_met"]) == (3, 2, 3, 2)
    assert [found["first_share"], found["breached_share"]] == pytest.approx([2 / 3, 2 / 3])
    assert isnan(
        compliance.first_cycles(facts, NOVEMBER.between(date(2025, 1, 1), date(2025, 1, 7)), NOW)["first_share"]
    )


def test_time_to_resolve_counts_stored_working_hours_of_what_is_done() -> None:
    hours = [1, 2, 3, 4, 10]
    facts = register(
        [Case(Clock("2026-11-10 17:30", "2026-11-10 09:00", hours=h)) for h in hours]
        + [Case(Clock("2026-11-10 17:30"))]
    )
    found = compliance.time_to_resolve(facts, WEEK_46, NOW)
    assert found == {"count": 5, "median": 3.0, "p90": pytest.approx(7.6)}
    nothing = compliance.time_to_resolve(facts, WEEK_47, NOW)
    assert nothing["count"] == 0
    assert isnan(nothing["median"])


def test_breach_reasons_add_up_to_the_misses() -> None:
    late = Clock("2026-11-10 17:30", "2026-11-12 09:00")
    facts = register(
        [
            Case(replace(late, reason="overload")),
            Case(replace(late, reason="overload")),
            Case(replace(late, reason="third_party")),
            Case(Clock("2026-11-10 17:30")),
            Case(Clock("2026-11-10 17:30", "2026-11-10 09:00", reason="overload")),
        ]
    )
    found = compliance.breach_reasons(facts, WEEK_46, NOW, "resolve")
    assert found[["key", "count"]].to_numpy().tolist() == [["overload", 2], ["none", 1], ["third_party", 1]]
    assert found["cumulative"].to_list() == [0.5, 0.75, 1.0]
    assert len(rows.obligations(facts, Slice(WEEK_46, "due", verdict=("missed", "overdue")), NOW)) == 4

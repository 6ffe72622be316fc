from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight import filters, restated, rows
from core.insight.filters import DEFAULT, Filter
from core.insight.slices import Slice
from tests.insight.given import NOW, TODAY, Asked, Case, Clock, at, register

PERIODS = [
    # preset, start, end, why
    ("this_week", "2026-11-16", "2026-11-22", "Monday to Sunday around Wednesday 18/11"),
    ("last_week", "2026-11-09", "2026-11-15", "the ISO week before"),
    ("four_weeks", "2026-10-26", "2026-11-22", "this week and three before"),
    ("quarter", "2026-08-24", "2026-11-22", "13 whole weeks"),
    ("year", "2025-11-24", "2026-11-22", "52 whole weeks"),
]


@pytest.mark.parametrize(("preset", "start", "end", "why"), PERIODS, ids=[row[0] for row in PERIODS])
def test_a_preset_is_whole_weeks_up_to_this_one(preset: str, start: str, end: str, why: str) -> None:
    found = Filter.from_query({"period": preset}, TODAY)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end), why


NONSENSE = [
    ({"period": "for ever"}, "an unknown preset"),
    ({"period": "custom"}, "custom without days"),
    ({"period": "custom", "from": "2026-11-20", "to": "2026-11-01"}, "the end before the start"),
    ({"period": "custom", "from": "yesterday", "to": "2026-11-01"}, "a word for a date"),
    ({"period": "custom", "from": "0001-01-01", "to": "9999-12-31"}, "years no calendar has"),
    ({"category": "'; drop table complaints"}, "a key that is none"),
    ({"category": "", "channel": ",,,"}, "empty keys"),
    ({"period": []}, "an empty list"),
    ({"something": "else"}, "a parameter of another page"),
]


@pytest.mark.parametrize(("query", "why"), NONSENSE, ids=[row[1] for row in NONSENSE])
def test_nonsense_in_the_url_falls_back_and_raises_nothing(query: dict[str, str], why: str) -> None:
    assert Filter.from_query(query, TODAY) == Filter.of(DEFAULT, TODAY), why


NARROW = Filter(date(2026, 3, 1), date(2026, 3, 31))
ROUND_TRIPS = [
    Filter.of("quarter", TODAY),
    Filter.of("this_week", TODAY),
    Filter(date(2026, 3, 1), date(2026, 3, 31)),
    Filter(date(2026, 3, 1), date(2026, 3, 31)).up_to(at("2026-03-31 10:00:05")),
    Filter(date(2026, 3, 1), date(2026, 3, 1))
    .only("kind", "inquiry")
    .only("department", "legal", "none")
    .only("category", "login", "payment"),
]


@pytest.mark.parametrize("filter", ROUND_TRIPS)
def test_the_url_reads_back_what_it_says(filter: Filter) -> None:
    assert Filter.from_query(filter.to_query(), TODAY) == filter


def test_the_default_needs_no_query_at_all() -> None:
    assert Filter.of(DEFAULT, TODAY).to_query() == {}


def test_narrowing_one_dimension_leaves_the_others_and_no_keys_mean_all() -> None:
    both = NARROW.only("channel", "web").only("category", "login")
    assert both == NARROW.only("category", "login").only("channel", "web"), "in whatever order it was narrowed"
    assert hash(both) == hash(NARROW.only("category", "login").only("channel", "web"))
    assert both.only("category", "payment").keys_of("category") == ("payment",)
    assert both.only("category").only("channel") == NARROW
    assert NARROW.keys_of("category") == ()


@pytest.mark.parametrize("dimension", ["stage", "root_cause", "mood"])
def test_what_the_url_cannot_name_is_no_way_to_narrow(dimension: str) -> None:
    with pytest.raises(ValueError, match=dimension):
        NARROW.only(dimension, "x")


def test_keys_come_in_the_order_of_the_catalogue_and_once() -> None:
    assert Filter.from_query({"category": ["payment,login", "login"]}, TODAY).keys_of("category") == (
        "login",
        "payment",
    )


UNTIL = [
    # query besides the days, kept, why
    ({"until": "2026-03-31T03:00:00"}, "2026-03-31 03:00", "a local time of the last day"),
    ({"until": "2026-03-30T03:00:00"}, None, "of another day"),
    ({"until": "2026-03-31T03:00:00+07:00"}, None, "local times have no zone"),
    ({"until": "soon"}, None, "a word"),
    ({"until": ""}, None, "nothing"),
]


@pytest.mark.parametrize(("query", "until", "why"), UNTIL, ids=[row[-1] for row in UNTIL])
def test_the_last_day_may_end_early(query: dict[str, str], until: str | None, why: str) -> None:
    custom = {"period": "custom", "from": "2026-03-01", "to": "2026-03-31"}
    found = Filter.from_query(custom | query, TODAY)
    assert found.until == (at(until) if until else None), why
    assert found == (NARROW.up_to(at(until)) if until else NARROW), why
    assert Filter.from_query(query, TODAY) == Filter.of(DEFAULT, TODAY), "a period that moves on has no such end"


def test_what_came_after_the_end_is_left_out_of_every_kind_of_row() -> None:
    early, late = "2026-11-11 10:00", "2026-11-11 10:01"
    facts = register(
        Case(Clock(hour), recorded=hour, closed_at=hour).asking(Asked("legal", hour)) for hour in (early, late)
    )
    morning = Filter(date(2026, 11, 9), date(2026, 11, 11)).up_to(at(early))
    for of in ("recorded", "due", "asked", "closed"):
        assert rows.count(facts, Slice(morning, of), NOW) == 1, of
        told = Slice.from_query(Slice(morning, of).to_query(), TODAY)
        assert rows.count(facts, told, NOW) == 1, of
    assert restated.of(facts, morning, NOW, "resolve") is None
    assert morning.between(morning.start, morning.end).until is None, "another period has another end"


DAYS = [
    ("2026-11-08 23:59", "2026-11-09 00:00", False, "Sunday night is still the week before, on the local clock"),
    ("2026-11-09 00:00", "2026-11-09 00:01", True, "Monday 00:00 local is Sunday 17:00 UTC"),
    ("2026-11-15 23:59", "2026-11-15 23:59", True, "the last minute of the last day is included"),
    ("2026-11-15 23:00", "2026-11-16 00:00", True, "due at 24:00 of Sunday falls due on Sunday"),
    ("2026-11-16 00:00", "2026-11-16 00:01", False, "Monday is the next week"),
]


@pytest.mark.parametrize(("recorded", "due", "inside", "why"), DAYS, ids=[row[3] for row in DAYS])
def test_days_are_local_and_both_ends_included(recorded: str, due: str, inside: bool, why: str) -> None:
    facts = register([Case(Clock(due), recorded=recorded)])
    week = Filter(date(2026, 11, 9), date(2026, 11, 15))
    assert filters.number_of(filters.complaints(facts, week)) == inside, why
    assert filters.number_of(filters.cycles(facts, week)) == inside, why


def test_no_value_is_a_key_of_its_own() -> None:
    facts = register([Case(department="legal"), Case(department="payment"), Case()])
    november = Filter(date(2026, 11, 1), date(2026, 11, 30))
    chosen = {
        ("legal",): [1],
        ("none",): [3],
        ("legal", "none"): [1, 3],
        (): [1, 2, 3],
    }
    for keys, ids in chosen.items():
        found = filters.complaints(facts, november.only("department", *keys))
        assert found.collect()["id"].to_list() == ids


def test_a_cycle_carries_the_dimensions_of_its_complaint() -> None:
    facts = register([Case(Clock("2026-11-10 17:30"), channel="email"), Case(Clock("2026-11-10 17:30"), channel="web")])
    found = filters.cycles(facts, Filter(date(2026, 11, 9), date(2026, 11, 15)).only("channel", "web"))
    assert found.collect()["complaint_id"].to_list() == [2]


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_the_week_of_a_day_is_that_of_its_monday(day: date) -> None:
    assert pl.DataFrame({"day": [day]}).select(filters.week_of("day")).item() == filters.monday(day)

"""Every number opens exactly the rows it counted (D15): each figure is recounted from the slices of its cells."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from core.insight import backlog, causes, compliance, dimensions, filters, rows, volume
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from tests.insight.given import CALENDAR, NOVEMBER, NOW, TODAY, beside, crowd

FILTERS = [NOVEMBER, NOVEMBER.only("category", "payment"), NOVEMBER.only("department", "none", "legal")]


@pytest.fixture(scope="module")
def facts() -> Facts:
    """Three hundred random complaints around November, re-opened, withdrawn, late, open and closed."""
    return crowd()


@pytest.fixture(params=FILTERS, ids=["all", "payment", "legal or not forwarded"])
def filter(request: pytest.FixtureRequest) -> Filter:
    chosen: Filter = request.param
    return chosen


def test_volume(facts: Facts, filter: Filter) -> None:
    slice = Slice(filter)
    assert rows.count(facts, slice, NOW) == volume.total(facts, filter) > 0
    against = beside(facts, filter)
    for dimension in dimensions.FILTERS:
        for row in volume.by(facts, against, dimension).itertuples():
            assert rows.count(facts, slice.only(dimension, row.key), NOW) == row.count
            if against.before is not None:
                assert rows.count(facts, Slice(against.before).only(dimension, row.key), NOW) == row.before
    for row in volume.by_week_and_category(facts, filter).itertuples():
        week = slice.only("category", row.category).during(row.week.date(), row.week.date() + timedelta(days=6))
        assert rows.count(facts, week, NOW) == row.count
    for row in volume.by_weekday_and_hour(facts, filter).itertuples():
        assert rows.count(facts, replace(slice, weekday=row.weekday, hour=row.hour), NOW) == row.count


def test_compliance(facts: Facts, filter: Filter) -> None:
    verdicts = ("met", "missed", "overdue", "running", "cancelled")
    for stage in ("acknowledge", "resolve"):
        due = Slice(filter, "due", stage=stage)
        whole = compliance.of(facts, filter, NOW, stage)
        for row, slice in (
            [(whole, due)]
            + [
                (row._asdict(), due.during(row.week.date(), row.week.date() + timedelta(days=6)))
                for row in compliance.by_week(facts, filter, NOW, stage, CALENDAR).itertuples()
            ]
            + [
                (row._asdict(), due.only("channel", row.key))
                for row in compliance.by(facts, filter, NOW, "channel", stage).itertuples()
            ]
        ):
            for verdict in verdicts:
                assert rows.count(facts, replace(slice, verdict=(verdict,)), NOW) == row[verdict]
            assert rows.count(facts, replace(slice, verdict=("met", "missed", "overdue")), NOW) == row["due"]


def test_reopened_and_late(facts: Facts, filter: Filter) -> None:
    unkept = Slice(filter, "due", stage="resolve", verdict=("missed", "overdue"))
    found = compliance.first_cycles(facts, filter, NOW)
    assert len(rows.complaint_ids(facts, unkept, NOW)) == found["breached"]
    assert rows.count(facts, replace(unkept, first=True, verdict=("met",)), NOW) == found["first_met"]
    done = Slice(filter, "due", stage="resolve", stopped=True)
    assert rows.count(facts, done, NOW) == compliance.time_to_resolve(facts, filter, NOW)["count"]
    for stage in ("resolve", "acknowledge"):
        why = compliance.breach_reasons(facts, filter, NOW, stage)
        assert why["count"].sum() == rows.count(facts, replace(unkept, stage=stage), NOW)
        for row in why.itertuples():
            assert rows.count(facts, replace(unkept, stage=stage, breach_reason=row.key), NOW) == row.count


def test_backlog(facts: Facts, filter: Filter) -> None:
    slice = Slice(filter, "open")
    for segment, count in backlog.segments(facts, filter, NOW).items():
        assert rows.count(facts, replace(slice, segment=segment), NOW) == count
    for row in backlog.ageing(facts, filter, NOW).itertuples():
        assert rows.count(facts, replace(slice, age=row.age), NOW) == row.count


def test_causes(facts: Facts, filter: Filter) -> None:
    slice = Slice(filter, "closed")
    assert rows.count(facts, slice, NOW) == causes.total(facts, filter) > 0
    for row in causes.pareto(facts, filter).itertuples():
        assert rows.count(facts, replace(slice, root_cause=row.key), NOW) == row.count
    for row in causes.by_category(facts, filter).itertuples():
        assert rows.count(facts, replace(slice, root_cause=row.key).only("category", row.category), NOW) == row.count


def test_ids_come_once_latest_recorded_first(facts: Facts) -> None:
    found = rows.complaint_ids(facts, Slice(NOVEMBER, "due"), NOW).to_list()
    recorded = dict(facts.complaints.select("id", "recorded_at").iter_rows())
    assert len(set(found)) == len(found) > 0
    assert found == sorted(found, key=lambda id: (recorded[id], id), reverse=True)
    assert set(rows.obligations(facts, Slice(NOVEMBER, "due"), NOW)["complaint_id"]) == set(found)


SLICES = [
    Slice(NOVEMBER),
    Slice(NOVEMBER.only("category", "payment"), "due", stage="resolve", verdict=("missed", "overdue"), first=True),
    Slice(NOVEMBER, "due", stopped=True, breach_reason="none"),
    Slice(NOVEMBER, "closed", root_cause="otp_delivery"),
    Slice(NOVEMBER, weekday=0, hour=0),
    Slice(NOVEMBER, "open", segment="overdue", age="14"),
]


@pytest.mark.parametrize("slice", SLICES)
def test_a_slice_survives_the_url(slice: Slice) -> None:
    assert Slice.from_query(slice.to_query(), TODAY) == slice


@pytest.mark.parametrize(
    "query",
    [
        {
            "of": "everything",
            "stage": "x",
            "verdict": "guilty",
            "first": "yes",
            "weekday": "7",
            "hour": "-1",
            "age": "2",
        },
        {"breach_reason": "?", "root_cause": "?", "segment": "mine", "hour": "٣", "weekday": "", "stopped": "0"},
        {"of": ["due", "due"], "verdict": []},
        {"weekday": "9" * 5_000, "hour": "9" * 5_000},
    ],
)
def test_nonsense_narrows_nothing(query: dict[str, str]) -> None:
    assert Slice.from_query(query, TODAY) == Slice(Filter.from_query({}, TODAY))


def test_the_two_ways_in_agree(facts: Facts) -> None:
    latest_first = filters.complaints(facts, NOVEMBER).sort("recorded_at", "id", descending=True).collect()["id"]
    assert rows.complaint_ids(facts, Slice(NOVEMBER), NOW).equals(latest_first)


@pytest.mark.parametrize("of", ["recorded", "due", "asked", "closed", "open"])
def test_a_page_is_a_part_of_the_whole_list(facts: Facts, of: str) -> None:
    """However it is found: only as many rows as come before it are put in order."""
    slice = Slice(NOVEMBER, of)
    lists = {"due": rows.obligations, "asked": rows.requests}
    if of in lists:
        whole, pages = lists[of](facts, slice, NOW), [lists[of](facts, slice, NOW, start=n, size=7) for n in (0, 7, 14)]
        assert whole.slice(0, 21).equals(pl.concat(pages))
    ids = rows.complaint_ids(facts, slice, NOW)
    some = [rows.complaint_ids(facts, slice, NOW, start=n, size=7) for n in (0, 7, 14)]
    assert ids.slice(0, 21).equals(pl.concat(some))
    assert len(ids) == rows.complaints(facts, slice, NOW) > 21
    assert rows.complaint_ids(facts, slice, NOW, start=len(ids), size=7).is_empty()

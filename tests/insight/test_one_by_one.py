"""Figures that are counted in arrays against the same counted case by case, on random histories (D15, D18, D35)."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import catalogues, shipped
from core.insight import figures, repeats, times, walked
from core.insight.asked import Answers
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.histories import PHASE_OF
from core.insight.typed import InForce
from core.insight.walked import Walk
from core.rules.calendar import WorkCalendar, local_day
from core.rules.steps import STATES, Phase
from tests.insight.given import CALENDAR, NOVEMBER, NOW, WEEK_46, busy

NIGHTS = WorkCalendar({0: [(datetime.min.time(), datetime.min.time())]}, {}, years=(2026, 2026))
"""Mondays, day and night, of one year: what lies in another is known to nobody."""
CALENDARS = MappingProxyType({"pops": CALENDAR, "misa": NIGHTS})
PROCEDURES = st.sampled_from([("pops",), ("misa",), ("pops", "misa"), ("pops", "vhv"), ("vhv",)])
"""One that no calendar knows among them."""
FILTERS = st.sampled_from(
    [
        NOVEMBER,
        WEEK_46,
        Filter(date(2026, 11, 4), date(2026, 11, 4)),
        Filter(date(2000, 1, 1), date(2030, 12, 31)),
        NOVEMBER.only("category", "payment"),
        NOVEMBER.only("procedure", "pops"),
        NOVEMBER.only("department", "legal", NONE),
        replace(NOVEMBER, departments=("legal", "content")),
    ]
)
SPENT_BY = ("waits_for", "phase", "person", "procedure", "category", "department", "level", "day", "week", "month")
FOUND = Mapping[tuple[str, ...], tuple[float, ...]]


@pytest.fixture(autouse=True)
def _lists() -> None:
    catalogues.use(shipped.catalogues("pops"))


@st.composite
def registers(draw: st.DrawFn) -> Facts:
    """Random histories under several procedures; those of some complaints stand last, as after they were changed."""
    known = busy(draw(st.integers(0, 9)), draw(st.sampled_from([0, 1, 12, 50])))
    chance, among = random.Random(draw(st.integers(0, 99))), draw(PROCEDURES)
    own = pl.Series("procedure", [chance.choice(among) for _ in known.complaints["id"]], dtype=pl.String)
    complaints = known.complaints.with_columns(own.cast(known.complaints.schema["procedure"]))
    changed = [id for id in known.complaints["id"] if chance.random() < draw(st.sampled_from([0, 0.3]))]
    return replace(
        known,
        complaints=_changed(complaints, "id", changed),
        stays=_changed(known.stays, "complaint_id", changed),
        moves=_changed(known.moves, "complaint_id", changed),
        reading=known.reading._replace(in_force=InForce(CALENDARS)),
        answers=Answers(),
    )


def _changed(frame: pl.DataFrame, key: str, ids: list[int]) -> pl.DataFrame:
    """The rows of these complaints after the others, each a piece of its own."""
    pieces = [frame.filter(pl.col(key) == id) for id in reversed(ids)]
    return pl.concat([frame.filter(~pl.col(key).is_in(ids)), *pieces])


def _text(value: object) -> str:
    return NONE if value is None else str(value)


def _seconds(begins: datetime, ends: datetime, procedure: str) -> int | None:
    """By the calendar in force, of the years that it knows."""
    calendar = CALENDARS.get(procedure)
    if calendar is None or not calendar.first_year <= local_day(begins).year <= calendar.last_year:
        return None
    return calendar.seconds_between(begins, ends) if local_day(ends).year <= calendar.last_year else None


def _kept(facts: Facts, filter: Filter) -> dict[int, dict[str, Any]]:
    """The complaints that the filter keeps, whatever the period."""
    rows = facts.complaints.filter(filter.where(None))
    return {row["id"]: row for row in rows.iter_rows(named=True)}


def _is_in(at: datetime | None, filter: Filter) -> bool:
    return at is not None and filter.start <= local_day(at) <= filter.end


def _share_of(seconds: list[int], percent: float) -> float:
    return float(np.percentile(seconds, percent)) / 3600 if seconds else -1


# where the time goes


def _stays(facts: Facts, filter: Filter) -> Iterator[tuple[dict[str, Any], int | None]]:
    """Each stay that ended in the period with what its complaint says, and its seconds."""
    whose = _kept(facts, filter)
    for stay in facts.stays.iter_rows(named=True):
        if stay["complaint_id"] in whose and _is_in(stay["ends_at"], filter):
            procedure = whose[stay["complaint_id"]]["procedure"]
            yield whose[stay["complaint_id"]] | stay, _seconds(stay["starts_at"], stay["ends_at"], procedure)


def _key(row: Mapping[str, Any], by: str) -> str:
    day = local_day(row["ends_at"])
    firsts = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}
    return str(firsts[by]) if by in firsts else _text(row["assignee_id" if by == "person" else by])


def _spent(facts: Facts, filter: Filter, by: tuple[str, ...]) -> FOUND:
    each: dict[tuple[str, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row, seconds in _stays(facts, filter):
        each[tuple(_key(row, one) for one in by)][row["complaint_id"]] += seconds or 0
    return {key: _summed([*of.values()]) for key, of in each.items()}


def _summed(seconds: list[int]) -> tuple[float, ...]:
    return len(seconds), sum(seconds) / 3600, _share_of(seconds, 50), _share_of(seconds, 90)


@settings(max_examples=150)
@given(registers(), FILTERS, st.lists(st.sampled_from(SPENT_BY), max_size=3, unique=True))
def test_time_is_spent_as_told_stay_by_stay(facts: Facts, filter: Filter, by: list[str]) -> None:
    stretches = [one for one in by if one in ("day", "week", "month")]
    split = tuple(one for one in by if one not in stretches[1:])
    coarser = tuple(split[start:] for start in range(len(split) + 1))
    several = figures.ask_each("time_spent", facts, filter, NOW, coarser)
    for one, its in zip(coarser, several, strict=True):
        pd.testing.assert_frame_equal(its, figures.ask("time_spent", facts, filter, NOW, one))
    found = several[0].fillna(-1)
    rows = found[["count", "hours", "median", "p90"]].itertuples(index=False, name=None)
    keys = zip(*(found[one].astype(str) for one in split), strict=True) if split else [()] * len(found)
    told = {key: row for key, row in zip(keys, rows, strict=True) if row[0]}
    wanted = _spent(facts, filter, split)
    assert told.keys() == wanted.keys()
    for key, row in wanted.items():
        assert told[key] == pytest.approx(row)


@settings(max_examples=60)
@given(
    registers(),
    FILTERS,
    st.sampled_from([None, "us", "customer"]),
    st.sampled_from([None, "handle", "close"]),
    st.sampled_from([None, "3", NONE]),
)
def test_who_waited_is_told_stay_by_stay(
    facts: Facts, filter: Filter, waits_for: str | None, phase: str | None, person: str | None
) -> None:
    asked = {"waits_for": waits_for, "phase": phase, "assignee_id": person}
    wanted = {
        row["complaint_id"]
        for row, seconds in _stays(facts, filter)
        if seconds is not None and all(key is None or _text(row[name]) == key for name, key in asked.items())
    }
    found = times.waited(facts, filter, waits_for, phase, person)
    assert sorted(found) == sorted(wanted)


# how it was walked


def _steps(facts: Facts, filter: Filter) -> Iterator[dict[str, Any]]:
    """Each step of the period, with its phase, the phases it leads from and to, and seconds since the one before."""
    whose = _kept(facts, filter)
    for id, its in groupby(facts.moves.iter_rows(named=True), key=lambda row: row["complaint_id"]):
        before: dict[str, Any] | None = None
        for row in its:
            seconds = _seconds(before["at"], row["at"], whose[id]["procedure"]) if before and id in whose else None
            led = {"from": before and _next(before["state"]), "to": _next(row["state"]), "seconds": seconds}
            if id in whose and _is_in(row["at"], filter):
                yield row | led | {"phase": PHASE_OF.get(row["event"])}
            before = row


def _next(state: str) -> Phase:
    return STATES[state].next_phase or Phase.CLOSE  # type: ignore[index]


@settings(max_examples=150)
@given(registers(), FILTERS, st.sampled_from([(), ("phase",), ("event",)]))
def test_the_procedure_is_walked_as_told_step_by_step(facts: Facts, filter: Filter, by: tuple[str, ...]) -> None:
    taken = [row for row in _steps(facts, filter) if row["phase"]]
    wanted = {}
    for key in {tuple(row[one] for one in by) for row in taken} or ({()} if not by else set()):
        its = [row for row in taken if tuple(row[one] for one in by) == key]
        waits = [row["seconds"] for row in its if row["seconds"] is not None]
        wanted[key] = len({row["complaint_id"] for row in its}), len(its), _share_of(waits, 50), _share_of(waits, 90)
    found = figures.ask("walked", facts, filter, NOW, by)
    assert set(found["all"]) <= {len({row["complaint_id"] for row in taken})}
    places = (
        [[*Phase].index(PHASE_OF[key] if by == ("event",) else key) for (key,) in found[[*by]].values] if by else []
    )
    assert places == sorted(places), "in the order of the procedure"
    rows = found.fillna(-1)[["complaints", "times", "median", "p90"]].itertuples(index=False, name=None)
    told = dict(zip(found[[*by]].itertuples(index=False, name=None), rows, strict=True)) if by else {(): next(rows)}
    assert told.keys() == wanted.keys()
    for key, row in wanted.items():
        assert told[key] == pytest.approx(row)


@settings(max_examples=60)
@given(registers(), FILTERS)
def test_ways_back_are_told_step_by_step(facts: Facts, filter: Filter) -> None:
    order = [*Phase]
    each = defaultdict(list)
    for row in _steps(facts, filter):
        if row["from"] and order.index(row["to"]) < order.index(row["from"]):
            each[row["from"].value, row["to"].value].append(row["complaint_id"])
    found = figures.ask("walked_back", facts, filter, NOW)
    assert sorted(found.values.tolist()) == sorted([*key, len(set(ids)), len(ids)] for key, ids in each.items())
    assert found["complaints"].is_monotonic_decreasing
    for (step, to), ids in each.items():
        assert sorted(walked.through(facts, filter, Walk(phase=step, to=to))) == sorted(set(ids))
    for event in ("remedy_proposed", "closed", "reopened"):
        its = {row["complaint_id"] for row in _steps(facts, filter) if row["event"] == event and row["phase"]}
        assert sorted(walked.through(facts, filter, Walk(event=event))) == sorted(its)


# who complained again


@settings(max_examples=60)
@given(registers(), FILTERS)
def test_who_complained_again_is_told_one_by_one(facts: Facts, filter: Filter) -> None:
    known = [row for row in facts.complaints.iter_rows(named=True) if row["customer"] and row["state"] != "merged"]
    kept = _kept(facts, filter)
    wanted = {}
    for row in known:
        if row["id"] not in kept or not filter.start <= row["recorded_day"] <= filter.end:
            continue
        wanted[row["id"]] = any(
            one["customer"] == row["customer"]
            and (one["recorded_at"], one["id"]) < (row["recorded_at"], row["id"])
            and row["recorded_at"] - one["recorded_at"] <= repeats.AGAIN
            for one in known
            if filter.departments is None or one["id"] in kept
        )
    found = repeats.by_known(facts, filter).select("id", "again").collect()
    assert dict(found.iter_rows()) == wanted
    told = figures.ask("repeats", facts, filter, NOW)
    assert told[["known", "again"]].values.tolist() == [[len(wanted), sum(wanted.values())]]

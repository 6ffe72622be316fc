"""The rows behind a slice: exactly the complaints or obligations that a figure counted (D15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from core.insight import backlog, causes, compliance, filters
from core.insight.asked import asked_once
from core.insight.dimensions import DIMENSIONS, NONE
from core.insight.facts import Facts, around
from core.insight.slices import CELL_KEYS, Slice
from core.insight.tally import PERSONS
from core.insight.typed import CYCLE
from core.insight.verdicts import as_counted, is_among, verdict
from core.insight.which import WHICH

OF_OBLIGATIONS = ("due", "asked")
LATEST_DUE = ("due_at", "complaint_id", "number")


class Obligation(NamedTuple):
    """A row of ``obligations``: an SLA cycle with what it carries from its complaint; moments in UTC, codes as keys.

    ``target``: the share of such promises that was to be kept when it fell due (D16).
    """

    complaint_id: int
    code: str
    state: str
    stage: str
    term: str
    number: int
    category: str
    channel: str
    department: str | None
    starts_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    working_seconds: int | None
    verdict: str
    counted: str
    verdict_before: str | None
    target: float
    breach_reason: str | None


def complaint_ids(facts: Facts, slice: Slice, now: datetime, *, start: int = 0, size: int | None = None) -> pl.Series:
    """Ids of the complaints of a slice, each once, the latest recorded first (then the highest id).

    ``start``, ``size``: only so many from there on.
    """
    found = behind(facts, slice, now)
    if slice.of in OF_OBLIGATIONS:
        its = found.select("complaint_id").unique()
        recorded = facts.complaints.lazy().select("id", "recorded_at")
        found = recorded.join(its, left_on="id", right_on="complaint_id", how="semi")
    return _latest(found.select("id", "recorded_at"), ("recorded_at", "id"), start, size)["id"]


@asked_once
def count(facts: Facts, slice: Slice, now: datetime) -> int:
    """The number the figure shows: obligations for ``due``, requests for ``asked``, complaints otherwise."""
    return filters.number_of(behind(facts, slice, now))


@asked_once
def complaints(facts: Facts, slice: Slice, now: datetime) -> int:
    """How many complaints stand behind a slice."""
    if slice.of not in OF_OBLIGATIONS:
        return count(facts, slice, now)
    return filters.number_of(behind(facts, slice, now).select("complaint_id").unique())


def requests(facts: Facts, slice: Slice, now: datetime, *, start: int = 0, size: int | None = None) -> pl.DataFrame:
    """The requests of an ``asked`` slice, latest due first: complaint_id, number, department, asked_at, due_at,
    stopped_at, verdict, counted. ``start``, ``size``: only so many from there on.
    """
    wanted = ("complaint_id", "number", "department", "asked_at", "due_at", "stopped_at", "verdict", "counted")
    return _latest(_requests(facts, slice, now).select(wanted), LATEST_DUE, start, size)


def obligations(facts: Facts, slice: Slice, now: datetime, *, start: int = 0, size: int | None = None) -> pl.DataFrame:
    """The cycles of a ``due`` slice, latest due first; columns as in ``Obligation``.

    ``start``, ``size``: only so many from there on.
    """
    elsewhere = ("code", "state", "verdict_before")
    its = _obligations(facts, slice, now).with_columns(compliance.target(facts.targets))
    found = _latest(its.select(n for n in Obligation._fields if n not in elsewhere), LATEST_DUE, start, size)
    given = facts.restatements.sort("seq").unique(CYCLE, keep="first", maintain_order=True)
    found = found.join(given.select(*CYCLE, "verdict_before"), on=CYCLE, how="left", maintain_order="left")
    ids = found["complaint_id"].unique()
    its_complaints = around(facts, ids).complaints.lazy().filter(pl.col("id").is_in(ids.implode()))
    whose = its_complaints.select("id", "code", "state").collect()
    named = found.join(whose, left_on="complaint_id", right_on="id", maintain_order="left")
    return named.select(Obligation._fields)


def behind(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    """The rows of the facts that a slice names, in no order: cycles for ``due``, requests for ``asked``, complaints
    otherwise.
    """
    kinds = {"due": _obligations, "asked": _requests}
    return kinds.get(slice.of, _complaints)(facts, slice, now)


def _latest(found: pl.LazyFrame, by: Sequence[str], start: int, size: int | None) -> pl.DataFrame:
    if size is not None:  # those before them need not be in order, nor those after be looked at twice
        found = found.top_k(start + size, by=by)
    return found.sort(by, descending=True).slice(start, size).collect()


def _requests(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    judged = filters.requests(facts, slice.filter).with_columns(verdict(now))
    found = judged.with_columns(as_counted(pl.col("verdict"), now).alias("counted")).filter(_cell(slice))
    return found.filter(is_among(pl.col("counted"), slice.verdict)) if slice.verdict else found


def _obligations(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    judged = filters.cycles(facts, slice.filter).with_columns(verdict(now))
    found = judged.with_columns(as_counted(pl.col("verdict"), now).alias("counted"))
    tests = [_cell(slice)]
    if slice.stage:
        tests.append(pl.col("stage") == slice.stage)
    if slice.verdict:
        tests.append(is_among(pl.col("counted"), slice.verdict))
    if slice.first:
        tests.append(pl.col("number") == 1)
    if slice.stopped:
        tests.append(pl.col("working_seconds").is_not_null() & pl.col("cancelled_at").is_null())
    found = found.filter(tests)
    return found.join(facts.restatements.lazy(), on=CYCLE, how="semi") if slice.restated else found


def _complaints(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    tests = [_cell(slice)]
    if slice.of == "open":
        return backlog.rows(facts, slice.filter, now, segment=slice.segment, age=slice.age).filter(tests)
    if slice.of == "closed":
        ended = filters.ended(facts, slice.filter) if slice.which == "ended" else causes.closed(facts, slice.filter)
        return ended.filter(tests)
    if slice.weekday is not None:
        tests.append(pl.col("recorded_day").dt.weekday() == slice.weekday + 1)
    if slice.hour is not None:
        tests.append(pl.col("recorded_hour") == slice.hour)
    return filters.complaints(facts, slice.filter).filter(tests)


def _cell(slice: Slice) -> pl.Expr:
    """What the keys of a slice keep that stand in a column of its rows."""
    tests = [_is(name, key) for name in _columns(slice) if (key := getattr(slice, name))]
    if slice.of not in OF_OBLIGATIONS and slice.person:
        is_theirs = pl.col(PERSONS) == int(slice.person) if slice.person != NONE else pl.col(PERSONS).is_null()
        tests.append(is_theirs)
    if slice.of not in OF_OBLIGATIONS and slice.which:
        tests.append(WHICH[slice.which])
    return pl.all_horizontal(tests) if tests else pl.lit(value=True)


def _columns(slice: Slice) -> list[str]:
    """The dimensions among ``CELL_KEYS`` that the rows of a slice have."""
    carried = [name for name in CELL_KEYS if DIMENSIONS[name].carried]
    if slice.of == "due":
        return [*carried, *(name for name in CELL_KEYS if DIMENSIONS[name].of_cycles)]
    return carried if slice.of == "asked" else [name for name in CELL_KEYS if not DIMENSIONS[name].of_cycles]


def _is(column: str, key: str) -> pl.Expr:
    return pl.col(column).is_null() if key == NONE else pl.col(column) == key

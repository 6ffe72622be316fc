"""The rows behind a slice: exactly the complaints or obligations that a figure counted (D15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from core.insight import (
    backlog,
    causes,
    compliance,
    contents,
    filters,
    flow,
    repeats,
    times,
    walked,
)  # fmt: skip
from core.insight.asked import asked_once
from core.insight.dimensions import DIMENSIONS, NONE
from core.insight.facts import Facts, around
from core.insight.slices import CELL_KEYS, Slice
from core.insight.typed import CYCLE
from core.insight.verdicts import as_counted, is_among, verdict
from core.insight.walked import Walk
from core.insight.which import AGAIN, WHICH

OF_REQUESTS = ("asked", "let_go")
OF_OBLIGATIONS = ("due", *OF_REQUESTS)
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
    """The number the figure shows: obligations for ``due``, requests for ``OF_REQUESTS``, complaints otherwise."""
    return filters.number_of(behind(facts, slice, now))


@asked_once
def complaints(facts: Facts, slice: Slice, now: datetime) -> int:
    """How many complaints stand behind a slice."""
    if slice.of not in OF_OBLIGATIONS:
        return count(facts, slice, now)
    return filters.number_of(behind(facts, slice, now).select("complaint_id").unique())


def requests(facts: Facts, slice: Slice, now: datetime, *, start: int = 0, size: int | None = None) -> pl.DataFrame:
    """The requests of a slice of ``OF_REQUESTS``, latest due first: complaint_id, number, department, asked_at, due_at,
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
    """The rows of the facts that a slice names, in no order: cycles for ``due``, requests for ``OF_REQUESTS``,
    complaints otherwise.
    """
    of_obligations = {"due": _obligations, **dict.fromkeys(OF_REQUESTS, _requests)}
    return of_obligations.get(slice.of, _complaints)(facts, slice, now)


def _latest(found: pl.LazyFrame, by: Sequence[str], start: int, size: int | None) -> pl.DataFrame:
    if size is not None:  # those before them need not be in order, nor those after be looked at twice
        found = found.top_k(start + size, by=by)
    return found.sort(by, descending=True).slice(start, size).collect()


def _requests(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    its = times.let_go if slice.of == "let_go" else filters.requests
    judged = its(facts, slice.filter).with_columns(verdict(now))
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
    if slice.person:
        whose = facts.complaints.lazy().filter(times.has(slice.person)).select("id")
        found = found.join(whose, left_on="complaint_id", right_on="id", how="semi")
    return found.join(facts.restatements.lazy(), on=CYCLE, how="semi") if slice.restated else found


def _complaints(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    found = OF_PERIOD.get(slice.of, _recorded)(facts, slice, now).filter(_cell(slice))
    for ids in _among(facts, slice):
        found = found.join(ids, on="id", how="semi")
    return found


def _recorded(facts: Facts, slice: Slice, _now: datetime) -> pl.LazyFrame:
    if slice.issue:  # whose further issues the filter may keep where it does not keep the first
        dimension, _colon, key = slice.issue.partition(":")
        its = contents.each_issue(facts, slice.filter).filter(_is(dimension, key))
        return facts.complaints.lazy().join(its.select("id"), on="id", how="semi")
    tests = [pl.lit(value=True)]
    if slice.weekday is not None:
        tests.append(pl.col("recorded_day").dt.weekday() == slice.weekday + 1)
    if slice.hour is not None:
        tests.append(pl.col("recorded_hour") == slice.hour)
    return filters.complaints(facts, slice.filter).filter(tests)


def _closed(facts: Facts, slice: Slice, _now: datetime) -> pl.LazyFrame:
    return filters.ended(facts, slice.filter) if slice.which == "ended" else causes.closed(facts, slice.filter)


def _ended(facts: Facts, slice: Slice, _now: datetime) -> pl.LazyFrame:
    return facts.complaints.lazy().filter(slice.filter.where("closed_day"))


def _open(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    return backlog.rows(facts, slice.filter, now, segment=slice.segment, age=slice.age)


def _left(facts: Facts, slice: Slice, now: datetime) -> pl.LazyFrame:
    return flow.left(facts, slice.filter, now)


def _waited(facts: Facts, slice: Slice, _now: datetime) -> pl.LazyFrame:
    return _these(facts, times.waited(facts, slice.filter, slice.waits_for, slice.phase, slice.person))


def _walked(facts: Facts, slice: Slice, _now: datetime) -> pl.LazyFrame:
    return _these(facts, walked.through(facts, slice.filter, Walk(slice.phase, slice.event, slice.to)))


OF_PERIOD: Mapping[str, Callable[[Facts, Slice, datetime], pl.LazyFrame]] = {
    "closed": _closed,
    "ended": _ended,
    "open": _open,
    "left": _left,
    "waited": _waited,
    "walked": _walked,
}
"""What the period applies to, of complaints → these, narrowed by what narrows them alone."""


def _these(facts: Facts, ids: pl.Series) -> pl.LazyFrame:
    return facts.complaints.lazy().join(ids.alias("id").to_frame().lazy(), on="id", how="semi")


def _among(facts: Facts, slice: Slice) -> Iterator[pl.LazyFrame]:
    """The ids of complaints by what stands beside them: other complaints of the customer, amounts."""
    if slice.which == AGAIN:
        yield repeats.by_known(facts, slice.filter).filter("again").select("id")
    if slice.field:
        is_its = (pl.col("field").cast(pl.String) == slice.field) & pl.col("value").is_not_null()
        yield facts.amounts.lazy().filter(is_its).select(id="complaint_id")


def _cell(slice: Slice) -> pl.Expr:
    """What the keys of a slice keep that stand in a column of its rows."""
    tests = [_is(name, key) for name in _columns(slice) if (key := getattr(slice, name))]
    if slice.of not in OF_OBLIGATIONS and slice.person and slice.of != "waited":
        tests.append(times.has(slice.person))
    if slice.of not in OF_OBLIGATIONS and slice.which and slice.which in WHICH:
        tests.append(WHICH[slice.which])
    return pl.all_horizontal(tests) if tests else pl.lit(value=True)


def _columns(slice: Slice) -> list[str]:
    """The dimensions among ``CELL_KEYS`` that the rows of a slice have."""
    carried = [name for name in CELL_KEYS if DIMENSIONS[name].carried]
    if slice.of == "due":
        return [*carried, *(name for name in CELL_KEYS if DIMENSIONS[name].of_cycles)]
    if slice.of in OF_REQUESTS:
        return carried
    return [name for name in CELL_KEYS if not DIMENSIONS[name].of_cycles]


def _is(column: str, key: str) -> pl.Expr:
    return pl.col(column).is_null() if key == NONE else pl.col(column) == key

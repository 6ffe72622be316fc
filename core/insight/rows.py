"""The rows behind a slice: exactly the complaints or obligations that a figure counted (D15)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import polars as pl

from core.insight import backlog, causes, compliance, filters
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.slices import Slice
from core.insight.typed import CYCLE
from core.insight.verdicts import as_counted, is_among, verdict
from core.rules.calendar import LOCAL


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
    target: float
    breach_reason: str | None


def complaint_ids(facts: Facts, slice: Slice, now: datetime) -> list[int]:
    """Ids of the complaints of a slice, each once, the latest recorded first (then the highest id)."""
    found = _behind(facts, slice, now)
    wanted = found["id"] if "id" in found.columns else found["complaint_id"]
    rows = facts.complaints.lazy().select("id", "recorded_at").filter(pl.col("id").is_in(wanted.unique().implode()))
    return rows.sort("recorded_at", "id", descending=True).collect()["id"].to_list()


def count(facts: Facts, slice: Slice, now: datetime) -> int:
    """The number the figure shows: obligations for ``due``, requests for ``asked``, complaints otherwise."""
    return _behind(facts, slice, now).height


def _behind(facts: Facts, slice: Slice, now: datetime) -> pl.DataFrame:
    kinds = {"due": _obligations, "asked": _requests}
    return kinds.get(slice.of, _complaints)(facts, slice, now)


def requests(facts: Facts, slice: Slice, now: datetime) -> pl.DataFrame:
    """The requests of an ``asked`` slice, latest due first: complaint_id, number, department, asked_at, due_at,
    stopped_at, verdict.
    """
    found = _requests(facts, slice, now).sort("due_at", "complaint_id", "number", descending=True)
    return found.select("complaint_id", "number", "department", "asked_at", "due_at", "stopped_at", "verdict")


def obligations(facts: Facts, slice: Slice, now: datetime) -> pl.DataFrame:
    """The cycles of a ``due`` slice, latest due first; columns as in ``Obligation``."""
    found = (
        _obligations(facts, slice, now)
        .with_columns(compliance.target(facts.targets))
        .join(facts.complaints.select("id", "code", "state"), left_on="complaint_id", right_on="id")
    )
    return found.select(Obligation._fields).sort("due_at", "complaint_id", "number", descending=True)


def _requests(facts: Facts, slice: Slice, now: datetime) -> pl.DataFrame:
    found = filters.requests(facts, slice.filter).with_columns(verdict(now))
    if not slice.verdict:
        return found
    return found.filter(is_among(as_counted(pl.col("verdict"), now), slice.verdict))


def _obligations(facts: Facts, slice: Slice, now: datetime) -> pl.DataFrame:
    judged = filters.cycles(facts, slice.filter).with_columns(verdict(now))
    found = judged.with_columns(as_counted(pl.col("verdict"), now).alias("counted"))
    tests = [pl.lit(value=True)]
    if slice.stage:
        tests.append(pl.col("stage") == slice.stage)
    if slice.verdict:
        tests.append(is_among(pl.col("counted"), slice.verdict))
    if slice.first:
        tests.append(pl.col("number") == 1)
    if slice.stopped:
        tests.append(pl.col("working_seconds").is_not_null() & pl.col("cancelled_at").is_null())
    if slice.breach_reason:
        tests.append(_is("breach_reason", slice.breach_reason))
    found = found.filter(tests)
    return found.join(facts.restatements, on=CYCLE, how="semi") if slice.restated else found


def _complaints(facts: Facts, slice: Slice, now: datetime) -> pl.DataFrame:
    if slice.of == "open":
        return backlog.rows(facts, slice.filter, now, segment=slice.segment, age=slice.age)
    if slice.of == "closed":
        found = causes.closed(facts, slice.filter)
        return found.filter(_is("root_cause", slice.root_cause)) if slice.root_cause else found
    tests = [pl.lit(value=True)]
    local = pl.col("recorded_at").dt.convert_time_zone(LOCAL.key)
    if slice.weekday is not None:
        tests.append(local.dt.weekday() == slice.weekday + 1)
    if slice.hour is not None:
        tests.append(local.dt.hour() == slice.hour)
    return filters.complaints(facts, slice.filter).filter(tests)


def _is(column: str, key: str) -> pl.Expr:
    return pl.col(column).is_null() if key == NONE else pl.col(column) == key

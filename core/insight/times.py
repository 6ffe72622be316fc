"""Where working time goes: waiting for us, for a department or the customer; per phase, per person (D18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pandas as pd
import polars as pl

from core.insight.cells import Array, Bools, Numbers, Part, Sums, added_up, cells, part, quantiles
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.histories import PHASES, WAITS_FOR
from core.insight.tally import BUCKETS, PERSON, PERSONS, SECONDS_PER_HOUR, Asked, hours, ordered, per, shared
from core.insight.typed import local_day
from core.rules.calendar import LOCAL, WorkCalendar

WAITING, PHASE = "waits_for", "phase"
KEYS: Mapping[str, tuple[str, ...]] = {WAITING: WAITS_FOR, PHASE: PHASES}
"""What stays are split by besides → its keys."""
OF_STAYS = (WAITING, PHASE, PERSONS)
"""The columns of stays that they are split by."""
NEVER = -1
SECOND, DAY = 10**6, 86_400 * 10**6  # microseconds


def spent(asked: Asked) -> pd.DataFrame:
    """Working hours of the stretches that ended in the period, added up per complaint and key.

    Columns: count (complaints), hours (of all of them), median, p90 (of a complaint's), all (hours of all keys), share.
    """
    return spent_each(asked, [asked.by])[0]


def spent_each(asked: Asked, splits: Sequence[tuple[str, ...]]) -> list[pd.DataFrame]:
    """``spent`` by each of the splits, whose parts all are among those of ``asked``."""
    columns = {name: PERSONS if name == PERSON else name for name in asked.by if name not in BUCKETS}
    rows = _stretches(asked.facts, asked.filter, columns.values())
    parts = [
        part(rows[columns[name]].alias(name)) if name in columns else _ended(rows["ends_at"], name, asked.filter)
        for name in asked.by
    ]
    seconds = _worked(rows, "starts_at", "ends_at", asked.facts)
    np.maximum(seconds, 0, out=seconds)  # what no calendar knows adds nothing
    sums = added_up(cells(rows.height, parts), rows["complaint_id"].to_numpy(), seconds)
    return [_told(sums.by(by), asked._replace(by=by)) for by in splits]


def _told(sums: Sums, asked: Asked) -> pd.DataFrame:
    found = in_hours(sums.cells.of, sums.amounts, sums.cells.size)
    if not asked.by:  # one row, also of nothing
        one = pl.DataFrame({"cell": [0]}).join(found, on="cell", how="left")
        found = one.with_columns(pl.col("count", "hours").fill_null(0))
    named = ordered(sums.cells.named(found), asked)
    return shared(named.with_columns(pl.col("hours").sum().alias("all")), "hours", "all")


def waited(facts: Facts, filter: Filter, waits_for: str | None, phase: str | None, person: str | None) -> pl.Series:
    """The ids of the complaints with such stays among those that ``spent`` counts, each once; None: any."""
    rows = _stretches(facts, filter, OF_STAYS)
    tests = [pl.lit(_worked(rows, "starts_at", "ends_at", facts) != NEVER)]
    tests += [pl.col(name).cast(pl.String) == key for name, key in ((WAITING, waits_for), (PHASE, phase)) if key]
    if person:
        tests.append(has(person))
    return rows.filter(tests)["complaint_id"].unique()


def has(person: str) -> pl.Expr:
    """Whether somebody with this id has a case, or nobody (``NONE``)."""
    return pl.col(PERSONS).is_null() if person == NONE else pl.col(PERSONS) == int(person)


def departments_took(asked: Asked) -> pd.DataFrame:
    """Working hours from asked until answered or not owed any more, of the requests that ended in the period (D19).

    Columns: count, hours, median, p90.
    """
    rows = let_go(asked.facts, asked.filter).collect()
    seconds = pl.Series("seconds", _worked(rows, "asked_at", "ended_at", asked.facts))
    found = rows.lazy().with_columns(
        pl.when(seconds != NEVER).then(seconds).alias("seconds"), local_day("ended_at").alias("ended_day")
    )
    return per(found, asked, "ended_day", **hours(pl.col("seconds"))).to_pandas()


def let_go(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """The requests to departments that ended in the period, with ``ended_at``."""
    rows = facts.requests.lazy().filter(filter.where(None))
    return rows.with_columns(pl.coalesce("stopped_at", "cancelled_at").alias("ended_at")).filter(
        in_period(pl.col("ended_at"), filter)
    )


def in_period(instant: pl.Expr, filter: Filter) -> pl.Expr:
    """Whether an instant lies in it; by instants rather than days, which would have to be made for every row."""
    first, last = (datetime.combine(day, time(0), LOCAL).astimezone(UTC) for day in (filter.start, filter.end))
    return instant.is_between(first, last + timedelta(days=1), closed="left")


def of_complaints(rows: pl.DataFrame, facts: Facts, filter: Filter, names: Iterable[str]) -> pl.DataFrame:
    """The rows of the complaints that the filter keeps, in their order, with these columns of their complaints.

    An inner join by complaint_id; the ids are as good as consecutive, so that an array finds a complaint faster than a
    hash table. What all complaints have in common, as most registers have one procedure, needs no finding.
    """
    whole = {name: facts.complaints[name] for name in names}
    same = {name: column.head(1) for name, column in whole.items() if _is_same(column)}
    others = [name for name in whole if name not in same]
    if others or filter.is_narrowed:
        its = facts.complaints.lazy().filter(filter.where(None)).select("id", *others).collect()
        last = int(facts.complaints["id"].max() or 0)  # type: ignore[arg-type]
        places = np.full(last + 1, NEVER, np.int32)
        places[its["id"].to_numpy()] = np.arange(its.height, dtype=np.int32)
        found = places[rows["complaint_id"].to_numpy()]
        is_its = found != NEVER
        if not is_its.all():
            rows, found = rows.filter(is_its), found[is_its]
        rows = rows.hstack(its.select(others).rechunk()[found]) if others else rows
    return rows.with_columns(column.new_from_index(0, rows.height) for column in same.values())


def worked(begins: Numbers, ends: Numbers, procedures: pl.Series, facts: Facts) -> Numbers:
    """Open seconds between instants (seconds since 1970) by the calendar in force of each procedure; ``NEVER`` where no
    calendar knows them.
    """
    its = part(procedures)
    calendars = [facts.in_force.calendars.get(key) for key in its.keys.cast(pl.String)]
    if len(calendars) == 1 and calendars[0] and all(_is_known(calendars[0], begins.min(), ends.max())):
        return _elapsed(calendars[0], begins, ends)
    found = np.full(len(begins), NEVER, np.int64)
    for place, calendar in enumerate(calendars):
        if calendar:
            begun, ended = _is_known(calendar, begins, ends)
            chosen = np.flatnonzero(begun & ended & (its.places == place))
            found[chosen] = _elapsed(calendar, begins[chosen], ends[chosen])
    return found


def _is_known(calendar: WorkCalendar, begins: Array, ends: Array) -> tuple[Bools, Bools]:
    """Which of the instants lie in the years of the calendar."""
    return begins >= _first(calendar.first_year), ends < _first(calendar.last_year + 1)


def _elapsed(calendar: WorkCalendar, begins: Numbers, ends: Numbers) -> Numbers:
    return calendar.elapsed_many(begins.view("datetime64[s]"), ends.view("datetime64[s]"))


def in_seconds(instants: pl.Series) -> Numbers:
    """Whole seconds since 1970 of instants that are all known."""
    return instants.to_physical().to_numpy() // SECOND


def in_hours(cells: Array, seconds: Numbers, size: int) -> pl.DataFrame:
    """The columns of ``tally.hours`` per cell: cell, count, hours, median, p90."""
    found = quantiles(cells, seconds, size, (0.5, 0.9))
    return found.select(
        "cell",
        "count",
        (pl.col("sum") / SECONDS_PER_HOUR).alias("hours"),
        (pl.col("0.5") / SECONDS_PER_HOUR).alias("median"),
        (pl.col("0.9") / SECONDS_PER_HOUR).alias("p90"),
    )


def _stretches(facts: Facts, filter: Filter, columns: Iterable[str]) -> pl.DataFrame:
    """The stays that ended in the period: complaint_id, starts_at, ends_at, procedure, and these columns of stays or of
    their complaints.
    """
    own = [name for name in columns if name in OF_STAYS]
    ended = facts.stays.lazy().filter(in_period(pl.col("ends_at"), filter))
    rows = ended.select("complaint_id", "starts_at", "ends_at", *own).collect()
    return of_complaints(rows, facts, filter, {"procedure": 0, **dict.fromkeys(columns)}.keys() - own)


def _worked(rows: pl.DataFrame, start: str, end: str, facts: Facts) -> Numbers:
    return worked(in_seconds(rows[start]), in_seconds(rows[end]), rows["procedure"], facts)


def _is_same(column: pl.Series) -> bool:
    """Whether all rows have one value."""
    numbers = column.to_physical()
    return not column.null_count() and numbers.min() == numbers.max() and not column.is_empty()


def _first(year: int) -> int:
    """The first second of a local year."""
    return int(datetime(year, 1, 1, tzinfo=LOCAL).timestamp())


def _ended(instants: pl.Series, bucket: str, filter: Filter) -> Part:
    """The stretch of days in which each instant of the period lies; the local clock has kept one distance from UTC."""
    days = pl.date_range(filter.start, filter.end, eager=True)
    firsts = days.dt.truncate(BUCKETS[bucket])
    keys = firsts.unique().sort()
    begins = datetime.combine(filter.start, time(0), LOCAL)
    since = instants.to_physical().to_numpy() - int(begins.timestamp()) * SECOND
    return Part(keys.search_sorted(firsts).to_numpy()[since // DAY], keys.alias(bucket))

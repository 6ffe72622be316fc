"""Where working time goes: waiting for us, for a department or the customer; per phase, per person (D18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pandas as pd
import polars as pl

from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.histories import PHASES, WAITS_FOR
from core.insight.tally import BUCKETS, PERSON, PERSONS, Asked, hours, per, shared
from core.insight.typed import local_day
from core.rules.calendar import LOCAL, WorkCalendar

WAITING, PHASE = "waits_for", "phase"
KEYS: Mapping[str, tuple[str, ...]] = {WAITING: WAITS_FOR, PHASE: PHASES}
"""What stays are split by besides → its keys."""
OF_STAYS = (WAITING, PHASE, PERSON, *BUCKETS)
NEVER = -1


def spent(asked: Asked) -> pd.DataFrame:
    """Working hours of the stretches that ended in the period, added up per complaint and key.

    Columns: count (complaints), hours (of all of them), median, p90 (of a complaint's), all (hours of all keys), share.
    """
    dimensions = [name for name in asked.by if name not in OF_STAYS]
    rows = stretches(asked.facts, asked.filter, *dimensions)
    days = [local_day("ends_at").alias("ended_day")] if BUCKETS.keys() & set(asked.by) else []
    ended = rows.lazy().with_columns(days)
    keys = [_key(name) for name in asked.by]
    each = ended.group_by("complaint_id", *keys).agg(pl.col("seconds").sum())
    found = per(_as_days(each, asked), asked, "ended_day", **hours(pl.col("seconds")))
    whole = pl.col("hours").sum()
    return shared(found.with_columns(whole.alias("all")), "hours", "all")


def stretches(facts: Facts, filter: Filter, *dimensions: str) -> pl.DataFrame:
    """The stays that ended in the period, with ``seconds`` of open time (None where no calendar knows it), the
    procedure and the ``dimensions`` of their complaints.
    """
    stays = facts.stays.lazy().filter(in_period(pl.col("ends_at"), filter))
    ended_since = pl.col("closed_day").is_null() | (pl.col("closed_day") >= filter.start)
    whose = facts.complaints.lazy().filter(ended_since & filter.where(None))  # others have no such stretch
    rows = stays.join(
        whose.select("id", "procedure", *_but(dimensions, "procedure")), left_on="complaint_id", right_on="id"
    )
    return timed(rows.collect(), "starts_at", "ends_at", facts.in_force.calendars)


def waited(facts: Facts, filter: Filter, waits_for: str | None, phase: str | None, person: str | None) -> pl.Series:
    """The ids of the complaints with such stays among ``stretches``, each once; None: any."""
    tests = [pl.col("seconds").is_not_null()]
    tests += [pl.col(name).cast(pl.String) == key for name, key in ((WAITING, waits_for), (PHASE, phase)) if key]
    if person:
        tests.append(has(person))
    return stretches(facts, filter).filter(tests)["complaint_id"].unique()


def has(person: str) -> pl.Expr:
    """Whether somebody with this id has a case, or nobody (``NONE``)."""
    return pl.col(PERSONS).is_null() if person == NONE else pl.col(PERSONS) == int(person)


def departments_took(asked: Asked) -> pd.DataFrame:
    """Working hours from asked until answered or not owed any more, of the requests that ended in the period (D19).

    Columns: count, hours, median, p90.
    """
    rows = let_go(asked.facts, asked.filter).collect()
    found = timed(rows, "asked_at", "ended_at", asked.facts.in_force.calendars).lazy()
    found = found.with_columns(local_day("ended_at").alias("ended_day"))
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


def timed(rows: pl.DataFrame, start: str, end: str, calendars: Mapping[str, WorkCalendar]) -> pl.DataFrame:
    """With ``seconds`` from ``start`` to ``end``: open time by the calendar in force, of the procedure of each row.

    None where no calendar knows it.
    """
    if rows.is_empty() or not calendars:
        return rows.with_columns(seconds=pl.lit(None, pl.Int64))
    parts = []
    for (procedure,), its in rows.group_by("procedure"):
        calendar = calendars.get(str(procedure))
        seconds = _seconds(its, start, end, calendar) if calendar else pl.lit(None, pl.Int64)
        parts.append(its.with_columns(seconds=seconds))
    return pl.concat(parts)


def _seconds(rows: pl.DataFrame, start: str, end: str, calendar: WorkCalendar) -> pl.Series:
    begins, ends = (rows[name].dt.replace_time_zone(None).dt.cast_time_unit("ms").to_numpy() for name in (start, end))
    known = (begins >= _first(calendar.first_year)) & (ends < _first(calendar.last_year + 1))
    found = np.full(len(begins), NEVER, np.int64)
    found[known] = calendar.elapsed_many(begins[known], ends[known])
    return pl.Series("seconds", found).replace(NEVER, None)


def _first(year: int) -> np.datetime64:
    return np.datetime64(datetime(year, 1, 1, tzinfo=LOCAL).astimezone(UTC).replace(tzinfo=None), "ms")


def _but(names: Sequence[str], known: str) -> list[str]:
    return [name for name in names if name != known]


def _key(name: str) -> pl.Expr:
    if name in BUCKETS:
        return pl.col("ended_day").dt.truncate(BUCKETS[name]).alias(name)
    return pl.col(PERSONS if name == PERSON else name)


def _as_days(each: pl.LazyFrame, asked: Asked) -> pl.LazyFrame:
    """A stretch of days is its first day, which is what ``per`` takes it by."""
    days = [name for name in asked.by if name in BUCKETS]
    return each.rename({days[0]: "ended_day"}) if days else each

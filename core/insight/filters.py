"""The filter of every figure: a period of local days and keys per dimension, one frozen value built from the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl

from core import catalogues
from core.insight import dimensions
from core.insight.asked import asked_once
from core.insight.facts import Facts, asked_of
from core.insight.typed import SEEN_BY
from core.insight.which import WHICH
from core.rules import policy
from core.rules.calendar import LOCAL
from core.rules.policy import Actor

PRESETS = ("this_week", "last_week", "four_weeks", "quarter", "year", "custom")
WEEKS = {"this_week": 1, "four_weeks": 4, "quarter": 13, "year": 52}
DEFAULT = "quarter"
LONGEST = timedelta(days=3652)  # ten years
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
OF_DAY = {"recorded_day": "recorded_at", "due_day": "due_at", "closed_day": "closed_at"}
"""Column of local days → that of the instants they were taken from."""
Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a figure counts: local days ``start`` … ``end``, both included (D12), and keys per dimension.

    Complaints are taken by the day they were recorded, SLA cycles by the day they fall due (D11). ``narrowed``:
    (dimension, keys) in the order of ``dimensions.FILTERS``, then the choices of the categories, as ``only`` makes it;
    a dimension that is not there means all its keys, ``dimensions.NONE`` among the keys means rows without a value.
    ``departments``: as whose people somebody looks, who see what these were asked (D19); no address says it.
    ``until``: of the last day only what came at or before this instant, as a running period is compared (D27).
    """

    start: date
    end: date
    preset: str = "custom"
    narrowed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    departments: tuple[str, ...] | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, preset: str, today: date) -> Filter:
        """Everything in one preset: whole weeks from Monday, the last of them the week of ``today``."""
        start, end = _period(preset, today)
        return cls(start, end, preset)

    @classmethod
    def from_query(cls, query: Query, today: date) -> Filter:
        """``period``; ``from``, ``to`` and ``until`` for a custom one; and comma-separated keys per dimension.

        What makes no sense falls back to the default period or to all keys, a period beyond ten years to its last ten;
        nothing is raised.
        """
        narrowed = _ordered({name: _known(name, query.get(name, ())) for name in dimensions.filters() if name in query})
        preset = _one(query.get("period", DEFAULT))
        first, last = _day(query.get("from", "")), _day(query.get("to", ""))
        if preset == "custom" and first and last and first <= last:
            until = _moment(query.get("until", ""), last)
            return cls(max(first, last - LONGEST), last, narrowed=narrowed, until=until)
        preset = preset if preset in WEEKS or preset == "last_week" else DEFAULT
        return replace(cls.of(preset, today), narrowed=narrowed)

    def to_query(self) -> dict[str, str]:
        """The shortest query that ``from_query`` reads back; presets move on with the calendar, custom periods stay."""
        query = {name: ",".join(keys) for name, keys in self.narrowed}
        if self.preset == "custom":
            query |= {"period": "custom", "from": self.start.isoformat(), "to": self.end.isoformat()}
            if self.until is not None:
                query["until"] = self.until.astimezone(LOCAL).replace(tzinfo=None).isoformat()
        elif self.preset != DEFAULT:
            query["period"] = self.preset
        return query

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days + 1

    def during(self, start: date, end: date) -> Filter:
        """The part of this filter's period that lies in ``start`` … ``end``."""
        return replace(self, start=max(start, self.start), end=min(end, self.end), preset="custom")

    def between(self, start: date, end: date) -> Filter:
        """The same keys over another period."""
        return replace(self, start=start, end=end, preset="custom", until=None)

    def up_to(self, until: datetime) -> Filter:
        """The same rows, but of the last day only what came at or before ``until``, an instant of that day."""
        return replace(self, until=until, preset="custom")

    @property
    def is_narrowed(self) -> bool:
        """Whether it keeps the rows of some complaints only, whatever the period."""
        return bool(self.narrowed) or self.departments is not None

    def keys_of(self, dimension: str) -> tuple[str, ...]:
        """The keys a dimension is narrowed to; empty for all."""
        return dict(self.narrowed).get(dimension, ())

    @property
    def one_category(self) -> str | None:
        """The category or sub-category that every row has, where it is narrowed to a single one."""
        for dimension in ("subcategory", "category"):
            keys = self.keys_of(dimension)
            if len(keys) == 1 and keys[0] != dimensions.NONE:
                return keys[0]
        return None

    def only(self, dimension: str, *keys: str) -> Filter:
        """Narrowed to these keys of a dimension, whatever it was narrowed to before; without keys to all of them.

        ValueError for a dimension that figures cannot be narrowed by.
        """
        if dimension not in dimensions.FILTERS and not dimension.startswith(dimensions.FIELD):
            raise ValueError(f"figures cannot be narrowed by {dimension!r}")
        return replace(self, narrowed=_ordered(dict(self.narrowed) | {dimension: keys}))

    def seen_by(self, by: Actor) -> Filter:
        """As far as ``by`` sees (``policy.limits``), whatever was chosen of the dimensions they are limited by."""
        chosen = self
        for column, values in policy.limits(by, catalogues.catalogues()).items():
            if column == policy.DEPARTMENTS:
                asked = tuple(str(value) for value in values)
                chosen = replace(chosen, departments=asked).only("department")
                continue
            keys = (dimensions.NONE if value is None else dimensions.key_of(column, str(value)) for value in values)
            chosen = chosen.only(column, *dict.fromkeys(keys))
        return chosen

    def so_far(self, today: date) -> Filter:
        """The part of the period that has passed, ``today`` included."""
        return self if self.end <= today else self.between(self.start, max(today, self.start))

    def weeks(self) -> list[date]:
        """The Monday of every week the period touches."""
        first = monday(self.start)
        return [first + timedelta(weeks=i) for i in range((monday(self.end) - first).days // 7 + 1)]

    def where(self, day: str | None, instant: str | None = None) -> pl.Expr:
        """The rows this filter keeps, by the column of local days ``day``; None leaves the period out.

        ``instant``: the column that ``until`` is compared with, where that is not the usual one of ``day``.
        """
        tests = [_has(name, keys) for name, keys in self.narrowed]
        if self.departments is not None:
            tests.append(asked_of(SEEN_BY, self.departments))
        if day is not None:
            tests.append(pl.col(day).is_between(self.start, self.end))
            if self.until is not None:
                tests.append(pl.col(instant or OF_DAY[day]) <= self.until)
        return pl.all_horizontal(tests) if tests else pl.lit(value=True)


def complaints(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """Complaints recorded in the period; lazy, so that only the columns a figure needs are gathered."""
    return facts.complaints.lazy().filter(filter.where("recorded_day"))


def ended(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """Complaints that ended in the period, closed or withdrawn; merged ones go on elsewhere (D13)."""
    return facts.complaints.lazy().filter(filter.where("closed_day") & WHICH["ended"])


def cycles(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """SLA cycles that fall due in the period, whatever became of them (D11)."""
    return facts.cycles.lazy().filter(filter.where("due_day"))


def requests(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """Requests to departments whose answers fall due in the period, whatever became of them (D11, D19)."""
    return facts.requests.lazy().filter(filter.where("due_day"))


@asked_once
def used(facts: Facts, dimension: str) -> frozenset[str]:
    """The keys of a dimension that any complaint has."""
    return frozenset(facts.complaints[dimension].unique().drop_nulls().cast(pl.String))


def number_of(rows: pl.LazyFrame) -> int:
    """How many rows there are."""
    count: int = rows.select(pl.len()).collect().item()
    return count


def count_by(rows: pl.LazyFrame, *columns: str | pl.Expr, count: str = "count") -> pl.DataFrame:
    """How many rows per combination of ``columns``; codes become texts afterwards, ``dimensions.NONE`` for no value."""
    found = rows.group_by(*columns).agg(pl.len().cast(pl.Int64).alias(count)).collect()
    return found.with_columns(pl.col(pl.Categorical).cast(pl.String).fill_null(dimensions.NONE))


def count_keys(rows: pl.LazyFrame, dimension: str, count: str = "count") -> pl.DataFrame:
    """How many rows per key of a dimension. Columns: key, ``count``."""
    return count_by(rows, pl.col(dimension).alias("key"), count=count)


def week_of(day: str) -> pl.Expr:
    """The Monday of the ISO week of a column of days; in whole numbers, ten times as fast as truncating dates."""
    since_a_monday = pl.col(day).to_physical() + 3  # 1970 began on a Thursday
    return (since_a_monday // 7 * 7 - 3).cast(pl.Date).alias("week")


def monday(day: date) -> date:
    """The Monday of the ISO week of ``day``."""
    return day - timedelta(days=day.weekday())


def _period(preset: str, today: date) -> tuple[date, date]:
    this = monday(today)
    if preset == "last_week":
        return this - timedelta(days=7), this - timedelta(days=1)
    return this - timedelta(weeks=WEEKS[preset] - 1), this + timedelta(days=6)


def _has(name: str, keys: Sequence[str]) -> pl.Expr:
    test = pl.col(name).is_in([key for key in keys if key != dimensions.NONE])
    return test.fill_null(dimensions.NONE in keys)


def _ordered(narrowed: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    names = (*dimensions.FILTERS, *sorted(name for name in narrowed if name.startswith(dimensions.FIELD)))
    return tuple((name, narrowed[name]) for name in names if narrowed.get(name))


def _known(name: str, given: str | Sequence[str]) -> tuple[str, ...]:
    wanted = {key for text in ([given] if isinstance(given, str) else given) for key in text.split(",")}
    return dimensions.asked(name, wanted)


def _one(given: str | Sequence[str]) -> str:
    if isinstance(given, str):
        return given
    return given[-1] if given else ""


def _day(given: str | Sequence[str]) -> date | None:
    try:
        day = date.fromisoformat(_one(given))
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _moment(given: str | Sequence[str], day: date) -> datetime | None:
    """An instant of the local ``day`` from its local date and time; None for anything else."""
    try:
        moment = datetime.fromisoformat(_one(given))
    except ValueError:
        return None
    if moment.tzinfo is not None or moment.date() != day:
        return None
    return moment.replace(tzinfo=LOCAL).astimezone(UTC)

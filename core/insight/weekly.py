"""The figures of one ISO week, as the board reviews them: against target, the week before, the four before, last year.

All of them are figures of the registry (``core.insight.figures``) or questions of the pages, so that the review says
what the pages say. The result is plain data that JSON keeps: closing a meeting freezes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from math import isnan
from typing import Any, TypedDict

import pandas as pd
import polars as pl

from core.insight import backlog, causes, comparison, compliance, departments, figures, rewound, tet, volume
from core.insight.asked import asked_once
from core.insight.comparison import Comparison
from core.insight.dimensions import NONE
from core.insight.facts import Facts, facts_of
from core.insight.filters import Filter
from core.rules.calendar import WorkCalendar
from core.rules.targets import target_of

WEEK = timedelta(weeks=1)
LAST_DAY = timedelta(days=6)
WEEKS_SHOWN = 13
PROMISED: Mapping[str, str] = {"resolve_in_time": "resolve", "acknowledge_in_time": "acknowledge"}
"""Figure → the promise whose target it has."""
PARTS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys((*PROMISED, "department_answers"), ("met", "due")),
    "volume": ("count", ""),
    "causes": ("count", ""),
    "backlog": ("overdue", "open"),
}
"""Figure of the registry → its columns that are told, of which the second is what the first is a part of."""
WHOLE = ("due", "met", "missed", "overdue", "running", "cancelled")
PARTIAL = ("share", "centre", "lower", "upper")
OVERDUE = "backlog"
"""The figure that is as of now, whatever the week: it is put beside nothing."""
COUNTED_BY: Mapping[str, str] = {"volume": "recorded", "department_answers": "recorded", "causes": "closed"}
"""By what the register covers a figure (``comparison.covered_since``), those of promises by what falls due."""


class Counted(TypedDict):
    """``part`` of ``whole``, whose quotient is a share; a count has no ``whole``. ``weeks``: of how many weeks."""

    part: int
    whole: int | None
    weeks: int


class Number(TypedDict):
    """One number of the review; None: the register does not cover all of those weeks (D27). ``target``: 0…1."""

    name: str
    week: Counted
    last: Counted | None
    four: Counted | None
    year: Counted | None
    target: float | None


class Point(TypedDict):
    """A row of ``compliance.by_week``: days as ISO dates, None for NaN."""

    week: str
    due: int
    met: int
    missed: int
    overdue: int
    running: int
    cancelled: int
    share: float | None
    target: float
    ended: bool
    centre: float | None
    lower: float | None
    upper: float | None
    signal: str
    rule: str
    begins: str


class Promise(TypedDict):
    """One promise over ``WEEKS_SHOWN`` weeks, and of the last of them what was broken, and has a reason."""

    stage: str
    weeks: list[Point]
    broken: int
    explained: int


class Key(TypedDict):
    """A category or cause: ``count`` this week, ``before`` the week before (None: not covered).

    ``stands_out``: it changed (a category) or rose (a cause) beyond chance. ``ratio``: rate per open hour ÷ before - 1.
    """

    key: str
    count: int
    before: int | None
    ratio: float | None
    stands_out: bool


class Department(TypedDict):
    """Answers that a department owed this week, and those that came in time."""

    key: str
    due: int
    met: int


class Figures(TypedDict):
    """The review of the week that begins on ``week`` (ISO date), read at ``as_of`` (ISO instant, UTC)."""

    week: str
    as_of: str
    numbers: list[Number]
    promises: list[Promise]
    categories: list[Key]
    causes: list[Key]
    departments: list[Department]


def of(facts: Facts, monday: date, calendar: WorkCalendar, now: datetime) -> Figures:
    """The figures of the week from ``monday``, as they are known ``now``."""
    week = Filter(monday, monday + LAST_DAY)
    recorded, closed = (comparison.of(facts, week, calendar, now, counts=counts) for counts in ("recorded", "closed"))
    return Figures(
        week=monday.isoformat(),
        as_of=now.isoformat(),
        numbers=list(numbers(facts, week, now)),
        promises=[_promise(facts, week, calendar, now, stage) for stage in compliance.rated(facts)],
        categories=_categories(facts, recorded),
        causes=_causes(facts, closed),
        departments=_departments(facts, week, now),
    )


@asked_once
def then(facts: Facts, monday: date, moment: datetime) -> list[Number]:
    """The numbers as of ``moment``, by what is known today: what was typed in or corrected since is in them.

    Only the complaints that some number can count are wound back: a million take seconds, those of a week do not.
    """
    week = Filter(monday, monday + LAST_DAY)
    counted = pl.concat([about(facts, name, week, moment) for name in PARTS]).unique()
    wound = rewound.to(facts_of(facts, counted), moment)
    return [_number_of(wound, name, week, moment, beside=False) for name in _counted_names(facts)]


def about(facts: Facts, name: str, week: Filter, moment: datetime) -> pl.Series:
    """The ids of the complaints that a number can count as of ``moment``, by what is known today; some more than once.

    Of a promise or an answer those of which it fell due in the week; of volume and causes those recorded or closed in
    it; of what is overdue all that were open at that moment, whatever the week.
    """
    if stage := PROMISED.get(name):
        its = facts.cycles.filter(week.where("due_day") & (pl.col("stage") == stage))
        return its["complaint_id"]
    if name == "department_answers":
        return facts.requests.filter(week.where("due_day"))["complaint_id"]
    if name == OVERDUE:
        was_open = ~backlog.is_closed() | (pl.col("closed_at") > moment)
        return facts.complaints.filter(was_open & (pl.col("recorded_at") <= moment))["id"]
    return facts.complaints.filter(week.where("closed_day" if name == "causes" else "recorded_day"))["id"]


def numbers(facts: Facts, week: Filter, now: datetime) -> Iterator[Number]:
    """The figures of ``PARTS`` that the register ever counted, each with the weeks it is put beside."""
    for name in _counted_names(facts):
        yield _number_of(facts, name, week, now, beside=name != OVERDUE)


def _counted_names(facts: Facts) -> list[str]:
    rated = compliance.rated(facts)
    return [name for name in PARTS if name not in PROMISED or PROMISED[name] in rated]


def _number_of(facts: Facts, name: str, week: Filter, now: datetime, *, beside: bool) -> Number:
    stage = PROMISED.get(name)
    since = comparison.covered_since(facts, COUNTED_BY.get(name, "due")) if beside else None
    last, four, year = (_covered(facts, name, one, now, since) for one in _beside(week))
    target = target_of(facts.targets, stage, week.start) if stage else None
    return Number(name=name, week=_asked(facts, name, week, now), last=last, four=four, year=year, target=target)


def _beside(week: Filter) -> tuple[Filter, Filter, Filter]:
    """The week before, the four before, and the same week last year (by Tết where it is near, D27)."""
    day = timedelta(days=1)
    return (
        week.between(week.start - WEEK, week.start - day),
        week.between(week.start - 4 * WEEK, week.start - day),
        week.between(*tet.year_before(week.start, week.end)),
    )


def _covered(facts: Facts, name: str, period: Filter, now: datetime, since: date | None) -> Counted | None:
    return _asked(facts, name, period, now) if since is not None and since <= period.start else None


def _asked(facts: Facts, name: str, period: Filter, now: datetime) -> Counted:
    part, whole = PARTS[name]
    found = figures.ask(name, facts, period, now)
    row = {column: int(found[column].sum()) if len(found) else 0 for column in (part, whole) if column}
    return Counted(part=row[part], whole=row[whole] if whole else None, weeks=len(period.weeks()))


def _promise(facts: Facts, week: Filter, calendar: WorkCalendar, now: datetime, stage: str) -> Promise:
    period = week.between(week.start - (WEEKS_SHOWN - 1) * WEEK, week.end)
    weeks = compliance.by_week(facts, period, now, stage, calendar)
    reasons = compliance.breach_reasons(facts, week, now, stage)
    broken = int(reasons["count"].sum())
    unexplained = int(reasons.loc[reasons["key"] == NONE, "count"].sum())
    return Promise(
        stage=stage,
        weeks=[_point(row) for row in weeks.to_dict("records")],
        broken=broken,
        explained=broken - unexplained,
    )


def _point(row: dict[str, Any]) -> Point:
    whole = {name: int(row[name]) for name in WHOLE}
    parts = {name: _number(row[name]) for name in PARTIAL}
    days = {"week": row["week"].date().isoformat(), "begins": row["begins"].isoformat()}
    words = {name: str(row[name]) for name in ("signal", "rule")}
    return Point(**whole, **parts, **days, **words, target=float(row["target"]), ended=bool(row["ended"]))  # type: ignore[typeddict-item,no-any-return]


def charted(promise: Promise) -> pd.DataFrame:
    """The weeks of a promise as ``compliance.by_week`` gives them, from frozen data too."""
    found = pd.DataFrame(promise["weeks"])
    found["week"] = pd.to_datetime(found["week"])
    found["begins"] = [date.fromisoformat(one) for one in found["begins"]]
    return found.astype(dict.fromkeys(PARTIAL, float))


def _categories(facts: Facts, against: Comparison) -> list[Key]:
    found = volume.by_category(facts, against)
    return [
        Key(
            key=str(row["key"]),
            count=int(row["count"]),
            before=None if isnan(row["before"]) else int(row["before"]),
            ratio=_number(row["ratio"]),
            stands_out=bool(row["moved"]),
        )
        for _i, row in found.iterrows()
    ]


def _causes(facts: Facts, against: Comparison) -> list[Key]:
    """Most frequent first; what nobody stated is among them and never stands out."""
    risen = causes.risen(facts, against).set_index("key")
    other = None if against.before is None else causes.pareto(facts, against.before).set_index("key")["count"]
    return [
        Key(
            key=str(row["key"]),
            count=int(row["count"]),
            before=None if other is None else int(other.get(row["key"], 0)),
            ratio=_number(risen["ratio"][row["key"]]) if row["key"] in risen.index else None,
            stands_out=row["key"] in risen.index and bool(risen["rose"][row["key"]]),
        )
        for _i, row in causes.pareto(facts, against.period).iterrows()
    ]


def _departments(facts: Facts, week: Filter, now: datetime) -> list[Department]:
    found = departments.kept(facts, week, now)
    return [
        Department(key=str(row["key"]), due=int(row["due"]), met=int(row["met"]))
        for _i, row in found[found["due"] > 0].iterrows()
    ]


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)

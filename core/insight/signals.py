"""Signals: promises kept less than usual, causes and categories that rose beyond chance, each with its rows (D28).

All of one look share its 5 %: the limits and run rules of the promises are made for less than three of them
(``core.insight.baseline``), causes and categories together have the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from core.i18n import N_, number, percent
from core.i18n import gettext as _
from core.insight import causes, comparison, compliance, volume
from core.insight.chance import holm
from core.insight.comparison import Comparison
from core.insight.control_chart import Week, week_number, week_rows
from core.insight.dimensions import name_of
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.findings import signed
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.rules.calendar import WorkCalendar, local_day
from core.rules.verdicts import FELL_DUE

OF_PROMISES, OF_COUNTS = 0.03, 0.02  # what promises have of the 5 % of a look (``ALARM``), and what counts have
SENTENCES = {
    "limit": N_("{stage}, week {week}: {share} met ({met} of {n}), {points} below the usual {centre}: below the limit"),
    "two_of_three": N_(
        "{stage}, weeks {first}–{week}: {share} met ({met} of {n}), {points} below the usual {centre}: two of three "
        "weeks far below it"
    ),
    "four": N_(
        "{stage}, weeks {first}–{week}: {share} met ({met} of {n}), {points} below the usual {centre}: below it four "
        "weeks running"
    ),
    "eight": N_(
        "{stage}, weeks {first}–{week}: {share} met ({met} of {n}), {points} below the usual {centre}: below it eight "
        "weeks running"
    ),
}


class Signal(NamedTuple):
    """One sentence and the rows behind it."""

    sentence: str
    slice: Slice


def newest(facts: Facts, filter: Filter, calendar: WorkCalendar, now: datetime) -> list[Signal]:
    """Signals of the last four weeks, for the keys of ``filter`` (its period does not count), per open hour."""
    today = local_day(now)
    recent = Filter.of("four_weeks", today)
    period = filter.between(recent.start, recent.end)
    closed, recorded = (comparison.of(facts, period, calendar, now, counts=counts) for counts in ("closed", "recorded"))
    return [*_weeks(facts, period, calendar, now), *_risen(facts, closed, recorded)]


def _weeks(facts: Facts, period: Filter, calendar: WorkCalendar, now: datetime) -> Iterator[Signal]:
    """Every week below its limits, and the newest run of weeks below what is usual, of each promise."""
    for stage in compliance.rated(facts):
        weeks = compliance.by_week(facts, period, now, stage, calendar)
        ended = weeks[weeks["ended"]]
        below = ended[ended["signal"] == "below"]
        runs = below[(below["rule"] != "limit") & ((below["rule"] != "four") | (below.index == ended.index.max()))]
        told = below[(below["rule"] == "limit") | (below.index == runs.index.max())]
        for week in reversed(week_rows(told)):
            yield _below(facts, period, now, stage, week)


def _below(facts: Facts, period: Filter, now: datetime, stage: str, week: Week) -> Signal:
    """What the weeks of the rule come to, taken together."""
    last = week.week
    whole = period.between(week.begins, last + timedelta(days=6))
    met = compliance.of(facts, whole, now, stage)
    with_year = week.begins.isocalendar().year != last.isocalendar().year
    sentence = _(SENTENCES[week.rule]).format(
        stage=name_of("stage", stage),
        week=week_number(last, with_year),
        first=week_number(week.begins, with_year),
        share=percent(met["share"]),
        met=number(met["met"]),
        n=number(met["due"]),
        points=points(week.centre - met["share"]),
        centre=percent(week.centre),
    )
    return Signal(sentence, Slice(whole, "due", stage=stage, verdict=FELL_DUE))


def points(difference: float) -> str:
    """``6 điểm``, ``0,4 điểm``: a difference of two shares."""
    whole = abs(difference) * 100
    return _("{n} points").format(n=number(whole, 0 if whole >= 1 else 1))


def _risen(facts: Facts, closed: Comparison, recorded: Comparison) -> Iterator[Signal]:
    """Causes and categories that rose, guarded together."""
    of_causes, of_categories = causes.risen(facts, closed), volume.by_category(facts, recorded)
    p = [*of_causes["p"], *of_categories["rise"].dropna()]
    rose = iter([adjusted < OF_COUNTS for adjusted in holm(p)])
    for row in of_causes.itertuples():
        if next(rose):
            sentence = _("Cause “{name}” rose beyond chance: {count} closed, {before} in the four weeks before{more}")
            yield Signal(
                _counted(sentence, name_of("root_cause", row.key), row),
                Slice(closed.now, "closed", root_cause=row.key),
            )
    for row in of_categories.dropna(subset="rise").itertuples():
        if next(rose):
            sentence = _("“{name}” rose beyond chance: {count} recorded, {before} in the four weeks before{more}")
            yield Signal(
                _counted(sentence, name_of("category", row.key), row),
                Slice(recorded.period).only("category", row.key),
            )


class _Risen(Protocol):
    """A row of ``causes.risen`` or ``volume.by``."""

    count: int
    before: int
    ratio: float


def _counted(sentence: str, name: str, row: _Risen) -> str:
    """By how much, per open hour (D27), where there was enough before for a percentage."""
    more = _(" ({ratio} per open hour)").format(ratio=signed(row.ratio)) if row.before >= ENOUGH else ""
    return sentence.format(name=name, count=number(row.count), before=number(row.before), more=more)

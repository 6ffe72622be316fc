"""Signals: weeks outside their control limits, causes and categories that rose beyond chance, each with its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pandas as pd

from core.i18n import gettext as _
from core.i18n import number, percent
from core.insight import causes, comparison, compliance, volume
from core.insight.chance import ALARM, holm, rose
from core.insight.comparison import Comparison
from core.insight.dimensions import name_of
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.rules.calendar import WorkCalendar, local_day
from core.rules.verdicts import BROKEN


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
    return [*_weeks(facts, period, now), *_causes(facts, closed), *_categories(facts, recorded)]


def _weeks(facts: Facts, period: Filter, now: datetime) -> Iterator[Signal]:
    for stage in compliance.RATED_STAGES:
        weeks = compliance.by_week(facts, period, now, stage)
        for week in weeks[weeks["ended"] & (weeks["signal"] == "below")].iloc[::-1].itertuples():
            monday = week.week.date()
            yield Signal(
                _("{stage}, week {week}: {share} met, usual is {centre}").format(
                    stage=name_of("stage", stage),
                    week=monday.isocalendar().week,
                    share=percent(week.share),
                    centre=percent(week.centre),
                ),
                Slice(period, "due", stage=stage, verdict=BROKEN).during(monday, monday + timedelta(days=6)),
            )


def _causes(facts: Facts, against: Comparison) -> Iterator[Signal]:
    found = causes.risen(facts, against)
    for row in found[found["rose"]].itertuples():
        yield Signal(
            _("Cause “{name}” rose beyond chance: {count} after {before}").format(
                name=name_of("root_cause", row.key), count=number(row.count), before=number(row.before)
            ),
            Slice(against.now, "closed", root_cause=row.key),
        )


def _categories(facts: Facts, against: Comparison) -> Iterator[Signal]:
    if against.before is None:
        return
    found = volume.by_category(facts, against)
    for row in found[_rose(found, against.share)].itertuples():
        yield Signal(
            _("“{name}” rose beyond chance: {count} complaints after {before}").format(
                name=name_of("category", row.key), count=number(row.count), before=number(row.before)
            ),
            Slice(against.period).only("category", row.key),
        )


def _rose(found: pd.DataFrame, share: float) -> list[bool]:
    p = [rose(now, before, share) for now, before in zip(found["count"], found["before"], strict=True)]
    return [adjusted < ALARM for adjusted in holm(p)]

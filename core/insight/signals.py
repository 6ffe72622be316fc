"""Signals: weeks outside their control limits, causes and categories that rose beyond chance, each with its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pandas as pd

from core.i18n import gettext as _
from core.i18n import number, percent
from core.insight import causes, compliance, volume
from core.insight.chance import holm, rose
from core.insight.dimensions import name_of
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.rules.calendar import local_day
from core.rules.verdicts import BROKEN


class Signal(NamedTuple):
    """One sentence and the rows behind it."""

    sentence: str
    slice: Slice


def newest(facts: Facts, filter: Filter, now: datetime) -> list[Signal]:
    """Signals of the last four weeks, for the keys of ``filter`` (its period does not count)."""
    today = local_day(now)
    recent = Filter.of("four_weeks", today)
    period = filter.between(recent.start, recent.end)
    return [*_weeks(facts, period, now), *_causes(facts, period, now), *_categories(facts, period, now)]


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


def _causes(facts: Facts, period: Filter, now: datetime) -> Iterator[Signal]:
    found = causes.risen(facts, period, local_day(now))
    for row in found[found["rose"]].itertuples() if len(found) else ():
        yield Signal(
            _("Cause “{name}” rose beyond chance: {count} after {before}").format(
                name=name_of("root_cause", row.key), count=number(row.count), before=number(row.before)
            ),
            Slice(period.so_far(local_day(now)), "closed", root_cause=row.key),
        )


def _categories(facts: Facts, period: Filter, now: datetime) -> Iterator[Signal]:
    found = volume.by_category(facts, period, local_day(now))
    for row in found[_rose(found)].itertuples():
        yield Signal(
            _("“{name}” rose beyond chance: {count} complaints after {before}").format(
                name=name_of("category", row.key), count=number(row.count), before=number(row.before)
            ),
            Slice(period).only("category", row.key),
        )


def _rose(found: pd.DataFrame) -> list[bool]:
    p = [rose(now, before) for now, before in zip(found["count"], found["before"], strict=True)]
    return [adjusted < causes.ALARM for adjusted in holm(p)]

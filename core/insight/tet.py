"""Tết, the lunar new year: the day it begins, and which weeks of the year before a period is compared with (D27)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

NAME = "Tết Nguyên Đán"  # as the package names the first day of the lunar year
YEAR = timedelta(weeks=52)  # keeps the weekdays
SEASON = timedelta(weeks=4)  # before the week of Tết and after it, in which people order, travel and complain otherwise


@lru_cache(maxsize=256)
def first_day(year: int) -> date:
    """The first day of the lunar year that begins in ``year``, by the Vietnamese calendar."""
    days: list[date] = holidays.country_holidays("VN", years=year, language="vi").get_named(NAME, lookup="exact")
    return days[0]


def year_before(start: date, end: date) -> tuple[date, date]:
    """The same weeks of the year before, weekday by weekday, as (first, last) local day.

    Tết moves by up to four weeks from one year to the next. So a period in whose season Tết lies, or in whose place a
    year before it lay, is put beside the days as far from the Tết before, week by week. One that is longer than half a
    year has its Tết in both years anyway, and would else overlap itself.
    """
    away = YEAR
    if end - start <= YEAR / 2:
        for year in (start.year, end.year):
            between = _monday(first_day(year)) - _monday(first_day(year - 1))
            if _is_in_season(start, end, year) or _is_in_season(start - YEAR, end - YEAR, year - 1):
                away = between
    return start - away, end - away


def _is_in_season(start: date, end: date, year: int) -> bool:
    monday = _monday(first_day(year))
    return start <= monday + SEASON + timedelta(days=6) and end >= monday - SEASON


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

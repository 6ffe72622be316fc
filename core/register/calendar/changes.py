"""Changes to a calendar before they are applied: what the law proposes, days added and removed, a year added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import holidays

from core.errors import Invalid
from core.i18n import N_
from core.rules.days import COMPUTED, CONFIRMED, EXPECTED, CalendarDays, DayRule, Intervals
from core.rules.spans import spans_of

Changes = Mapping[date, DayRule | None]
"""Day → its new rule; None makes the day as ordinary as its weekday."""

LAW = "Bộ luật Lao động 2019, điều 112"
CULTURE = "Nghị quyết 80-NQ/TW"
GOVERNMENT = "Thông báo lịch nghỉ của Chính phủ"
OWN = N_("decision of the organisation")
SUBSTITUTED = "thay cho ngày"  # how the package names a day that the State swapped
CULTURE_DAY, NATIONAL_DAY, SEPTEMBER = (11, 24), (9, 2), 9  # month, day; the State chooses the day beside 2/9
CHOSEN_EACH_YEAR = ("29 Tết", "Mùng bốn", "Mùng năm")  # the law gives five days, the State says which


def proposals(days: CalendarDays, year: int) -> dict[date, DayRule]:
    """What the ``holidays`` package proposes for ``year`` in Vietnamese and the calendar does not have yet.

    A proposal only: the organisation's calendar decides. Swaps of the State (source ``GOVERNMENT``, the worked Saturday
    with them) bind civil servants, not companies.
    """
    named = holidays.country_holidays("VN", years=year, language="vi")
    english = holidays.country_holidays("VN", years=year, language="en_US")
    found = {day: _proposed(day, name, english.get(day, name)) for day, name in named.items() if day.year == year}
    for day in named.weekend_workdays:
        if day.year == year:
            found[day] = DayRule(None, "Ngày làm bù", "Swapped working day", GOVERNMENT, CONFIRMED)
    return {day: rule for day, rule in sorted(found.items()) if day not in days.days or year > days.last_year}


def lawful(days: CalendarDays, year: int) -> dict[date, DayRule]:
    """The proposals of the law for ``year``, without the State's swaps."""
    return {day: rule for day, rule in proposals(days, year).items() if rule.source != GOVERNMENT}


def decided(open: Intervals | None, name: str, *, source: str = OWN, confidence: str = CONFIRMED) -> DayRule:
    """A day as the organisation wants it: ``()`` off, None worked with ordinary hours, else its own hours."""
    return DayRule(open, name.strip(), name.strip(), source, confidence)


def with_changes(days: CalendarDays, changes: Changes, *, today: date) -> CalendarDays:
    """``days`` with every one of ``changes`` made.

    Raises Invalid for a day without a name, with impossible hours, outside the years, or already begun: deadlines were
    promised on it (D8).
    """
    for day, rule in changes.items():
        _check(days, day, rule, today)
    every = {**days.days, **changes}
    return replace(days, days={day: rule for day, rule in every.items() if rule is not None})


def with_year(days: CalendarDays, year: int, approved: Mapping[date, DayRule]) -> CalendarDays:
    """``days`` with the next year added; Invalid when it would leave a gap."""
    if year != days.last_year + 1:
        raise Invalid(N_("The next year to approve is {year}."), year=days.last_year + 1)
    return replace(days, last_year=year, days={**days.days, **approved})


def differences(before: CalendarDays, after: CalendarDays) -> dict[date, tuple[DayRule | None, DayRule | None]]:
    """Day → its rule before and after, for every day that is not the same in both."""
    every = sorted({*before.days, *after.days})
    pairs = {day: (before.days.get(day), after.days.get(day)) for day in every}
    return {day: (old, new) for day, (old, new) in pairs.items() if old != new}


def _proposed(day: date, name: str, name_en: str) -> DayRule:
    if SUBSTITUTED in name:
        return DayRule((), name, name_en, GOVERNMENT, CONFIRMED)
    if (day.month, day.day) == CULTURE_DAY:
        return DayRule((), name, name_en, CULTURE, COMPUTED)
    beside_national_day = day.month == SEPTEMBER and (day.month, day.day) != NATIONAL_DAY
    is_open = beside_national_day or name.startswith(CHOSEN_EACH_YEAR)
    return DayRule((), name, name_en, LAW, EXPECTED if is_open else COMPUTED)


def _check(days: CalendarDays, day: date, rule: DayRule | None, today: date) -> None:
    shown = f"{day:%d/%m/%Y}"
    if not days.first_year <= day.year <= days.last_year:
        raise Invalid(N_("{day} lies outside the approved years."), {"day": ""}, day=shown)
    if day <= today:
        raise Invalid(N_("{day} is not in the future: a day that has begun is not rewritten."), {"day": ""}, day=shown)
    if rule is None and day not in days.days:
        raise Invalid(N_("{day} is not in the calendar."), {"day": ""}, day=shown)
    if rule is not None and not rule.name.strip():
        raise Invalid(N_("Name the day: the name is the reason shown with every deadline it moves."), {"name": ""})
    if rule is not None and rule.open:
        spans_of(rule.open, shown)

"""The words of the calendar: what a day is, how sure that is, and how far a deadline shifts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta

from core.i18n import N_, WEEKDAYS, label, language, ngettext, number, short_day
from core.i18n import day as written
from core.i18n import gettext as _
from core.register.calendar.calendars import Moved
from core.rules.calendar import LOCAL
from core.rules.days import COMPUTED, CONFIRMED, EXPECTED, CalendarDays, DayRule
from core.ui import words
from core.ui.calendar import year_view

ORDINARY, OFF, WORKED, HOURS = "ordinary", "off", "worked", "hours"
KINDS: Mapping[str, str] = {
    ORDINARY: N_("ordinary"),
    OFF: N_("day off"),
    WORKED: N_("worked"),
    HOURS: N_("own hours"),
}
CONFIDENCES: Mapping[str, str] = {
    CONFIRMED: N_("announced"),
    COMPUTED: N_("follows from the law"),
    EXPECTED: N_("expected"),
}
CLOCK_DAY = 86_400


def kind_of(rule: DayRule | None) -> str:
    """What the rule makes of its day."""
    if rule is None:
        return ORDINARY
    if rule.open is None:
        return WORKED
    return HOURS if rule.open else OFF


def kind(rule: DayRule | None) -> str:
    """``nghỉ``, ``làm bù``, ``giờ riêng 08:30–12:00``."""
    word = _(KINDS[kind_of(rule)])
    spans = ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in (rule.open or ())) if rule else ""
    return f"{word} {spans}" if spans else word


def name(rule: DayRule) -> str:
    """The day's name in the reader's language."""
    return label(rule.name, rule.name_en or rule.name)


def source(rule: DayRule) -> str:
    """Where the rule comes from."""
    return _(rule.source) if rule.source else ""


def weekday(day: date) -> str:
    """``thứ Ba 24/11/2026``."""
    return f"{WEEKDAYS[language()][day.weekday()]} {written(day)}"


def change(day: date, old: DayRule | None, new: DayRule | None) -> str:
    """One change in words: ``thêm nghỉ thứ Năm 19/11/2026 (Nghỉ công ty)``."""
    shown = new or old
    assert shown is not None
    text = _("{what} on {day} ({name})").format(what=kind(shown), day=weekday(day), name=name(shown))
    if new is None:
        return _("taken out: {text}").format(text=text)
    return (_("added: {text}") if old is None else _("changed: {text}")).format(text=text)


def due(moment: datetime, now: datetime) -> str:
    """``T2 30/11 17:30``; a term that ends at midnight ends at 24:00 of the day before."""
    local = moment.astimezone(LOCAL)
    day, clock = local.date(), f"{local:%H:%M}"
    if local.time() == time(0):
        day, clock = day - timedelta(days=1), "24:00"
    return f"{year_view.SHORT[language()][day.weekday()]} {short_day(day, now)} {clock}"


def shift(by: timedelta) -> str:
    """``lùi 2 ngày``, ``sớm hơn 1 ngày 3 giờ``: time on the clock."""
    span = words.span(int(abs(by).total_seconds()), CLOCK_DAY) or _("less than a minute")
    return (_("{span} later") if by > timedelta(0) else _("{span} earlier")).format(span=span)


def count_shifts(shifted: Collection[Moved]) -> str:
    """``12 hạn lùi, 3 hạn sớm hơn, của 8 hồ sơ``."""
    later = sum(one.by > timedelta(0) for one in shifted)
    earlier = len(shifted) - later
    parts = []
    if later:
        parts.append(ngettext("{n} deadline later", "{n} deadlines later", later).format(n=number(later)))
    if earlier:
        parts.append(ngettext("{n} deadline earlier", "{n} deadlines earlier", earlier).format(n=number(earlier)))
    if not parts:
        return _("No deadline moves")
    cases = len({one.complaint_id for one in shifted})
    parts.append(ngettext("in {n} complaint", "in {n} complaints", cases).format(n=number(cases)))
    return ", ".join(parts)


def of_year(days: CalendarDays, year: int) -> dict[date, DayRule]:
    """The special days of ``year``, in order."""
    return {day: rule for day, rule in days.days.items() if day.year == year}


def finding(days: CalendarDays, year: int, closed: frozenset[int]) -> str:
    """The title: how many working days the year has, or that nobody approved it yet."""
    if year > days.last_year:
        return _("{year} has no approved calendar yet").format(year=year)
    special = of_year(days, year)
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    every = (date(year, 1, 1) + timedelta(days=n) for n in range(length))
    worked = sum(special[day].open != () if day in special else day.weekday() not in closed for day in every)
    return _("{year}: {n} working days").format(year=year, n=number(worked))


def summary(days: CalendarDays, year: int, closed: frozenset[int]) -> str:
    """Under the title: how many special days of which kind, and how many are not announced yet."""
    special = of_year(days, year)
    off = [day for day, rule in special.items() if kind_of(rule) == OFF]
    off_working_days = sum(day.weekday() not in closed for day in off)
    worked = sum(kind_of(rule) == WORKED for rule in special.values())
    hours = sum(kind_of(rule) == HOURS for rule in special.values())
    unsure = sum(rule.confidence == EXPECTED for rule in special.values())
    days_off = ngettext("{n} day off", "{n} days off", len(off)).format(n=len(off))
    if off:
        days_off += _(", {n} of them on working days").format(n=off_working_days)
    parts = [days_off]
    if worked:
        parts.append(ngettext("{n} day worked instead", "{n} days worked instead", worked).format(n=worked))
    if hours:
        parts.append(ngettext("{n} day with own hours", "{n} days with own hours", hours).format(n=hours))
    if unsure:
        parts.append(ngettext("{n} only expected", "{n} only expected", unsure).format(n=unsure))
    return " · ".join(parts)

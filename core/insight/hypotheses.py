"""A hypothesis (D37) as text: what an address and the command line say, read with a sentence for what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from core.errors import Invalid
from core.i18n import N_
from core.insight.whatif import Hypothesis, Length
from core.rules.days import Intervals
from core.rules.procedure import WEEK, AfterHours, Procedure, Unit, interval_of, interval_text
from core.rules.spans import spans_of

TERMS, HOURS, OFF, WORKED, SHARE = NAMES = ("terms", "hours", "off", "worked", "share")
"""What an address says of a hypothesis; the command's options have the same names."""
MOST = {Unit.WORKING_DAY: 400, Unit.CALENDAR_DAY: 400, Unit.HOUR: 9_600, Unit.WORKING_MINUTE: 216_000}
"""A longer term is a mistake; it is more than a year in every unit."""
MOST_DAYS = 60
TERM_RULE = N_(
    "A term is written like resolve:3:working_day: a term of the procedure, a whole number from 1 on, and working_day, "
    "calendar_day, hour or working_minute."
)
TOO_LONG = N_("This term is longer than anything that could be promised: write a smaller number.")
HOURS_RULE = N_("Write hours like 08:30-12:00, 13:00-17:30, or leave the day empty.")
OVERLAP = N_("These hours overlap, or close before they open.")
NEVER_OPEN = N_("At least one day of the week needs working time.")
DAYS_RULE = N_("Write days like 19/11/2026, with commas between them, 60 at most.")
BOTH = N_("A day cannot be off and worked at once.")
SHARE_RULE = N_("A target is a number above 0 and below 100, such as 95 or 92.5.")


class Read(NamedTuple):
    """The hypothesis as far as it could be read, and name or ``hours.DAY`` → the sentence for what could not."""

    hypothesis: Hypothesis
    problems: Mapping[str, str]


def read(given: Mapping[str, str], procedure: Procedure) -> Read:
    """What ``given`` (name of ``NAMES`` → text) supposes about ``procedure``; nothing is raised.

    ``terms``: ``resolve:3:working_day`` with commas between, after a further colon ``next_open`` or ``same_day``.
    ``hours``: ``saturday=08:30-12:00`` with semicolons between; days that are not named stay. ``off``, ``worked``:
    days as 2026-11-19 or 19/11/2026. ``share``: per cent.
    """
    problems: dict[str, str] = {}

    def of(name: str, reading: Callable[[str], object]) -> object:
        try:
            return reading(given.get(name, "").strip())
        except _Wrong as wrong:
            problems[wrong.name or name] = wrong.sentence
            return None

    terms = of(TERMS, lambda text: _terms(text, procedure)) or ()
    week = _week(given.get(HOURS, ""), procedure, problems)
    off, worked = (of(name, _days) or () for name in (OFF, WORKED))
    if set(off) & set(worked):  # type: ignore[call-overload]
        problems[WORKED] = BOTH
    share = of(SHARE, _share)
    return Read(Hypothesis(procedure.key, terms, week, off, worked, share), problems)  # type: ignore[arg-type]


def checked(given: Mapping[str, str], procedure: Procedure) -> Hypothesis:
    """``read``, raising Invalid with the first sentence for what could not be read."""
    found = read(given, procedure)
    for problem in found.problems.values():
        raise Invalid(problem)
    return found.hypothesis


def as_query(hypothesis: Hypothesis, procedure: Procedure) -> dict[str, str]:
    """The text that ``read`` reads back, without what is as the procedure says."""
    week = hypothesis.week or procedure.week
    days = zip(WEEK, week, procedure.week, strict=True)
    found = {
        TERMS: ",".join(
            _term_text(key, length) for key, length in hypothesis.terms if not _is_promised(procedure, key, length)
        ),
        HOURS: ";".join(f"{day}={hours_text(hours)}" for day, hours, own in days if hours != own),
        OFF: ",".join(day.isoformat() for day in hypothesis.off),
        WORKED: ",".join(day.isoformat() for day in hypothesis.worked),
        SHARE: "" if hypothesis.share is None else f"{hypothesis.share * 100:g}",
    }
    return {name: text for name, text in found.items() if text}


def hours_text(hours: Intervals) -> str:
    """``08:30-12:00, 13:00-17:30``; nothing for a day that is closed."""
    return ", ".join(map(interval_text, hours))


def days_of_week(text: str) -> dict[str, str]:
    """Day of ``WEEK`` → what ``hours`` says of it."""
    parts = (part.partition("=") for part in text.split(";"))
    return {day.strip(): hours.strip() for day, is_said, hours in parts if is_said}


class _Wrong(Exception):
    def __init__(self, sentence: str, name: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.name = sentence, name


def _terms(text: str, procedure: Procedure) -> tuple[tuple[str, Length], ...]:
    found = dict(_term(part.strip(), procedure) for part in text.split(",") if part.strip())
    return tuple((term.key, found[term.key]) for term in procedure.terms if term.key in found)


def _term(text: str, procedure: Procedure) -> tuple[str, Length]:
    key, *rest = text.split(":")
    promised = procedure.term(key)
    if promised is None or len(rest) not in (2, 3) or not re.fullmatch("[0-9]{1,9}", rest[0]) or int(rest[0]) < 1:
        raise _Wrong(TERM_RULE)
    try:
        unit = Unit(rest[1])
        after_hours = AfterHours(rest[2]) if rest[2:] else None
    except ValueError:
        raise _Wrong(TERM_RULE) from None
    if int(rest[0]) > MOST[unit]:
        raise _Wrong(TOO_LONG)
    return key, Length(int(rest[0]), unit, after_hours)


def _term_text(key: str, length: Length) -> str:
    after = f":{length.after_hours.value}" if length.after_hours else ""
    return f"{key}:{length.amount}:{length.unit.value}{after}"


def _is_promised(procedure: Procedure, key: str, length: Length) -> bool:
    promised = procedure.term(key)
    own = promised and (promised.amount, promised.unit)
    return own == (length.amount, length.unit) and length.after_hours in (None, promised and promised.after_hours)


def _week(text: str, procedure: Procedure, problems: dict[str, str]) -> tuple[Intervals, ...] | None:
    typed = days_of_week(text)
    if any(day not in WEEK for day in typed) or (text.strip() and not typed):
        problems[HOURS] = HOURS_RULE
    week: list[Intervals] = []
    for day, own in zip(WEEK, procedure.week, strict=True):
        try:
            week.append(_hours(typed[day]) if day in typed else own)
        except _Wrong as wrong:
            problems[f"{HOURS}.{day}"] = wrong.sentence
            week.append(own)
    if not any(week):
        problems[HOURS] = NEVER_OPEN
        return None
    return tuple(week) if tuple(week) != procedure.week else None


def _hours(text: str) -> Intervals:
    try:
        hours = tuple(interval_of(one) for one in text.split(",") if one.strip())
    except ValueError:
        raise _Wrong(HOURS_RULE) from None
    try:
        spans_of(hours, "")
    except Invalid:
        raise _Wrong(OVERLAP) from None
    return hours


def _days(text: str) -> tuple[date, ...]:
    found = sorted({_day(part.strip()) for part in text.split(",") if part.strip()})
    if len(found) > MOST_DAYS:
        raise _Wrong(DAYS_RULE)
    return tuple(found)


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day, no instant)
        except ValueError:
            continue
    raise _Wrong(DAYS_RULE)


def _share(text: str) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,2}([.,][0-9]{1,2})?", text) or not float(text.replace(",", ".")):
        raise _Wrong(SHARE_RULE)
    return float(text.replace(",", ".")) / 100

"""The single dates of an organisation's calendar: one version of it, as a value with a stable text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType
from typing import TypedDict

from core.errors import Invalid

Interval = tuple[time, time]
Intervals = tuple[Interval, ...]

CONFIRMED = "confirmed"
COMPUTED = "computed"
EXPECTED = "expected"
CONFIDENCES = (CONFIRMED, COMPUTED, EXPECTED)
"""Announced and checked; follows from the law, checked by hand; not announced yet."""


class DayData(TypedDict):
    """A day's rule as JSON holds it; ``open``: pairs like ``["08:30", "17:30"]``, null for an ordinary working day."""

    open: list[list[str]] | None
    name: str
    name_en: str
    source: str
    confidence: str


@dataclass(frozen=True)
class DayRule:
    """What one date is: ``open=()`` a day off, ``open=None`` worked as an ordinary working day, else its own hours."""

    open: Intervals | None
    name: str
    name_en: str = ""
    source: str = ""
    confidence: str = CONFIRMED

    def __post_init__(self) -> None:
        if self.confidence not in CONFIDENCES:
            raise Invalid(
                "Confidence of a day must be one of {known}, not {given}.", known=CONFIDENCES, given=self.confidence
            )

    def to_data(self) -> DayData:
        """Plain values for JSON; ``from_data`` reads them back."""
        spans = None if self.open is None else [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in self.open]
        return DayData(open=spans, name=self.name, name_en=self.name_en, source=self.source, confidence=self.confidence)

    @classmethod
    def from_data(cls, data: DayData) -> DayRule:
        """The rule that ``to_data`` wrote."""
        spans = data["open"]
        hours = None if spans is None else tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)
        return cls(hours, data["name"], data["name_en"], data["source"], data["confidence"])


@dataclass(frozen=True)
class CalendarDays:
    """One version of the organisation's days off and worked Saturdays, complete for its years, both inclusive (D8)."""

    version: int
    first_year: int
    last_year: int
    days: Mapping[date, DayRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.first_year > self.last_year:
            raise Invalid(
                "The calendar's first year {first} is after its last, {last}.",
                first=self.first_year,
                last=self.last_year,
            )
        stray = [day for day in self.days if not self.first_year <= day.year <= self.last_year]
        if stray:
            raise Invalid(
                "{day} lies outside the calendar's years {first} to {last}.",
                day=stray[0],
                first=self.first_year,
                last=self.last_year,
            )
        object.__setattr__(self, "days", MappingProxyType(dict(sorted(self.days.items()))))

    def to_json(self) -> str:
        """Stable text: the same days always give the same characters."""
        data = {
            "version": self.version,
            "first_year": self.first_year,
            "last_year": self.last_year,
            "days": {day.isoformat(): rule.to_data() for day, rule in self.days.items()},
        }
        return json.dumps(data, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> CalendarDays:
        """The version that ``to_json`` wrote."""
        data = json.loads(text)
        days = {date.fromisoformat(day): DayRule.from_data(rule) for day, rule in data["days"].items()}
        return cls(data["version"], data["first_year"], data["last_year"], days)

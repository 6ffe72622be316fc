"""The draft of a calendar change: remembered in this browser tab until it is applied or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import streamlit as st

from core.errors import Invalid
from core.i18n import N_
from core.i18n import gettext as _
from core.register.calendar import changes as calendar_changes
from core.register.calendar.calendars import Moved
from core.register.calendar.changes import Changes
from core.rules.days import CalendarDays, DayRule
from core.ui.calendar import words

STATE = "calendar_draft"
LONGEST = 31


@dataclass(frozen=True)
class Look:
    """The preview of a draft: the calendar as it would be, and every deadline that it would shift."""

    days: CalendarDays
    shifted: tuple[Moved, ...]
    at: datetime


@dataclass
class Draft:
    """``changes`` as in ``calendar_changes.with_changes``; ``year``: the coming year they would approve, if any.

    ``round`` names the widgets: what follows an applied draft starts empty.
    """

    changes: dict[date, DayRule | None] = field(default_factory=dict)
    year: int | None = None
    look: Look | None = None
    refused: str = ""
    round: int = 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changes and self.year is None

    def put(self, days: CalendarDays, changes: Mapping[date, DayRule | None]) -> None:
        """Take ``changes`` in; one that equals what ``days`` holds already is no change."""
        self.changes.update(changes)
        same = [day for day, rule in self.changes.items() if days.days.get(day) == rule]
        for day in same:
            del self.changes[day]
        self._forget_look()

    def take_out(self, day: date) -> None:
        """Leave ``day`` as it is in use."""
        self.changes.pop(day, None)
        self._forget_look()

    def start_year(self, year: int, rules: Mapping[date, DayRule]) -> None:
        """Draft the coming ``year`` from ``rules``."""
        self.year = year
        self.changes.update(rules)
        self._forget_look()

    def leave_year(self) -> None:
        """Take the coming year out of the draft."""
        self.changes = {day: rule for day, rule in self.changes.items() if day.year != self.year}
        self.year = None
        self._forget_look()

    def applied_to(self, days: CalendarDays, *, today: date) -> CalendarDays:
        """The calendar as this draft would have it; Invalid where a change cannot be made any more."""
        if self.year is None or self.year <= days.last_year:
            return calendar_changes.with_changes(days, self.changes, today=today)
        coming = {day: rule for day, rule in self.changes.items() if day.year == self.year}
        approved = {day: rule for day, rule in coming.items() if rule is not None}
        others = {day: rule for day, rule in self.changes.items() if day not in coming}
        return calendar_changes.with_changes(calendar_changes.with_year(days, self.year, approved), others, today=today)

    def of_year(self, days: CalendarDays, year: int) -> dict[date, DayRule | None]:
        """The special days of ``year`` with this draft's changes; None for a day that would be ordinary again."""
        merged = {**days.days, **self.changes}
        return {day: rule for day, rule in sorted(merged.items()) if day.year == year}

    def _forget_look(self) -> None:
        self.look, self.refused = None, ""


def of_tab() -> Draft:
    """The draft of this browser tab, an empty one where there is none."""
    if STATE not in st.session_state:
        st.session_state[STATE] = Draft()
    draft: Draft = st.session_state[STATE]
    return draft


def drop() -> None:
    """Forget the draft."""
    st.session_state[STATE] = Draft(round=of_tab().round + 1)


def changes_of(
    days: CalendarDays,
    draft: Draft,
    span: tuple[date, date],
    rule: DayRule | None,
    swap: date | None,
    closed: frozenset[int],
) -> dict[date, DayRule | None]:
    """The day, or of several those that it makes a difference for; with the day worked instead."""
    first, last = span
    if (last - first).days >= LONGEST:
        raise Invalid(N_("Change at most {n} days at once."), n=LONGEST)
    known = {**days.days, **draft.changes}
    span_days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    changes: dict[date, DayRule | None] = {
        day: rule for day in span_days if len(span_days) == 1 or _matters(day, rule, known, closed)
    }
    if swap is not None:
        if known.get(swap) is None and swap.weekday() not in closed:
            raise Invalid(
                N_("{day} is a working day already: choose a closed day to work instead."),
                day=words.weekday(swap),
            )
        changes[swap] = calendar_changes.decided(None, _("Worked for {day}").format(day=f"{first:%d/%m/%Y}"))
    return changes


def _matters(day: date, rule: DayRule | None, known: Changes, closed: frozenset[int]) -> bool:
    """Whether ``rule`` changes a day inside a span: weekends stay closed, holidays keep their names."""
    if rule is None:
        return known.get(day) is not None
    present = known.get(day)
    is_open = day.weekday() not in closed if present is None else present.open != ()
    is_to_be_worked = rule.open is None
    return is_open != is_to_be_worked

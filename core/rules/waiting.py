"""How long a customer has been awaited, and how often they were asked again (D17)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from core.rules.calendar import WorkCalendar

ASKED = frozenset({"customer_asked", "remedy_proposed"})
CHASED = "customer_chased"


class Asked(Protocol):
    """What is read of an event."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def at(self) -> datetime:
        """When."""


class Waiting(NamedTuple):
    """``since``: when the customer was asked; ``working_days`` after that day so far; ``chases``: asked again."""

    since: datetime
    working_days: int
    chases: int


def waiting(events: Iterable[Asked], calendar: WorkCalendar, at: datetime) -> Waiting | None:
    """The last question or proposal as of ``at``; None before the first. ``events``: oldest first."""
    since, chases = None, 0
    for event in events:
        if event.kind in ASKED:
            since, chases = event.at, 0
        elif event.kind == CHASED:
            chases += 1
    if since is None:
        return None
    return Waiting(since, calendar.days_between(calendar.day_of(since), calendar.day_of(at)), chases)

"""The weekly review of the board (MISA 4, *họp giao ban tuần*): what is gone through, and how a decision stands."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

WEEK = timedelta(weeks=1)
PRESENT, LATER = "present", "later"
AGENDA = ("promises", "misses", "volume", "causes", "incidents", "overdue", "departments", "prevention", "other")
"""The items that are gone through, in their order; each has a note."""
WRITTEN = (PRESENT, *AGENDA)
"""What is written down while a meeting is open; ``LATER`` is what is added to one that was closed."""
LONGEST_NOTE, LONGEST_DECISION, LONGEST_RESULT = 4_000, 500, 500


class Ending(StrEnum):
    """What became of a decision."""

    DONE = "done"
    DROPPED = "dropped"


def last_full_week(today: date) -> date:
    """The Monday of the newest week that is over."""
    return today - timedelta(days=today.weekday()) - WEEK


def may_close(week: date, today: date) -> bool:
    """Whether the week from the Monday ``week`` is over, so that its figures can be frozen."""
    return week + WEEK <= today

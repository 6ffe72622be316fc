"""How long a week was open, and which weeks were open for too little to tell anything (D28)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from core.rules.calendar import LOCAL, BeyondCalendar, WorkCalendar

WEEK = timedelta(weeks=1)
HALF = 0.5  # of a full week: Tết closes one or two weeks, single days off leave most of one


def whole(calendar: WorkCalendar, mondays: Sequence[date]) -> list[date]:
    """Those weeks that were open for at least half of the longest, and those that the calendar does not know."""
    known = {monday: seconds(calendar, monday) for monday in mondays}
    full = max((one for one in known.values() if one is not None), default=0)
    return [monday for monday, one in known.items() if one is None or one >= full * HALF]


@lru_cache(maxsize=4096)
def seconds(calendar: WorkCalendar, monday: date) -> int | None:
    """Open seconds of the week; None where the calendar does not know all of it."""
    begin, end = (datetime.combine(day, time(0), LOCAL).astimezone(UTC) for day in (monday, monday + WEEK))
    try:
        return calendar.seconds_between(begin, end)
    except BeyondCalendar:
        return None

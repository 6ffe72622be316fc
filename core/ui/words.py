"""Words for segments, promises, nearness of a deadline, and time left in the working days of the procedure."""

from __future__ import annotations

from typing import Protocol

from core.i18n import gettext as _
from core.i18n import label, named, number
from core.register.reads.queue import Line
from core.rules.time_left import Nearness, TimeLeft

HOURS_BELOW = 10  # days: from here on the hours beside them say nothing


class Promised(Protocol):
    """A clock, or what was said of one; without a label for a promised date (D14)."""

    @property
    def label(self) -> str:
        """What the procedure calls it in Vietnamese."""

    @property
    def label_en(self) -> str:
        """The same in English."""

    @property
    def number(self) -> int:
        """Which run of it, from 1."""


def promise(one: Promised) -> str:
    """``Phản hồi tiếp nhận``, with its number where a re-opening started it again (D6)."""
    name = label(one.label, one.label_en) or _("Promised date")
    return name if one.number == 1 else _("{name}, time {number}").format(name=name, number=one.number)


def segment(key: str) -> str:
    """The name of a segment."""
    return named("segment", key)


def nearness(left: TimeLeft) -> str:
    """``quá hạn``, ``sắp hạn`` or ``đúng tiến độ``."""
    return named("nearness", left.nearness)


def step(line: Line) -> str:
    """What the complaint waits for, a department coming first."""
    return named("state", "waiting_department" if line.waiting_department else line.state)


def time_left(left: TimeLeft) -> str:
    """``còn 2 ngày 3 giờ làm việc``, ``trễ 4 giờ``: at most two units, of working time where the term counts that."""
    late = left.nearness is Nearness.OVERDUE
    rest = span(abs(left.seconds), left.day)
    if not rest:
        return _("just overdue") if late else _("due now")
    if left.in_working_time:
        return (_("{span} of working time late") if late else _("{span} of working time to go")).format(span=rest)
    return (_("{span} late") if late else _("{span} to go")).format(span=rest)


def span(seconds: int, day: int) -> str:
    """Seconds as days of ``day`` seconds, hours or minutes, cut down to whole ones; empty below a minute."""
    days, rest = divmod(seconds, day)
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days and hours and days < HOURS_BELOW:
        return _("{days} d {hours} h").format(days=days, hours=hours)
    if days:
        return _("{days} d").format(days=number(days))
    if hours:
        return _("{hours} h").format(hours=hours)
    return _("{minutes} min").format(minutes=minutes) if minutes else ""

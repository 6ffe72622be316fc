"""Words for segments, promises, nearness of a deadline, and time left in the working days of the procedure."""

from __future__ import annotations

from typing import Protocol

from core.i18n import N_, day, label, named, ngettext, number
from core.i18n import gettext as _
from core.register.log.act import MAILBOX
from core.register.people.absences import Away
from core.register.reads.queue import Line
from core.register.reads.timeline import Moment
from core.rules.clocks import PROMISED
from core.rules.time_left import Nearness, TimeLeft

HOURS_BELOW = 10  # days: from here on the hours beside them say nothing


class Promised(Protocol):
    """A clock, or what was said of one; without a label for a promised date (D14)."""

    @property
    def term(self) -> str:
        """The key of its term, or of the kind of promised date."""

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
    name = label(one.label, one.label_en) or named("promised", one.term.removeprefix(PROMISED))
    return name if one.number == 1 else _("{name}, time {number}").format(name=name, number=one.number)


def who(one: Moment) -> str:
    """Who caused it: a colleague, the customer by themselves (D41), or the register."""
    if one.by_key is None:
        return one.who or _("automatic")
    if one.payload.get("api_key") == MAILBOX:
        return _("the customer, by e-mail")
    return _("the customer, by {key}").format(key=one.by_key) if one.by_key else _("the customer, on their page")


SHORT_SEGMENTS = {"due_today": N_("Today"), "chase_today": N_("Ask again")}
"""Names of segments that are shortened where they stand beside each other."""


def segment(key: str, *, of_department: bool = False) -> str:
    """The name of a segment; ``of_department``: for somebody who answers for one."""
    return _("Waiting for my department") if of_department and key == "waiting_department" else named("segment", key)


def segment_tab(key: str, *, of_department: bool = False) -> str:
    """The same beside the others, which share one line."""
    return _(SHORT_SEGMENTS[key]) if key in SHORT_SEGMENTS else segment(key, of_department=of_department)


def nearness(left: TimeLeft) -> str:
    """``quá hạn``, ``sắp hạn`` or ``đúng tiến độ``."""
    return named("nearness", left.nearness)


def step(line: Line) -> str:
    """What the complaint waits for: a department first, then a direction."""
    if line.direction and line.direction.due_at and not line.awaited:
        return named("state", "waiting_direction")
    return named("state", "waiting_department" if line.awaited else line.state)


def reminded(times: int) -> str:
    """How often a department was reminded."""
    return ngettext("reminded {n} time", "reminded {n} times", times).format(n=number(times))


def away(absence: Away) -> str:
    """``vắng đến 30/11/2026, Trần Bình thay``."""
    until = day(absence.until)
    if absence.deputy is None:
        return _("away until {day}, nobody stands in").format(day=until)
    return _("away until {day}, {deputy} stands in").format(day=until, deputy=absence.deputy)


def time_left(left: TimeLeft) -> str:
    """``còn 2 ngày làm việc``, ``trễ 4 giờ``: one unit, to fit a column, of working time where the term counts that."""
    late = left.nearness is Nearness.OVERDUE
    rest = span(abs(left.seconds), left.day, in_one_unit=True)
    if not rest:
        return _("just overdue") if late else _("due now")
    if left.in_working_time:
        return (_("{span} working time late") if late else _("{span} working time left")).format(span=rest)
    return (_("{span} late") if late else _("{span} to go")).format(span=rest)


def overdue(left: TimeLeft) -> str:
    """``quá hạn 2 giờ``, in one unit, to fit a column."""
    rest = span(abs(left.seconds), left.day, in_one_unit=True)
    if not rest:
        return _("just overdue")
    words = _("overdue by {span} of working time") if left.in_working_time else _("overdue by {span}")
    return words.format(span=rest)


def span(seconds: int, day: int, *, in_one_unit: bool = False) -> str:
    """Seconds as days of ``day`` seconds, hours or minutes, cut down to whole ones; empty below a minute.

    A few days have their hours beside them, unless they are to be ``in_one_unit``.
    """
    days, rest = divmod(seconds, day)
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days and hours and days < HOURS_BELOW and not in_one_unit:
        return _("{days} d {hours} h").format(days=days, hours=hours)
    if days:
        return _("{days} d").format(days=number(days))
    if hours:
        return _("{hours} h").format(hours=hours)
    return _("{minutes} min").format(minutes=minutes) if minutes else ""

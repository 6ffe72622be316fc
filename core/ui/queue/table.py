"""The rows of the queue as the table shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named, near_day, near_due, ngettext, number
from core.register.reads.queue import Direction, Line
from core.rules.time_left import Nearness
from core.rules.verdicts import is_past
from core.ui import go, words
from core.ui.rows import Cell, Column, Row


def columns(*, sees_personal_data: bool) -> tuple[Column, ...]:
    """Time left stands first after the code; roles that may not read the statement have no column of it."""
    category = _("Category, channel")
    return (
        Column(_("Case code"), 10.8, "first"),
        Column(_("Due"), 12.6, "last"),
        *((Column(_("What they say"), 0, "second"),) if sees_personal_data else ()),
        Column(category, 11.5) if sees_personal_data else Column(category, 0, "second"),
        Column(_("Step, who has it"), 10.5 if sees_personal_data else 16),
    )


def rows(lines: Sequence[Line], now: datetime, *, sees_personal_data: bool) -> list[Row]:
    """One row per line, a cell for each of ``columns``."""
    return [_row(line, now, sees_personal_data) for line in lines]


def _row(line: Line, now: datetime, sees_personal_data: bool) -> Row:
    known, (mark, tone) = catalogues(), flag(line, now)
    return Row(
        key=line.code,
        href=go.address("complaint", code=line.code),
        stamp=line.version,
        cells=(
            Cell(line.code, " · ".join(filter(None, (level(line), reminded(line)))), flag=mark, flag_tone=tone),
            left(line, now),
            *((Cell(line.snippet),) if sees_personal_data else ()),
            Cell(name_of(known.categories, line.category), channel(line)),
            Cell(words.step(line), who(line)),
        ),
    )


def channel(line: Line) -> str:
    """How it came, and beneath its category how many further issues it holds: names of categories are often cut."""
    n = line.more_issues
    more = ngettext("+{n} issue", "+{n} issues", n).format(n=number(n)) if n else ""
    return " · ".join(filter(None, (name_of(catalogues().channels, line.channel), more)))


def left(line: Line, now: datetime) -> Cell:
    """When the clock due next is due, and what is left; once overdue the other way round, with shape and bar."""
    if line.left is None or line.next_due_at is None:
        return Cell(_("no deadline runs"), tone="off")
    due, is_late = near_due(line.next_due_at, now), line.left.nearness is Nearness.OVERDUE
    return Cell(
        words.overdue(line.left) if is_late else due,
        below=due if is_late else words.time_left(line.left),
        tone=line.left.nearness.value,
        spoken=words.nearness(line.left),
        bar=line.left.share,
    )


def flag(line: Line, now: datetime) -> tuple[str, str]:
    """The direction that is awaited or came back, else the mark of its stage: internal, and named so; with its tone."""
    if line.direction is not None:
        return direction(line.direction, now)
    if line.marked is None:
        return "", ""
    due = near_day(line.marked.mark.due_at, now)
    if line.marked.left.nearness is Nearness.OVERDUE:
        return _("mark passed {due}").format(due=due), "overdue"
    return _("mark {due}").format(due=due), ""


def direction(one: Direction, now: datetime) -> tuple[str, str]:
    """By when a direction is needed, or how it came back; with its tone."""
    if one.due_at is None:
        return named("direction", one.standing), ""
    due = near_day(one.due_at, now)
    if is_past(one.due_at, now):
        return _("direction was needed {due}").format(due=due), "overdue"
    return _("direction needed {due}").format(due=due), ""


def level(line: Line) -> str:
    """The name of the level, for procedures that have levels."""
    return name_of(catalogues().levels, line.level) if line.level else ""


def reminded(line: Line) -> str:
    """How often those who are waited for were reminded; empty for never."""
    times = line.reminded + (line.direction.reminded if line.direction else 0)
    return words.reminded(times) if times else ""


def who(line: Line) -> str:
    """The departments that are being waited for, else the colleague who has it."""
    if line.awaited:
        return ", ".join(name_of(catalogues().departments, key) for key in line.awaited)
    if line.assignee and line.is_stood_in:
        return _("in place of {name}").format(name=line.assignee)
    return line.assignee or _("nobody yet")

"""A year at a glance: twelve small months, special days marked by colour, shape and word, each day a link.

Streamlit has no calendar; its tables would need twelve canvases that a phone scrolls sideways. This one is HTML tables
that fit a phone, with one stop for the tab key and arrow keys inside. It shows text only, never markup.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from core.i18n import WEEKDAYS, label, language
from core.i18n import gettext as _
from core.rules.marks import visible
from core.ui import components, go

SHORT = {"vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"), "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")}
_year = components.of_folder(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Mark:
    """A special day. ``kind`` gives colour and shape: ``off``, ``worked`` or ``hours``; ``text`` says it in words.

    ``is_unsure``: not announced yet. ``is_changed``: as a draft would have it, not yet applied.
    """

    kind: str
    text: str
    is_unsure: bool = False
    is_changed: bool = False


def show(
    year: int, marks: Mapping[date, Mark], *, today: date, closed: frozenset[int], legend: Mapping[str, str], key: str
) -> None:
    """Draw ``year``; a day leads to ``?year=…&day=…`` of the calendar page.

    ``closed``: weekdays (Monday 0) without office hours. ``legend``: class of a mark → its word, in order.
    """
    pairs = zip(SHORT[language()], WEEKDAYS[language()], strict=True)
    weekdays = [{"short": short, "long": long} for short, long in pairs]
    _year(
        key=key,
        data={
            "year": year,
            "months": [_month(year, month) for month in range(1, 13)],
            "weekdays": weekdays,
            "closed": sorted(closed),
            "today": {"day": today.isoformat(), "word": _("today")},
            "marks": {day.isoformat(): asdict(mark) | {"text": visible(mark.text)} for day, mark in marks.items()},
            "legend": [{"name": name, "word": word} for name, word in legend.items()],
            "href": go.address("calendar", year=str(year), day=""),
            "alt": _("Calendar of {year}; arrow keys go from day to day").format(year=year),
        },
    )


def _month(year: int, month: int) -> dict[str, str | int]:
    first, days = calendar.monthrange(year, month)
    return {"title": label(f"Tháng {month}", calendar.month_name[month]), "first": first, "days": days}

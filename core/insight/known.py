"""Known events on charts (D28): which of them a chart shows, where on its axis, and in which words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core import catalogues
from core.i18n import gettext as _
from core.i18n import named
from core.insight.filters import Filter
from core.rules.catalogue import category_of
from core.rules.known_events import KnownEvent

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on an axis whose steps are 0, 1, 2 …: from ``start`` to ``end``, half a step before and behind one."""

    start: float
    end: float
    words: str


def on_chart(
    events: Iterable[KnownEvent], filter: Filter, *, category: str | None = None, stage: str | None = None
) -> list[KnownEvent]:
    """The events that touch a chart of ``filter``, narrowed to ``category`` or a ``stage`` where it shows one."""
    wanted = (category,) if category is not None else _categories(filter)
    return [one for one in events if one.touches(categories=wanted, stage=stage)]


def marks(events: Iterable[KnownEvent], firsts: Sequence[date], end: date) -> list[Mark]:
    """Where the events lie on an axis whose steps begin on these days, the last of which ends with ``end``."""
    if not firsts:
        return []
    found = []
    for one in events:
        last = end if one.last is None else min(one.last, end)
        if one.first <= end and last >= firsts[0]:
            start = _at(max(one.first, firsts[0]), firsts, end)
            found.append(Mark(start, _at(last + DAY, firsts, end), words(one)))
    return found


def during(events: Iterable[KnownEvent], first: date, last: date) -> str:
    """What was going on in these days, as a cell of a table says it; a dash for nothing."""
    return "; ".join(words(one) for one in events if one.falls_in(first, last)) or "–"


def words(event: KnownEvent) -> str:
    """``Sự cố: Cổng thanh toán gián đoạn (12/10–14/10)``, ``… (từ 12/10)``."""
    return f"{named('known event', event.kind)}: {event.title} ({days(event.first, event.last)})"


def days(first: date, last: date | None) -> str:
    """``12/10–14/10``, ``12/10``, ``từ 12/10``; with years where they differ."""
    if last is None:
        return _("since {day}").format(day=f"{first:%d/%m/%Y}")
    shape = "%d/%m" if first.year == last.year else "%d/%m/%Y"
    return f"{first:{shape}}" if first == last else f"{first:{shape}}–{last:{shape}}"


def described(alt: str, events: Sequence[KnownEvent]) -> str:
    """The text alternative of a chart with the events that it shows."""
    if not events:
        return alt
    return _("{chart}. Known events: {events}").format(chart=alt, events="; ".join(words(one) for one in events))


def _categories(filter: Filter) -> Collection[str]:
    chosen = {*filter.keys_of("category"), *filter.keys_of("subcategory")}
    return chosen | {category_of(catalogues.catalogues().categories, key) for key in chosen}


def _at(day: date, firsts: Sequence[date], end: date) -> float:
    """The place of the beginning of ``day``."""
    step = max(i for i, first in enumerate(firsts) if first <= day)
    until = firsts[step + 1] if step + 1 < len(firsts) else end + DAY
    return step - 0.5 + (day - firsts[step]) / max(until - firsts[step], DAY)

"""Whether the rules take a complaint at all (VHV 1): in time, and by a channel that its category is taken by.

What is not taken is refused with a reason, as an outcome of its own, or admitted by a lead as an exception.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from core.rules.calendar import local_day
from core.rules.catalogue import Catalogue

INADMISSIBLE = "inadmissible"
"""The outcome of what was refused for that."""
LATE, CHANNEL = "late", "channel"


class Against(NamedTuple):
    """What stands against taking a complaint; nothing where both are empty.

    ``taken_until``: the day that was the last, where it came later. ``taken_by``: the channels that it is taken by,
    where it came by another.
    """

    taken_until: date | None = None
    taken_by: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.taken_until is not None or bool(self.taken_by)

    @property
    def reasons(self) -> tuple[str, ...]:
        """``late``, ``channel``."""
        return (LATE,) * (self.taken_until is not None) + (CHANNEL,) * bool(self.taken_by)


NOTHING = Against()


class Matter(NamedTuple):
    """What is looked at of a complaint, whether it is logged or not."""

    recorded_at: datetime
    incident_at: datetime | None
    product: str | None
    channel: str
    category: str
    kind: str | None = None


def against(matter: Matter, *, taken_until: date | None, categories: Catalogue) -> Against:
    """What stands against taking it; ``taken_until``: the last day for it, None for none.

    The rules are those of complaints: an inquiry is answered whenever and however it comes.
    """
    if matter.kind == "inquiry":
        return NOTHING
    only = channels_of(categories, matter.category)
    is_late = taken_until is not None and local_day(matter.recorded_at) > taken_until
    return Against(taken_until if is_late else None, only if only and matter.channel not in only else ())


def channels_of(categories: Catalogue, category: str) -> tuple[str, ...]:
    """The only channels by which the category is taken: its own, else those of the category above; empty for any."""
    entry = categories.get(category)
    if entry is None:
        return ()
    return entry.taken_by or (channels_of(categories, entry.parent) if entry.parent else ())

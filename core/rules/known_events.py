"""What is known to have happened (D28): an outage, a release, a campaign, drawn on the charts that it touches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Kind = Literal["incident", "release", "campaign", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """One event of the days ``first`` … ``last`` (local, both included; ``last`` None: it goes on).

    ``category``, ``stage``: the one that it touches alone; None: all. ``incident``: code of the incident (D24) that it
    was taken from. ``added_by``: name of the person.
    """

    id: int
    kind: Kind
    title: str
    first: date
    last: date | None
    category: str | None = None
    stage: str | None = None
    incident: str | None = None
    added_by: str = ""

    def falls_in(self, first: date, last: date) -> bool:
        """Whether it was going on in ``first`` … ``last``."""
        return self.first <= last and (self.last is None or self.last >= first)

    def touches(self, *, categories: Collection[str] = (), stage: str | None = None) -> bool:
        """Whether it belongs on a chart of these categories (none: of all) and this promise (None: of no promise)."""
        fits_category = self.category is None or not categories or self.category in categories
        return fits_category and self.stage in (None, stage)

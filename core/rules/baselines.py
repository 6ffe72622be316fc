"""From when on another level is usual (D28): what somebody re-based, per promise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Rebase(NamedTuple):
    """From the week of ``since`` (a Monday) on, what is usual of ``stage`` is what the weeks from then on show."""

    stage: str
    since: date


Rebases = tuple[Rebase, ...]
"""Those in force, by stage and day."""


def in_force(decided: Iterable[Rebase]) -> Rebases:
    """Of all that were decided, the oldest first: one takes the place of those from its own week or a later one on."""
    found: list[Rebase] = []
    for one in decided:
        found = [other for other in found if other.stage != one.stage or other.since < one.since]
        found.append(one)
    return tuple(sorted(found))


def begins(rebases: Rebases, stage: str) -> list[date]:
    """The Mondays from which something else is usual of ``stage``, in order."""
    return [one.since for one in rebases if one.stage == stage]

"""Absences (D23): who is away on which day, who stands in for them, and who can.

An absence is read, never ended by a job. Standing in gives no right: a deputy does what their own role does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol, TypeVar

from core.rules import roles


class Colleague(Protocol):
    """What is read of an account."""

    id: int
    role: str
    department: str | None
    branch: str | None
    active: bool
    absent_from: date | None
    absent_until: date | None
    deputy_id: int | None


Person = TypeVar("Person", bound=Colleague)


def is_away(person: Colleague, day: date) -> bool:
    """Whether they are away on ``day``; both ends belong to the absence."""
    first, last = person.absent_from, person.absent_until
    return first is not None and last is not None and first <= day <= last


def can_stand_in(deputy: Colleague, person: Colleague) -> bool:
    """Whether ``deputy`` does the same work: customer care for each other, a department within itself, a board too."""
    if deputy.id == person.id or not deputy.active or deputy.branch not in (None, person.branch):
        return False  # who belongs to another branch sees none of the cases
    if roles.may(person.role, "assign") and roles.may(deputy.role, "assign"):
        return True
    return (deputy.role, deputy.department) == (person.role, person.department)


def deputy_of(person: Colleague, everybody: Mapping[int, Person], day: date) -> Person | None:
    """Who stands in for ``person`` on ``day``: the deputy, or the deputy's where that one is away too.

    The chain is followed once: who stands in for somebody who stands in for a third is nobody's guess.
    """
    found = _named_by(person, everybody, day)
    if found is not None and is_away(found, day):
        found = _named_by(found, everybody, day)
    is_here = found is not None and not is_away(found, day) and can_stand_in(found, person)
    return found if is_here else None


def is_circle(person: Colleague, first: date, last: date, deputy: Colleague, everybody: Mapping[int, Person]) -> bool:
    """Whether ``person``, away from ``first`` to ``last``, would stand in for themself through who is away as well."""
    named, seen = deputy, set[int]()
    while named.id not in seen:
        seen.add(named.id)
        begins, ends = named.absent_from, named.absent_until
        if begins is None or ends is None or begins > last or ends < first:
            return False
        if named.deputy_id == person.id:
            return True
        following = everybody.get(named.deputy_id or 0)
        if following is None:
            return False
        named = following
    return False


def _named_by(person: Colleague, everybody: Mapping[int, Person], day: date) -> Person | None:
    return everybody.get(person.deputy_id or 0) if is_away(person, day) else None

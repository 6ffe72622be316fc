"""Whom the organisation served: active users and orders per month, against which complaints are counted.

They are what complaints are a rate of: twice as many complaints from three times as many users is an improvement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import tomli_w

from core.rules.checked import read_toml

MEASURES = ("users", "orders")


class Served(NamedTuple):
    """How many of a measure (``MEASURES``) there were in a month, named by its first day."""

    measure: str
    month: date
    number: int


Exposure = tuple[Served, ...]
"""By measure and month, each once."""


def ordered(served: Iterable[Served]) -> Exposure:
    """In the order of the measures and their months."""
    return tuple(sorted(served, key=lambda one: (MEASURES.index(one.measure), one.month)))


def merged(before: Exposure, newer: Iterable[Served]) -> Exposure:
    """With what is newer in the place of what was known of the same month."""
    whole = {(one.measure, one.month): one for one in (*before, *newer)}
    return ordered(whole.values())


def months(exposure: Exposure, measure: str) -> dict[date, int]:
    """First day of each month that is known of a measure → its number."""
    return {one.month: one.number for one in exposure if one.measure == measure}


def parse(text: str, *, file: str) -> Exposure:
    """The numbers of a TOML text: tables ``[[served]]`` with ``measure``, ``month`` and ``number``.

    Raises Invalid naming file, key and reason.
    """
    top = read_toml(text, file)
    found = []
    for row in top.tables("served"):
        found.append(Served(row.choice("measure", MEASURES), row.day("month"), row.integer("number", 1)))
        row.done()
    top.done()
    return ordered(found)


def dump(exposure: Iterable[Served]) -> str:
    """The TOML that ``parse`` reads to the same value."""
    return tomli_w.dumps({"served": [one._asdict() for one in ordered(exposure)]})

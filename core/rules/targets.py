"""Targets (D16): the share of a promise that is to be kept, dated, so that a past week is judged by its own target."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import tomli_w

from core.rules.checked import read_toml
from core.rules.procedure import RATED

USUAL = 0.95


class Target(NamedTuple):
    """From ``since`` (a local day) on, ``share`` (0 < share < 1) of the promises of ``stage`` are to be kept."""

    stage: str
    since: date
    share: float


Targets = tuple[Target, ...]
"""By stage and day, a stage and a day once at most."""


def target_of(targets: Targets, stage: str, day: date) -> float:
    """The target share of ``stage`` for what falls due on ``day``: the newest that began by then, else ``USUAL``."""
    begun = [one for one in targets if one.stage == stage and one.since <= day]
    return max(begun, key=lambda one: one.since).share if begun else USUAL


def ordered(targets: Iterable[Target]) -> Targets:
    """In the order of the stages and their days."""
    return tuple(sorted(targets, key=lambda one: (RATED.index(one.stage), one.since)))


def parse(text: str, *, file: str) -> Targets:
    """The targets of a TOML text: tables ``[[targets]]`` with ``stage``, ``since`` and ``share``.

    Raises Invalid naming file, key and reason.
    """
    top = read_toml(text, file)
    found = []
    for row in top.tables("targets"):
        found.append(Target(row.choice("stage", RATED), row.day("since"), row.fraction("share")))
        row.done()
    top.done()
    if len({(one.stage, one.since) for one in found}) < len(found):
        top.refuse("targets", "names a stage twice for one day")
    return ordered(found)


def dump(targets: Iterable[Target]) -> str:
    """The TOML that ``parse`` reads to the same value."""
    return tomli_w.dumps({"targets": [one._asdict() for one in ordered(targets)]})

"""Catalogues: the keys the register stores and the names people read; keys never change once used, names may."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Invalid

if TYPE_CHECKING:
    from core.rules.procedure import Procedure

LONGEST_KEY = 31
KEY = re.compile(rf"[a-z][a-z0-9_]{{1,{LONGEST_KEY - 1}}}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a catalogue with its names; ``suits`` narrows it (a cause to the categories it explains)."""

    key: str
    vi: str
    en: str
    suits: tuple[str, ...] = ()


Catalogue = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Catalogues:
    """Every list of keys with names that the organisation uses, each in its own order.

    ``procedures`` and ``levels`` come from the procedures themselves, the others are lists of their own.
    """

    channels: Catalogue
    categories: Catalogue
    departments: Catalogue
    causes: Catalogue
    outcomes: Catalogue
    breach_reasons: Catalogue
    platforms: Catalogue
    products: Catalogue
    procedures: Catalogue
    levels: Catalogue


LISTS = ("channels", "categories", "departments", "causes", "outcomes", "breach_reasons", "platforms", "products")
"""The catalogues that are lists of their own: one TOML file each when shipped, one row per version in the register."""


def assemble(lists: Mapping[str, Catalogue], procedures: Iterable[Procedure]) -> Catalogues:
    """The whole value: one catalogue for each of ``LISTS``, and the names that the procedures in use bring."""
    procedures = list(procedures)
    return Catalogues(
        **{name: lists[name] for name in LISTS},
        procedures={one.key: Entry(one.key, one.organisation, one.organisation) for one in procedures},
        levels={level.key: Entry(level.key, level.label, level.label_en) for one in procedures for level in one.levels},
    )


def parse(text: str, *, file: str) -> dict[str, Entry]:
    """TOML tables ``[key]`` with ``vi``, ``en`` and optional ``suits`` → entries in the file's order.

    Raises Invalid naming file, key and reason.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise Invalid("{file}: {problem}", file=file, problem=str(problem)) from problem
    return {key: _entry(key, table, file) for key, table in tables.items()}


def _entry(key: str, table: object, file: str) -> Entry:
    if not KEY.fullmatch(key):
        raise Invalid("{file}, {key}: a key is lower-case letters, digits and _", file=file, key=key)
    if not isinstance(table, dict) or not table.get("vi") or not table.get("en"):
        raise Invalid("{file}, {key}: “vi” and “en” names are both needed", file=file, key=key)
    unknown = set(table) - {"vi", "en", "suits"}
    if unknown:
        raise Invalid("{file}, {key}: unknown “{name}”", file=file, key=key, name=sorted(unknown)[0])
    return Entry(key, table["vi"], table["en"], tuple(table.get("suits", ())))

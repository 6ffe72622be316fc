"""The organisation's catalogues, read once from ``data/catalogue``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core import shipped
from core.i18n import label
from core.rules.catalogue import Catalogue, Catalogues, Entry, parse

FOLDER = Path(__file__).parent.parent / "data" / "catalogue"


@cache
def catalogues() -> Catalogues:
    """All catalogues; raises Invalid naming file, key and reason when one is broken."""
    files = {name: _read(name) for name in Catalogues.__slots__ if name not in ("procedures", "levels")}
    procedures = shipped.procedures().values()
    levels = {level.key: Entry(level.key, level.label, level.label_en) for one in procedures for level in one.levels}
    return Catalogues(
        **files,
        procedures={one.key: Entry(one.key, one.organisation, one.organisation) for one in procedures},
        levels=levels,
    )


def name_of(catalogue: Catalogue, key: str | None) -> str:
    """The entry's name in the reader's language; a dash for none, the key itself for one no longer listed."""
    if key is None:
        return "–"
    entry = catalogue.get(key)
    return label(entry.vi, entry.en) if entry else key


def _read(name: str) -> Catalogue:
    file = FOLDER / f"{name}.toml"
    return parse(file.read_text(encoding="utf-8"), file=file.name)

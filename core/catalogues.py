"""The catalogues in use in this thread or task: the names of the keys that pages, routes and files show."""

from __future__ import annotations

from contextvars import ContextVar

from core.i18n import label
from core.rules.catalogue import Catalogue, Catalogues

_catalogues: ContextVar[Catalogues] = ContextVar("catalogues")


def use(catalogues: Catalogues) -> None:
    """Name keys by ``catalogues`` in this thread or task from now on.

    Called where a page run or a route begins, with those of the register (``rulebook.catalogues``).
    """
    _catalogues.set(catalogues)


def catalogues() -> Catalogues:
    """The catalogues in use here; LookupError where ``use`` was not called, so that no file answers in their place."""
    found = _catalogues.get(None)
    if found is None:
        raise LookupError("no catalogues are in use here: call core.catalogues.use where the run or request begins")
    return found


def name_of(catalogue: Catalogue, key: str | None) -> str:
    """The entry's name in the reader's language; a dash for none, the key itself for one no longer listed."""
    if key is None:
        return "–"
    entry = catalogue.get(key)
    return label(entry.vi, entry.en) if entry else key

"""The catalogues in use in this thread or task: the names of keys and the values of fields, as they are shown."""

from __future__ import annotations

from contextvars import ContextVar

from core.i18n import label, moment, number
from core.rules.catalogue import Catalogue, Catalogues, Field
from core.rules.details import choice_of, is_value, moment_of

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


def shown(field: Field, value: str) -> str:
    """A kept value of ``field`` in the reader's language: ``12.500.000đ``, ``16/11/2026 09:00``, ``Ví MoMo``.

    What is no value of the field (one that is hidden, or not known) stays as it is.
    """
    if not is_value(field, value):
        return value
    match field.type:
        case "number":
            return number(int(value))
        case "money":
            return dong(int(value))
        case "moment":
            return moment(moment_of(value))
    choice = choice_of(field, value)
    return label(choice.vi, choice.en) if choice else value


def dong(amount: int) -> str:
    """``12500000`` → ``12.500.000đ`` in Vietnamese, ``12,500,000đ`` in English; both are read back as typed."""
    return f"{number(amount)}đ"

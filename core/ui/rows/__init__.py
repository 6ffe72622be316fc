"""A list of linked, tickable rows: one line each where there is room, two on a phone.

Streamlit's own table is a canvas that scrolls sideways on a phone and whose rows are no links; this one is an HTML
table whose rows can be opened in a new tab, ticked with the space bar and read by a screen reader. It shows text only,
never markup.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from core.i18n import gettext as _
from core.rules.marks import visible
from core.ui import components

_table = components.of_folder(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    ``width`` in rem, 0 for what is left over; ``place`` on a phone: ``first`` or ``last`` of line one, the ``second``
    or the ``third`` line, or "" for nowhere.
    """

    label: str
    width: float = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` with a quieter ``below``.

    ``tone`` gives colour and shape, ``spoken`` is the tone in words for a screen reader, ``bar`` a share 0…1,
    ``marks`` the letters of ``text`` that are marked, as (first, end). ``flag``: a line of its own beneath, framed, so
    that nobody takes it for what stands above; ``flag_tone`` its colour.
    """

    text: str
    below: str = ""
    tone: str = ""
    spoken: str = ""
    bar: float | None = None
    marks: tuple[tuple[int, int], ...] = ()
    flag: str = ""
    flag_tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """``href`` is where the row leads; ``key`` and ``stamp`` (the version on the screen) come back with a tick."""

    key: str
    href: str
    cells: tuple[Cell, ...]
    stamp: int = 0


def table(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    key: str,
    alt: str,
    tickable: bool | None = None,
    list_id: str = "",
) -> None:
    """Draw the rows; the first cell of each is its link, and a click anywhere in the row follows it.

    ``alt`` names the table. What is ticked is read by ``ticked`` on the next run, and is forgotten when ``list_id``
    changes: another page, another filter, a step just taken. ``tickable``: None for a list that is only looked through;
    the rows of any other are gone through by letters of the keyboard, and one is shown beside it (``peeked``).
    """
    _table(
        key=key,
        data={
            "columns": [asdict(column) for column in columns],
            "rows": [_shown(row) for row in rows],
            "alt": alt,
            "tickable": bool(tickable),
            "list": list_id,
            "words": {"all": _("Tick the whole page"), "one": _("Tick {key}")},
            "keys": None if tickable is None else _keys(tickable=tickable),
            "peek": peeked(key, [row.key for row in rows]),
        },
        on_ticked_change=_nothing,
        on_peek_change=_nothing,
    )


def _keys(*, tickable: bool) -> dict[str, object]:
    """What each letter does; they work wherever nothing is being typed."""
    ticks = [("x", _("tick it, or take the tick off"))] if tickable else []
    return {
        "list": [
            ("j / k", _("next row / row before")),
            ("Enter", _("open the case")),
            ("p", _("show it beside the list; Esc closes that")),
            *ticks,
            ("/", _("search")),
            ("n", _("log a complaint")),
            ("?", _("this list")),
        ],
        "title": _("Keys of this list"),
        "close": _("Close"),
        "hint": _("Keys: j / k move, Enter opens, p shows beside the list. ? lists all."),
        "look": _("Show {key} beside the list"),
        "peek": _("Show beside the list (p)"),
    }


def peeked(key: str, shown: Collection[str]) -> str | None:
    """The key of the row that is shown beside the table ``key``, if it is one of those ``shown``."""
    state: Mapping[str, object] = st.session_state.get(key) or {}
    sent = state.get("peek")
    return sent if isinstance(sent, str) and sent in shown else None


def _shown(row: Row) -> dict[str, object]:
    """The row as the script draws it, with names for signs that nobody sees."""
    cells = [
        asdict(cell) | {name: visible(getattr(cell, name)) for name in ("text", "below", "spoken", "flag")}
        for cell in row.cells
    ]
    return asdict(row) | {"cells": cells}


def ticked(key: str, list_id: str) -> dict[str, int]:
    """Key → stamp of the rows ticked in the table ``key`` while it showed ``list_id``.

    Sent by the browser, so anything in it that is not as expected is left out.
    """
    state: Mapping[str, object] = st.session_state.get(key) or {}
    sent = state.get("ticked")
    if not isinstance(sent, Mapping) or sent.get("list") != list_id:
        return {}
    stamps = sent.get("rows")
    if not isinstance(stamps, Mapping):
        return {}
    return {str(name): stamp for name, stamp in stamps.items() if isinstance(stamp, int)}


def _nothing() -> None:
    """The browser's ticks are read on the next run."""

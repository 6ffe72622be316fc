"""One list on the page: its entries in their order with both names, how each is used, and what is no longer offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named, ngettext, number
from core.register.log.tables import Person
from core.register.organisation.lists import OF_PEOPLE, Used
from core.rules.catalogue import ATTRIBUTES, LISTS, Catalogue, Entry
from core.ui import address, go
from core.ui.catalogues import words
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import plain

ORGANISATION, TARGETS, CHANGES, PROPOSALS = "organisation", "targets", "changes", "proposals"
PAPERS = "papers"
NEW = "new"
"""What ``?entry=`` holds while a new entry is filled in."""
FIRST = "categories"
OF_PERSON = {"departments": "department", "branches": "branch"}


def choose(proposed: int) -> str:
    """The list of the URL, with the way to the others; ``proposed``: how much an upgrade proposes."""
    known = (FIRST, *(name for name in LISTS if name != FIRST), TARGETS, PAPERS, ORGANISATION, CHANGES)
    chosen = address.word("list", (PROPOSALS, *known), FIRST)
    if proposed or chosen == PROPOSALS:
        known = (PROPOSALS, *known)
    st.pills(
        _("List"),
        known,
        required=True,
        format_func=lambda name: plain(_name(name, proposed)),
        key="catalogues_list",
        on_change=address.follow("catalogues_list", chosen, "list", default=FIRST, forget=("entry", "field", "page")),
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen


def _name(name: str, proposed: int) -> str:
    return _("Proposals ({n})").format(n=proposed) if name == PROPOSALS else named("list", name)


def title(name: str, entries: Catalogue) -> str:
    """``Kênh tiếp nhận: 9 mục đang dùng, 2 mục đã ngừng``."""
    retired = sum(one.retired for one in entries.values())
    offered = len(entries) - retired
    text = ngettext("{list}: {n} entry", "{list}: {n} entries", offered).format(
        list=named("list", name), n=number(offered)
    )
    return text + (_(", {n} no longer offered").format(n=number(retired)) if retired else "")


def add_button() -> None:
    """The way to a new entry."""
    st.button(
        _("Add an entry"),
        type="primary",
        icon=":material/add:",
        key="catalogues_add",
        on_click=lambda: address.put(entry=NEW),
    )


def show(name: str, entries: Catalogue, used: Mapping[str, Used], everybody: Sequence[Person]) -> None:
    """The entries that are offered, in their order; the others folded away beneath."""
    offered = {key: (place, one) for place, (key, one) in enumerate(entries.items(), 1) if not one.retired}
    retired = {key: (place, one) for place, (key, one) in enumerate(entries.items(), 1) if one.retired}
    if not offered:
        with st.container(border=True):
            st.markdown(_("This list is empty: forms do not ask for it. Add the first entry, or import a file."))
    else:
        _table(name, offered, used, everybody, "catalogues_rows")
    if retired:
        with st.expander(_("No longer offered ({n})").format(n=number(len(retired)))):
            st.caption(_("Complaints that say them keep them; figures count them, where merged under their target."))
            _table(name, retired, used, everybody, "catalogues_retired")


def _table(
    name: str,
    entries: Mapping[str, tuple[int, Entry]],
    used: Mapping[str, Used],
    everybody: Sequence[Person],
    key: str,
) -> None:
    tells = bool(ATTRIBUTES[name]) or name in OF_PEOPLE or any(one.into for _place, one in entries.values())
    columns = (
        Column(_("Vietnamese name"), 0, "first"),
        Column(_("English name"), 15, "second"),
        *((Column(_("More"), 15, "third"),) if tells else ()),
        Column(_("Complaints"), 8, "last"),
        Column(_("Place"), 5),
    )
    rows = []
    for place, one in entries.values():
        more = Cell(words.about(name, one), people(name, one.key, everybody))
        rows.append(_row(name, place, one, used.get(one.key, words.NOT_USED), (more,) if tells else ()))
    table(columns, rows, key=key, alt=named("list", name))


def _row(name: str, place: int, entry: Entry, used: Used, more: tuple[Cell, ...]) -> Row:
    count, is_open = words.short_use(used)
    return Row(
        key=entry.key,
        href=go.address("catalogues", list=name, entry=entry.key),
        cells=(Cell(entry.vi), Cell(entry.en), *more, Cell(count, is_open), Cell(str(place))),
    )


def people(name: str, key: str, everybody: Sequence[Person]) -> str:
    """The names of the active people who belong to the entry."""
    column = OF_PERSON.get(name, "")
    return ", ".join(one.name for one in everybody if column and one.active and getattr(one, column) == key)

"""The page of search results: every complaint that fits what was typed, a page at a time, found words marked."""

from __future__ import annotations

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import day, ngettext, number
from core.i18n import gettext as _
from core.register.reads import search
from core.register.reads.search import LISTED, Found, Hit
from core.rules.calendar import local_day
from core.ui import address, go, paging, rows
from core.ui.context import PageContext
from core.ui.rows import Cell, Column, Row
from core.ui.steps import state_word
from core.ui.text import plain

WORDS, FIELD = "search_words", "search_field"
"""What was typed, kept while other pages are open; the field of the page."""
PAGE_ROWS = 25


def remember(typed: str) -> None:
    """Keep what was typed for the page of results, in the session alone."""
    st.session_state[WORDS] = typed


def show(context: PageContext) -> None:
    """How many complaints fit, the field with what was typed, and the rows of this page."""
    typed = str(st.session_state.get(WORDS, ""))
    page = address.number("page", most=LISTED // PAGE_ROWS)
    found = _find(context, typed, page)
    if not found.hits and found.total:  # the address names a page that this list does not have
        page = paging.number("page", found.total, PAGE_ROWS)
        found = _find(context, typed, page)
    st.title(plain(_title(typed, found)), anchor=False)
    _field(context, typed)
    if found.hits:
        rows.table(
            _columns(sees_personal_data=context.sees_personal_data),
            [_row(hit, sees_personal_data=context.sees_personal_data) for hit in found.hits],
            key="search_rows",
            alt=_("Complaints that fit: code, contact, then the newest"),
        )
        paging.turn("page", found.total, PAGE_ROWS, page, is_long=True)
    _hint(context, typed, found)


def _find(context: PageContext, typed: str, page: int) -> Found:
    with context.register.read() as session:
        return search.find(session, typed, by=context.person, rows=range((page - 1) * PAGE_ROWS, page * PAGE_ROWS))


def _title(typed: str, found: Found) -> str:
    if not typed:
        return _("Search")
    if found.more:
        return _("More than {n} complaints fit").format(n=number(LISTED))
    if not found.total:
        return _("No complaint fits")
    return ngettext("{n} complaint fits", "{n} complaints fit", found.total).format(n=number(found.total))


def _field(context: PageContext, typed: str) -> None:
    st.session_state[FIELD] = typed
    st.text_input(
        _("Code, phone, name, words") if context.sees_personal_data else _("Case code"),
        key=FIELD,
        type="search",
        placeholder=_("Search"),  # else Streamlit writes it in English
        max_chars=200,
        on_change=_changed,
    )


def _changed() -> None:
    remember(st.session_state[FIELD] or "")
    address.put(page=None)


def _hint(context: PageContext, typed: str, found: Found) -> None:
    """What can be typed, what to do where nothing fits, or how to see fewer."""
    if not context.sees_personal_data:
        st.caption(_("Your role finds complaints by their code, such as KN-2026-000123."))
    elif not typed:
        st.caption(
            _(
                "A code, a phone number or its last six digits, an e-mail address or the part before the @, "
                "an account, a name, or words of the texts. Accents are not needed."
            )
        )
    elif found.more:
        st.caption(_("Listed are the newest {n}: type more words to see fewer.").format(n=number(LISTED)))
    elif not found.total:
        st.caption(_("A complaint must have every word: check the spelling, or type fewer words."))


def _columns(*, sees_personal_data: bool) -> tuple[Column, ...]:
    code, recorded = Column(_("Case code"), 9, "first"), Column(_("Received"), 6.5, "last")
    if not sees_personal_data:
        return code, recorded, Column(_("Category, step"), 0, "second")
    return (
        code,
        recorded,
        Column(_("Customer"), 11, "second"),
        Column(_("Where it fits"), 0, "third"),
        Column(_("Category, step"), 11.5),
    )


def _row(hit: Hit, *, sees_personal_data: bool) -> Row:
    cells = [
        Cell(hit.code, _found_by(hit)),
        Cell(day(local_day(hit.recorded_at))),
        *(
            (
                Cell(hit.customer.text, hit.contact, marks=hit.customer.marks),
                Cell(hit.excerpt.text, marks=hit.excerpt.marks),
            )
            if sees_personal_data
            else ()
        ),
        Cell(name_of(catalogues().categories, hit.category), state_word(hit.state)),
    ]
    return Row(hit.code, go.address("complaint", code=hit.code), tuple(cells))


def _found_by(hit: Hit) -> str:
    return {"code": _("by its code"), "contact": _("by contact")}.get(hit.found_by, "")

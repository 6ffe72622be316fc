"""The page of lessons: what was learnt from closed complaints, newest first, found words marked."""

from __future__ import annotations

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import day, ngettext, number
from core.i18n import gettext as _
from core.register.reads import lessons
from core.register.reads.lessons import Lesson, Lessons
from core.register.reads.search import LISTED
from core.rules.calendar import local_day
from core.ui import address, fields, go, paging, rows
from core.ui.context import PageContext
from core.ui.rows import Cell, Column, Row
from core.ui.text import plain

TYPED, FIELD = "lessons_words", "lessons_field"
"""What was typed, kept in the session alone while other pages are open; the field of the page."""
PAGE_ROWS = 25
MOST_PAGES = 1_000_000  # beyond the last page of any list, which the page falls back to


def show(context: PageContext) -> None:
    """How many lessons there are, what narrows them, and the rows of this page."""
    known = catalogues()
    categories = {key: name_of(known.categories, key) for key in known.categories}
    causes = {key: name_of(known.causes, key) for key in known.causes}
    category, cause = address.word("category", list(categories), ""), address.word("cause", list(causes), "")
    typed = str(st.session_state.get(TYPED, ""))
    page = address.number("page", most=MOST_PAGES)
    found = _find(context, typed, page, category, cause)
    if not found.rows and found.total:  # the address names a page that this list does not have
        page = paging.number("page", found.total, PAGE_ROWS)
        found = _find(context, typed, page, category, cause)
    is_narrowed = bool(typed or category or cause)
    st.title(plain(_title(found, is_narrowed=is_narrowed)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _field(typed)
        fields.from_address("lessons_category", "category", _("Category"), categories, forget=["page"], width=220)
        fields.from_address("lessons_cause", "cause", _("Root cause"), causes, forget=["page"], width=220)
    if found.rows:
        rows.table(
            (
                Column(_("Case code"), 9, "first"),
                Column(_("Closed on"), 6.5, "last"),
                Column(_("Lesson"), 0, "second"),
                Column(_("Category, root cause"), 14, "third"),
            ),
            [_row(lesson) for lesson in found.rows],
            key="lessons_rows",
            alt=_("Lessons of closed complaints, the newest first"),
        )
        paging.turn("page", found.total, PAGE_ROWS, page, is_long=True)
    if found.more:
        st.caption(_("Listed are the newest {n}: type more words to see fewer.").format(n=number(LISTED)))
    elif not found.total:
        with st.container(border=True):
            st.markdown(
                _("No lesson has all of these: type fewer words, or take a filter away.")
                if is_narrowed
                else _("Whoever closes a case can write what was learnt from it; it is listed here.")
            )


def _find(context: PageContext, typed: str, page: int, category: str, cause: str) -> Lessons:
    shown = range((page - 1) * PAGE_ROWS, page * PAGE_ROWS)
    with context.register.read() as session:
        return lessons.find(session, typed, by=context.person, rows=shown, category=category, cause=cause)


def _title(found: Lessons, *, is_narrowed: bool) -> str:
    if found.more:
        return _("More than {n} lessons fit").format(n=number(LISTED))
    if not found.total:
        return _("No lesson fits") if is_narrowed else _("No lessons yet")
    return ngettext("{n} lesson", "{n} lessons", found.total).format(n=number(found.total))


def _field(typed: str) -> None:
    st.session_state[FIELD] = typed
    st.text_input(
        _("Words of the lesson"),
        key=FIELD,
        type="search",
        placeholder=_("Search the lessons"),
        max_chars=200,
        on_change=_changed,
    )


def _changed() -> None:
    st.session_state[TYPED] = st.session_state[FIELD] or ""
    address.put(page=None)


def _row(lesson: Lesson) -> Row:
    known = catalogues()
    cells = (
        Cell(lesson.code),
        Cell(day(local_day(lesson.closed_at)) if lesson.closed_at else ""),
        Cell(lesson.text.text, marks=lesson.text.marks),
        Cell(name_of(known.categories, lesson.category), name_of(known.causes, lesson.cause) if lesson.cause else ""),
    )
    return Row(lesson.code, go.address("complaint", code=lesson.code), cells)

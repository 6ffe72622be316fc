"""The search box of every page: an exact code opens its complaint, a few hits are shown at once, many on a page.

What is typed may be a phone number or a name, so it is never put into an address: the page of results finds it in the
session.
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import short_day
from core.register.reads import search
from core.register.reads.search import Found, Hit
from core.rules.calendar import local_day
from core.ui import go, links, results, style
from core.ui.context import PageContext
from core.ui.pages import file_of
from core.ui.steps import state_word

BOX, QUERY = "search", "search_query"
PHONE_BOX = "phone_search"


def box(context: PageContext, *, over_results: bool) -> None:
    """The box, for the sidebar; a few results are in a dialog over the page, which stays as it is.

    ``over_results``: the page of results is on the screen, and shows what was typed itself.
    """
    _field(context, BOX)
    query = st.session_state.pop(QUERY, "").strip()
    if not query:
        return
    with context.register.read() as session:
        found = search.find(session, query, by=context.person)
    if found.total == 1 and found.hits[0].found_by == "code":
        go.to("complaint", code=found.hits[0].code)
        return
    results.remember(query)
    if over_results or found.total > len(found.hits):
        go.to("search")
    else:
        st.dialog(_("Found"), width="medium", icon=":material/search:")(_show)(found, context)


def box_of_phones(context: PageContext) -> None:
    """The same box at the head of the page on a phone, whose sidebar is closed; ``box`` answers it."""
    with st.container(key=style.PHONE_SEARCH):
        _field(context, PHONE_BOX)


def _field(context: PageContext, key: str) -> None:
    st.text_input(
        _("Search"),
        key=key,
        type="search",
        placeholder=_("Code, phone, name, words") if context.sees_personal_data else _("Case code"),
        label_visibility="collapsed",
        max_chars=200,
        on_change=_remember_query,
        args=(key,),
    )


def _remember_query(key: str) -> None:
    st.session_state[QUERY] = st.session_state[key] or ""


def _show(found: Found, context: PageContext) -> None:
    for hit in found.hits:
        links.to_complaint(hit.code, _line(hit, context.now), width="stretch")
    if not found.hits:
        st.markdown(_("No complaint fits."))
    if not context.sees_personal_data:
        st.caption(_("Your role finds complaints by their code, such as KN-2026-000123."))
    st.page_link(file_of("search"), label=_("All results"), icon=":material/manage_search:")


def _line(hit: Hit, now: datetime) -> str:
    parts = [
        hit.code,
        short_day(local_day(hit.recorded_at), now),
        name_of(catalogues().categories, hit.category),
        state_word(hit.state),
        hit.customer.text,
        hit.excerpt.text,
    ]
    return " · ".join(part for part in parts if part)

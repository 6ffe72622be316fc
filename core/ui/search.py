"""The search box of every page: an exact code opens its complaint, anything else shows what fits.

What is typed may be a phone number or a name, so it is never put into an address.
"""

from __future__ import annotations

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import number, short_day
from core.register.reads import search
from core.register.reads.search import Found, Hit
from core.rules.calendar import local_day
from core.ui import go, links
from core.ui.context import PageContext
from core.ui.steps import state_word

BOX, QUERY = "search", "search_query"


def box(context: PageContext) -> None:
    """The box, for the sidebar; the results are in a dialog over the page, which stays as it is."""
    st.text_input(
        _("Search"),
        key=BOX,
        type="search",
        placeholder=_("Code, phone, name, words") if context.sees_personal_data else _("Case code"),
        label_visibility="collapsed",
        max_chars=200,
        on_change=_remember_query,
    )
    query = st.session_state.pop(QUERY, "").strip()
    if query:
        with context.register.read() as session:
            found = search.find(session, query, by=context.person)
        if len(found.hits) == 1 and found.hits[0].found_by == "code":
            go.to("complaint", code=found.hits[0].code)
            return
        st.dialog(_("Found"), width="medium", icon=":material/search:")(_show)(found, context.sees_personal_data)


def _remember_query() -> None:
    st.session_state[QUERY] = st.session_state[BOX] or ""


def _show(found: Found, sees_personal_data: bool) -> None:
    for hit in found.hits:
        links.to_complaint(hit.code, _line(hit), width="stretch")
    if not found.hits:
        st.markdown(_("No complaint fits."))
    if not sees_personal_data:
        st.caption(_("Your role finds complaints by their code, such as KN-2026-000123."))
    elif found.more:
        st.caption(_("There are more: type more words."))
    elif found.read:
        st.caption(
            _("Names and texts were searched in the newest {newest} complaints and in those still open.").format(
                newest=number(search.NEWEST)
            )
        )


def _line(hit: Hit) -> str:
    parts = [
        hit.code,
        short_day(local_day(hit.recorded_at)),
        name_of(catalogues().categories, hit.category),
        state_word(hit.state),
        hit.snippet,
    ]
    return " · ".join(part for part in parts if part)

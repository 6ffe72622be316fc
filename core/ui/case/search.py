"""Finding a complaint by its code or by what the customer can say."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.register.reads import search
from core.ui import links
from core.ui.context import PageContext


def show(context: PageContext) -> None:
    """A field, and what was found; nothing of what is typed goes into the address."""
    st.title(_("Cases"), anchor=False)
    prompt = _("Code, phone, name, words") if context.sees_personal_data else _("Code")
    words = st.text_input(prompt, key="case_search", type="search", placeholder="KN-2026-000001", live="400ms")
    if not (words or "").strip():
        st.caption(_("Type a code such as KN-2026-000001, or only its number."))
        return
    with context.register.read() as session:
        found = search.find(session, words, by=context.person, rows=range(20))
    if not found.hits:
        st.info(_("Nothing found: check what you typed."), icon=":material/search_off:")
    for hit in found.hits:
        links.to_case(hit, context.now)

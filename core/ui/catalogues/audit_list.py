"""Who changed which list when, from what to what; the newest first."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, named, ngettext, number
from core.register.organisation import audit, identity
from core.register.organisation.audit import Applied
from core.rules.marks import visible
from core.rules.procedure import Procedure
from core.ui import address, doing, paging
from core.ui.catalogues import words
from core.ui.context import PageContext
from core.ui.procedures import words as procedure_words
from core.ui.text import md, plain

SHOWN = 15
CHANGES_SHOWN = 12


def show(context: PageContext) -> None:
    """Every version of every list and procedure, narrowed to one of them where one is chosen."""
    with context.register.read() as session:
        every = audit.versions(session)
        procedures = identity.known_procedures(session)
    places = {one.name: words.place(one) for one in every}
    which = address.word("of", list(places), "")
    shown = [one for one in every if which in ("", one.name)]
    n = len(shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(ngettext("{n} change", "{n} changes", n).format(n=number(n))), anchor=False)
        st.selectbox(
            _("List"),
            ["", *sorted(places, key=places.__getitem__)],
            format_func=lambda name: visible(places[name]) if name else _("all lists"),
            key="catalogues_of",
            on_change=address.follow("catalogues_of", which, "of", forget=("page",)),
            label_visibility="collapsed",
            width=260,
        )
    doing.show_notice()
    page = paging.number("page", n, SHOWN)
    for one in shown[(page - 1) * SHOWN : page * SHOWN]:
        _version(one, procedures)
    paging.turn("page", n, SHOWN, page)


def _version(one: Applied, procedures: Mapping[str, Procedure]) -> None:
    who = words.who(one)
    with st.container(border=True, gap="xsmall"):
        st.markdown(md("**{place}** · {moment} · {who}", place=words.place(one), moment=moment(one.at), who=who))
        if not one.changes:
            st.caption(md(_("Taken into use as a whole, version {version}."), version=one.version))
        for change in one.changes[:CHANGES_SHOWN]:
            if one.subject == "procedure":
                st.markdown(plain(procedure_words.change(change, procedures[one.name])))
                continue
            what, how = words.change(one, change)
            st.markdown(md("{what}  \n:gray[{how}]" if how else "{what}", what=what, how=how))
        if len(one.changes) > CHANGES_SHOWN:
            st.caption(_("and {n} more changes").format(n=number(len(one.changes) - CHANGES_SHOWN)))


def link(name: str) -> None:
    """From a list to its own changes."""
    st.button(
        _("Changes of this list"),
        type="tertiary",
        icon=":material/history:",
        key="catalogues_history",
        on_click=lambda: address.put(list="changes", of=name, page=None, entry=None),
        help=md(_("Who changed “{list}”, when, from what to what"), list=named("list", name)),
    )

"""Which roles must have a second factor."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named, ngettext, number
from core.register.log.act import Act
from core.register.log.tables import Person
from core.register.people import second_factor
from core.rules.roles import ROLES
from core.ui.context import PageContext
from core.ui.people.account_list import WaysIn
from core.ui.text import plain

KEY, CLICKED = "people_demanded", "people_demanded_clicked"


def show(context: PageContext, everybody: Sequence[Person], ways_in: WaysIn, demanding: Sequence[str]) -> None:
    """The roles to choose, saved at a click, and how many people have yet to set it up.

    Every run shows what the register says now: another administrator may have changed it meanwhile.
    """
    clicked: tuple[set[str], set[str]] | None = st.session_state.pop(CLICKED, None)
    if clicked:
        added, taken_away = clicked
        _save(context, (set(demanding) | added) - taken_away)
    with st.container(border=True):
        st.subheader(_("Second factor"), anchor=False)
        st.markdown(_("People of these roles must set it up at their next sign-in, before anything else opens:"))
        st.session_state[KEY] = list(demanding)
        st.pills(
            _("Roles that must have a second factor"),
            list(ROLES),
            selection_mode="multi",
            format_func=lambda role: plain(named("role", role)),
            key=KEY,
            on_change=_note_click,
            args=(tuple(demanding),),
            label_visibility="collapsed",
        )
        lacking = sum(
            person.active and person.role in demanding and person.id not in ways_in.second_factors
            for person in everybody
        )
        if lacking:
            st.caption(
                ngettext("{n} person has yet to set it up.", "{n} people have yet to set it up.", lacking).format(
                    n=number(lacking)
                )
            )


def _note_click(shown: Collection[str]) -> None:
    """Keep which roles were added to what was shown, and which taken away; the run saves it, behind its role check."""
    chosen = set(st.session_state[KEY])
    st.session_state[CLICKED] = chosen - set(shown), set(shown) - chosen


def _save(context: PageContext, chosen: Collection[str]) -> None:
    with context.register.write() as session:
        second_factor.demand(session, chosen, Act(context.person, context.now))
    st.rerun()

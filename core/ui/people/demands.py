"""Which roles must have a second factor."""

from __future__ import annotations

from collections.abc import Sequence

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


def show(context: PageContext, everybody: Sequence[Person], ways_in: WaysIn, demanding: Sequence[str]) -> None:
    """The roles to choose, saved at once when a choice changes, and how many people have yet to set it up."""
    with st.container(border=True):
        st.subheader(_("Second factor"), anchor=False)
        st.markdown(_("People of these roles must set it up at their next sign-in, before anything else opens:"))
        chosen = st.pills(
            _("Roles that must have a second factor"),
            list(ROLES),
            default=list(demanding),
            selection_mode="multi",
            format_func=lambda role: plain(named("role", role)),
            key="people_demanded",
            label_visibility="collapsed",
        )
        if set(chosen) != set(demanding):
            _save(context, chosen)
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


def _save(context: PageContext, chosen: Sequence[str]) -> None:
    with context.register.write() as session:
        second_factor.demand(session, chosen, Act(context.person, context.now))
    st.rerun()

"""What would have been sent in the last seven days."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named, number
from core.register.messages import preview
from core.rules.marks import visible
from core.ui.context import PageContext
from core.ui.text import md, plain

SHOWN = 50


def show(context: PageContext) -> None:
    """A row a person: messages at once, on mornings, notices in all; nothing is written or sent."""
    with st.expander(_("What would have been sent in the last seven days")):
        with context.register.read() as session:
            found = preview.of_last_days(session, context.now)
        if not found:
            st.markdown(_("Nothing: nobody was told of anything."))
            return
        total = sum(one.at_once + one.mornings for one in found)
        without = sum(not one.has_address for one in found)
        st.markdown(
            md(
                _("**{messages}** messages to **{people}** people, {without} of them without an e-mail address."),
                messages=number(total),
                people=number(len(found)),
                without=number(without),
            )
        )
        st.dataframe(
            {
                _("Name"): [visible(one.name) for one in found[:SHOWN]],
                _("Role"): [named("role", one.role) for one in found[:SHOWN]],
                _("At once"): [one.at_once for one in found[:SHOWN]],
                _("In the morning"): [one.mornings for one in found[:SHOWN]],
                _("Notices in them"): [one.notices for one in found[:SHOWN]],
            },
            hide_index=True,
            width="content",
        )
        st.caption(plain(_("Made from the notices of these days and from what people chose.")))

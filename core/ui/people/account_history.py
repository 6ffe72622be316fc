"""What happened to one account: the newest lines of its log."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, named
from core.register.log.tables import Person
from core.register.people import accounts
from core.ui.context import PageContext
from core.ui.text import plain

SHOWN = 20


def show(context: PageContext, person: Person) -> None:
    """When, what, and who did it where it was somebody else."""
    st.subheader(_("What happened to this account"), anchor=False)
    with context.register.read() as session:
        history = accounts.history(session, person.id, SHOWN)
    for entry in history:
        what = named("account event", entry.kind)
        by = _(", by {name}").format(name=entry.by) if entry.by else ""
        st.markdown(f":small[{moment(entry.at)}] · {plain(what + by)}")

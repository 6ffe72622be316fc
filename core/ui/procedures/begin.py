"""A new procedure begun as another one stands: named, checked, and enabled for the organisation."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.register.organisation import procedure_versions
from core.rules.procedure import Procedure
from core.ui import address, doing
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.text import md, plain


def show(context: PageContext, like: Procedure) -> None:
    """The form; what it says is checked before anything is written."""
    st.subheader(_("New procedure"), anchor=False)
    st.markdown(md(_("It begins with the terms, hours and rules of “{name}”; change them afterwards."), name=like.name))
    with st.container(width=560):
        labels = {
            "key": _("Key, like {example}").format(example=f"{like.key}-2"),
            "name": _("Name in Vietnamese"),
            "name_en": _("Name in English"),
            "organisation": _("Whose it is, as lists name it"),
        }
        typed = {}
        for name, shown in labels.items():
            typed[name] = st.text_input(plain(shown), key=f"procedures_new_{name}", max_chars=120) or ""
            mend(doing.problems(), name)
        with st.container(horizontal=True):
            doing.button(
                context,
                _("Check and enable"),
                lambda session, act: procedure_versions.begin(session, like.key, typed, act),
                _("{name} is enabled. Look at its terms before it is used.").format(name=typed["name"]),
                key="procedures_begin",
                then=lambda: _leave(typed["key"].strip()),
                icon=":material/check:",
                type="primary",
            )
            st.button(_("Cancel"), type="tertiary", key="procedures_cancel", on_click=_leave)


def _leave(procedure: str | None = None) -> None:
    """Empty the form; go to ``procedure`` where one was begun."""
    doing.leave()
    for name in ("key", *procedure_versions.NAMES):
        st.session_state.pop(f"procedures_new_{name}", None)
    address.put(new=None)
    if procedure:
        address.put(procedure=procedure, version=None)

"""A new procedure begun as another one stands: named and checked, changed as far as it differs, then enabled."""

from __future__ import annotations

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.register.organisation import identity, procedure_versions
from core.rules.procedure import Procedure
from core.ui import address, doing
from core.ui.context import PageContext
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
            doing.mend(name)
        with st.container(horizontal=True):
            doing.button(
                context,
                _("Check and save"),
                lambda session, act: procedure_versions.begin(session, like.key, typed, act),
                _("{name} is saved. No form offers it before it is enabled.").format(name=typed["name"]),
                key="procedures_begin",
                then=lambda: _leave(typed["key"].strip()),
                icon=":material/check:",
                type="primary",
            )
            st.button(_("Cancel"), type="tertiary", key="procedures_cancel", on_click=_leave)


def show_waiting(context: PageContext, procedure: Procedure) -> None:
    """That no new complaint follows the procedure, and the way to enable it once its terms are as they should be."""
    with context.register.read() as session:
        version = identity.version(session)
    with st.container(border=True):
        st.markdown(_("**No form offers this procedure.** Look at its terms, change what differs, then enable it."))
        doing.button(
            context,
            _("Enable"),
            lambda session, act: identity.enable(session, procedure.key, act, version=version),
            _("New complaints may follow {name} too.").format(name=name_of(catalogues().procedures, procedure.key)),
            key="procedures_enable",
            icon=":material/add:",
        )


def _leave(procedure: str | None = None) -> None:
    """Empty the form; go to ``procedure`` where one was begun."""
    doing.leave()
    for name in ("key", *procedure_versions.NAMES):
        st.session_state.pop(f"procedures_new_{name}", None)
    address.put(new=None)
    if procedure:
        address.put(procedure=procedure, version=None)

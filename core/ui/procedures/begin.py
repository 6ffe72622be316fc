"""A new procedure begun as another one stands: named, checked, and enabled for the organisation."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.errors import Invalid, PopsError
from core.i18n import gettext as _
from core.i18n import sentence
from core.register.log.act import Act
from core.register.organisation import procedure_versions
from core.rules.procedure import Procedure
from core.ui import address
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.procedures.change import NOTICE
from core.ui.text import md, plain

PROBLEMS = "procedures_new_problems"


def show(context: PageContext, like: Procedure) -> None:
    """The form; what it says is checked before anything is written."""
    problems: Mapping[str, str] = st.session_state.get(PROBLEMS, {})
    st.subheader(_("New procedure"), anchor=False)
    st.markdown(md(_("It begins with the terms, hours and rules of “{name}”; change them afterwards."), name=like.name))
    with st.container(width=560):
        labels = {
            "key": _("Key, like pops-kids"),
            "name": _("Name in Vietnamese"),
            "name_en": _("Name in English"),
            "organisation": _("Whose it is, as lists name it"),
        }
        typed = {}
        for name, shown in labels.items():
            typed[name] = st.text_input(plain(shown), key=f"procedures_new_{name}", max_chars=120) or ""
            mend(problems, name)
        with st.container(horizontal=True):
            begin = st.button(_("Check and enable"), type="primary", icon=":material/check:", key="procedures_begin")
            st.button(_("Cancel"), type="tertiary", key="procedures_cancel", on_click=_leave)
    if begin:
        _begin(context, like, typed)


def _begin(context: PageContext, like: Procedure, typed: Mapping[str, str]) -> None:
    try:
        with context.register.write() as session:
            key = procedure_versions.begin(session, like.key, typed, Act(context.person, context.now))
    except Invalid as wrong:
        if not wrong.fields:
            st.error(plain(sentence(wrong)), icon=":material/error:")
            return
        st.session_state[PROBLEMS] = wrong.fields
    except PopsError as refused:
        st.error(plain(sentence(refused)), icon=":material/block:")
        return
    else:
        st.session_state[NOTICE] = _("{name} is enabled. Look at its terms before it is used.").format(
            name=typed["name"]
        )
        _leave()
        address.put(procedure=key, version=None)
    st.rerun()


def _leave() -> None:
    st.session_state.pop(PROBLEMS, None)
    for name in ("key", *procedure_versions.NAMES):
        st.session_state.pop(f"procedures_new_{name}", None)
    address.put(new=None)

"""The organisation: its name, and which procedures new complaints may follow (D20)."""

from __future__ import annotations

import streamlit as st

from core.catalogues import name_of
from core.i18n import gettext as _
from core.i18n import label
from core.register import rulebook
from core.register.organisation import identity
from core.register.organisation.entries import LONGEST_NAME
from core.rules.catalogue import procedure_names
from core.rules.organisation import Organisation
from core.rules.procedure import Procedure
from core.ui import doing
from core.ui.context import PageContext
from core.ui.text import md, plain


def show(context: PageContext) -> None:
    """Names, then procedures."""
    with context.register.read() as session:
        whose, version = rulebook.organisation(session), doing.seen("organisation", identity.version(session))
        known = identity.known_procedures(session)
    st.title(plain(label(whose.name, whose.name_en)), anchor=False)
    doing.show_notice()
    with st.container(border=True):
        _names(context, whose, version)
    with st.container(border=True):
        st.subheader(_("Procedures"), anchor=False)
        st.markdown(
            _(
                "One procedure is usual. With several, the procedure is the first thing that the form of a new "
                "complaint asks, and the first one here is chosen at first. Complaints go on under the procedure they "
                "began with."
            )
        )
        names = procedure_names(known.values())
        for key, procedure in known.items():
            _procedure(context, whose, procedure, name_of(names, key), version)


def _names(context: PageContext, whose: Organisation, version: int) -> None:
    left, right = st.columns(2)
    with left:
        name = st.text_input(_("Vietnamese name"), value=whose.name, key="organisation_name", max_chars=LONGEST_NAME)
        doing.mend("name")
    with right:
        name_en = st.text_input(
            _("English name"), value=whose.name_en, key="organisation_name_en", max_chars=LONGEST_NAME
        )
        doing.mend("name_en")
    doing.button(
        context,
        _("Save the name"),
        lambda session, act: identity.rename(session, name or "", name_en or "", act, version=version),
        _("The name is saved."),
        key="organisation_rename",
    )


def _procedure(context: PageContext, whose: Organisation, procedure: Procedure, name: str, version: int) -> None:
    """``name``: what it is called among all that can be enabled."""
    key = procedure.key
    enabled = key in whose.procedures
    state = _("first") if key == whose.procedures[0] else _("enabled") if enabled else ""
    if key in whose.former:
        state = _("no longer for new complaints")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            md(
                "**{organisation}** · {name} :gray[{state}]",
                organisation=procedure.organisation,
                name=label(procedure.name, procedure.name_en),
                state=state,
            ),
            width="stretch",
        )
        if enabled and key != whose.procedures[0]:
            doing.button(
                context,
                _("Put first"),
                lambda session, act: identity.put_first(session, key, act, version=version),
                _("The form begins with {name}.").format(name=name),
                key=f"organisation_first_{key}",
                icon=":material/vertical_align_top:",
                type="tertiary",
            )
        if enabled and len(whose.procedures) > 1:
            doing.button(
                context,
                _("Disable"),
                lambda session, act: identity.disable(session, key, act, version=version),
                _("{name} is for no new complaint any more.").format(name=name),
                key=f"organisation_disable_{key}",
                icon=":material/block:",
                type="tertiary",
            )
        if not enabled:
            doing.button(
                context,
                _("Enable"),
                lambda session, act: identity.enable(session, key, act, version=version),
                _("New complaints may follow {name} too.").format(name=name),
                key=f"organisation_enable_{key}",
                icon=":material/add:",
            )

"""What somebody gets by message and when: the fields, for oneself and for a role."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named
from core.register.messages import choices
from core.register.messages.choices import Chosen
from core.rules.messages import DAILY, GROUPS, Choice, options
from core.rules.roles import ROLES
from core.ui import doing
from core.ui.context import PageContext
from core.ui.outlets import words


def fields(chosen: Chosen, key: str) -> Mapping[str, str]:
    """A choice a group; what is chosen now. ``key``: of the widgets."""
    return {group: _field(group, chosen[group], f"{key}.{group}") for group in GROUPS}


def _field(group: str, now: Choice, key: str) -> str:
    names = words.DAILY if group in DAILY else words.CHOICES
    keys = [str(one) for one in options(group)]
    return st.selectbox(
        _(words.GROUPS[group]), keys, index=keys.index(now), format_func=lambda one: _(names[Choice(one)]), key=key
    )


def show_defaults(context: PageContext) -> None:
    """What holds for people of a role who chose nothing."""
    with st.expander(_("What people get who have chosen nothing")):
        role = st.selectbox(_("Role"), list(ROLES), format_func=lambda one: named("role", one), key="outlets_role")
        with context.register.read() as session:
            now = choices.of_role(session, role)
        wanted = fields(now, f"outlets_default.{role}")
        doing.button(
            context,
            _("Save for the role"),
            lambda session, act: choices.set_defaults(session, role, wanted, act),
            _("Saved: {role} gets it so from now on.").format(role=named("role", role)),
            key="outlets_defaults",
        )

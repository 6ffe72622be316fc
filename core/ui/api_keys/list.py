"""The keys that there are: what each may do, when it was used last, and the way to revoke it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import moment, named, short_moment
from core.register.api import keys
from core.register.log.tables import ApiKey
from core.ui import doing
from core.ui.context import PageContext
from core.ui.text import Markdown, md


def show(context: PageContext) -> None:
    """Those in use first."""
    with context.register.read() as session:
        every = keys.every(session)
    if not every:
        st.caption(_("There is no key yet: without one nobody can use the API."))
    for key, made_by in every:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_described(key, made_by, context.now), width="stretch")
            if key.revoked_at is None:
                _revoke(context, key)


def _described(key: ApiKey, made_by: str, now: datetime) -> Markdown:
    scopes = ", ".join(named("api scope", scope) for scope in key.scopes.split())
    what = " · ".join(filter(None, (name_of(catalogues().channels, key.channel), scopes, key.origins)))
    made = _("made {moment} by {name}").format(moment=short_moment(key.made_at, now), name=made_by or _("the register"))
    if key.revoked_at:
        state = _("revoked {moment}").format(moment=moment(key.revoked_at))
    elif key.last_used_at:
        state = _("used {moment}").format(moment=short_moment(key.last_used_at, now))
    else:
        state = _("never used")
    return md("**{name}**  \n{what}  \n:gray[{made} · {state}]", name=key.name, what=what, made=made, state=state)


def _revoke(context: PageContext, key: ApiKey) -> None:
    with st.popover(_("Revoke"), icon=":material/key_off:", type="tertiary", key=f"api_keys_ask_{key.id}"):
        st.markdown(
            md(_("Whatever uses “{name}” is refused from then on, and the key never works again."), name=key.name)
        )
        doing.button(
            context,
            _("Revoke the key"),
            lambda session, act: keys.revoke(session, key.id, act),
            _("The key of {name} is revoked.").format(name=key.name),
            key=f"api_keys_revoke_{key.id}",
            type="primary",
        )

"""The outlets there are: where each leads, how it went last, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment
from core.register.messages import outbox, outlets
from core.register.messages.outlets import Configured
from core.ui import address, doing
from core.ui.context import PageContext
from core.ui.outlets import words
from core.ui.text import md, plain

NEW, CHOSEN = "new", "outlet"
EVERY = timedelta(seconds=5)


def show(context: PageContext, there: Sequence[Configured]) -> None:
    """Each outlet, and the button for another."""
    if not any(one.is_on for one in there):
        st.info(_("Nothing is switched on: no message leaves this machine."), icon=":material/lock:")
    for one in there:
        _one(context, one)
    if st.button(_("Add a connection"), icon=":material/add:", key="outlets_add"):
        address.put(outlet=NEW)
        st.rerun()


def _one(context: PageContext, one: Configured) -> None:
    with st.container(border=True, gap="xsmall"):
        badge = md(":green-badge[{said}]", said=_("on")) if one.is_on else md(":gray-badge[{said}]", said=_("off"))
        st.markdown(md("**{name}** {badge}", name=one.name, badge=badge))
        st.caption(plain(f"{_(words.KINDS[one.kind])} · {words.where(one)}"))
        _status(context, one.id)
        with st.container(horizontal=True):
            doing.button(
                context,
                _("Try it"),
                lambda session, act: outbox.try_out(session, one.id, act),
                _("A message is on its way: look here in a few seconds."),
                key=f"outlets_try_{one.id}",
                icon=":material/send:",
            )
            doing.button(
                context,
                _("Switch off") if one.is_on else _("Switch on"),
                lambda session, act: outlets.switch(session, one.id, act, version=one.version, is_on=not one.is_on),
                (_("{name} is off.") if one.is_on else _("{name} is on.")).format(name=one.name),
                key=f"outlets_switch_{one.id}",
                icon=":material/toggle_off:" if one.is_on else ":material/toggle_on:",
            )
            if st.button(_("Change"), icon=":material/edit:", key=f"outlets_change_{one.id}"):
                address.put(outlet=str(one.id))
                st.rerun()


def _status(context: PageContext, outlet_id: int) -> None:
    """How it went last, up to date while the page is open."""

    @st.fragment(run_every=EVERY)
    def look() -> None:
        with context.register.read() as session:
            now = next((one for one in outlets.listed(session) if one.id == outlet_id), None)
        if now is None:
            return
        if now.failed_with and now.failed_at:
            said = md(":red[{moment}: {why}]", moment=moment(now.failed_at), why=words.failure(now.failed_with))
        elif now.sent_at:
            said = md(_("Last sent {moment}."), moment=moment(now.sent_at))
        else:
            said = plain(_("Nothing was sent yet."))
        st.markdown(said)

    look()

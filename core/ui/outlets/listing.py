"""The outlets there are: where each leads, how it went last, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, ngettext, number, sentence
from core.register.mail import mailbox, poll
from core.register.mail.mailbox import UnreadableError
from core.register.messages import outbox, outlets
from core.register.messages.outlets import Configured
from core.rules.messages import IMAP
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
            tries = _try_mailbox(one) if one.kind == IMAP else _try_out(context, one)
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
        if tries:
            _show_mailbox(context, one)


def _try_out(context: PageContext, one: Configured) -> bool:
    doing.button(
        context,
        _("Try it"),
        lambda session, act: outbox.try_out(session, one.id, act),
        _("A message is on its way: look here in a few seconds."),
        key=f"outlets_try_{one.id}",
        icon=":material/send:",
    )
    return False


def _try_mailbox(one: Configured) -> bool:
    return st.button(_("Try to read it"), key=f"outlets_try_{one.id}", icon=":material/inbox:")


def _show_mailbox(context: PageContext, one: Configured) -> None:
    """How many mails would be read, asked of the server itself; nothing is taken."""
    with context.register.read() as session:
        place = poll.place_of(one.values, outlets.secret_of(session, one.id))
        since = poll.position(session, poll.name_of(one.id))
    try:
        with st.spinner(_("Asking the mail server …")), mailbox.opened(place) as connection:
            new = mailbox.count_newer(connection, place.folder, since)
    except UnreadableError as problem:
        st.error(plain(sentence(problem)), icon=":material/error:")
    else:
        said = ngettext("The mailbox can be read: {n} mail is new.", "The mailbox can be read: {n} mails are new.", new)
        st.success(plain(said.format(n=number(new))), icon=":material/task_alt:")


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
            words_of = _("Last read {moment}.") if now.kind == IMAP else _("Last sent {moment}.")
            said = md(words_of, moment=moment(now.sent_at))
        else:
            said = plain(_("Not read yet.") if now.kind == IMAP else _("Nothing was sent yet."))
        st.markdown(said)

    look()

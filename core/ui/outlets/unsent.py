"""Messages that were not sent: given up, or perhaps arrived; each sent again by whoever looks at it."""

from __future__ import annotations

from functools import partial

import streamlit as st
from sqlalchemy.orm import Session

from core.i18n import gettext as _
from core.i18n import moment, ngettext, number
from core.register.log.act import Act
from core.register.messages import outbox
from core.rules.messages import TO_LOOK_AT, State
from core.ui import doing
from core.ui.context import PageContext
from core.ui.outlets import words
from core.ui.text import md, plain

SHOWN = 20


def show(context: PageContext) -> None:
    """The newest of them; nothing where there is none."""
    with context.register.read() as session:
        found = outbox.listed(session, TO_LOOK_AT, SHOWN)
        counts = outbox.counts(session)
    total = sum(counts[state] for state in TO_LOOK_AT)
    if not total:
        return
    title = ngettext("{n} message was not surely sent", "{n} messages were not surely sent", total)
    st.subheader(plain(title.format(n=number(total))), anchor=False)
    for one in found:
        with st.container(border=True, gap="xsmall"):
            said = _("**{reader}** by {outlet} · {moment} · {state}")
            state = _(words.STATES[State(one.state)])
            st.markdown(
                md(
                    said,
                    reader=words.reader(one.reader, one.person, one.code),
                    outlet=one.outlet,
                    moment=moment(one.written_at),
                    state=state,
                )
            )
            if one.failed_with:
                st.caption(plain(words.failure(one.failed_with)))
            doing.button(
                context,
                _("Send again"),
                partial(_resend, one.id),
                _("The message is on its way again."),
                key=f"outlets_resend_{one.id}",
                icon=":material/replay:",
                type="tertiary",
            )


def _resend(message_id: int, session: Session, act: Act) -> None:
    outbox.resend(session, message_id, act)

"""Where messages to oneself go, and which come when (D42)."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.messages import choices, outlets
from core.register.people import accounts
from core.rules.messages import SMTP
from core.ui.account import notice
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.outlets import choosing

PART = "messages"


def show(context: PageContext) -> None:
    """The address, a choice a group, and a button for each."""
    st.subheader(_("Messages by e-mail"), anchor=False)
    with context.register.read() as session:
        person = accounts.get(session, context.person.id)
        address, chosen = person.email or "", choices.of_person(session, person)
        mails = any(one.kind == SMTP for one in outlets.in_use(session))
    if not mails:
        st.caption(_("No mail server is set up yet: until then everything stands at the bell."))
    problems = notice.problems(PART)
    email = st.text_input(_("Your e-mail address"), address, key="account_email", autocomplete="email") or ""
    mend(problems, "email")
    if st.button(_("Save the address"), key="account_save_email", disabled=email.strip() == address):

        def save() -> None:
            with context.register.write() as session:
                choices.set_email(session, context.person.id, email, Act(context.person, context.now))

        notice.do(PART, save, _("Messages go to this address.") if email.strip() else _("No messages are sent to you."))
    with st.expander(_("What comes when")):
        wanted = choosing.fields(chosen, "account_messages")
        if st.button(_("Save the choice"), key="account_save_messages", disabled=wanted == chosen):

            def choose() -> None:
                with context.register.write() as session:
                    choices.choose(session, wanted, Act(context.person, context.now))

            notice.do(PART, choose, _("Your choice is saved."))

"""Another password of one's own: the old one is asked, this session goes on, every other ends."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.register.people import entry, passwords
from core.ui.account import notice
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.text import Markdown, md, plain

PART = "password"
OLD, NEW = "account_old", "account_new"
COLOURS = ("red", "orange", "green", "green")


def show(context: PageContext, token: str) -> None:
    """The two fields, how strong the new password is, and the button."""
    st.subheader(_("Password"), anchor=False)
    problems = notice.problems(PART)
    old = st.text_input(
        _("Present password"),
        type="password",
        key=OLD,
        max_chars=passwords.MAX_LENGTH,
        autocomplete="current-password",
    )
    mend(problems, "old")
    new = st.text_input(
        _("New password"),
        type="password",
        key=NEW,
        max_chars=passwords.MAX_LENGTH,
        autocomplete="new-password",
        live=True,
    )
    if "password" in problems:
        mend(problems, "password")
    else:
        st.caption(_strength(context, new or ""))
    if st.button(_("Change the password"), key="account_change_password", disabled=not (old and new)):

        def change() -> None:
            entry.change_password(context.register, context.person, token, old or "", new or "", now=context.now)

        notice.do(PART, change, _("Your password is changed. You are signed out everywhere else."), clear=(OLD, NEW))


def _strength(context: PageContext, password: str) -> Markdown:
    if not password:
        return plain(_("At least 10 characters; a few words you can remember are best."))
    level, verdict = passwords.strength(password, (context.person.login, context.person.name))
    return md(":{colour}[{verdict}]", colour=COLOURS[level], verdict=_(verdict))

"""Where one is signed in, and signing out everywhere else."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, ngettext, number
from core.register.people import sign_ins
from core.register.people.sign_ins import OpenSession
from core.ui.account import notice
from core.ui.context import PageContext
from core.ui.text import plain


def show(context: PageContext, token: str) -> None:
    """Every open session in words, this one first."""
    st.subheader(_("Where you are signed in"), anchor=False)
    with context.register.read() as session:
        found = sign_ins.open_sessions(session, context.person.id, token, now=context.now)
    for one in found:
        _show_one(one)
    others = sum(not one.is_this for one in found)
    if not others:
        st.caption(_("Nowhere else. A session ends after 12 hours without use, and after 14 days at the latest."))
        return
    if st.button(_("Sign out everywhere else"), icon=":material/logout:", key="account_sign_out_elsewhere"):

        def end() -> None:
            with context.register.write() as session:
                sign_ins.sign_out_elsewhere(session, context.person.id, token, now=context.now)

        done = ngettext("{n} other session ended.", "{n} other sessions ended.", others).format(n=number(others))
        notice.do("sessions", end, done)


def _show_one(one: OpenSession) -> None:
    device = plain(one.device or _("Unknown device"))
    here = f" :green-badge[{_('this session')}]" if one.is_this else ""
    when = _("Since {since}, last used {used}").format(since=moment(one.since), used=moment(one.last_seen))
    st.markdown(f"**{device}**{here}  \n:small[{plain(when)}]")

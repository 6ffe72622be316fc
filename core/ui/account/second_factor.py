"""One's own second factor: set it up with an app, get new recovery codes, turn it off."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.i18n import gettext as _
from core.i18n import ngettext, number
from core.register.people import entry, second_factor
from core.ui.account import notice
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.text import Words

PART = "second_factor"
CODE, PASSWORD, SETTING_UP = "account_code", "account_factor_password", "account_setting_up"
QR_WIDTH = 220  # pixels


def show(context: PageContext) -> None:
    """What it is, whether it is on, and what can be done about it."""
    st.subheader(_("Second factor"), anchor=False)
    with context.register.read() as session:
        is_on = second_factor.is_on(session, context.person.id)
        left = second_factor.recovery_codes_left(session, context.person.id)
        is_demanded = context.person.role in second_factor.demanding_roles(session)
    if is_on:
        _show_on(context, left, is_demanded=is_demanded)
    elif st.session_state.get(SETTING_UP):
        _show_setting_up(context)
    else:
        _show_off()


def _show_off() -> None:
    st.markdown(
        _(
            "Off. Turn it on, and signing in also asks for a code of an app on your phone:"
            " a stolen password is not enough."
        )
    )
    if st.button(_("Set up the second factor"), icon=":material/add_moderator:", key="account_set_up"):
        st.session_state[SETTING_UP] = True
        st.rerun()


def _show_setting_up(context: PageContext) -> None:
    with context.register.write() as session:
        secret = second_factor.offer(session, context.person.id, now=context.now)
    st.markdown(
        "1. "
        + _(
            "Install an authenticator app on your phone, if it has none: Google Authenticator, Microsoft Authenticator"
            " or another."
        )
        + "\n2. "
        + _("Scan this picture with the app, or type the key.")
    )
    st.image(second_factor.qr_code(secret, context.person.login), width=QR_WIDTH, caption=_("QR code of the key"))
    st.code(secret, language=None)
    password = _password_field()
    code = _code_field(_("Code of the app"))
    with st.container(horizontal=True):
        if st.button(_("Turn on"), type="primary", key="account_turn_on", disabled=not (password and code)):
            done = _("The second factor is on: the next sign-in asks for a code.")
            _change(context, entry.turn_on_second_factor, password, code, done)
        if st.button(_("Not now"), type="tertiary", key="account_not_now"):
            del st.session_state[SETTING_UP]
            st.rerun()


def _show_on(context: PageContext, left: int, *, is_demanded: bool) -> None:
    st.session_state.pop(SETTING_UP, None)
    codes = ngettext("{n} recovery code is left.", "{n} recovery codes are left.", left).format(n=number(left))
    st.markdown(f":green-badge[:material/verified_user: {_('On')}] {codes}")
    if is_demanded:
        st.caption(_("Your role demands it: if you turn it off, the next sign-in asks you to set it up again."))
    with st.expander(_("New recovery codes, another phone, turn it off"), key="account_change_factor"):
        st.caption(_("For another phone: turn it off here, then set it up with the new one."))
        password = _password_field()
        code = _code_field(_("Code of the app, or a recovery code"))
        is_ready = bool(password and code)
        with st.container(horizontal=True):
            if st.button(_("New recovery codes"), key="account_new_codes", disabled=not is_ready):
                _change(
                    context,
                    entry.renew_recovery_codes,
                    password,
                    code,
                    _("The older recovery codes are worth nothing now."),
                )
            if st.button(
                _("Turn off"), icon=":material/remove_moderator:", key="account_turn_off", disabled=not is_ready
            ):
                _change(context, entry.turn_off_second_factor, password, code, _("The second factor is off."))


def _change(context: PageContext, change: Callable[..., list[str] | None], password: str, code: str, done: str) -> None:
    notice.do(
        PART,
        lambda: change(context.register, context.person, password, code, now=context.now),
        done,
        clear=(CODE, PASSWORD),
    )


def _password_field() -> str:
    password = st.text_input(_("Present password"), type="password", key=PASSWORD, autocomplete="current-password")
    mend(notice.problems(PART), "old")
    return password or ""


def _code_field(label: Words) -> str:
    code = st.text_input(label, key=CODE, max_chars=24, autocomplete="one-time-code", live=True)
    mend(notice.problems(PART), "code")
    return code or ""

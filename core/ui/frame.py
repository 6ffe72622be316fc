"""The frame around every page: the session of the person who opens it, the foot of the sidebar, signing in and out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core import catalogues, clock
from core.errors import NotAllowed
from core.i18n import LANGUAGE_NAMES, LANGUAGES, N_, named, use
from core.i18n import gettext as _
from core.i18n import language as language_in_use
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.people import accounts, sign_ins
from core.settings import ROOT, SESSION_COOKIE, Settings, sign_in_link
from core.ui import components, drafts, go, pages, style
from core.ui.context import PageContext
from core.ui.text import md, plain

_leave = components.of_act("leave", "location.assign(data.address)")
OWN_RUN = "own_run"
OWN_RUN_LASTS = timedelta(seconds=10)  # the page asks who is there twice in a run
MARK = str(ROOT / "pages" / "static" / "mark.svg")


def cookies() -> Mapping[str, str]:
    """What the browser sent when it connected; tests put their own here."""
    return st.context.cookies


def utc_now() -> datetime:
    """The clock of the screens; tests put their own here."""
    return clock.utc_now()


def the_register() -> tuple[Register, Settings]:
    """The register this process serves, and its settings."""
    settings = Settings.from_env(os.environ)
    return open_register(settings.database_url, settings.evidence_dir), settings


def enter() -> PageContext:
    """The context of the signed-in person, read on every run; without a valid session only a link to sign in.

    From here on the run uses the person's language, and the names that the register's catalogues hold now.
    """
    register, settings = the_register()
    now, token = utc_now(), cookies().get(SESSION_COOKIE)
    person = sign_ins.recognise(register, token, now=now, used=not _is_own_run(now))
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
        organisation = rulebook.organisation(session).name
        ending = sign_ins.why_ended(session, token, now=now) if person is None else ""
    if person is None:
        _show_sign_in_link(ending, text_is_kept=drafts.rescue(register, now))
    use(person.language)
    if drafts.is_anothers(person.id):
        _reload(register, now)
    return PageContext(person, register, settings, now, language_in_use(), organisation)


def run_again() -> None:
    """Draw the page again by itself; nobody used it, so the idle end of the session comes no later."""
    st.session_state[OWN_RUN] = utc_now()
    st.rerun()


def _is_own_run(now: datetime) -> bool:
    """Whether the page asked for this run itself, a moment ago."""
    asked: datetime | None = st.session_state.get(OWN_RUN)
    return asked is not None and now - asked < OWN_RUN_LASTS


def open_page(key: str) -> PageContext:
    """The first line of every page: the context of a person whose role may open it; NotAllowed otherwise."""
    context = enter()
    if not context.may_open(key):
        raise NotAllowed(N_("This page is not part of your role: choose another from the menu."))
    return context


def name_register(context: PageContext) -> None:
    """What this program is and whose register, at the head of the sidebar."""
    with st.sidebar, st.container(key=style.REGISTER_NAME, gap=None):
        name = md("**{product}**  \n:small[{of}]", product=_("Complaint register"), of=context.organisation)
        st.markdown(name)


def foot(context: PageContext) -> None:
    """The foot of the sidebar: name and role, the way to one's account, language, sign out."""
    with st.sidebar:
        st.markdown(md("**{name}** · {role}", name=context.person.name, role=named("role", context.person.role)))
        if st.button(_("My account"), icon=":material/account_circle:", type="tertiary", key="my_account"):
            go.to("account")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            language_choice(context, "language", str.upper)
            st.button(_("Sign out"), icon=":material/logout:", type="tertiary", key="sign_out", on_click=_sign_out)


def language_choice(context: PageContext, key: str, words: Callable[[str], str] = LANGUAGE_NAMES.__getitem__) -> None:
    """The switch of the language that the person reads, kept with the account."""
    st.session_state[key] = context.language
    st.segmented_control(
        _("Language"),
        LANGUAGES,
        required=True,
        format_func=lambda language: plain(words(language)),
        key=key,
        label_visibility="collapsed",
        on_change=_choose_language,
        args=(key,),
    )


CLOSED = "closed"
ENDINGS = {
    "ended": N_("Your session has ended."),
    "idle": N_("Your session has ended: nobody used it for 12 hours."),
    CLOSED: sign_ins.CLOSED,
}


def _show_sign_in_link(ending: str, *, text_is_kept: bool) -> NoReturn:
    """Stop the run with a link to the sign-in form; after signing out the browser goes there by itself.

    Whose account is closed cannot sign in, and gets a sentence without a link.

    ``text_is_kept``: what was being typed in this tab is a draft on the server now.
    """
    style.no_toast_again()
    pages.hide_menu()
    if st.session_state.get("signed_out"):
        sentence, address = _("You are signed out."), "/sign-in"
        _leave_for(address)
    else:
        sentence, address = _(ENDINGS[ending]), sign_in_link(_address())
    if text_is_kept and ending != CLOSED:
        sentence += " " + _("What you typed is kept: it is there again after you sign in.")
    st.info(sentence, icon=":material/lock:")
    if ending != CLOSED and st.button(_("Sign in"), type="primary", icon=":material/login:"):
        _leave_for(address)
    st.stop()


def _reload(register: Register, now: datetime) -> NoReturn:
    """Load the page anew, and with it an empty tab: what this one holds is kept for the person who typed it."""
    opened = st.session_state[drafts.OPEN]
    drafts.rescue(register, now)
    st.session_state[drafts.OPEN] = opened  # a run that comes before the browser has left ends here too
    _leave_for(_address())
    st.stop()


def _leave_for(address: str) -> None:
    """Send the browser to a page beside Streamlit's, in the same tab, which no link or button of Streamlit's does."""
    _leave({"address": address})


def _address() -> str:
    """Path and query of the page as this run has them."""
    query = urlencode(st.query_params.to_dict())
    return (urlsplit(st.context.url or "").path or "/") + (f"?{query}" if query else "")


def _choose_language(key: str) -> None:
    register, _settings = the_register()
    now = utc_now()
    with register.write() as session:
        person = sign_ins.who(session, cookies().get(SESSION_COOKIE), now=now)
        if person is not None:
            accounts.set_language(session, st.session_state[key], Act(person, now))


def _sign_out() -> None:
    register, _settings = the_register()
    with register.write() as session:
        sign_ins.sign_out(session, cookies().get(SESSION_COOKIE), now=utc_now())
    st.session_state.signed_out = True

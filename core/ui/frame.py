"""The frame around every page: who is this, which pages may they see, and one sentence when something goes wrong."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NoReturn, ParamSpec
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from core import catalogues
from core.errors import NotAllowed, PopsError, place
from core.i18n import LANGUAGES, N_, Language, named, sentence, use
from core.i18n import gettext as _
from core.i18n import language as language_in_use
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from core.register.people import accounts, sign_ins
from core.rules import roles
from core.settings import ROOT, SESSION_COOKIE, Settings

P = ParamSpec("P")
MARK = str(ROOT / "pages" / "static" / "mark.svg")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """A screen: its key is its file's name, its address and its entry in ``core.rules.roles.PAGES``."""

    key: str
    section: str
    title: str
    icon: str
    file: str
    in_menu: bool = True


FIRST_PAGE = "overview"  # lives at "/"; its other addresses lead there (core.web.gate)
WORK, ANALYSIS, HOUSE = N_("Work"), N_("Analysis"), N_("Administration")
PAGES = (
    Page("overview", WORK, N_("Overview"), ":material/space_dashboard:", "overview.py"),
    Page("log_complaint", WORK, N_("Log a complaint"), ":material/edit_note:", "log_complaint.py"),
    Page("queue", WORK, N_("Queue"), ":material/inbox:", "queue.py"),
    Page("complaint", WORK, N_("Complaint"), ":material/description:", "complaint.py", in_menu=False),
    Page("breakdown", ANALYSIS, N_("Breakdown"), ":material/category:", "breakdown.py"),
    Page("sla", ANALYSIS, N_("SLA"), ":material/timer:", "sla.py"),
    Page("root_causes", ANALYSIS, N_("Root causes"), ":material/account_tree:", "root_causes.py"),
    Page("explore", ANALYSIS, N_("Explore"), ":material/table_view:", "explore.py"),
    Page("people", HOUSE, N_("People"), ":material/group:", "admin/people.py"),
    Page("calendar", HOUSE, N_("Calendar"), ":material/calendar_month:", "admin/calendar.py"),
)


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page knows for one run: the signed-in person, the register, and the moment."""

    person: Person
    register: Register
    settings: Settings
    now: datetime
    language: Language

    def may(self, verb: str) -> bool:
        """Whether this person's role may do ``verb`` at all; the register decides about the case at hand."""
        return roles.may(self.person.role, verb)

    def may_open(self, page: str) -> bool:
        """Whether this person's role may open ``page``."""
        return roles.may_open(self.person.role, page)

    @property
    def sees_personal_data(self) -> bool:
        """Whether names, phones, accounts and free text are shown whole."""
        return roles.sees_personal_data(self.person.role)


def file_of(key: str) -> Path:
    """The script of a page, as ``st.switch_page`` and ``st.page_link`` want it."""
    return next(ROOT / "pages" / page.file for page in PAGES if page.key == key)


def cookies() -> Mapping[str, str]:
    """What the browser sent when it connected; tests put their own here."""
    return st.context.cookies


def utc_now() -> datetime:
    """The clock of the screens; tests put their own here."""
    return datetime.now(UTC)


def the_register() -> tuple[Register, Settings]:
    """The register this process serves, and its settings."""
    settings = Settings.from_env(os.environ)
    return open_register(settings.database_url, settings.evidence_dir), settings


def person_of(register: Register, sent: Mapping[str, str], *, now: datetime) -> Person | None:
    """Whose session the cookies ``sent`` carry; None without a valid one."""
    token = sent.get(SESSION_COOKIE)
    if not token:
        return None
    with register.read() as session:
        return sign_ins.who(session, token, now=now)


def enter() -> PageContext:
    """Who is this? Asked of the register on every run; without a valid session nothing but the way in is shown.

    From here on the run speaks the person's language and names keys as the register does now.
    """
    register, settings = the_register()
    now = utc_now()
    person = person_of(register, cookies(), now=now)
    if person is None:
        _show_the_way_in()
    use(person.language)
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    return PageContext(person, register, settings, now, language_in_use())


def open_page(key: str) -> PageContext:
    """The first line of every page: the context of a person whose role may open it; NotAllowed otherwise."""
    context = enter()
    if not context.may_open(key):
        raise NotAllowed(N_("This page is not part of your role: choose another from the menu."))
    return context


def navigation(context: PageContext) -> st.Page:
    """The menu of this person's role; every other page keeps its address, so that opening it says why it stays shut."""
    sections: dict[str, list[st.Page]] = {}
    for page in PAGES:
        shown = page.in_menu and context.may_open(page.key)
        sections.setdefault(_(page.section), []).append(_entry(page, "visible" if shown else "hidden"))
    return st.navigation(sections, expanded=True)


def _entry(page: Page, visibility: Literal["visible", "hidden"]) -> st.Page:
    return st.Page(
        ROOT / "pages" / page.file,
        title=_(page.title),
        icon=page.icon,
        url_path=page.key,
        default=page.key == FIRST_PAGE,
        visibility=visibility,
    )


def foot(context: PageContext) -> None:
    """The foot of the sidebar: name and role, language, sign out."""
    with st.sidebar:
        st.markdown(f"**{plain(context.person.name)}** · {named('role', context.person.role)}")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.segmented_control(
                _("Language"),
                LANGUAGES,
                default=context.language,
                required=True,
                format_func=str.upper,
                key="language",
                label_visibility="collapsed",
                on_change=_choose_language,
            )
            st.button(_("Sign out"), icon=":material/logout:", type="tertiary", key="sign_out", on_click=_sign_out)


@contextmanager
def boundary() -> Iterator[None]:
    """One place where what went wrong becomes a sentence; Streamlit's own stop and rerun pass."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 (whatever it is, the reader gets a sentence and the log the place)
        show_error(error)


def show_error(error: Exception) -> bool:
    """Say what went wrong: our own sentence, or a reference number under which the log has the place; always True."""
    use(st.session_state.get("language") or language_in_use())  # a callback runs before `enter` has chosen it
    if isinstance(error, PopsError):
        st.error(sentence(error), icon=":material/block:" if isinstance(error, NotAllowed) else ":material/error:")
        return True
    reference = secrets.token_hex(3).upper()
    log.error("%s %s", reference, place(error))
    said = _("Something went wrong here. Try again; if it stays, give the administrator this number: {reference}.")
    st.error(said.format(reference=reference), icon=":material/error:")
    return True


def plain(text: str) -> str:
    """``text`` with everything Markdown would read as a sign made a letter again."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|~$:<>&-])", r"\\\1", text)


def _show_the_way_in() -> NoReturn:
    """Stop the run with the way to the sign-in form; after signing out the browser goes there by itself."""
    st.navigation([_entry(page, "hidden") for page in PAGES], position="hidden")  # keeps the address, runs nothing
    if st.session_state.get("signed_out"):
        said, address = _("You are signed out."), "/sign-in"
        _leave_for(address)
    else:
        said, address = _("Your session has ended."), _sign_in_link()
    st.info(said, icon=":material/lock:")
    if st.button(_("Sign in"), type="primary", icon=":material/login:"):
        _leave_for(address)
    st.stop()


def _leave_for(address: str) -> None:
    """Send the browser to a page beside Streamlit's, in the same tab, which no link or button of Streamlit's does."""
    st.html(f"<script>window.location.assign({json.dumps(address)})</script>", unsafe_allow_javascript=True)


def _sign_in_link() -> str:
    query = urlencode(st.query_params.to_dict())
    wanted = (urlsplit(st.context.url or "").path or "/") + (f"?{query}" if query else "")
    return "/sign-in" if wanted == "/" else "/sign-in?next=" + quote(wanted, safe="/")


def _choose_language() -> None:
    register, _settings = the_register()
    now = utc_now()
    person = person_of(register, cookies(), now=now)
    if person is not None:
        with register.write() as session:
            accounts.set_language(session, st.session_state.language, Act(person, now))


def _sign_out() -> None:
    register, _settings = the_register()
    with register.write() as session:
        sign_ins.sign_out(session, cookies().get(SESSION_COOKIE), now=utc_now())
    st.session_state.signed_out = True

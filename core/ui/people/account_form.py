"""The form of one account: a new one, or the role, way in and state of one that exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import streamlit as st

from core.catalogues import catalogues, name_of
from core.errors import Invalid, PopsError
from core.i18n import gettext as _
from core.i18n import moment, named
from core.i18n import sentence as sentence_of
from core.register.log.act import Act
from core.register.log.tables import Person
from core.register.messages import choices
from core.register.people import accounts, invitations, second_factor
from core.register.people.accounts import Account
from core.rules.catalogue import Catalogue, offered
from core.rules.marks import visible
from core.rules.roles import ROLES, answers_for_department
from core.ui import address
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.people import account_history
from core.ui.people.account_list import last_sign_in
from core.ui.text import Markdown, md, plain

PROBLEMS, NOTICE = "people_problems", "people_notice"


def show_notice() -> None:
    """What was just done, shown once; a one-time link is shown here and never again."""
    notice: tuple[str, str] | None = st.session_state.pop(NOTICE, None)
    if notice is None:
        return
    sentence, link = notice
    with st.container(border=bool(link)):
        st.success(plain(sentence), icon=":material/task_alt:")
        if link:
            st.markdown(_("The link, shown only now. Hand it to this person and to nobody else:"))
            st.code(link, language=None, wrap_lines=True)


def back_button() -> None:
    """Back to the list."""
    st.button(_("All accounts"), icon=":material/arrow_back:", type="tertiary", key="people_back", on_click=_back)


def show_new(context: PageContext) -> None:
    """The form of a new account."""
    problems = _problems()
    name = st.text_input(_("Name"), key="people_name", max_chars=accounts.MAX_NAME)
    mend(problems, "name")
    login = st.text_input(_("Login name"), key="people_login", max_chars=64, autocomplete="off")
    if "login" in problems:
        mend(problems, "login")
    else:
        st.caption(plain(_(accounts.LOGIN_RULE)))
    role, place = _role_fields("people_new", address.word("role", list(ROLES), "agent"), Place(), problems)
    st.caption(_("You get a one-time link, by which this person sets a password that nobody else knows."))
    if st.button(_("Create the account"), type="primary", key="people_create"):

        def create() -> str:
            act = Act(context.person, context.now)
            with context.register.write() as session:
                account = Account(login, name, role, place.department, branch=place.branch)
                return invitations.invite(session, accounts.add(session, account, None, act).id, act)

        done = _("The account of {name} is made; the login name is {login}.").format(
            name=name.strip(), login=accounts.normal_login(login)
        )
        _do(context, create, done, back=True)


def show_person(context: PageContext, person: Person, last_sign_ins: Mapping[int, datetime]) -> None:
    """One account and what can be changed about it."""
    signed_in = last_sign_in(person, last_sign_ins)
    st.caption(md(_("Login name {login}. Last signed in: {moment}."), login=person.login, moment=signed_in))
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        _show_role(context, person)
    with right.container(border=True, height="stretch"):
        _show_way_in(context, person)
    with st.container(border=True):
        _show_address(context, person)
    with st.container(border=True):
        _show_account(context, person)
    with st.container(border=True):
        account_history.show(context, person)


def _show_role(context: PageContext, person: Person) -> None:
    st.subheader(_("Role"), anchor=False)
    before = Place(person.department, person.branch)
    role, place = _role_fields(f"people_{person.id}", person.role, before, _problems())
    is_same = (role, place) == (person.role, before)
    if st.button(_("Save the role"), key="people_save_role", disabled=is_same):

        def save() -> None:
            act = Act(context.person, context.now)
            with context.register.write() as session:
                accounts.set_role(session, person.id, role, place.department, act, branch=place.branch)

        _do(context, save, _("{name} is now {role}.").format(name=person.name, role=named("role", role)))


def _show_way_in(context: PageContext, person: Person) -> None:
    """The one-time link, the second factor, the sessions."""
    st.subheader(_("Signing in"), anchor=False)
    with context.register.read() as session:
        until = invitations.open_until(session, now=context.now).get(person.id)
        has_factor = second_factor.is_on(session, person.id)
    act = Act(context.person, context.now)
    st.markdown(_way_in(person, until, has_factor=has_factor))

    def invite() -> str:
        with context.register.write() as session:
            return invitations.invite(session, person.id, act)

    def revoke() -> None:
        with context.register.write() as session:
            invitations.revoke(session, person.id, act)

    def reset() -> None:
        with context.register.write() as session:
            second_factor.reset(session, person.id, act)

    def sign_out() -> None:
        with context.register.write() as session:
            accounts.sign_out_everywhere(session, person.id, act)

    name = person.name
    if person.active and st.button(_("Make a one-time link"), icon=":material/add_link:", key="people_invite"):
        _do(context, invite, _("{name} can set a password by this link, once, within 72 hours.").format(name=name))
    if until and st.button(_("Withdraw the link"), icon=":material/link_off:", key="people_revoke"):
        _do(context, revoke, _("The link of {name} is worth nothing any more.").format(name=name))
    if has_factor and st.button(
        _("Turn the second factor off"),
        icon=":material/remove_moderator:",
        key="people_reset_factor",
        help=_("For somebody who lost the device. Make sure who asks you: it is often how accounts are stolen."),
    ):
        _do(context, reset, _("The second factor of {name} is off, and every session is ended.").format(name=name))
    if (
        person.active
        and person.password_hash
        and st.button(_("End every session"), icon=":material/logout:", key="people_sign_out")
    ):
        _do(context, sign_out, _("{name} is signed out everywhere.").format(name=name))


def _way_in(person: Person, until: datetime | None, *, has_factor: bool) -> Markdown:
    """How that person gets in, in sentences."""
    if not person.password_hash:
        sentences = [_("No password yet.")]
    else:
        sentences = [_("Has a password.") if not person.must_change_password else _("Must change the password.")]
    sentences.append(_("Second factor: on.") if has_factor else _("Second factor: off."))
    if until:
        sentences.append(_("A one-time link is open until {moment}.").format(moment=moment(until)))
    return plain(" ".join(sentences))


def _show_address(context: PageContext, person: Person) -> None:
    st.subheader(_("E-mail address"), anchor=False)
    now = person.email or ""
    email = st.text_input(_("Messages go to"), now, key=f"people_{person.id}_email", autocomplete="off") or ""
    mend(_problems(), "email")
    if st.button(_("Save the address"), key="people_save_email", disabled=email.strip() == now):

        def save() -> None:
            with context.register.write() as session:
                choices.set_email(session, person.id, email, Act(context.person, context.now))

        _do(context, save, _("The e-mail address of {name} is saved.").format(name=person.name))


def _show_account(context: PageContext, person: Person) -> None:
    st.subheader(_("Account"), anchor=False)
    change = accounts.deactivate if person.active else accounts.activate

    def save() -> None:
        with context.register.write() as session:
            change(session, person.id, Act(context.person, context.now))

    if person.active:
        st.markdown(_("Closing it ends every open session at once. What this person did stays in the history."))
        if st.button(_("Close the account"), icon=":material/lock:", key="people_close"):
            _do(context, save, _("The account of {name} is closed.").format(name=person.name))
    else:
        st.markdown(_("This account is closed: nobody can sign in with it."))
        if st.button(_("Open the account again"), icon=":material/lock_open:", key="people_open"):
            _do(context, save, _("The account of {name} is open again.").format(name=person.name))


class Place(NamedTuple):
    """Where somebody belongs, as far as that limits what they see."""

    department: str | None = None
    branch: str | None = None


def _role_fields(key: str, role: str, place: Place, problems: Mapping[str, str]) -> tuple[str, Place]:
    """Role, the department for those who answer for one, and the branch where the organisation has branches."""
    keys = list(ROLES)
    chosen = st.selectbox(
        _("Role"), keys, index=keys.index(role), format_func=lambda one: named("role", one), key=f"{key}_role"
    )
    mend(problems, "role")
    department = branch = None
    if answers_for_department(chosen):
        known = offered(catalogues().departments, place.department)
        department = _choose(_("Department"), known, place.department, _("Choose …"), f"{key}_department")
        mend(problems, "department")
    if branches := offered(catalogues().branches, place.branch):
        branch = _choose(_("Branch"), branches, place.branch, _("all branches"), f"{key}_branch")
        mend(problems, "branch")
        st.caption(_("Whoever has a branch sees its complaints alone; agents, leads and handlers also those of none."))
    return chosen, Place(department, branch)


def _choose(title: str, names: Catalogue, now: str | None, none: str, key: str) -> str | None:
    if now in names:
        st.session_state.setdefault(key, now)  # with an index the choice could not be taken back
    return st.selectbox(
        plain(title),
        list(names),
        index=None,
        format_func=lambda one: visible(name_of(names, one)),
        placeholder=none,
        key=key,
    )


def _do(context: PageContext, step: Callable[[], str | None], done: str, *, back: bool = False) -> None:
    """Take the step; then show ``done`` and the link whose code it returns, or what to mend, with everything typed."""
    try:
        code = step()
    except Invalid as wrong:
        if not wrong.fields:
            st.error(plain(sentence_of(wrong)), icon=":material/error:")
            return
        st.session_state[PROBLEMS] = wrong.fields
        st.rerun()
    except PopsError as refused:
        st.error(plain(sentence_of(refused)), icon=":material/block:")
        return
    st.session_state[NOTICE] = (done, f"{_site(context)}/invite?code={code}" if code else "")
    for key in ("people_name", "people_login"):
        st.session_state.pop(key, None)
    if back:
        _back()
    st.rerun()


def _site(context: PageContext) -> str:
    """``scheme://host[:port]`` under which people reach this register: as it is set, else as the administrator did."""
    seen = urlsplit(st.context.url or "")
    seen_address = f"{seen.scheme}://{seen.netloc}" if seen.netloc else context.settings.address
    return context.settings.base_url or seen_address


def _problems() -> dict[str, str]:
    """What the last try left to mend, shown until the next run that is not about it."""
    problems: dict[str, str] = st.session_state.get(PROBLEMS, {})
    return problems


def forget_problems() -> None:
    """The page is drawn: what was to mend has been shown."""
    st.session_state.pop(PROBLEMS, None)


def _back() -> None:
    address.put(person=None, role=None)

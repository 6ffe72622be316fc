"""The form of one account: a new one, or the role, password and state of one that exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.errors import Invalid, PopsError
from core.i18n import gettext as _
from core.i18n import named
from core.i18n import sentence as sentence_of
from core.register.log.act import Act
from core.register.log.tables import Person
from core.register.people import accounts, passwords
from core.register.people.accounts import Account
from core.rules.roles import ROLES, answers_for_department
from core.ui import address
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.people.account_list import last_sign_in
from core.ui.text import md, plain

PROBLEMS, NOTICE, SUGGESTED = "people_problems", "people_notice", "people_suggested"
STRENGTH_COLOURS = ("red", "orange", "orange", "green", "green")


def show_notice() -> None:
    """What was just done, shown once; a first password is shown here and never again."""
    notice: tuple[str, str] | None = st.session_state.pop(NOTICE, None)
    if notice is None:
        return
    sentence, password = notice
    with st.container(border=bool(password)):
        st.success(plain(sentence), icon=":material/task_alt:")
        if password:
            st.markdown(_("The password, shown only now. Hand it over in person or by telephone:"))
            st.code(password, language=None)


def back_button() -> None:
    """Back to the list."""
    st.button(_("All accounts"), icon=":material/arrow_back:", type="tertiary", key="people_back", on_click=_back)


def show_new(context: PageContext) -> None:
    """The form of a new account."""
    problems = _problems()
    name = st.text_input(_("Name"), key="people_name", max_chars=accounts.MAX_NAME)
    mend(problems, "name")
    login = st.text_input(_("Login name"), key="people_login", max_chars=64, autocomplete="off")
    mend(problems, "login")
    role, department = _role_fields("people_new", address.word("role", list(ROLES), "agent"), None, problems)
    password = _password_field(login, problems)
    if st.button(_("Create the account"), type="primary", key="people_create"):

        def create() -> None:
            with context.register.write() as session:
                accounts.add(
                    session,
                    Account(login=login, name=name, role=role, department=department),
                    password,
                    Act(context.person, context.now),
                )

        done = _("{name} can now sign in as {login}.")
        done = done.format(name=name.strip(), login=accounts.normal_login(login))
        _do(create, done, password=password, back=True)


def show_person(context: PageContext, person: Person, last_sign_ins: Mapping[int, datetime]) -> None:
    """One account and what can be changed about it."""
    signed_in = last_sign_in(person, last_sign_ins)
    st.caption(md(_("Login name {login}. Last signed in: {moment}."), login=person.login, moment=signed_in))
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        _show_role(context, person)
    with right.container(border=True, height="stretch"):
        _show_password(context, person)
    with st.container(border=True):
        _show_account(context, person)


def _show_role(context: PageContext, person: Person) -> None:
    st.subheader(_("Role"), anchor=False)
    role, department = _role_fields(f"people_{person.id}", person.role, person.department, _problems())
    if st.button(
        _("Save the role"), key="people_save_role", disabled=(role, department) == (person.role, person.department)
    ):

        def save() -> None:
            with context.register.write() as session:
                accounts.set_role(session, person.id, role, department, Act(context.person, context.now))

        _do(save, _("{name} is now {role}.").format(name=person.name, role=named("role", role)))


def _show_password(context: PageContext, person: Person) -> None:
    st.subheader(_("Password"), anchor=False)
    password = _password_field(person.login, _problems())
    st.caption(_("A new password ends every open session of this person."))
    if st.button(_("Set this password"), key="people_save_password"):

        def save() -> None:
            with context.register.write() as session:
                accounts.change_password(session, person.id, password, Act(context.person, context.now))

        _do(save, _("{name} has a new password.").format(name=person.name), password=password)


def _show_account(context: PageContext, person: Person) -> None:
    st.subheader(_("Account"), anchor=False)
    change = accounts.deactivate if person.active else accounts.activate

    def save() -> None:
        with context.register.write() as session:
            change(session, person.id, Act(context.person, context.now))

    if person.active:
        st.markdown(_("Closing it ends every open session at once. What this person did stays in the history."))
        if st.button(_("Close the account"), icon=":material/lock:", key="people_close"):
            _do(save, _("The account of {name} is closed.").format(name=person.name))
    else:
        st.markdown(_("This account is closed: nobody can sign in with it."))
        if st.button(_("Open the account again"), icon=":material/lock_open:", key="people_open"):
            _do(save, _("The account of {name} is open again.").format(name=person.name))


def _role_fields(key: str, role: str, department: str | None, problems: Mapping[str, str]) -> tuple[str, str | None]:
    """Role, and the department for those who answer for one."""
    keys = list(ROLES)
    chosen = st.selectbox(
        _("Role"), keys, index=keys.index(role), format_func=lambda one: named("role", one), key=f"{key}_role"
    )
    mend(problems, "role")
    if not answers_for_department(chosen):
        return chosen, None
    known = catalogues().departments
    departments = list(known)
    answers_for = st.selectbox(
        _("Department"),
        departments,
        index=departments.index(department) if department and department in known else None,
        format_func=lambda one: name_of(known, one),
        placeholder=_("Choose …"),
        key=f"{key}_department",
    )
    mend(problems, "department")
    return chosen, answers_for


def _password_field(login: str, problems: Mapping[str, str]) -> str:
    """A password to hand over, suggested and changeable, with how strong it is."""
    suggested = st.session_state.setdefault(SUGGESTED, passwords.suggest())
    password = st.text_input(
        _("Password"),
        value=suggested,
        key="people_password",
        max_chars=passwords.MAX_LENGTH,
        autocomplete="off",
        live=True,
    )
    score, verdict = passwords.strength(password or "", login or "")
    if "password" in problems:
        mend(problems, "password")
    else:
        st.caption(md(":{colour}[{verdict}]", colour=STRENGTH_COLOURS[score], verdict=_(verdict)))
    return password or ""


def _do(step: Callable[[], None], done: str, *, password: str = "", back: bool = False) -> None:
    """Take the step; then show ``done``, or what to mend, with everything typed still there."""
    try:
        step()
    except Invalid as wrong:
        st.session_state[PROBLEMS] = wrong.fields
        st.rerun()
    except PopsError as refused:
        st.error(plain(sentence_of(refused)), icon=":material/block:")
        return
    st.session_state[NOTICE] = (done, password)
    st.session_state.pop(SUGGESTED, None)
    for key in ("people_password", "people_name", "people_login"):
        st.session_state.pop(key, None)
    if back:
        _back()
    st.rerun()


def _problems() -> dict[str, str]:
    """What the last try left to mend, shown until the next run that is not about it."""
    problems: dict[str, str] = st.session_state.get(PROBLEMS, {})
    return problems


def forget_problems() -> None:
    """The page is drawn: what was to mend has been shown."""
    st.session_state.pop(PROBLEMS, None)


def _back() -> None:
    address.put(person=None, role=None)

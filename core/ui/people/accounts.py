"""Accounts as an administrator sees and changes them: the list, who is still missing, one person, a new person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.errors import Invalid, PopsError
from core.i18n import N_, moment, named, ngettext, number, sentence
from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.log.tables import Person
from core.register.people import accounts, passwords
from core.register.people.accounts import Account
from core.rules.roles import ROLES, answers_for_department
from core.rules.text import fold
from core.ui import address, go
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import plain

NEW = "new"
PROBLEMS, TOLD, SUGGESTED = "people_problems", "people_told", "people_suggested"
NEEDED: Mapping[str, str] = {
    "lead": N_("gives out the work and explains what was late"),
    "agent": N_("logs complaints and answers the customers"),
    "handler": N_("answers what is forwarded to the department; one person for each department at least"),
}
STRENGTH_COLOURS = ("red", "orange", "orange", "green", "green")


def title(everybody: Sequence[Person], seen: Mapping[int, datetime]) -> str:
    """How many may sign in, and how many of them never did."""
    able = [person for person in everybody if _can_sign_in(person)]
    never = sum(person.id not in seen for person in able)
    said = ngettext("{n} person can sign in", "{n} people can sign in", len(able)).format(n=number(len(able)))
    return said + (_(", {n} never did").format(n=number(never)) if never else "")


def show_list(everybody: Sequence[Person], seen: Mapping[int, datetime]) -> None:
    """Everybody, each row leading to the person."""
    columns = (
        Column(_("Name, login name"), 0, "first"),
        Column(_("Role"), 16, "second"),
        Column(_("Last signed in"), 12),
        Column(_("Account"), 13, "last"),
    )
    in_order = sorted(everybody, key=lambda person: (not person.active, fold(person.name)))
    table(columns, [_row(person, seen) for person in in_order], key="people_rows", alt=_("Accounts"))


def show_needed(everybody: Sequence[Person]) -> None:
    """Which roles nobody has yet, each with a way to fill it; nothing once all are filled."""
    filled = {person.role for person in everybody if _can_sign_in(person)}
    missing = [role for role in NEEDED if role not in filled]
    if not missing:
        return
    alone = len(everybody) == 1
    with st.container(border=True):
        st.markdown(
            _("**You are alone here. These accounts are needed first:**")
            if alone
            else _("**Nobody can sign in in these roles yet:**")
        )
        for role in missing:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{_role(role)}**: {_(NEEDED[role])}.", width="stretch")
                st.button(
                    _("Add"), icon=":material/person_add:", key=f"people_add_{role}", on_click=_open_new, args=(role,)
                )


def show_told() -> None:
    """What was just done, told once; a first password is shown here and never again."""
    told: tuple[str, str] | None = st.session_state.pop(TOLD, None)
    if told is None:
        return
    said, password = told
    with st.container(border=bool(password)):
        st.success(said, icon=":material/task_alt:")
        if password:
            st.markdown(_("The password, shown only now. Hand it over in person or by telephone:"))
            st.code(password, language=None)


def add_button() -> None:
    """The way to a new account."""
    st.button(_("Add a person"), type="primary", icon=":material/person_add:", key="people_add", on_click=_open_new)


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

        said = _("{name} can now sign in as {login}.").format(
            name=plain(name.strip()), login=plain(accounts.normal_login(login))
        )
        _do(create, said, password=password, back=True)


def show_person(context: PageContext, person: Person, seen: Mapping[int, datetime]) -> None:
    """One account and what can be changed about it."""
    signed_in = moment(seen[person.id]) if person.id in seen else _("never")
    st.caption(
        _("Login name {login}. Last signed in: {moment}.").format(login=plain(person.login), moment=plain(signed_in))
    )
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

        _do(save, _("{name} is now {role}.").format(name=plain(person.name), role=_role(role)))


def _show_password(context: PageContext, person: Person) -> None:
    st.subheader(_("Password"), anchor=False)
    password = _password_field(person.login, _problems())
    st.caption(_("A new password ends every open session of this person."))
    if st.button(_("Set this password"), key="people_save_password"):

        def save() -> None:
            with context.register.write() as session:
                accounts.change_password(session, person.id, password, Act(context.person, context.now))

        _do(save, _("{name} has a new password.").format(name=plain(person.name)), password=password)


def _show_account(context: PageContext, person: Person) -> None:
    st.subheader(_("Account"), anchor=False)
    change = accounts.deactivate if person.active else accounts.activate

    def save() -> None:
        with context.register.write() as session:
            change(session, person.id, Act(context.person, context.now))

    if person.active:
        st.markdown(_("Closing it ends every open session at once. What this person did stays in the history."))
        if st.button(_("Close the account"), icon=":material/lock:", key="people_close"):
            _do(save, _("The account of {name} is closed.").format(name=plain(person.name)))
    else:
        st.markdown(_("This account is closed: nobody can sign in with it."))
        if st.button(_("Open the account again"), icon=":material/lock_open:", key="people_open"):
            _do(save, _("The account of {name} is open again.").format(name=plain(person.name)))


def _role_fields(key: str, role: str, department: str | None, problems: Mapping[str, str]) -> tuple[str, str | None]:
    """Role, and the department for those who answer for one."""
    keys = list(ROLES)
    chosen = st.selectbox(_("Role"), keys, index=keys.index(role), format_func=_role, key=f"{key}_role")
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
    score, said = passwords.strength(password or "", login or "")
    if "password" in problems:
        mend(problems, "password")
    else:
        st.caption(f":{STRENGTH_COLOURS[score]}[{_(said)}]")
    return password or ""


def _do(step: Callable[[], None], said: str, *, password: str = "", back: bool = False) -> None:
    """Take the step; then the sentence that says so, or what to mend with everything typed still there."""
    try:
        step()
    except Invalid as wrong:
        st.session_state[PROBLEMS] = wrong.fields
        st.rerun()
    except PopsError as refused:
        st.error(sentence(refused), icon=":material/block:")
        return
    st.session_state[TOLD] = (said, password)
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
    """The page is drawn: what was to mend has been told."""
    st.session_state.pop(PROBLEMS, None)


def _open_new(role: str | None = None) -> None:
    address.put(person=NEW, role=role)


def _back() -> None:
    address.put(person=None, role=None)


def _row(person: Person, seen: Mapping[int, datetime]) -> Row:
    department = name_of(catalogues().departments, person.department) if person.department else ""
    signed_in = moment(seen[person.id]) if person.id in seen else _("never")
    return Row(
        key=str(person.id),
        href=go.address("people", person=str(person.id)),
        cells=(
            Cell(person.name, person.login),
            Cell(_role(person.role), department),
            Cell(signed_in),
            _account(person),
        ),
    )


def _account(person: Person) -> Cell:
    if not person.active:
        return Cell(_("closed"), tone="off")
    return Cell(_("in use"), tone="met") if _can_sign_in(person) else Cell(_("without a password"), tone="off")


def _can_sign_in(person: Person) -> bool:
    return person.active and person.password_hash is not None


def _role(key: str) -> str:
    return named("role", key)

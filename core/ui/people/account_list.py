"""The list of accounts: who has one, in which role, when they last signed in, and which roles nobody fills yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import N_, moment, named, ngettext, number, short_moment
from core.i18n import gettext as _
from core.register.log.tables import Person
from core.ui import address, go
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import md

NEW = "new"
"""What ``?person=`` holds while a new account is filled in."""
NEEDED_ROLES: Mapping[str, str] = {
    "lead": N_("gives out the work and explains what was late"),
    "agent": N_("logs complaints and answers the customers"),
    "handler": N_("answers what is forwarded to the department; one person for each department at least"),
}


def title(everybody: Sequence[Person], last_sign_ins: Mapping[int, datetime]) -> str:
    """How many may sign in, and how many of them never did."""
    able = [person for person in everybody if _can_sign_in(person)]
    never = sum(person.id not in last_sign_ins for person in able)
    sentence = ngettext("{n} person can sign in", "{n} people can sign in", len(able)).format(n=number(len(able)))
    return sentence + (_(", {n} never did").format(n=number(never)) if never else "")


@dataclass(frozen=True, slots=True)
class WaysIn:
    """Beside the people themselves: person id → when they last signed in, until when their link is open, and who has
    a second factor.
    """

    last_sign_ins: Mapping[int, datetime]
    links: Mapping[int, datetime]
    second_factors: Collection[int]


def show_list(everybody: Sequence[Person], ways_in: WaysIn, now: datetime) -> None:
    """Everybody, each row leading to the person."""
    columns = (
        Column(_("Name, login name"), 0, "first"),
        Column(_("Role"), 16, "second"),
        Column(_("Last signed in"), 12),
        Column(_("Account"), 13, "last"),
    )
    table(columns, [_row(person, ways_in, now) for person in everybody], key="people_rows", alt=_("Accounts"))


def show_missing(everybody: Sequence[Person]) -> None:
    """Which roles nobody has yet, each with a way to fill it; nothing once all are filled."""
    filled = {person.role for person in everybody if _can_sign_in(person)}
    missing = [role for role in NEEDED_ROLES if role not in filled]
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
                needed = md("**{role}**: {does}.", role=named("role", role), does=_(NEEDED_ROLES[role]))
                st.markdown(needed, width="stretch")
                st.button(
                    _("Add"), icon=":material/person_add:", key=f"people_add_{role}", on_click=_open_new, args=(role,)
                )


def last_sign_in(person: Person, last_sign_ins: Mapping[int, datetime]) -> str:
    """When the person last signed in, in words."""
    return moment(last_sign_ins[person.id]) if person.id in last_sign_ins else _("never")


def add_button() -> None:
    """The way to a new account."""
    st.button(_("Add a person"), type="primary", icon=":material/person_add:", key="people_add", on_click=_open_new)


def _open_new(role: str | None = None) -> None:
    address.put(person=NEW, role=role)


def _row(person: Person, ways_in: WaysIn, now: datetime) -> Row:
    known = catalogues()
    places = (known.departments, person.department), (known.branches, person.branch)
    belongs = " · ".join(name_of(names, key) for names, key in places if key)
    return Row(
        key=str(person.id),
        href=go.address("people", person=str(person.id)),
        cells=(
            Cell(person.name, person.login),
            Cell(named("role", person.role), belongs),
            Cell(last_sign_in(person, ways_in.last_sign_ins)),
            _account(person, ways_in, now),
        ),
    )


def _account(person: Person, ways_in: WaysIn, now: datetime) -> Cell:
    if not person.active:
        return Cell(_("closed"), tone="off")
    link = ways_in.links.get(person.id)
    below = _("link until {moment}").format(moment=short_moment(link, now)) if link else ""
    if not _can_sign_in(person):
        return Cell(_("invited") if link else _("without a password"), below, tone="near" if link else "off")
    below = below or (_("second factor") if person.id in ways_in.second_factors else "")
    return Cell(_("in use"), below, tone="met")


def _can_sign_in(person: Person) -> bool:
    return person.active and person.password_hash is not None

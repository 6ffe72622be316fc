"""When one is away and who stands in (D23); a lead or an administrator writes it down for others too."""

from __future__ import annotations

import streamlit as st

from core.i18n import day
from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.log.tables import Person
from core.register.people import absences, accounts
from core.register.people.absences import MANAGE, Absence
from core.rules.calendar import local_day
from core.rules.marks import visible
from core.rules.steps import DIRECT
from core.ui import fields
from core.ui.account import notice
from core.ui.context import PageContext
from core.ui.text import plain

PART = "absence"
WHO = "account_absent"


def concerns(context: PageContext) -> bool:
    """Whether this person has work that somebody else could do, or writes absences of others down."""
    return any(context.may(action) for action in (MANAGE, "assign", "answer", DIRECT))


def show(context: PageContext) -> None:
    """The absence there is, the form of another one, and the button that ends it."""
    st.subheader(_("Absence"), anchor=False)
    person = _whose(context)
    with context.register.read() as session:
        person = accounts.get(session, person.id)
        colleagues = {str(one.id): one.name for one in absences.deputies(session, person)}
        named = session.get(Person, person.deputy_id) if person.deputy_id else None
    today = local_day(context.now)
    is_set = person.absent_from is not None and person.absent_until is not None and person.absent_until >= today
    if is_set and person.absent_from and person.absent_until:
        sentence = _("Away from {first} to {last}, {deputy} stands in.").format(
            first=day(person.absent_from), last=day(person.absent_until), deputy=named.name if named else "?"
        )
        st.markdown(plain(sentence))
        if st.button(_("End the absence"), key="account_absence_end", icon=":material/event_available:"):
            notice.do(PART, lambda: _end(context, person), _("The absence is ended."))
    if not colleagues:
        st.caption(_("Nobody does the same work: ask an administrator."))
        return
    problems, key = notice.problems(PART), f"account_absence.{person.id}"
    with st.container(horizontal=True):
        first = st.date_input(_("Away from"), today, format=fields.DATE_FORMAT, key=f"{key}.first")
        last = st.date_input(_("Until, that day included"), today, format=fields.DATE_FORMAT, key=f"{key}.last")
    fields.mend(problems, "first", "last")
    deputy = fields.choice(_("Who stands in"), colleagues, f"{key}.deputy_id", problems, "deputy_id")
    st.caption(_("They find these cases among their own and do what their own role may; the record names both."))
    if st.button(_("Save the absence"), key="account_absence_save", icon=":material/event_busy:"):
        absence = Absence(first, last, int(deputy) if deputy else None)
        notice.do(PART, lambda: _begin(context, person, absence), _("The absence is saved."))


def _whose(context: PageContext) -> Person:
    """Oneself, or whom a lead or an administrator chooses."""
    if not context.may(MANAGE):
        return context.person
    with context.register.read() as session:
        everybody = {one.id: one for one in accounts.list_people(session) if one.active}
    me = context.person
    ids = [me.id, *(one for one in everybody if one != me.id)]
    chosen = st.selectbox(
        _("Whose"), ids, format_func=lambda one: visible(everybody[one].name if one != me.id else _("my own")), key=WHO
    )
    return everybody.get(chosen, me)


def _begin(context: PageContext, person: Person, absence: Absence) -> None:
    with context.register.write() as session:
        absences.begin(session, person.id, absence, Act(context.person, context.now))


def _end(context: PageContext, person: Person) -> None:
    with context.register.write() as session:
        absences.end(session, person.id, Act(context.person, context.now))

"""What the meeting decides, what became of earlier decisions, and the form of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from core.i18n import day, named, number
from core.i18n import gettext as _
from core.register.meetings import decisions
from core.register.reads import meetings
from core.register.reads.meetings import Line, Whole
from core.rules.calendar import local_day
from core.rules.meetings import LONGEST_DECISION, LONGEST_RESULT, Ending
from core.ui import doing
from core.ui.context import PageContext
from core.ui.fields import DATE_FORMAT
from core.ui.text import md, plain

FORM = "decision_form"  # which form of this session is shown: the next one after each decision


def show(context: PageContext, meeting: Whole, *, writes: bool) -> None:
    """Earlier ones first, then those of this meeting, then the form of a new one."""
    if meeting.carried:
        st.subheader(plain(_("Decided earlier ({n})").format(n=number(len(meeting.carried)))), anchor=False)
        lines(context, meeting.carried)
    st.subheader(plain(_("Decisions ({n})").format(n=number(len(meeting.decided)))), anchor=False)
    for one in meeting.decided:
        line(context, one, takes_back=writes)
    if writes:
        _form(context, meeting)
    elif not meeting.decided:
        st.caption(_("Nothing was decided."))


def owed(context: PageContext) -> None:
    """What was decided and is not done yet: of everybody for who holds meetings, else one's own."""
    with context.register.read() as session:
        found = meetings.undone(session, of=None if context.may("hold_meetings") else context.person.id)
    if found:
        st.subheader(plain(_("Decided in meetings ({n})").format(n=number(len(found)))), anchor=False)
        lines(context, found)


def lines(context: PageContext, found: Sequence[Line]) -> None:
    """Each with its owner and day, and the ways to say what became of it for who may."""
    for one in found:
        line(context, one)


def line(context: PageContext, one: Line, *, takes_back: bool = False) -> None:
    """One decision."""
    with st.container(border=True, key=f"decision_{one.id}"):
        late = one.is_late(local_day(context.now))
        due = _(":red[overdue since {day}]") if late else _("by {day}")
        st.markdown(md("**{text}**", text=one.text))
        st.caption(
            md(
                "{owner} · {due} · {state}",
                owner=one.owner,
                due=md(due, day=day(one.due_on)),
                state=named("ending of a decision", one.ending) if one.ending else _("still open"),
            )
        )
        if one.result:
            st.markdown(plain(one.result))
        if one.ending is not None:
            return
        if takes_back:
            doing.button(
                context,
                _("Take back"),
                lambda session, act: decisions.take_back(session, one.id, act),
                _("Taken out of the minutes."),
                key=f"decision_take_back_{one.id}",
                icon=":material/undo:",
                type="tertiary",
            )
        elif context.may("hold_meetings") or one.owner_id == context.person.id:
            _ending(context, one)


def _ending(context: PageContext, one: Line) -> None:
    with st.popover(_("What became of it"), icon=":material/task_alt:", type="tertiary", key=f"decision_end_{one.id}"):
        doing.mend("text")
        result = st.text_input(_("In a few words"), key=f"decision_result_{one.id}", max_chars=LONGEST_RESULT)
        with st.container(horizontal=True):
            for ending, label in ((Ending.DONE, _("It is done")), (Ending.DROPPED, _("To be done no more"))):
                doing.button(
                    context,
                    plain(label),
                    lambda session, act, ending=ending: decisions.end(session, one.id, ending, result, act),  # type: ignore[misc]
                    _("Kept: {text}").format(text=one.text),
                    key=f"decision_{ending}_{one.id}",
                    type="primary" if ending is Ending.DONE else "secondary",
                )


def _form(context: PageContext, meeting: Whole) -> None:
    today, form = local_day(context.now), st.session_state.get(FORM, 0)
    with context.register.read() as session:
        people = decisions.owners(session)
    with st.container(border=True, key="new_decision"):
        doing.mend("text", "owner", "due")
        text = st.text_area(
            _("What is to be done"),
            key=f"decision_text.{form}",
            max_chars=LONGEST_DECISION,
            height=80,
            persist_state="session",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            owner = st.selectbox(
                _("Who does it"),
                list(people),
                index=None,
                format_func=lambda id: plain(people[id]),
                key=f"decision_owner.{form}",
            )
            due = st.date_input(
                _("By"),
                value=today + timedelta(days=7),
                min_value=today,
                format=DATE_FORMAT,
                key=f"decision_due.{form}",
            )
            doing.button(
                context,
                _("Add decision"),
                lambda session, act: decisions.decide(session, meeting.id, text, owner, due, act),
                _("Decided."),
                key="decision_add",
                icon=":material/add_task:",
                then=_next_form,
            )


def _next_form() -> None:
    """Other fields, not the same emptied: of a field that is forgotten the browser goes on showing what was typed."""
    st.session_state[FORM] = st.session_state.get(FORM, 0) + 1

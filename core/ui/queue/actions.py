"""Steps on the ticked rows of the queue, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.i18n import gettext as _
from core.i18n import ngettext
from core.register.case import batch
from core.register.case.complaints import WORKING_ROLES
from core.register.people import accounts
from core.ui import badges, rows
from core.ui.frame import Desk

TABLE = "queue_rows"
SHOWN_CODES = 10


def list_id(*shown: object) -> str:
    """Names the list on the screen; ticks belong to it, and a step taken makes it another one."""
    return "|".join(map(str, (*shown, st.session_state.get("queue_steps", 0))))


def bar(desk: Desk, shown: str) -> None:
    """While rows are ticked, the steps this role may take on all of them, at the foot of the window."""
    picked = rows.ticked(TABLE, shown)
    if not picked or not desk.may("assign"):
        return
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        n = len(picked)
        st.markdown(ngettext("**{n}** complaint ticked", "**{n}** complaints ticked", n).format(n=n), width="content")
        if st.button(_("Take over"), icon=":material/person_check:", key="queue_take"):
            _take(desk, _("Take over"), "assign", picked, assignee_id=desk.person.id)
        if desk.person.role == "lead":
            _assign(desk, picked)
        if desk.may("acknowledge"):
            _acknowledge(desk, picked)


def result() -> None:
    """What became of the last steps, told once."""
    kept: tuple[str, batch.Result] | None = st.session_state.pop("queue_result", None)
    if kept is None:
        return
    title, done = kept
    n = len(done.done)
    said = [f"{title}: " + ngettext("{n} done", "{n} done", n).format(n=n)]
    if done.overtaken:
        n = len(done.overtaken)
        overtaken = ngettext(
            "{n} changed by somebody else first: {codes}", "{n} changed by somebody else first: {codes}", n
        )
        said.append(overtaken.format(n=n, codes=_listed(done.overtaken)))
    if not done.overtaken and not done.refused:
        st.success(", ".join(said) + ".", icon=":material/task_alt:")
        return
    reasons = [f"{code}: {badges.told(why)}" for code, why in list(done.refused.items())[:SHOWN_CODES]]
    if done.refused:
        n = len(done.refused)
        said.append(ngettext("{n} not possible", "{n} not possible", n).format(n=n))
    st.warning("  \n".join([", ".join(said) + ".", *reasons]), icon=":material/rule:")


def _assign(desk: Desk, picked: Mapping[str, int]) -> None:
    with desk.register.read() as session:
        workers = {
            person.id: person.name
            for person in accounts.list_people(session)
            if person.active and person.role in WORKING_ROLES
        }
    with st.popover(_("Give to"), icon=":material/person_add:"):
        chosen = st.selectbox(
            _("Colleague"), list(workers), format_func=workers.__getitem__, index=None, key="queue_assignee"
        )
        if st.button(_("Give"), type="primary", key="queue_assign", disabled=chosen is None):
            _take(desk, _("Give to"), "assign", picked, assignee_id=chosen)


def _acknowledge(desk: Desk, picked: Mapping[str, int]) -> None:
    with st.popover(_("Acknowledge"), icon=":material/mark_email_read:"):
        st.markdown(_("Only once a person has answered each customer, through the channel they used."))
        said = st.text_area(_("What was answered, if it was the same for all"), key="queue_answered")
        if st.button(_("Acknowledge"), type="primary", key="queue_acknowledge"):
            _take(desk, _("Acknowledge"), "acknowledge", picked, text=said)


def _take(desk: Desk, title: str, verb: str, picked: Mapping[str, int], **fields: Any) -> None:
    """Take the step, keep what became of it for the next run, and draw again from what is true now."""
    done = batch.take(desk.register, verb, picked, by=desk.person, now=desk.now, **fields)
    st.session_state["queue_result"] = (title, done)
    st.session_state["queue_steps"] = st.session_state.get("queue_steps", 0) + 1
    st.rerun()


def _listed(codes: tuple[str, ...]) -> str:
    more = [_("and {n} more").format(n=len(codes) - SHOWN_CODES)] if len(codes) > SHOWN_CODES else []
    return ", ".join([*codes[:SHOWN_CODES], *more])

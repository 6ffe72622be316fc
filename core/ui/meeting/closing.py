"""How a meeting stands: opened, written down, closed; what its frozen figures would be today; its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import ngettext, number, sentence
from core.insight.facts import Facts
from core.papers import review, review_words
from core.papers.review import Review
from core.register.log.act import Act
from core.register.meetings import minutes
from core.register.reads import meetings
from core.register.reads.meetings import Brief, Whole
from core.rules.calendar import local_day
from core.rules.meetings import may_close
from core.ui import address, doing, frame
from core.ui.context import PageContext
from core.ui.text import joined, md, plain

WRITES = "write"
CLOSING = "meeting_closing"


def writes(context: PageContext, meeting: Whole | None) -> bool:
    """Whether this person writes the minutes of an open meeting now; the address says so."""
    is_open = meeting is not None and meeting.closed_at is None
    return is_open and context.may("hold_meetings") and bool(address.word(WRITES, ["1"], ""))


def state(context: PageContext, meeting: Whole | None, found: Review) -> None:
    """As of when the figures are, how the meeting stands, and the next thing to do with it."""
    moment = review_words.as_of(found["figures"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="meeting_state"):
        if meeting is not None and meeting.closed_at is not None:
            st.badge(_("Closed and frozen"), icon=":material/lock:", color="green")
            told = _("Figures frozen at {moment} by {name} · minutes no. {number} · seal {seal}")
            seal = found["seal"][:12]
            said = told.format(moment=moment, name=meeting.closed_by, number=meeting.number, seal=seal)
            st.caption(plain(said), width="content")
            return
        if meeting is not None:
            st.badge(_("Meeting is open"), icon=":material/edit_note:", color="orange")
        st.caption(plain(_("Figures as of {moment}").format(moment=moment)), width="content")
        if not context.may("hold_meetings"):
            return
        if meeting is None:
            _open(context, found)
        elif writes(context, meeting):
            st.button(
                _("Stop writing"), key="minutes_stop", type="tertiary", on_click=lambda: address.put(**{WRITES: None})
            )
            _close(context, meeting)
        else:
            st.button(
                _("Write the minutes"),
                key="minutes_write",
                icon=":material/edit:",
                type="primary",
                on_click=lambda: address.put(**{WRITES: "1"}),
            )


def _open(context: PageContext, found: Review) -> None:
    week = found["figures"]["week"]
    doing.button(
        context,
        _("Open the meeting"),
        lambda session, act: minutes.begin(session, review_words.monday(week), act),
        _("The meeting is open: what is written down is saved at once."),
        key="meeting_open",
        icon=":material/groups:",
        type="primary",
        then=lambda: address.put(**{WRITES: "1"}),
    )


def _close(context: PageContext, meeting: Whole) -> None:
    if not may_close(meeting.week, local_day(context.now)):
        st.caption(_("It can be closed once the week is over."), width="content")
        return
    if st.button(_("Close and freeze the figures"), key="meeting_close", icon=":material/lock:", type="primary"):
        st.session_state[CLOSING] = meeting.id
    if st.session_state.get(CLOSING) == meeting.id:
        st.dialog(_("Close the meeting?"), on_dismiss=_forget)(_confirm)(context, meeting)


def _forget() -> None:
    st.session_state.pop(CLOSING, None)


def _confirm(context: PageContext, meeting: Whole) -> None:
    count = len(meeting.decided)
    decided = ngettext("{n} decision", "{n} decisions", count).format(n=number(count))
    st.markdown(
        plain(
            _(
                "Figures, notes and {decided} stay as they are now. What changes later is shown beside the frozen "
                "figures; notes can only be added."
            ).format(decided=decided)
        )
    )
    if st.button(_("Close it"), key="meeting_close_sure", type="primary", icon=":material/lock:"):
        try:
            review.close(context.register, meeting.id, Act(context.person, frame.utc_now()), context.person)
        except PopsError as problem:
            st.error(plain(sentence(problem)))
            return
        _forget()
        address.put(**{WRITES: None})
        doing.tell(_("The meeting is closed and its figures are frozen."))
        st.rerun()


def earlier(context: PageContext, facts: Facts, monday: date, held: Sequence[Brief]) -> None:
    """What became of the frozen numbers of the newest meeting closed before this week, where they changed since."""
    week = next((one.week for one in held if one.week < monday and one.closed_at is not None), None)
    if week is not None:
        with context.register.read() as session:
            before = meetings.whole(session, week)
        if before is not None:
            restated(context, facts, review.kept(before.figures))


def restated(context: PageContext, facts: Facts, found: Review) -> None:
    """Numbers of a frozen review that are others by what is known today."""
    with context.register.read() as session:
        lines = review_words.restated_since(session, facts, found, local_day(context.now))
    if not lines:
        return
    st.warning(
        joined(
            "  \n",
            [
                md(
                    "**{title}**",
                    title=_("{week}, restated since").format(week=review_words.week_words(found["figures"])),
                ),
                *lines,
            ],
        ),
        icon=":material/history_edu:",
    )

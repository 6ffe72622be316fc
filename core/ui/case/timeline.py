"""The timeline of a complaint: what happened, who did it, when it happened and when it was written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, named
from core.register.reads.timeline import Moment
from core.rules.correction import TEXTS
from core.rules.evidence_kinds import RECORDING
from core.rules.marks import visible
from core.rules.masking import HIDDEN
from core.rules.steps import JOIN, LEAVE, STEPS
from core.ui import details, evidence, links, words
from core.ui.steps import event_view, mail
from core.ui.steps.prevention import show_analysis
from core.ui.text import Markdown, joined, md, plain

AT_ONCE = 25
LONG, LONG_HEIGHT = 1_500, 280  # letters; pixels of a text that scrolls by itself
WRITTEN_LATER = timedelta(minutes=1)
ABOUT_INCIDENTS = {STEPS[JOIN].event, STEPS[LEAVE].event}


def show(moments: Sequence[Moment]) -> None:
    """Newest first; a long history opens with its newest part. ``levels``: names of the procedure's levels."""
    newest = list(reversed(moments))
    shown = newest if len(newest) <= AT_ONCE or st.session_state.get("timeline.all") else newest[:AT_ONCE]
    for one in shown:
        _row(one)
    if len(shown) < len(newest):
        st.toggle(_("Show all {n} steps").format(n=len(newest)), key="timeline.all")


def _row(one: Moment) -> None:
    icon = f":material/{event_view(one.kind).icon}:"
    with st.expander(described(one), expanded=True, icon=icon, type="step"):
        st.caption(plain(f"{words.who(one)} · {moment(one.at)}{_written(one)}"))
        if one.undone_at:
            st.caption(plain(_("Undone by {name} · {moment}").format(name=one.who, moment=moment(one.undone_at))))
        if one.kind != "received" or one.of_code:  # its own statement stands above the timeline
            show_analysis(one)
            if one.subject and one.subject != HIDDEN:
                st.caption(_("Subject of the mail"))
                body(one.subject)
            body(one.text)
        if one.mail:
            mail.show(one.mail)
        for change in one.changes:
            if change.field in TEXTS and change.was:
                st.caption(_("It said before:"))
                body(change.was)
        if one.values:
            st.caption(details.in_words(one.values))
        for file in one.files:
            name = " · ".join(filter(None, (file.name, named(evidence.KIND, file.kind) if file.kind else "")))
            if file.opens:
                links.to_file(file.id, name)
            else:
                st.text(visible(name))
        if one.recording:
            st.caption(plain(" · ".join([named(evidence.KIND, RECORDING), *evidence.call_words(one)])))
            body(one.recording)


def body(text: str) -> None:
    """What somebody wrote, letter by letter; a sentence where it is hidden."""
    if text == HIDDEN:
        st.caption(_("Hidden: your role does not see what was written."))
    elif len(text) > LONG:
        with st.container(height=LONG_HEIGHT):
            st.text(visible(text))
    elif text:
        st.text(visible(text))


def described(one: Moment) -> Markdown:
    """The step in one line of Markdown; struck through where it was undone."""
    details = [*event_view(one.kind).details(one), _for_incident(one)]
    details.append(_("now holds the case") if one.payload.get("holds") else "")
    details.append(_("from {code}").format(code=one.of_code) if one.of_code else "")
    details.append(_("standing in for {name}").format(name=one.stands_in_for) if one.stands_in_for else "")
    line = joined(" · ", [md("**{event}**", event=named("event", one.kind)), *(part for part in details if part)])
    return md(":gray[~~{line}~~ · {undone}]", line=line, undone=_("undone")) if one.undone_at else line


def _for_incident(one: Moment) -> str:
    """For which incident the step was taken (D24), or which one it is about."""
    code = one.payload.get("incident")
    if not code or one.kind in ABOUT_INCIDENTS:
        return code or ""
    return _("for incident {code}").format(code=code)


def _written(one: Moment) -> str:
    if one.corrected_at:
        return " · " + _("corrected, it said {moment}").format(moment=moment(one.happened_at))
    if one.logged_at - one.happened_at <= WRITTEN_LATER:
        return ""
    return " · " + _("written down {moment}").format(moment=moment(one.logged_at))

"""The last question, answer and promise of a complaint, so that nobody looks for them in the timeline."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from core.i18n import moment
from core.register.reads.timeline import Moment
from core.rules.masking import HIDDEN
from core.rules.text import snippet
from core.ui.case import timeline
from core.ui.steps import event_view
from core.ui.text import Markdown, md

QUESTIONS = frozenset({"customer_asked", "forwarded"})
ANSWERS = frozenset({"customer_replied", "department_answered", "remedy_accepted", "remedy_refused"})
PROMISES = frozenset({"date_promised", "remedy_proposed", "result_notified"})
"""What was said to the customer that binds us: a date, a remedy, the result."""
LETTERS = 180


def show(moments: Sequence[Moment]) -> None:
    """One line of each that there is, the newest first; what was undone is none."""
    newest = [one for kinds in (QUESTIONS, ANSWERS, PROMISES) if (one := _last(moments, kinds))]
    for one in sorted(newest, key=lambda one: (one.at, one.seq), reverse=True):
        st.markdown(_line(one))


def is_any(moments: Sequence[Moment]) -> bool:
    """Whether there is one."""
    return any(_last(moments, kinds) for kinds in (QUESTIONS, ANSWERS, PROMISES))


def _last(moments: Sequence[Moment], kinds: Collection[str]) -> Moment | None:
    return next((one for one in reversed(moments) if one.kind in kinds and one.undone_at is None), None)


def _line(one: Moment) -> Markdown:
    line = md(
        "{icon} {what} · :gray[{at}]",
        icon=Markdown(f":material/{event_view(one.kind).icon}:"),
        what=timeline.described(one),
        at=moment(one.at),
    )
    if one.text in ("", HIDDEN):
        return line
    return md("{line}  \n“{text}”", line=line, text=snippet(one.text, LETTERS))

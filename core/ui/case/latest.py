"""The last question, answer and promise of a complaint, so that nobody looks for them in the timeline."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment
from core.register.reads.dossier import Dossier
from core.register.reads.timeline import Moment
from core.rules.masking import HIDDEN
from core.rules.notices import CUSTOMER_WROTE
from core.rules.steps import ANSWERED, STEPS
from core.rules.text import snippet
from core.ui.case import timeline
from core.ui.steps import event_view
from core.ui.text import Markdown, md

ANSWERS = frozenset(
    {CUSTOMER_WROTE, "customer_replied", "department_answered", "remedy_accepted", "remedy_refused"}
    | {step.event for step in STEPS.values() if step.direction in ANSWERED}
)
PROMISES = frozenset({"date_promised", "remedy_proposed", "result_notified"})
"""What was said to the customer that binds us: a date, a remedy, the result."""
LETTERS = 180


def show(dossier: Dossier) -> None:
    """One line of each that there is, the newest first."""
    for one in _of(dossier):
        st.markdown(_line(one))


def show_framed(dossier: Dossier) -> None:
    """The same in a frame with its title; nothing where there is none."""
    if _of(dossier):
        with st.container(border=True, gap="small"):
            st.subheader(_("Latest"), anchor=False)
            show(dossier)


def _of(dossier: Dossier) -> list[Moment]:
    """What was undone is none; a question that a department still owes an answer to stands at the head already."""
    questions = frozenset({"customer_asked"}) if dossier.requests else frozenset({"customer_asked", "forwarded"})
    newest = [one for kinds in (questions, ANSWERS, PROMISES) if (one := _last(dossier.moments, kinds))]
    return sorted(newest, key=lambda one: (one.at, one.seq), reverse=True)


def _last(moments: Sequence[Moment], kinds: Collection[str]) -> Moment | None:
    return next((one for one in reversed(moments) if one.name in kinds and one.undone_at is None), None)


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

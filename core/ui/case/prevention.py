"""The preventive actions of one complaint: what is done by whom until when, and how far each is (D25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.i18n import due_words, named, number
from core.i18n import gettext as _
from core.register.reads.dossier import Dossier, PlannedAction
from core.rules.masking import HIDDEN
from core.rules.prevention import Analysis, Stage
from core.ui import badges
from core.ui.text import md, plain

COLOURS: Mapping[Analysis, badges.Colour] = {
    Analysis.waiting: "orange",
    Analysis.approved: "green",
    Analysis.returned: "red",
}


def show(dossier: Dossier, now: datetime) -> None:
    """How far the analysis is, then the actions, one below the other."""
    analysis = dossier.prevention.analysis
    if analysis is None:
        st.caption(_("The root cause was not analysed yet."))
        return
    badges.draw(named("analysis", analysis), ":material/account_tree:", COLOURS[analysis])
    if not dossier.actions:
        st.caption(_("No action was planned; the analysis says why."))
    for one in dossier.actions:
        _action(one, now)


def _action(one: PlannedAction, now: datetime) -> None:
    action = one.action
    is_late = action.stage is Stage.open and action.due_at < now
    found = named("effect", action.effect) if action.effect else named("stage of an action", action.stage)
    what = _("Hidden: your role does not see what was written.") if one.what == HIDDEN else one.what
    with st.container(border=True, gap="xsmall"):
        st.markdown(md("**{n}.** {what}", n=number(action.number), what=what))
        due = _("by {due}").format(due=due_words(action.due_at))
        st.caption(plain(f"{one.owner} · {due}"))
        badges.draw(_("overdue") if is_late else found, "", "red" if is_late else "gray")

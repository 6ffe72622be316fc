"""The steps of the complaint's procedure (POPS III.2) with where it stands."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named, short_moment
from core.register.reads.dossier import Dossier
from core.rules.steps import STATES, Phase, State, events_of, phases_of
from core.ui import style
from core.ui.text import md, plain


def show(dossier: Dossier, now: datetime) -> None:
    """One cell per step: what it is, and when it was done, or that it is next."""
    done_at = {phase: short_moment(at, now) for phase, at in moments_of(dossier).items()}
    following = STATES[State(dossier.complaint.state)].next_phase
    phases = phases_of(conciliates=dossier.procedure.conciliation is not None)
    current = phases.index(following) if following else len(phases)
    style.one_line_on_phones("stepper", "step_now")
    with st.container(horizontal=True, gap="medium", key="stepper"):
        for n, phase in enumerate(phases):
            with st.container(width="content", gap=None, key="step_now" if n == current else None):
                skipped = _("time unknown") if phase is Phase.CLOSE else _("not needed")
                _cell(named("phase", phase), n, current, done_at.get(phase), skipped)


def moments_of(dossier: Dossier) -> dict[Phase, datetime]:
    """Step of the procedure → when it was last done; what was skipped, or undone by a re-opening, is not among them."""
    complaint = dossier.complaint
    found = {
        Phase.RECORD: complaint.recorded_at,
        Phase.ACKNOWLEDGE: complaint.acknowledged_at,
        Phase.CLASSIFY: _last(dossier, Phase.CLASSIFY) or _classified_at_intake(dossier),
        Phase.HANDLE: _last(dossier, Phase.HANDLE),
        Phase.CONCILIATE: _last(dossier, Phase.CONCILIATE),
        Phase.NOTIFY: complaint.resolved_at,
        Phase.CLOSE: complaint.closed_at,
    }
    return {phase: at for phase, at in found.items() if at is not None}


def _last(dossier: Dossier, phase: Phase) -> datetime | None:
    kinds = events_of(phase)
    counting = (moment for moment in dossier.moments if moment.undone_at is None)
    return max((moment.at for moment in counting if moment.kind in kinds), default=None)


def _classified_at_intake(dossier: Dossier) -> datetime | None:
    """When it was logged, where its kind was said with it."""
    return dossier.complaint.recorded_at if dossier.moments[0].payload.get("kind") else None


def _cell(name: str, n: int, current: int, done_at: str | None, skipped: str) -> None:
    if n == current:
        st.markdown(md(":blue[:material/radio_button_checked: **{name}**]", name=name), width="content")
        st.caption(_("next"), width="content")
    elif n > current:
        st.markdown(md(":gray[:material/radio_button_unchecked: {name}]", name=name), width="content")
        st.caption(_("to come"), width="content")
    elif done_at is None:
        st.markdown(md(":gray[:material/remove_circle_outline: {name}]", name=name), width="content")
        st.caption(plain(skipped), width="content")
    else:
        st.markdown(md(":green[:material/check_circle: {name}]", name=name), width="content")
        st.caption(plain(done_at), width="content")

"""The seven steps of the procedure (POPS III.2) with where this complaint stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.i18n import N_, short_moment
from core.i18n import gettext as _
from core.register.reads.dossier import Dossier

STEPS: tuple[tuple[str, str], ...] = (
    ("received", N_("Record")),
    ("acknowledged", N_("Acknowledge")),
    ("classified", N_("Classify")),
    ("investigating", N_("Handle")),
    ("conciliation", N_("Conciliate")),
    ("resolved", N_("Notify")),
    ("closed", N_("Close")),
)
NEXT: Mapping[str, int] = {  # state → which step is to be done next
    "received": 1,
    "acknowledged": 2,
    "classified": 3,
    "investigating": 3,
    "waiting_customer": 3,
    "resolved": 6,
    "closed": 7,
    "withdrawn": 7,
}
WORK = ("forwarded", "department_answered", "customer_asked", "customer_replied")


def show(dossier: Dossier) -> None:
    """One cell per step: what it is, and when it was done, or that it is next."""
    done_at, current = moments_of(dossier), NEXT[dossier.complaint.state]
    with st.container(horizontal=True, gap="medium", key="stepper"):
        for n, (key, name) in enumerate(STEPS):
            with st.container(width="content", gap=None):
                _cell(_(name), n, current, done_at.get(key))


def moments_of(dossier: Dossier) -> dict[str, datetime]:
    """Step → when it was last done; conciliation and skipped steps are not among them."""
    complaint = dossier.complaint
    found = {
        "received": complaint.recorded_at,
        "acknowledged": complaint.acknowledged_at,
        "classified": _last(dossier, ("classified",)),
        "investigating": _last(dossier, WORK),
        "resolved": complaint.resolved_at,
        "closed": complaint.closed_at,
    }
    return {key: at for key, at in found.items() if at is not None}


def _last(dossier: Dossier, kinds: tuple[str, ...]) -> datetime | None:
    return max((moment.happened_at for moment in dossier.moments if moment.kind in kinds), default=None)


def _cell(name: str, n: int, current: int, done_at: datetime | None) -> None:
    if n == current:
        st.markdown(f":blue[:material/radio_button_checked: **{name}**]", width="content")
        st.caption(_("next"), width="content")
    elif n > current:
        st.markdown(f":gray[:material/radio_button_unchecked: {name}]", width="content")
        st.caption(_("to come"), width="content")
    elif done_at is None:
        st.markdown(f":gray[:material/remove_circle_outline: {name}]", width="content")
        st.caption(_("not needed"), width="content")
    else:
        st.markdown(f":green[:material/check_circle: {name}]", width="content")
        st.caption(short_moment(done_at), width="content")

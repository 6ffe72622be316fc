"""One notice in words: what happened, by whom, to which complaint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import N_, short_moment
from core.i18n import gettext as _
from core.register.notices.reads import Told
from core.ui.pages import file_of
from core.ui.steps import state_word
from core.ui.text import md, plain

SENTENCES: Mapping[str, str] = {
    "mentioned": N_("{by} mentioned you"),
    "forwarded": N_("{by} asks your department"),
    "reminded": N_("{by} reminds your department"),
    "assigned": N_("{by} gave you this complaint"),
    "answered": N_("{by} answered for the department"),
    "request_returned": N_("{by} returned it: not a matter of that department"),
    "customer_wrote": N_("The customer wrote again"),
    "customer_replied": N_("The customer answered"),
    "customer_refused": N_("The customer does not agree"),
    "direction_asked": N_("{by} asks for your direction"),
    "directed": N_("{by} gave the direction you asked for"),
    "approval_asked": N_("{by} asks you to approve an analysis"),
    "analysis_approved": N_("{by} approved your analysis"),
    "analysis_returned": N_("{by} returned your analysis"),
    "action_given": N_("A preventive action is yours"),
    "evidence_sent": N_("{by} sent evidence of an action, to be verified"),
    "result_told": N_("The customer was told the result"),
    "reopened": N_("{by} re-opened it"),
    "mail_failed": N_("A mail to the customer may not have arrived: call them"),
    "due_today": N_("Due today"),
    "chase_today": N_("To be asked again today"),
    "warned": N_("Due soon"),
    "missed": N_("Overdue"),
}
"""Kind of a notice → what it says; ``by``: who caused it."""


def sentence(told: Told) -> str:
    """What happened, in one line."""
    return _(SENTENCES[told.kind]).format(by=told.by or _("The register"))


def show(told: Told, now: datetime) -> None:
    """What happened as a link to its complaint, and beneath it which one, where it stands and when that was."""
    said = sentence(told)
    st.page_link(
        file_of("complaint"),
        label=md("**{said}**", said=said) if told.is_new else plain(said),
        icon=":material/circle:" if told.is_new else None,
        query_params={"code": told.code},
    )
    category = name_of(catalogues().categories, told.category)
    st.caption(plain(" · ".join((told.code, category, state_word(told.state), short_moment(told.at, now)))))

"""On the page of a complaint: the way to open an incident from it (D24)."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.register.reads.dossier import Dossier
from core.rules.steps import JOIN
from core.ui.context import PageContext
from core.ui.pages import file_of


def offer(context: PageContext, dossier: Dossier) -> None:
    """A link to the form that opens one with this complaint; none where it belongs to one, or goes on elsewhere."""
    if dossier.incident is None and dossier.end is None and context.may(JOIN):
        st.page_link(
            file_of("incidents"),
            label=_("Several customers, one cause? Open an incident"),
            icon=":material/crisis_alert:",
            query_params={"of": dossier.complaint.code},
        )

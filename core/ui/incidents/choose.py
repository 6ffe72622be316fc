"""Ticked rows of the queue go into an incident: one that goes on, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
from sqlalchemy.orm import Session

from core.i18n import gettext as _
from core.register.case import incidents
from core.register.case.incident import LONGEST_TITLE
from core.register.log.act import Act
from core.register.reads import incidents as reads
from core.ui import doing, fields
from core.ui.context import PageContext
from core.ui.incidents import outcome
from core.ui.steps.incident import names_of

NEW = "new"


def popover(context: PageContext, picked: Mapping[str, int], then: Callable[[], None]) -> None:
    """Choose the incident, or say what happened; ``then`` runs once it was done."""
    with st.popover(_("Incident"), icon=":material/crisis_alert:", key="queue_incident"):
        with context.register.read() as session:
            known = names_of(reads.going_on(session, by=context.person))
        chosen = fields.choice(
            _("Which incident?"), {NEW: _("A new one"), **known}, "queue_incident_code", {}, "incident", first=NEW
        )
        title = ""
        if chosen == NEW:
            title = st.text_input(_("What happened?"), key="queue_incident_title", max_chars=LONGEST_TITLE) or ""
            doing.mend("title")
        label = _("Open an incident") if chosen == NEW else _("Let them join")

        def write(session: Session, act: Act) -> None:
            if chosen == NEW:
                code, result = incidents.begin(session, picked, title, act)
                said = _("Incident {code} opened").format(code=code) if code else _("No incident was opened")
            else:
                result = incidents.join(session, chosen or "", picked, act)
                said = _("Joined incident {code}").format(code=chosen)
            outcome.keep(said, result)

        doing.button(context, label, write, "", key="queue_incident_save", then=then, type="primary")

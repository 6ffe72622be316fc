"""Steps 2 and 3 of the procedure on the screens: the first answer, and what kind of matter it is."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named
from core.register.case.draft import KINDS
from core.register.case.steps.recording import StepFields
from core.register.reads.timeline import Moment
from core.rules.catalogue import offered
from core.rules.procedure import Procedure
from core.rules.steps import State
from core.ui import fields
from core.ui.badges import Badge
from core.ui.steps.view import EventView, Form, StepView, channel_details, names_in
from core.ui.text import plain

WITH_LETTER = "kind with its letter"


def acknowledge(form: Form) -> StepFields:
    """The first answer (POPS step 2)."""
    channel = form.channel()
    told = form.told("acknowledge", _("What was answered (optional)"), channel)
    return {"channel": channel, **told, "files": form.files()}


def classify(form: Form) -> StepFields:
    """Inquiry or complaint, category, level (POPS step 3)."""
    complaint = form.dossier.complaint
    kind = st.segmented_control(
        _("Inquiry or complaint?"),
        KINDS,
        default=complaint.kind,
        required=True,
        format_func=lambda key: plain(named(WITH_LETTER, key)),
        key=form.key("kind"),
        persist_state="session",
    )
    fields.mend(form.problems, "kind")
    known = names_in(offered(catalogues().categories, complaint.category))
    filled = StepFields(kind=kind, category=form.choose(_("Category"), known, "category", complaint.category))
    return filled | level(form)


def level(form: Form) -> StepFields:
    """The level, where the procedure gives any; marked where it demands one of each complaint (MISA 2)."""
    procedure, first = form.dossier.procedure, form.dossier.complaint.level
    if not procedure.gives_levels:
        return {}
    known = names_in(offered(catalogues().levels, first))
    return {"level": form.choose(plain(level_label(procedure)), known, "level", first)}


def level_label(procedure: Procedure) -> str:
    """What the field of the level is called."""
    return _("Level (needed to classify a complaint)") if procedure.demands_level("complaint") else _("Level")


def received_details(moment: Moment) -> list[str]:
    """Channel, kind where it was said at once, and category."""
    kind = moment.payload.get("kind")
    return [
        *channel_details(moment),
        named(WITH_LETTER, kind) if kind else "",
        name_of(catalogues().categories, moment.payload.get("category")),
    ]


def classified_details(moment: Moment) -> list[str]:
    """Kind, category and level."""
    payload = moment.payload
    kind, level = payload.get("kind"), payload.get("level")
    category = name_of(catalogues().categories, payload.get("category"))
    return [named(WITH_LETTER, kind) if kind else "", category, name_of(catalogues().levels, level) if level else ""]


VIEWS: Mapping[str, StepView] = {
    "acknowledge": StepView(acknowledge, EventView("mark_email_read", channel_details)),
    "classify": StepView(classify, EventView("category", classified_details)),
}
STATE_BADGES: Mapping[str, Badge] = {
    State.received: Badge("state", "received", ":material/mark_email_unread:", "orange"),
    State.acknowledged: Badge("state", "acknowledged", ":material/category:", "blue"),
    State.classified: Badge("state", "classified", ":material/play_circle:", "blue"),
}
OTHER_EVENTS = {"received": EventView("edit_note", received_details)}

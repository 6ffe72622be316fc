"""Hồ sơ: one complaint — where it stands, its clocks and why, what comes next, and everything that happened."""

import streamlit as st

from core.errors import NotFound
from core.i18n import gettext as _
from core.register.reads import dossier as dossiers
from core.register.reads.dossier import Dossier
from core.ui import frame, style
from core.ui.case import clocks, head, search, step_form, stepper, timeline
from core.ui.queue import view

desk = frame.open_page("complaint")


def show(dossier: Dossier) -> None:
    """Head, steps and clocks; then what was said and done, and beside it the next step (on a phone before what was done)."""
    head.show(dossier)
    stepper.show(dossier)
    clocks.show(dossier.clocks)
    style.interleave_on_phones("case")
    with st.container(key="case"):
        left, right = st.columns([1.7, 1], gap="medium")
    with right:
        step_form.show(desk, dossier)
    with left:
        head.show_statement(dossier)
        history, files, customer = st.tabs([_("Timeline"), _("Evidence"), _("Customer")])
        with history:
            timeline.show(dossier.moments, head.levels_of(dossier))
        with files:
            head.show_files(dossier)
        with customer:
            head.show_customer(dossier, desk)
    style.ctrl_enter_everywhere()


if desk.may_open("queue"):
    view.back_link()
code = st.query_params.get("code", "").strip().upper()
if not code:
    search.show(desk)
else:
    try:
        with desk.register.read() as session:
            found = dossiers.read(session, code, by=desk.person, now=desk.now, language=desk.language)
    except NotFound as unknown:
        frame.show_error(unknown)
        search.show(desk)
    else:
        show(found)

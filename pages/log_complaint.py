"""Ghi nhận: one form in the order of a phone call; who called and what will be promised stand beside it."""

import streamlit as st

from core.i18n import gettext as _
from core.ui import frame, log_aside, log_form, style

desk = frame.open_page("log_complaint")
sheet = log_form.sheet()


def write() -> None:
    """The form on the left; on the right who this is, the deadlines, and the button."""
    st.title(_("Log a complaint"), anchor=False)
    form, aside = st.columns([1.7, 1], gap="medium")
    with form:
        draft, known, slots = log_form.show(desk, sheet)
    with aside:
        if known:
            log_aside.show_known(desk, known)
        log_aside.show_promises(desk, draft)
        if log_aside.save_button(sheet):
            log_form.save(desk, sheet, draft)
        if sheet.tried:
            problems = log_form.problems(desk, draft)
            slots.fill(problems)
            log_aside.show_summary(problems, sheet.refused)
    style.ctrl_enter_everywhere()
    style.focus_on(sheet.key(sheet.begins_with))


if sheet.saved:
    log_aside.show_saved(desk, sheet)
else:
    write()

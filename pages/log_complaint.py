"""Ghi nhận: one form in the order of a phone call; who called and what will be promised stand beside it."""

import streamlit as st

from core.i18n import gettext as _
from core.ui import drafts, frame, style
from core.ui.log import alike, aside, form
from core.ui.log import sheet as log_sheet

context = frame.open_page("log_complaint")
sheet = log_sheet.of_tab(context)


def write() -> None:
    """The form on the left; on the right who this is (on a phone after the number), the deadlines, and the button."""
    st.title(_("Log a complaint"), anchor=False)
    style.order_on_phones("log", "log_call", "log_known", "log_matter", "log_promises")
    with st.container(key="log"):
        left, right = st.columns([1.7, 1], gap="medium")
    with left:
        typed = form.show(context, sheet)
    with right:
        with st.container(key="log_known"):
            if typed.known:
                aside.show_known(context, typed.known)
            found = alike.show(context, sheet, typed.draft)
        with st.container(key="log_promises"):
            aside.show_promises(context, typed.draft)
            with st.container(key="log_save"):
                asked = aside.save_button(sheet, settles=typed.settled is not None)
            if asked:
                log_sheet.save(
                    context,
                    sheet,
                    typed.draft,
                    typed.settled,
                    lambda session, code, act: alike.join(session, sheet, found, code, act),
                )
            if sheet.tried:
                problems = log_sheet.problems(context, typed.draft, typed.settled)
                typed.slots.fill(problems)
                aside.show_summary(problems, sheet.refused, (typed.draft.category, *typed.draft.issues))
                if asked:
                    sheet.cursor = typed.slots.first_to_mend(problems) or ""
            drafts.line(context, sheet.filling, kept=sheet.kept, give_up=lambda: log_sheet.give_up(context, sheet))
    style.ctrl_enter_everywhere()
    style.at_the_thumb("log_save")
    style.focus_on(sheet.cursor or sheet.key(sheet.begins_with), anew=sheet.tries)


if sheet.saved:
    aside.show_saved(context, sheet)
else:
    write()

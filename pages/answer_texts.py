"""Câu trả lời mẫu: what is offered where a customer is told something; drafted by agents, approved by leads."""

import streamlit as st

from core.i18n import gettext as _
from core.register.organisation import answer_texts, audit
from core.register.people import accounts
from core.ui import address, doing, frame
from core.ui.answer_texts import one_text, text_form, text_list
from core.ui.text import plain

context = frame.open_page("answer_texts")
with context.register.read() as session:
    every = answer_texts.every(session)
    uses = answer_texts.uses(session, context.now)
    shipped_at = audit.taken_over(session)
    people = {person.id: person.name for person in accounts.list_people(session)}
may_write = context.may("write_texts")
chosen = address.word("text", [*every, *([text_list.NEW] if may_write else [])], "")

if not chosen:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(text_list.title(every)), anchor=False)
        if may_write:
            text_list.write_button()
    doing.show_notice()
    text_list.show_waiting(context, every, people)
    text_list.show_list(text_list.fitting(every.values(), text_list.choose_filter()), uses)
elif chosen not in every:
    one_text.back_button()
    st.title(_("Write a text"), anchor=False)
    text_form.show(context, None)
else:
    standing = every[chosen]
    one_text.back_button()
    st.title(plain(standing.shown.title), anchor=False)
    doing.show_notice()
    one_text.show(context, standing, uses.get(chosen, answer_texts.Uses()), people, shipped_at)
    if may_write:
        text_form.show(context, standing.newest)
    one_text.show_versions(standing, people, shipped_at)
doing.finish()

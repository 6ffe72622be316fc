"""Con người: who has an account, in which role; add, change, close."""

import streamlit as st

from core.i18n import gettext as _
from core.register import people, sign_ins
from core.ui import address, frame, people_desk

desk = frame.open_page("people")
with desk.register.read() as session:
    everybody = people.list_people(session)
    seen = sign_ins.last_sign_ins(session)
by_id = {str(person.id): person for person in everybody}
chosen = address.word("person", [people_desk.NEW, *by_id], "")

if not chosen:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(people_desk.title(everybody, seen), anchor=False)
        people_desk.add_button()
    people_desk.show_told()
    people_desk.show_needed(everybody)
    people_desk.show_list(everybody, seen)
else:
    people_desk.back_button()
    st.title(_("Add a person") if chosen == people_desk.NEW else frame.plain(by_id[chosen].name), anchor=False)
    people_desk.show_told()
    if chosen == people_desk.NEW:
        with st.container(width=560):
            people_desk.show_new(desk)
    else:
        people_desk.show_person(desk, by_id[chosen], seen)
people_desk.forget_problems()

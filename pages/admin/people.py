"""Con người: who has an account, in which role; add, change, close."""

import streamlit as st

from core.i18n import gettext as _
from core.register.people import accounts, sign_ins
from core.ui import address, frame
from core.ui.people import accounts as screens
from core.ui.text import plain

context = frame.open_page("people")
with context.register.read() as session:
    everybody = accounts.list_people(session)
    seen = sign_ins.last_sign_ins(session)
by_id = {str(person.id): person for person in everybody}
chosen = address.word("person", [screens.NEW, *by_id], "")

if not chosen:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(screens.title(everybody, seen), anchor=False)
        screens.add_button()
    screens.show_told()
    screens.show_needed(everybody)
    screens.show_list(everybody, seen)
else:
    screens.back_button()
    st.title(_("Add a person") if chosen == screens.NEW else plain(by_id[chosen].name), anchor=False)
    screens.show_told()
    if chosen == screens.NEW:
        with st.container(width=560):
            screens.show_new(context)
    else:
        screens.show_person(context, by_id[chosen], seen)
screens.forget_problems()

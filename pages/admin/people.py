"""Con người: who has an account, in which role; add, change, close."""

import streamlit as st

from core.i18n import gettext as _
from core.register.people import accounts, invitations, second_factor, sign_ins
from core.ui import address, frame
from core.ui.pages import file_of
from core.ui.people import account_form, account_list, demands
from core.ui.text import plain

context = frame.open_page("people")
with context.register.read() as session:
    everybody = accounts.list_people(session)
    last_sign_ins = sign_ins.last_sign_ins(session)
    links = invitations.open_until(session, now=context.now)
    ways_in = account_list.WaysIn(last_sign_ins, links, second_factor.people_with_it(session))
    demanding = second_factor.demanding_roles(session)
by_id = {str(person.id): person for person in everybody}
chosen = address.word("person", [account_list.NEW, *by_id], "")

if not chosen:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(account_list.title(everybody, last_sign_ins)), anchor=False)
        account_list.add_button()
        st.page_link(file_of("rights"), label=_("Who may do what"), icon=":material/shield_person:")
    account_form.show_notice()
    account_list.show_missing(everybody)
    account_list.show_list(everybody, ways_in, context.now)
    demands.show(context, everybody, ways_in, demanding)
else:
    account_form.back_button()
    st.title(_("Add a person") if chosen == account_list.NEW else plain(by_id[chosen].name), anchor=False)
    account_form.show_notice()
    if chosen == account_list.NEW:
        with st.container(width=560):
            account_form.show_new(context)
    else:
        account_form.show_person(context, by_id[chosen], last_sign_ins)
account_form.forget_problems()

"""Danh mục: the organisation's lists, targets and procedures, changed on screen (D20)."""

import streamlit as st

from core.register.organisation import lists, proposals
from core.register.people import accounts
from core.ui import doing, frame
from core.ui.catalogues import (
    audit_list,
    entry_dialog,
    entry_list,
    list_files,
    organisation_form,
    papers_form,
    proposed,
    targets_form,
)
from core.ui.text import plain

context = frame.open_page("catalogues")
with context.register.read() as session:
    found = proposals.open_ones(session)
chosen = entry_list.choose(len(found))

if chosen == entry_list.PROPOSALS:
    proposed.show(context, found)
elif chosen == entry_list.ORGANISATION:
    organisation_form.show(context)
elif chosen == entry_list.TARGETS:
    targets_form.show(context)
elif chosen == entry_list.PAPERS:
    papers_form.show(context)
elif chosen == entry_list.CHANGES:
    audit_list.show(context)
else:
    with context.register.read() as session:
        entries = lists.current(session, chosen)
        used = lists.used(session, chosen, entries)
        everybody = accounts.list_people(session)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(entry_list.title(chosen, entries)), anchor=False)
        entry_list.add_button()
    doing.show_notice()
    entry_list.show(chosen, entries, used, everybody)
    list_files.show(context, chosen)
    audit_list.link(chosen)
    entry_dialog.open_if_chosen(chosen, entries)
doing.finish()

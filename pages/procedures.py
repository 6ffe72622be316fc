"""Quy trình: what is promised, by which source, in which version (D9); an administrator changes it."""

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import label
from core.register import rulebook
from core.register.organisation import procedure_versions
from core.ui import address, doing, frame
from core.ui.procedures import begin, change, read_view, versions, walked
from core.ui.text import plain

context = frame.open_page("procedures")
with context.register.read() as session:
    whose = rulebook.organisation(session)
names = {key: name_of(catalogues().procedures, key) for key in (*whose.procedures, *whose.former)}
head = st.container(horizontal=True, vertical_alignment="center")
with st.container():
    key = versions.choose_procedure(names)
with context.register.read() as session:
    every = procedure_versions.versions(session, key)
    in_use = rulebook.procedure_at(session, key, context.now).version
    shown = versions.choose_version(every, in_use)
    procedure = rulebook.of(session).procedure(session, key, shown)
    newest = procedure_versions.newest(session, key)
may_change = context.may("manage_procedures")
is_new, is_edited = (may_change and address.word(name, ["1"], "") == "1" for name in ("new", "edit"))

with head:
    st.title(plain(label(procedure.name, procedure.name_en)), anchor=False)
    if may_change and not (is_new or is_edited):
        st.button(
            _("Change"),
            icon=":material/edit:",
            key="procedures_edit",
            on_click=lambda: address.put(edit=1, version=None),
        )
        st.button(_("New procedure"), icon=":material/add:", key="procedures_new", on_click=lambda: address.put(new=1))
doing.show_notice()
if is_new:
    begin.show(context, newest)
elif is_edited:
    versions.show_base(every, in_use)
    change.show(context, newest)
else:
    if key in whose.former and may_change:
        begin.show_waiting(context, procedure)
    versions.show_standing(shown, every, in_use)
    read_view.show(procedure, beneath=lambda: walked.show(context, procedure))
    versions.show(context, every, procedure, in_use)
doing.finish()

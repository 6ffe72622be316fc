"""Quyền: what each role may open, see and do, read from the rules that decide it."""

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named
from core.ui import frame, rights
from core.ui.text import md

context = frame.open_page("rights")
st.title(_("Who may do what"), anchor=False)
st.markdown(md(_("You are: **{role}**. Your column is coloured."), role=named("role", context.person.role)))
rights.show(context.person.role)
rights.show_notes()

"""Vận hành: the worker, its queues and failures, how long pages take."""

import streamlit as st

from core.i18n import gettext as _
from core.register.operations import state
from core.register.operations.page_times import OF_PROCESS
from core.ui import frame
from core.ui.operations import view

context = frame.open_page("operations")
with context.register.read() as session:
    found = state.read(session, context.now)
st.title(_("Operations"), anchor=False)
view.show_counts(found)
with st.container(border=True):
    view.show_worker(found, context.settings)
with st.container(border=True):
    view.show_queues(found)
with st.container(border=True):
    view.show_pages(OF_PROCESS.of_all(), context.settings, context.now)

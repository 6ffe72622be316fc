"""Hồ sơ tôi ghi: what somebody logged and follows, newest first."""

import streamlit as st

from core.i18n import gettext as _
from core.register.reads import queue
from core.ui import frame, go, my_complaints, paging, rows
from core.ui.text import plain

context = frame.open_page("my_complaints")
with context.register.read() as session:
    total, still_open = queue.count_logged(session, by=context.person)
    page = paging.number("page", total, my_complaints.PAGE_ROWS)
    shown = range((page - 1) * my_complaints.PAGE_ROWS, page * my_complaints.PAGE_ROWS)
    lines = queue.logged(session, by=context.person, now=context.now, rows=shown)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(plain(my_complaints.title(total, still_open)), anchor=False)
    if st.button(_("Log a complaint"), type="primary", icon=":material/add:", shortcut="n", key="my_log"):
        go.to("log_complaint")
if lines:
    rows.table(
        my_complaints.columns(), my_complaints.rows_of(lines, context.now), key="my_rows", alt=_("My complaints")
    )
    paging.turn("page", total, my_complaints.PAGE_ROWS, page)
else:
    st.markdown(_("You have logged no complaint yet. What you log stands here, with its deadlines."))

"""Thông báo: everything this person was told of, the newest first."""

import streamlit as st

from core.i18n import gettext as _
from core.register.notices import reads
from core.ui import frame, paging
from core.ui.notices import bell, lines
from core.ui.text import plain

PAGE_ROWS = 25

context = frame.open_page("notices")
with context.register.read() as session:
    new, total = reads.count_new(session, context.person), reads.count(session, context.person)
    page = paging.number("page", total, PAGE_ROWS)
    shown = reads.newest(session, context.person, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(plain(bell.how_many(new, none=_("Nothing new"))), anchor=False)
    if new and st.button(_("I have read all"), icon=":material/done_all:", key="notices_read"):
        with context.register.write() as session:
            reads.read(session, context.person, now=context.now)
        st.rerun()
for told in shown:
    with st.container(border=True, gap=None):
        lines.show(told, context.now)
if not shown:
    st.markdown(
        _("What concerns you stands here: a question to your department, an answer, a deadline, your name in a note.")
    )
st.caption(_("Notices go after 90 days; what they are about stays in the complaint."))
paging.turn("page", total, PAGE_ROWS, page)

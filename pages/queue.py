"""Hàng đợi: open complaints by next due; tick some to act on them, open one to work on it."""

from datetime import datetime, timedelta

import streamlit as st

from core.i18n import gettext as _
from core.register import rulebook
from core.register.reads import queue
from core.ui import frame, go, rows
from core.ui.queue import actions, peek, table
from core.ui.queue import view as queue_view
from core.ui.text import plain

REFRESH = timedelta(seconds=60)


@st.fragment(run_every=REFRESH)
def keep_fresh(drawn_at: datetime) -> None:
    """Time goes on while the page stands open; ticks and half-typed words stay as they are."""
    if frame.utc_now() - drawn_at > REFRESH * 0.75:
        frame.run_again()


context = frame.open_page("queue")
with context.register.read() as session:
    procedures = rulebook.current_procedures(session, context.now)
view = queue_view.of(context.person.role, procedures)
shown = actions.list_id(view, st.query_params.get("page"))
actions.bar(context, view, shown)

with context.register.read() as session:
    counts = queue.counts(session, by=context.person, now=context.now, narrow=view.narrow)
    retired, retired_choices = queue.retired_in_use(session), queue.retired_choices_in_use(session)
    total = counts[view.segment]
    page = queue_view.choose_page(total)
    lines = queue.page(
        session,
        view.segment,
        by=context.person,
        now=context.now,
        narrow=view.narrow,
        rows=range((page - 1) * queue_view.PAGE_ROWS, page * queue_view.PAGE_ROWS),
    )

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(plain(queue_view.title(view, counts)), anchor=False)
    queue_view.choose_filters(view, procedures, retired, retired_choices)
    if context.may_open("log_complaint") and st.button(
        _("Log a complaint"), type="primary", icon=":material/add:", shortcut="n", key="queue_log"
    ):
        go.to("log_complaint")
actions.result()
queue_view.choose_segment(view, counts)

if lines:
    rows.table(
        table.columns(sees_personal_data=context.sees_personal_data),
        table.rows(lines, context.now, sees_personal_data=context.sees_personal_data),
        key=actions.TABLE,
        alt=_("Open complaints, the one due next first"),
        tickable=context.may("assign"),
        list_id=shown,
    )
    peek.show(context, rows.peeked(actions.TABLE, [line.code for line in lines]))
    queue_view.turn_pages(page, total)
    if not context.sees_personal_data:
        st.caption(_("What customers say is hidden for your role."))
else:
    queue_view.nothing(view, counts)
queue_view.remember_place()
keep_fresh(context.now)

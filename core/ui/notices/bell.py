"""The bell at the head of every page: how many notices are new, and the newest, kept up to date while it is open."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from core.i18n import gettext as _
from core.i18n import ngettext, number
from core.register.notices import reads
from core.register.people import sign_ins
from core.settings import SESSION_COOKIE
from core.ui import frame, style
from core.ui.context import PageContext
from core.ui.notices import lines
from core.ui.pages import file_of
from core.ui.text import Markdown, md, plain

EVERY = timedelta(seconds=30)
SHOWN = 7


def show(context: PageContext, *, case: str | None = None) -> None:
    """The bell of ``context.person``; ``case``: the code of the complaint that the page shows, read by that."""
    if case:
        _read_about(context, case)

    @st.fragment(run_every=EVERY)
    def look() -> None:
        now = frame.utc_now()
        if now - context.now > EVERY / 2 and not _is_signed_in(context, now):  # a run of its own, not of the page
            frame.run_again()
        with context.register.read() as session:
            new = reads.count_new(session, context.person)
            newest = reads.newest(session, context.person, limit=SHOWN)
        with (
            st.container(key=style.BELL),
            st.popover(
                plain(how_many(new, none=_("Notices"))),
                icon=":material/notifications_unread:" if new else ":material/notifications:",
                type="tertiary",
            ),
        ):
            for told in newest:
                with st.container(gap=None):
                    lines.show(told, now)
            st.page_link(file_of("notices"), label=_("All notices"), icon=":material/notifications:")

    look()


def _is_signed_in(context: PageContext, now: datetime) -> bool:
    token = frame.cookies().get(SESSION_COOKIE)
    return sign_ins.recognise(context.register, token, now=now, used=False) is not None


def how_many(new: int, *, none: str) -> Markdown:
    """How many are new, the number in bold, which is all that the bell shows of it; ``none`` where nothing is."""
    return md(ngettext("**{n}** new notice", "**{n}** new notices", new), n=number(new)) if new else plain(none)


def _read_about(context: PageContext, code: str) -> None:
    """Whoever opens the complaint has read what is new about it; written only where there is something."""
    with context.register.read() as session:
        complaint_id = reads.new_about(session, context.person, code)
    if complaint_id is not None:
        with context.register.write() as session:
            reads.read(session, context.person, now=context.now, complaint_id=complaint_id)

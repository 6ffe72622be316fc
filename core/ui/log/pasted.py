"""Comments copied from Facebook, YouTube or an app store: taken apart, and one person's put into the form (D44)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import streamlit as st

from core.catalogues import catalogues
from core.i18n import gettext as _
from core.i18n import short_moment
from core.register.case.evidence import MAX_TEXT
from core.rules.catalogue import offered
from core.rules.text import snippet
from core.rules.threads import Comment, Site, take_apart
from core.ui import fields
from core.ui.context import PageContext
from core.ui.log.sheet import Sheet
from core.ui.text import plain

SITES = frozenset(site.value for site in Site)
HEIGHT = 110  # pixels


class Said(NamedTuple):
    """What one person said in a thread: about when first, and all of it in order."""

    who: str
    at: datetime | None
    what: str


def offer(context: PageContext, sheet: Sheet, channel: str | None) -> None:
    """A box to paste comments into, where the complaint came by a page that has some."""
    if channel not in SITES:
        return
    key = sheet.key("pasted")
    with st.expander(_("Paste comments that you copied"), expanded=bool(st.session_state.get(key)), type="compact"):
        text = st.text_area(
            _("The comments as you copied them from the page"),
            key=key,
            height=HEIGHT,
            max_chars=MAX_TEXT,
            persist_state="session",
        )
        if not text:
            return
        thread = take_apart(text, context.now)
        people = said_by(thread.comments)
        if not people:
            st.caption(_("Nobody wrote anything in it: copy the comments with the names above them."))
            return
        chosen = st.radio(
            _("Whose complaint is it?"),
            range(len(people)),
            format_func=lambda n: plain(_line(people[n], context.now)),
            key=sheet.key("pasted_by"),
            persist_state="session",
        )
        st.caption(_("A page says how old a comment is, so the time is about right: correct it where it matters."))
        site = thread.site if thread.site in offered(catalogues().channels) else None
        st.button(
            _("Put into the form"),
            key=sheet.key("pasted_take"),
            icon=":material/content_paste_go:",
            on_click=_fill,
            args=(sheet, people[min(chosen, len(people) - 1)], site),
        )


def said_by(comments: Sequence[Comment]) -> list[Said]:
    """The people of a thread in the order in which they first wrote; what one wrote in parts stands together."""
    found: dict[str, Said] = {}
    for one in comments:
        before = found.get(one.who)
        found[one.who] = (
            before._replace(what=f"{before.what}\n\n{one.what}") if before else Said(one.who, one.at, one.what)
        )
    return list(found.values())


def _line(one: Said, now: datetime) -> str:
    when = short_moment(one.at, now) if one.at else ""
    return " · ".join(part for part in (one.who, when, snippet(one.what)) if part)


def _fill(sheet: Sheet, said: Said, site: Site | None) -> None:
    """What was typed by hand into these fields is replaced: whoever pressed the button wants that."""
    st.session_state[sheet.key("statement")] = said.what
    if said.who:
        st.session_state[sheet.key("name")] = said.who.removeprefix("@")
    if said.at is not None:
        st.session_state[sheet.key("sent_at")] = fields.typed(said.at)
    if site is not None:
        st.session_state[sheet.key("channel")] = site.value

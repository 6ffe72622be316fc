"""The timeline of a complaint: what happened, who did it, when it happened and when it was written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import day, due_words, moment
from core.i18n import gettext as _
from core.register.reads.timeline import Moment
from core.rules.masking import HIDDEN
from core.ui import badges, links
from core.ui.frame import plain

AT_ONCE = 25
LONG, LONG_HEIGHT = 1_500, 280  # letters; pixels of a text that scrolls by itself
WRITTEN_LATER = timedelta(minutes=1)
ICONS: Mapping[str, str] = {
    "received": "edit_note",
    "acknowledged": "mark_email_read",
    "classified": "category",
    "assigned": "person",
    "forwarded": "forward",
    "department_answered": "reply",
    "customer_asked": "contact_support",
    "customer_replied": "chat",
    "evidence_added": "attach_file",
    "noted": "sticky_note_2",
    "result_notified": "campaign",
    "closed": "task_alt",
    "reopened": "restart_alt",
    "withdrawn": "undo",
}


def show(moments: Sequence[Moment], levels: Mapping[str, str]) -> None:
    """Newest first; a long history opens with its newest part. ``levels``: names of the procedure's levels."""
    newest = list(reversed(moments))
    shown = newest if len(newest) <= AT_ONCE or st.session_state.get("timeline.all") else newest[:AT_ONCE]
    for one in shown:
        _row(one, levels)
    if len(shown) < len(newest):
        st.toggle(_("Show all {n} steps").format(n=len(newest)), key="timeline.all")


def _row(one: Moment, levels: Mapping[str, str]) -> None:
    icon = f":material/{ICONS.get(one.kind, 'circle')}:"
    with st.expander(described(one, levels), expanded=True, icon=icon, type="step"):
        st.caption(plain(f"{one.who or _('automatic')} · {moment(one.happened_at)}{_written(one)}"))
        if one.kind != "received":  # what the customer says stands above the timeline
            body(one.text)
        for file in one.files:
            links.to_file(file.id, file.name)


def body(text: str) -> None:
    """What somebody wrote, letter by letter; a sentence where it is hidden."""
    if text == HIDDEN:
        st.caption(_("Hidden: your role does not see what was written."))
    elif len(text) > LONG:
        with st.container(height=LONG_HEIGHT):
            st.text(text)
    elif text:
        st.text(text)


def described(one: Moment, levels: Mapping[str, str]) -> str:
    """The step in one line of Markdown."""
    head = plain(_(badges.DONE.get(one.kind, one.kind)))
    tell = DETAILS.get(one.kind)
    rest = [plain(part) for part in tell(one.said, levels) if part] if tell else []
    return " · ".join([f"**{head}**", *rest])


def _written(one: Moment) -> str:
    if one.logged_at - one.happened_at <= WRITTEN_LATER:
        return ""
    return " · " + _("written down {moment}").format(moment=moment(one.logged_at))


Said = Mapping[str, Any]
Levels = Mapping[str, str]


def _channel(said: Said, levels: Levels) -> list[str]:
    return [_("through {channel}").format(channel=name_of(catalogues().channels, said.get("channel")))]


def _received(said: Said, levels: Levels) -> list[str]:
    return [*_channel(said, levels), name_of(catalogues().categories, said.get("category"))]


def _classified(said: Said, levels: Levels) -> list[str]:
    kind = _(badges.KINDS[said["kind"]]) if said.get("kind") in badges.KINDS else ""
    level = levels.get(said.get("level", ""), "")
    return [kind, name_of(catalogues().categories, said.get("category")), level]


def _assigned(said: Said, levels: Levels) -> list[str]:
    return [_("to {name}").format(name=said.get("assignee", "?"))]


def _forwarded(said: Said, levels: Levels) -> list[str]:
    department = name_of(catalogues().departments, said.get("department"))
    due = said.get("due_at")
    return [department, _("answer before {due}").format(due=due_words(datetime.fromisoformat(due))) if due else ""]


def _answered(said: Said, levels: Levels) -> list[str]:
    return [name_of(catalogues().departments, said.get("department"))]


def _asked(said: Said, levels: Levels) -> list[str]:
    chase = said.get("chase_on")
    return [_("ask again on {day}").format(day=day(date.fromisoformat(chase))) if chase else ""]


def _closed(said: Said, levels: Levels) -> list[str]:
    kept = catalogues()
    cause, reason = said.get("root_cause"), said.get("breach_reason")
    return [
        name_of(kept.outcomes, said.get("outcome")),
        _("cause: {cause}").format(cause=name_of(kept.causes, cause)) if cause else "",
        _("late because: {reason}").format(reason=name_of(kept.breach_reasons, reason)) if reason else "",
    ]


DETAILS: Mapping[str, Callable[[Said, Levels], list[str]]] = {
    "received": _received,
    "acknowledged": _channel,
    "classified": _classified,
    "assigned": _assigned,
    "forwarded": _forwarded,
    "department_answered": _answered,
    "customer_asked": _asked,
    "result_notified": _channel,
    "closed": _closed,
}

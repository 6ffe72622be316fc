"""The draft of a calendar change: previewed first, then applied with its reason (D8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import label, moment, sentence
from core.register import rulebook
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.calendar.calendars import Moved
from core.register.log.act import Act
from core.rules.calendar import local_day
from core.rules.days import CalendarDays
from core.ui import doing, go, paging
from core.ui.calendar import draft as calendar_draft
from core.ui.calendar import words
from core.ui.calendar.draft import Draft, Look
from core.ui.context import PageContext
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import md, plain

SHOWN_ROWS = 10


def show(context: PageContext, days: CalendarDays) -> None:
    """The draft with its changes, its preview, and the form to apply it; nothing while there is no draft."""
    draft = calendar_draft.of_tab()
    if draft.is_empty:
        return
    if draft.look and draft.look.days.version != days.version:
        draft.look = None
        draft.refused = _("Somebody applied another calendar meanwhile: look at the preview again.")
    with st.container(border=True, key="calendar_draft"):
        _heading()
        _list(draft, days)
        if _look_button(draft):
            _look(context, draft, days)
            st.rerun()
        if draft.look:
            _show_look(draft.look)
            _apply_form(context, draft, draft.look)
        if draft.refused:
            st.error(plain(draft.refused), icon=":material/error:")


def _heading() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(_("Draft, not applied yet"), anchor=False)
        st.button(
            _("Drop the draft"),
            icon=":material/delete:",
            type="tertiary",
            key="calendar_drop",
            on_click=calendar_draft.drop,
        )


def _look_button(draft: Draft) -> bool:
    return st.button(
        _("Look at what moves"),
        icon=":material/visibility:",
        type="secondary" if draft.look else "primary",
        key="calendar_look",
    )


def _list(draft: Draft, days: CalendarDays) -> None:
    if draft.year is not None:
        _coming(draft, days, draft.year)
    for day, rule in sorted(draft.changes.items()):
        if day.year != draft.year:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(plain(words.change(day, days.days.get(day), rule)), width="content")
                _take_out_button(draft, day)


def _take_out_button(draft: Draft, day: date) -> None:
    st.button(
        _("Undo"),
        icon=":material/undo:",
        type="tertiary",
        key=f"calendar_undo_{day}",
        help=md(_("Leave {day} as it is"), day=words.weekday(day)),
        on_click=draft.take_out,
        args=(day,),
    )


def _coming(draft: Draft, days: CalendarDays, year: int) -> None:
    """The year to approve in one line, and which days off of the law it leaves out."""
    its = sum(rule is not None for day, rule in draft.changes.items() if day.year == year)
    left_out = [day for day in calendar_changes.lawful(days, year) if draft.changes.get(day) is None]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(md(_("**Approve {year}** with {n} special days"), year=year, n=its), width="content")
        st.button(
            _("Not {year}").format(year=year),
            icon=":material/undo:",
            type="tertiary",
            key="calendar_leave_year",
            on_click=draft.leave_year,
        )
    if left_out:
        listed = ", ".join(f"{day:%d/%m}" for day in left_out)
        st.warning(_("Left out although the law proposes them: {days}.").format(days=listed), icon=":material/rule:")


def _look(context: PageContext, draft: Draft, days: CalendarDays) -> None:
    """Work out which deadlines would shift; nothing is written."""
    draft.look, draft.refused = None, ""
    try:
        wanted = draft.applied_to(days, today=local_day(context.now))
        with st.spinner(_("Counting every open deadline anew …")), context.register.read() as session:
            draft.look = Look(wanted, tuple(calendars.preview(session, wanted)), context.now)
    except PopsError as refused:
        draft.refused = sentence(refused)


def _show_look(look: Look) -> None:
    st.markdown(md("**{count}.**", count=words.count_shifts(look.shifted)))
    st.caption(
        _(
            "Counted at {moment} over all running deadlines. Nothing is written yet. "
            "Deadlines already met, missed or overdue stay as they are."
        ).format(moment=moment(look.at))
    )
    if look.shifted:
        ordered = sorted(look.shifted, key=lambda one: (one.by > timedelta(0), one.old_due_at, one.code))
        page = paging.number("moved", len(ordered), SHOWN_ROWS)
        shown = ordered[(page - 1) * SHOWN_ROWS : page * SHOWN_ROWS]
        columns = (
            Column(_("Case code"), 9, "first"),
            Column(_("Moves"), 11, "last"),
            Column(_("From → to, deadline"), 0, "second"),
        )
        table(
            columns,
            [_row(one, look.at) for one in shown],
            key="calendar_moved",
            alt=_("Deadlines that would move, earlier ones first"),
            list_id=str(page),
        )
        paging.turn("moved", len(ordered), SHOWN_ROWS, page)


def _row(one: Moved, now: datetime) -> Row:
    term = label(one.label, one.label_en) or one.term
    earlier = one.by < timedelta(0)
    return Row(
        key=f"{one.code} {one.term} {one.number}",
        href=go.address("complaint", code=one.code),
        cells=(
            Cell(one.code),
            Cell(words.shift(one.by), tone="near" if earlier else "on_track"),
            Cell(f"{words.due(one.old_due_at, now)} → {words.due(one.new_due_at, now)} · {term}"),
        ),
    )


def _apply_form(context: PageContext, draft: Draft, look: Look) -> None:
    reason = st.text_input(
        _("Why this change?"),
        key=f"calendar.{draft.round}.reason",
        placeholder=_("Decision 12/QĐ of the board, notice of the Ministry …"),
        help=_("Kept with the version for good, beside your name."),
        max_chars=300,
        persist_state="session",
    )
    if st.button(_("Apply"), type="primary", icon=":material/check:", key="calendar_apply"):
        _apply(context, draft, look, reason or "")


def _apply(context: PageContext, draft: Draft, look: Look, reason: str) -> None:
    """Apply what was looked at; a refusal leaves draft and reason as they are."""
    try:
        with st.spinner(_("Applying …")), context.register.write() as session:
            shifted = calendars.apply(session, look.days, reason, Act(context.person, context.now))
            version = rulebook.calendar_version(session)
    except PopsError as refused:
        draft.refused = sentence(refused)
    else:
        notice = _("Version {version} of the calendar applies from now on. {count}.").format(
            version=version, count=words.count_shifts(shifted)
        )
        if len(shifted) != len(look.shifted):
            notice += " " + _("Since you looked, complaints came in or were finished.")
        doing.tell(notice)
        calendar_draft.drop()
    st.rerun()

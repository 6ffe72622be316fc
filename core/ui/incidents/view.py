"""Which incidents there are, and one of them: its numbers, its complaints, what was asked and answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words, moment, ngettext, number, short_due, short_moment
from core.i18n import gettext as _
from core.register.case import incident
from core.register.reads import incidents
from core.register.reads.incidents import MOST_ASKED, Asked, Brief, Corrected, Whole
from core.rules.masking import HIDDEN
from core.rules.text import snippet
from core.rules.verdicts import is_past
from core.ui import go, paging
from core.ui.case import timeline
from core.ui.context import PageContext
from core.ui.pages import file_of
from core.ui.queue import table as queue_table
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import Markdown, joined, md, plain

PAGE_ROWS = 25
TITLE = 90  # letters


def title(found: Sequence[Brief]) -> str:
    """How many go on, and how many complaints belong to them."""
    going = [one for one in found if one.ended_at is None]
    if not going:
        return _("No incident is going on")
    n, complaints = len(going), sum(one.complaints for one in going)
    text = ngettext("{n} incident going on", "{n} incidents going on", n).format(n=number(n))
    return text + ngettext(", {n} complaint", ", {n} complaints", complaints).format(n=number(complaints))


def show_list(found: Sequence[Brief], now: datetime) -> None:
    """The incidents, those that go on first; each leads to itself."""
    columns = (
        Column(_("Incident"), 10, "first"),
        Column(_("Due next"), 12, "last"),
        Column(_("What happened"), 0, "second"),
        Column(_("Complaints"), 12, "third"),
    )
    table(columns, [_row(one, now) for one in found], key="incidents", alt=_("Incidents, those that go on first"))


def _row(one: Brief, now: datetime) -> Row:
    late = ngettext("{n} late", "{n} late", one.late).format(n=number(one.late)) if one.late else ""
    count = ngettext("{n} complaint", "{n} complaints", one.complaints).format(n=number(one.complaints))
    return Row(
        key=one.code,
        href=go.address("incidents", code=one.code),
        cells=(
            Cell(one.code, short_moment(one.opened_at, now)),
            _due(one, now),
            Cell(called(one, TITLE), name_of(catalogues().categories, one.category)),
            Cell(count, late, tone="overdue" if late else ""),
        ),
    )


def _due(one: Brief, now: datetime) -> Cell:
    if one.ended_at is not None:
        return Cell(_("ended"), short_moment(one.ended_at, now), tone="off")
    if one.next_due_at is None:
        return Cell(_("no deadline runs"), tone="off")
    is_late = is_past(one.next_due_at, now)
    words = _("overdue") if is_late else _("running")
    return Cell(short_due(one.next_due_at, now), words, tone="overdue" if is_late else "on_track", spoken=words)


def called(one: Brief, length: int = 0) -> str:
    """What it is called; its category where the reader does not read texts, or where it was erased."""
    if one.title in ("", HIDDEN):
        return name_of(catalogues().categories, one.category)
    return snippet(one.title, length) if length else one.title


def head(whole: Whole) -> None:
    """What happened, since when, what of that was corrected, and the numbers."""
    brief = whole.brief
    st.subheader(joined(" · ", [brief.code, called(brief)]), anchor=False)
    facts = [
        name_of(catalogues().categories, brief.category),
        _("opened {moment}").format(moment=moment(brief.opened_at)),
        brief.opened_by or _("automatic"),
        _("ended {moment}").format(moment=moment(brief.ended_at)) if brief.ended_at else "",
    ]
    st.caption(plain(" · ".join(filter(None, facts))))
    for one in whole.corrected:
        st.caption(_correction(one))
    _numbers(brief)


def _correction(one: Corrected) -> Markdown:
    """Who corrected what of it, from what to what, and why (D21)."""
    was, becomes = (_stood(value) for value in (one.was, one.becomes))
    with_who = _("{what} corrected {moment} by {who}: {was} → {becomes}")
    without = _("{what} corrected {moment}: {was} → {becomes}")
    told = md(
        with_who if one.who else without,
        what=_("Name of the incident") if one.corrects == incident.NAME else _("End"),
        moment=moment(one.at),
        who=one.who,
        was=was,
        becomes=becomes,
    )
    return joined(" · ", [told, one.reason]) if one.reason else told


def _stood(value: str | datetime | None) -> str:
    """A name between quotes, a moment, or that it goes on."""
    if value is None:
        return _("goes on")
    return moment(value) if isinstance(value, datetime) else f"“{value}”"


def _numbers(brief: Brief) -> None:
    """What its complaints come to, on one line; each number with its definition."""
    counted = (
        (_("Complaints"), brief.complaints, _("Complaints of the incident that you see, open or closed.")),
        (
            _("Customers"),
            brief.customers,
            _("Known customers behind them, each once; a complaint without any contact counts as one more."),
        ),
        (_("In time"), brief.in_time, _("Complaints of which no promise was missed or is overdue.")),
        (_("Late"), brief.late, _("Complaints with a promise that was missed or is overdue now.")),
        (_("Open"), brief.open, _("Complaints that are neither closed nor withdrawn.")),
    )
    with st.container(horizontal=True, gap="medium", key="incident_numbers"):
        for label, value, definition in counted:
            st.markdown(md("{label} **{n}**", label=label, n=number(value)), help=plain(definition), width="content")


def complaints(context: PageContext, whole: Whole) -> None:
    """Its complaints as the queue shows them, what is overdue first, and the way to them in the queue."""
    total = len(whole.members)
    if not total:
        st.caption(_("No complaint belongs to it."))
        return
    page = paging.number("page", total, PAGE_ROWS)
    with context.register.read() as session:
        lines = incidents.lines(
            session,
            whole.brief.code,
            by=context.person,
            now=context.now,
            rows=range((page - 1) * PAGE_ROWS, page * PAGE_ROWS),
        )
    table(
        queue_table.columns(sees_personal_data=context.sees_personal_data),
        queue_table.rows(lines, context.now, sees_personal_data=context.sees_personal_data),
        key="incident_rows",
        alt=_("Complaints of the incident, the one due next first"),
    )
    paging.turn("page", total, PAGE_ROWS, page)
    if context.may_open("queue"):
        query = {"incident": whole.brief.code}
        st.page_link(file_of("queue"), label=_("Open ones in the queue"), icon=":material/inbox:", query_params=query)


def asked(whole: Whole, now: datetime) -> None:
    """What departments were asked, one act after the other, and what they answered."""
    if not whole.asked:
        return
    st.markdown(f"**{plain(_('Asked and answered'))}**")
    for one in whole.asked:
        with st.container(border=True, gap="xsmall"):
            _one(one, now)
    if len(whole.asked) == MOST_ASKED:
        st.caption(plain(_("The newest {n} questions are shown; each case has all of its own.").format(n=MOST_ASKED)))


def _one(one: Asked, now: datetime) -> None:
    answered = one.complaints - one.open
    facts = [
        name_of(catalogues().departments, one.department),
        ngettext("{n} complaint", "{n} complaints", one.complaints).format(n=number(one.complaints)),
        _("{n} no longer waited for").format(n=number(answered)) if one.open and answered else "",
        _("asked {moment}").format(moment=short_moment(one.asked_at, now)),
    ]
    st.markdown(joined(" · ", filter(None, facts)))
    if one.open:
        late = is_past(one.due_at, now)
        due = (_("answer was due {due}") if late else _("answer before {due}")).format(due=due_words(one.due_at))
        st.markdown(md(":red[{due}]", due=due) if late else plain(due))
    timeline.body(one.question)
    if one.answer:
        st.caption(_("Answered:"))
        timeline.body(one.answer)

"""The obligations that were missed or are overdue, as a list: each row opens its complaint."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named, number, short_due
from core.insight import rows as behind
from core.insight.dimensions import name_of
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.rows import Obligation
from core.insight.slices import Slice
from core.register.reads import queue
from core.register.reads.queue import Clock
from core.rules.clocks import PROMISED
from core.rules.procedure import DATES
from core.rules.time_left import TimeLeft
from core.rules.verdicts import BROKEN
from core.ui import go, paging, words
from core.ui.context import PageContext
from core.ui.rows import Cell, Column, Row, table

PAGE_ROWS = 10


def show(context: PageContext, facts: Facts, chosen: Filter, stage: str) -> None:
    """The broken obligations of one stage, latest due first, a page at a time."""
    slice = Slice(chosen, "due", stage=stage, verdict=BROKEN)
    count = behind.count(facts, slice, context.now)
    with st.container(border=True):
        st.subheader(_("Not met ({n})").format(n=number(count)), anchor=False)
        if not count:
            st.markdown(f":material/check: {_('No obligation of this period was missed.')}")
            return
        page = paging.number("page", count, PAGE_ROWS)
        shown = behind.obligations(facts, slice, context.now, start=(page - 1) * PAGE_ROWS, size=PAGE_ROWS)
        missed = [Obligation(*row) for row in shown.iter_rows()]
        with context.register.read() as session:
            late = queue.lateness(session, [_clock(row) for row in missed], now=context.now)
        lines = [_row(row, late.get(_clock(row)), context.now) for row in missed]
        table(_columns(), lines, key="misses", alt=_("Obligations not met"))
        paging.turn("page", count, PAGE_ROWS, page)


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("Case code"), 9, "first"),
        Column(_("Late by"), 13.5, "last"),
        Column(_("Reason"), 0, "second"),
        Column(_("Category, channel"), 13),
        Column(_("Department"), 10),
    )


def _clock(row: Obligation) -> Clock:
    return row.complaint_id, row.term, row.number


def _which(row: Obligation) -> str:
    """Which of several of one stage: what a date was promised for (D14), and which cycle."""
    of = [named("promised", row.term.removeprefix(PROMISED))] if row.stage == DATES else []
    return " · ".join([*of, *([_("cycle {n}").format(n=row.number)] if row.number > 1 else [])])


def _row(row: Obligation, late: TimeLeft | None, now: datetime) -> Row:
    is_open = row.stopped_at is None
    return Row(
        key=f"{row.code}-{row.term}-{row.number}",
        href=go.address("complaint", code=row.code),
        cells=(
            Cell(row.code, _which(row)),
            Cell(
                (words.overdue(late) if is_open else words.time_left(late)) if late else "–",
                below=_("due {moment}").format(moment=short_due(row.due_at, now)),
                tone="overdue" if is_open else "off",
                spoken=_("still open") if is_open else _("done late"),
            ),
            Cell(name_of("breach_reason", row.breach_reason), _("still open") if is_open else ""),
            Cell(name_of("category", row.category), name_of("channel", row.channel)),
            Cell(name_of("department", row.department)),
        ),
    )

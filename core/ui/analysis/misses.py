"""The obligations that were not kept, as a list: each row opens its complaint."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.i18n import gettext as _
from core.i18n import number, short_moment
from core.insight import rows as behind
from core.insight.dimensions import NONE, name_of
from core.insight.drawings.compliance import UNKEPT
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.ui import address
from core.ui.frame import Desk
from core.ui.rows import Cell, Column, Row, table

PAGE = 10


def show(desk: Desk, facts: Facts, chosen: Filter, stage: str) -> None:
    """The obligations of one stage not kept, latest due first, a page at a time."""
    found = behind.obligations(facts, Slice(chosen, "due", stage=stage, verdict=UNKEPT), desk.now)
    with st.container(border=True):
        st.subheader(_("Not met ({n})").format(n=number(len(found))), anchor=False)
        if found.empty:
            st.markdown(f":material/check: {_('No obligation of this period was missed.')}")
            return
        pages = -(-len(found) // PAGE)
        page = address.number("page", most=pages)
        shown = found.iloc[(page - 1) * PAGE : page * PAGE]
        table(
            _columns(), [_row(row, desk.now) for row in shown.itertuples()], key="misses", alt=_("Obligations not met")
        )
        if pages > 1:
            _turn(page, pages)


def _turn(page: int, pages: int) -> None:
    widget = f"misses_page_{page}_{pages}"  # another page is another widget: the URL says which one is open

    def turned() -> None:
        address.put(page=st.session_state[widget])

    st.pagination(pages, default=page, key=widget, on_change=turned)


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("Case code"), 9, "first"),
        Column(_("Late by"), 11, "last"),
        Column(_("Reason"), 0, "second"),
        Column(_("Category, channel"), 13),
        Column(_("Department"), 10),
    )


def _row(row: Any, now: datetime) -> Row:
    is_open = row.stopped_at != row.stopped_at
    late = ((now if is_open else row.stopped_at) - row.due_at).total_seconds()
    return Row(
        key=f"{row.code}-{row.stage}-{row.number}",
        href="complaint?" + urlencode({"code": row.code}),
        cells=(
            Cell(row.code, _("cycle {n}").format(n=row.number) if row.number > 1 else ""),
            Cell(
                _elapsed(late),
                below=_("due {moment}").format(moment=short_moment(row.due_at)),
                tone="overdue" if is_open else "off",
                spoken=_("still open") if is_open else _("told late"),
            ),
            Cell(name_of("breach_reason", _key(row.breach_reason)), _("still open") if is_open else ""),
            Cell(name_of("category", row.category), name_of("channel", row.channel)),
            Cell(name_of("department", _key(row.department))),
        ),
    )


def _elapsed(seconds: float) -> str:
    """Real time past due: days and hours, hours, or minutes."""
    minutes = int(seconds) // 60
    if minutes >= 48 * 60:
        return _("{n} days").format(n=number(minutes // (24 * 60)))
    return (
        _("{n} hours").format(n=number(minutes // 60)) if minutes >= 120 else _("{n} minutes").format(n=number(minutes))
    )


def _key(value: Any) -> str:
    return value if isinstance(value, str) else NONE

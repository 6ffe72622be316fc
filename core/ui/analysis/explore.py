"""The rows of the explore page, in words and in a table, and the links to have them as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Literal
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.catalogues import dong
from core.i18n import N_, WEEKDAYS, named, ngettext, number
from core.i18n import gettext as _
from core.i18n import language as language_in_use
from core.insight import dimensions, findings, splits
from core.insight.filters import Filter
from core.insight.slices import CHOSEN, Slice
from core.insight.tally import PERSON
from core.papers import rows
from core.papers.dictionary import COLUMNS, Column, chosen, known, usual
from core.papers.rows import Selection
from core.rules.calendar import local_day
from core.rules.marks import visible
from core.ui import address, go, paging
from core.ui.context import PageContext
from core.ui.text import plain

PAGE_ROWS = 50
MAX_HEIGHT, HEADER_HEIGHT, ROW_HEIGHT = 560, 37, 35  # pixels
EXPORT = "/export/complaints.csv"
CELL = tuple(field.name for field in fields(Slice) if field.name not in ("filter", "of"))
KEYED = tuple(name for name in CELL if name in dimensions.DIMENSIONS and name != "verdict")  # one key each, or None
VIEWS = ("rows", "pivot")
VIEW_NAMES: Mapping[str, str] = {"rows": N_("Rows"), "pivot": N_("Pivot table")}
PIVOT = ("figure", "number", "down", "across", "order")
"""What the address says of the table of numbers."""
OF_NAMES: Mapping[str, str] = {
    "recorded": N_("Recorded in the period"),
    "due": N_("Fell due in the period"),
    "asked": N_("Answers of departments due in the period"),
    "closed": N_("Closed in the period"),
    "open": N_("Open now"),
    "ended": N_("Ended in the period"),
    "left": N_("Open at the end of the period"),
    "waited": N_("Waited in the period"),
    "let_go": N_("Questions to departments that ended in the period"),
    "walked": N_("Took a step in the period"),
}


def slice_of(context: PageContext, filter: Filter) -> Slice:
    """The rows the URL names within the filter of the bar."""
    return replace(Slice.from_query(st.query_params.to_dict(), local_day(context.now)), filter=filter)


def headline(selection: Selection) -> str:
    """How many rows, as a person counts them."""
    if not selection.of_obligations:
        return ngettext("{n} complaint", "{n} complaints", selection.count).format(n=number(selection.count))
    obligations = ngettext("{n} obligation", "{n} obligations", selection.count).format(n=number(selection.count))
    n = selection.complaints
    complaints = ngettext("of {n} complaint", "of {n} complaints", n).format(n=number(n))
    return f"{obligations} {complaints}"


def view() -> str:
    """What the page shows: the rows, or a table of numbers."""
    return address.word("view", VIEWS, VIEWS[0])


def choose_view() -> None:
    """Rows or a table of numbers; the choices of the other one leave the address."""
    st.segmented_control(
        _("View"),
        VIEWS,
        format_func=lambda name: _(VIEW_NAMES[name]),
        required=True,
        key="explore_view",
        on_change=address.follow(
            "explore_view", view(), "view", default=VIEWS[0], forget=(*CELL, *PIVOT, "of", "page")
        ),
        label_visibility="collapsed",
    )


def choose_rows(slice: Slice) -> None:
    """What the period applies to; another choice leaves the cell of a figure."""
    changed = address.follow("explore_of", slice.of, "of", default="recorded", forget=(*CELL, "page"))
    st.segmented_control(
        _("Rows"),
        CHOSEN if slice.of in CHOSEN else (*CHOSEN, slice.of),
        format_func=lambda of: _(OF_NAMES[of]),
        required=True,
        key="explore_of",
        on_change=changed,
        label_visibility="collapsed",
        wrap=True,
    )


def cell(context: PageContext, slice: Slice) -> None:
    """Which cell of a figure these rows are, and the way back to all of them."""
    words = in_words(slice)
    if slice.person:
        words.append(splits.names(context.register, PERSON, colleagues=context.names_colleagues)(slice.person))
    if not words:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/filter_center_focus: **{plain(' · '.join(words))}**", width="content")
        st.button(_("Show all"), icon=":material/close:", type="tertiary", key="explore_all", on_click=leave_cell)


def leave_cell() -> None:
    """Keep the filter, forget the cell of a figure."""
    address.put(**dict.fromkeys((*CELL, "page")))


def in_words(slice: Slice) -> list[str]:
    """What narrows a slice beyond the filter: ``Trễ hạn``, ``Thông báo kết quả``, ``thứ Hai`` …"""
    words = [_(" or ").join(dimensions.name_of("verdict", key) for key in slice.verdict)]
    words += [dimensions.name_of(name, getattr(slice, name)) for name in KEYED if getattr(slice, name)]
    if slice.which:
        words.append(named("which complaints", slice.which))
    words += findings.narrowed(slice)
    if slice.first:
        words.append(_("first promise"))
    if slice.stopped:
        words.append(_("kept, late or not"))
    if slice.restated:
        words.append(_("corrected afterwards"))
    if slice.weekday is not None:
        words.append(WEEKDAYS[language_in_use()][slice.weekday])
    if slice.hour is not None:
        words.append(_("{from_hour}:00 to {to_hour}:00").format(from_hour=slice.hour, to_hour=slice.hour + 1))
    if slice.segment:
        words.append(named("segment", slice.segment))
    if slice.age:
        words.append(_("open for {n} days or more").format(n=slice.age))
    return [word for word in words if word]


def choose_columns(selection: Selection) -> tuple[Column, ...]:
    """The columns of the URL, and behind a button the choice of others with what each means."""
    category = selection.slice.filter.one_category
    offered, default = known(obligations=selection.of_obligations, category=category), _usual(selection)
    given = st.query_params.get("columns", "").split(",")
    wanted = chosen(given, obligations=selection.of_obligations, category=category)
    keys = [column.key for column in wanted]
    with st.popover(_("Columns ({n})").format(n=len(keys)), icon=":material/view_column:", key="explore_columns_more"):
        st.multiselect(
            _("Columns"),
            list(offered),
            format_func=lambda key: offered[key].label,
            key="explore_columns",
            on_change=address.follow("explore_columns", keys, "columns", default=default),
            placeholder=_("the usual ones"),
        )
        st.markdown("\n".join(f"- **{plain(c.label)}**: {plain(c.meaning)}" for c in wanted))
    return wanted


def _usual(selection: Selection) -> list[str]:
    return list(usual(obligations=selection.of_obligations, category=selection.slice.filter.one_category))


def download(selection: Selection, wanted: Sequence[Column]) -> None:
    """Links to these rows and columns as a file: for any program, for Excel with the comma as decimal sign, for tools
    that want the same column names for ever; and to what the file and each column means.
    """
    keys = [column.key for column in wanted]
    query = selection.slice.to_query()
    if keys != _usual(selection):
        query["columns"] = ",".join(keys)
    label = ngettext("CSV, {n} row", "CSV, {n} rows", selection.count).format(n=number(selection.count))
    st.link_button(label, f"{EXPORT}?{urlencode(query)}", icon=":material/download:", type="primary")
    st.link_button(
        _("CSV for Vietnamese Excel"),
        f"{EXPORT}?{urlencode(query | {'dialect': 'excel'})}",
        icon=":material/download:",
        help=_("Semicolons between the cells, as Excel expects where the comma is the decimal sign."),
    )
    with st.popover(_("Other files"), icon=":material/more_horiz:", key="explore_download_more"):
        every = ",".join(known(obligations=selection.of_obligations, category=selection.slice.filter.one_category))
        others = (
            (_("CSV with fixed column names"), {"headers": "key"}),
            (_("About this file: filter, moment, columns"), {"about": "1"}),
            (_("All columns and what they mean"), {"about": "1", "columns": every}),
        )
        for name, more in others:
            address_of = f"{EXPORT}?{urlencode(query | more)}"
            st.link_button(plain(name), address_of, icon=":material/download:", type="tertiary")


def totals(selection: Selection) -> str:
    """What the rows add up to, in one line."""
    sums = rows.totals(selection)
    if selection.of_obligations:
        early = sums.pop("early")
        words = {key: f"{dimensions.name_of('verdict', key)} {number(n)}" for key, n in sums.items() if n}
        if early:
            words["running"] += " " + _("({n} of them kept already)").format(n=number(early))
        return " · ".join(words.values())
    sentences = {
        "open": _("{n} open"),
        "closed": _("{n} closed"),
        "untimed": _("{n} closed, nobody knows when"),
        "merged": _("{n} merged into another case"),
        "broken": _("{n} with a broken promise"),
    }
    return " · ".join(
        sentences[key].format(n=number(n)) for key, n in sums.items() if n or key not in ("untimed", "merged")
    )


def sums(context: PageContext, selection: Selection) -> None:
    """What the amounts of the rows add up to, with the definition of that figure (D15)."""
    for one in rows.sums(context.register, selection, whole=context.sees_personal_data):
        template = ngettext(
            "{name}: {sum} in total ({n} complaint)", "{name}: {sum} in total ({n} complaints)", one.complaints
        )
        st.caption(
            plain(template.format(name=one.column.label, sum=dong(one.amount), n=number(one.complaints))),
            help=_(
                "The amounts known of the complaints behind these rows added up, each complaint once; "
                "one whose amount is not known does not count."
            ),
        )


def choose_page(selection: Selection) -> int:
    """The page number of the URL, 1 for the first."""
    return paging.number("page", selection.count, PAGE_ROWS)


def table(context: PageContext, selection: Selection, wanted: Sequence[Column], page: int) -> None:
    """One page of the rows; a click on any cell opens its complaint."""
    start = (page - 1) * PAGE_ROWS
    shown = rows.page(
        context.register,
        selection,
        wanted,
        whole=context.sees_personal_data,
        colleagues=context.names_colleagues,
        at=range(start, start + PAGE_ROWS),
    )
    texts = [column.key for column in wanted if column.kind == "text"]
    event = st.dataframe(
        shown.assign(**{key: shown[key].map(visible, na_action="ignore") for key in texts}),
        hide_index=True,
        height=_height(shown),
        column_config={column.key: config(column) for column in wanted},
        key=f"explore_table_{page}",
        on_select="rerun",
        selection_mode="single-cell",
        placeholder="–",
        alt=_("The rows; choose a cell to open its complaint"),
    )
    clicked = event["selection"]["cells"]
    if clicked:
        row = start + clicked[0][0]
        found = rows.page(context.register, selection, [COLUMNS["code"]], whole=True, at=range(row, row + 1))
        go.to("complaint", code=str(found["code"].iloc[0]))


def turn_pages(selection: Selection, page: int) -> None:
    """Which rows these are, and the way to the others."""
    paging.turn("page", selection.count, PAGE_ROWS, page, is_long=True)


def _height(shown: pd.DataFrame) -> int:
    return min(MAX_HEIGHT, HEADER_HEIGHT + ROW_HEIGHT * len(shown))


def config(column: Column) -> ColumnConfig:
    """How the table of the explore page shows a column: its label, its meaning, and the format of its kind."""
    label, help = column.label, plain(column.meaning)
    if column.kind == "moment":
        return st.column_config.DatetimeColumn(label, help=help, format="DD/MM/YYYY HH:mm")
    if column.kind == "number":
        return st.column_config.NumberColumn(label, help=help, format="localized")
    width: Literal["large"] | None = "large" if column.is_long else None
    return st.column_config.TextColumn(label, help=help, width=width, pinned=column.key == "code")

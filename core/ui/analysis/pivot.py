"""A figure as a table on the explore page: chosen by measure, rows and columns; each number opens exactly its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product

import streamlit as st

from core.catalogues import dong
from core.i18n import N_, named, number, percent
from core.i18n import gettext as _
from core.insight import figures, findings, pivot, splits
from core.insight.drawings.drawing import query_of
from core.insight.facts import Facts
from core.insight.figures import SHARE, Figure
from core.insight.filters import Filter
from core.insight.pivot import MOST_SPLITS, ORDERS, Key, Pivot, Wanted
from core.insight.rates import ENOUGH
from core.papers import figure as paper
from core.papers.csv import MEDIA_TYPE, Dialect
from core.papers.figure import Told, Value
from core.ui import address, style
from core.ui.analysis import explore, filter_bar, metrics
from core.ui.context import PageContext
from core.ui.text import Markdown, joined, md, plain

FEW = "°"
"""Beside what is made of too few to judge by."""
HOURS, DONG = "working hours", "đồng"
OF_ALL_ROWS = ("median", "p90", "largest")
"""Columns that say something of all rows at once, told with how many these are."""
USUAL_DOWN = "category"
BETWEEN = " · "
ORDER_NAMES: Mapping[str, str] = {
    "most": N_("Most cases first"),
    "value": N_("Highest number first"),
    "name": N_("In the order of the lists"),
}
Names = Mapping[str, Callable[[str], str]]


def show(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """The page: what is asked, and its answer."""
    wanted = _of_address(facts)
    figure = figures.get(wanted.figure)
    table = pivot.ask(facts, wanted, chosen, context.now)
    total = _words(table, wanted.number, is_linked=False)
    st.title(md("{title}: {total}", title=_(figure.title), total=total), anchor=False)
    if facts.is_empty:
        metrics.nothing_yet(context)
        return
    of = str(figure.opens[0].get("of", "recorded")) if figure.opens else "recorded"
    filter_bar.show(context, facts, chosen, of=of, is_of_rows=True)
    explore.choose_view()
    _choose(facts, wanted, figure)
    names = {
        split: splits.names(context.register, split, colleagues=context.names_colleagues)
        for split in (*wanted.down, wanted.across)
        if split
    }
    st.caption(plain(_(figure.definition)))
    if not table.down:
        metrics.nothing_here()
        return
    with st.container(key="pivot_table"):
        style.scrolls_sideways("pivot_table")
        shown = _table(table, names)
        st.markdown(shown)
    _notes(table, has_few=FEW in shown)
    if context.may("export"):
        _file(context, table, names)


def _of_address(facts: Facts) -> Wanted:
    given = st.query_params.to_dict()
    found = pivot.wanted(
        given.get("figure", ""),
        given.get("number", ""),
        [one for one in given.get("down", "").split(",") if one],
        given.get("across", ""),
        given.get("order", ""),
        facts,
    )
    if found.down:
        return found
    offered = [one for one in pivot.offered(figures.get(found.figure), facts) if one != found.across]
    return found._replace(down=(USUAL_DOWN if USUAL_DOWN in offered else offered[0],))


def _choose(facts: Facts, wanted: Wanted, figure: Figure) -> None:
    """Measure, rows, columns and order, each in the address; the number only where one is shown in each cell."""
    offered = pivot.offered(figure, facts)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="pivot_choices"):
        known = [name for name, one in figures.FIGURES.items() if one.by]
        st.selectbox(
            _("Measure"),
            known,
            format_func=lambda name: _(figures.FIGURES[name].title),
            key="pivot_figure",
            on_change=address.follow("pivot_figure", wanted.figure, "figure", default="volume", forget=("number",)),
            width=290,
        )
        st.multiselect(
            _("Rows by"),
            offered,
            format_func=lambda split: plain(splits.title(split)),
            max_selections=min(MOST_SPLITS, figure.most),
            key="pivot_down",
            on_change=address.follow("pivot_down", list(wanted.down), "down", default=[USUAL_DOWN]),
            width=290,
        )
        across = [one for one in offered if one not in wanted.down]
        if figure.most > len(wanted.down):
            st.selectbox(
                _("Columns by"),
                ["", *across],
                format_func=lambda split: splits.title(split) if split else _("all numbers of the measure"),
                key="pivot_across",
                on_change=address.follow("pivot_across", wanted.across, "across"),
                width=170,
            )
        if wanted.across:
            st.selectbox(
                _("Number"),
                list(figure.columns),
                format_func=lambda name: named("figure column", name),
                key="pivot_number",
                on_change=address.follow("pivot_number", wanted.number, "number", default=figure.number),
                width=170,
            )
        st.selectbox(
            _("Order"),
            ORDERS,
            format_func=lambda order: _(ORDER_NAMES[order]),
            key="pivot_order",
            on_change=address.follow("pivot_order", wanted.order, "order", default=ORDERS[0]),
            width=220,
        )


def _table(table: Pivot, names: Names) -> Markdown:
    """A line for each row, below that of their totals; across the keys of a split, or all numbers of the figure.

    The keys of a row stand in one cell, the first, which stays where the table scrolls sideways on a phone.
    """
    wanted = table.wanted
    down = [splits.title(split) for split in wanted.down]
    heads = [names[wanted.across](key) for key in table.shown_across] if wanted.across else []
    heads = [_("Total"), *heads] if wanted.across else [named("figure column", name) for name in _columns(table)]
    lines = [_line(table, key, plain(BETWEEN.join(_named(table, key, names)))) for key in table.shown_down]
    if len(table.down) > 1:
        lines.insert(0, _line(table, (), md("**{total}**", total=_("Total"))))
    rule = Markdown(" | ".join("---" if i == 0 else "--:" for i in range(len(heads) + 1)))
    head = md("| {line} |", line=joined(" | ", [BETWEEN.join(down), *heads]))
    return joined("\n", [head, md("| {rule} |", rule=rule), *lines])


def _line(table: Pivot, key: Key, head: Markdown) -> Markdown:
    if table.wanted.across:
        cells = [_words(table, table.wanted.number, key, column) for column in ("", *table.shown_across)]
    else:
        cells = [_words(table, name, key, is_alone=False) for name in _columns(table)]
    return md("| {line} |", line=joined(" | ", [head, *cells]))


def _columns(table: Pivot) -> list[str]:
    """The columns that the figure has as it is split here."""
    return [name for name in table.figure.columns if name in table.total]


def _named(table: Pivot, key: Key, names: Names) -> list[str]:
    return [names[split](one) for split, one in zip(table.wanted.down, key, strict=True)]


def _words(
    table: Pivot, name: str, row: Key = (), column: str = "", *, is_alone: bool = True, is_linked: bool = True
) -> Markdown:
    """A number of a cell; ``is_alone``: with what it is made of, which stands in no other cell beside it."""
    figure, numbers = table.figure, table.numbers(row, column)

    def counted(of: str) -> Markdown:
        n = numbers.get(of)
        rows = table.rows(of, row, column) if is_linked and n else None
        text = number(n or 0)
        return (
            plain(text) if rows is None else md("[{text}](/explore?{query})", text=text, query=Markdown(query_of(rows)))
        )

    value = numbers.get(name)
    if value is None and name in figure.counted_columns:
        value = 0
    if value is None:
        return plain("–")
    if name == figure.quotient and figure.share:
        part, whole = figure.share
        of_few = numbers.get(whole if name == SHARE else part)
        text = _marked(percent(value) if name == SHARE else number(value, 2), of_few)
        return md("{text} ({part}/{whole})", text=text, part=counted(part), whole=counted(whole)) if is_alone else text
    if name in OF_ALL_ROWS or figure.columns[name] in (HOURS, DONG):
        n = numbers.get(next(iter(figure.columns)))
        text = _marked(_measured(figure.columns[name], value), n if name in OF_ALL_ROWS else ENOUGH)
        return md("{text} ({n})", text=text, n=counted(next(iter(figure.columns)))) if is_alone else text
    return counted(name)


def _measured(unit: str, value: float) -> str:
    if unit == DONG:
        return dong(round(value))
    return findings.in_hours(value)


def _marked(text: str, n: float | None) -> Markdown:
    return plain(text + FEW if n is not None and n < ENOUGH else text)


def _notes(table: Pivot, *, has_few: bool) -> None:
    """What is not shown, how totals are counted, and what the sign beside a number means where there is one."""
    across, down = len(table.across), len(table.down)
    notes = []
    if across > len(table.shown_across):
        shown = number(len(table.shown_across))
        notes.append(
            _("{shown} of {all} columns are shown; the totals and the file have all of them.").format(
                shown=shown, all=number(across)
            )
        )
    if down > len(table.shown_down):
        shown = number(len(table.shown_down))
        notes.append(
            _("{shown} of {all} rows are shown; the totals and the file have all of them.").format(
                shown=shown, all=number(down)
            )
        )
    if has_few:
        notes.append(_("{sign}: of fewer than {n}, too few to judge by.").format(sign=FEW, n=ENOUGH))
    notes.append(_("Totals are counted anew from all rows."))
    for note in notes:
        st.caption(plain(note))


def _file(context: PageContext, table: Pivot, names: Names) -> None:
    wanted = table.wanted
    told = Told(_(table.figure.title), _(table.figure.definition), table.filter, context.now)
    heads = [splits.title(split) for split in wanted.down]
    columns = _filed_columns(table)
    parts = [named("figure column", name) for name in columns]
    if wanted.across:
        across = [_("Total"), *(names[wanted.across](key) for key in table.across)]
        heads += [f"{key}: {part}" if len(columns) > 1 else key for key, part in product(across, parts)]
    else:
        heads += parts
    rows: list[tuple[Key, list[str]]] = [(key, _named(table, key, names)) for key in table.down]
    rows.insert(0, ((), [_("Total"), *[""] * (len(wanted.down) - 1)]))
    st.download_button(
        _("Data (CSV)"),
        partial(_written, table, told.lines, heads, rows, paper.dialect()),
        told.file_name("csv"),
        MEDIA_TYPE,
        icon=":material/download:",
        key="pivot_csv",
        help=_(
            "All rows and columns, with what each share is made of; above them what it is, by which filter and as of "
            "when."
        ),
        on_click="ignore",
    )


def _filed_columns(table: Pivot) -> list[str]:
    """The number of each cell, before it what it is made of; without columns all numbers of the figure."""
    name, figure = table.wanted.number, table.figure
    if not table.wanted.across:
        return _columns(table)
    made_of = [*figure.share] if figure.share and name == figure.quotient else []
    if name in OF_ALL_ROWS:
        made_of = [next(iter(figure.columns))]
    return [*made_of, name]


def _written(
    table: Pivot, lines: Sequence[str], heads: Sequence[str], rows: Sequence[tuple[Key, list[str]]], dialect: Dialect
) -> bytes:
    """The file, on a thread of its own: its words are ready."""
    columns = _filed_columns(table)
    places = ["", *table.across] if table.wanted.across else [""]

    def numbers(row: Key) -> list[Value]:
        return [table.numbers(row, place).get(name) for place in places for name in columns]

    return paper.write(lines, heads, [[*words, *numbers(key)] for key, words in rows], dialect)

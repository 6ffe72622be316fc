"""What a downloaded file is, in a text beside it: filter, moment, rows, how they count, what each column means."""

from __future__ import annotations

from collections.abc import Sequence

from core.i18n import N_, gettext, moment, named, number
from core.insight import findings
from core.insight.dimensions import name_of, title
from core.insight.slices import CELL_KEYS, Slice
from core.papers.dictionary import Column
from core.papers.rows import Selection

MEDIA_TYPE = "text/plain; charset=utf-8"
OF = {
    "recorded": N_("Complaints recorded in the period, each once."),
    "due": N_(
        "Obligations that fell due in the period, each a row. Share met = met ÷ (met + missed + overdue) of the column "
        "“counted”."
    ),
    "asked": N_("Questions to departments whose answers fall due in the period, each a row."),
    "closed": N_("Complaints closed in the period, each once."),
    "open": N_("Complaints open at this moment, each once, whatever the period."),
}


def text(selection: Selection, wanted: Sequence[Column], organisation: str) -> str:
    """The text in the reader's language; lines end with CRLF, as those of the file beside it."""
    chosen = selection.slice
    lines = [
        organisation,
        gettext(OF[chosen.of]),
        gettext(N_("Period: {period}")).format(period=findings.span(chosen.filter)),
        *_narrowed(chosen),
        gettext(N_("As of {moment}, events up to number {event}")).format(
            moment=moment(selection.now), event=number(selection.facts.last_event)
        ),
        gettext(N_("Rows: {rows}; complaints behind them: {complaints}")).format(
            rows=number(selection.count), complaints=number(selection.complaints)
        ),
        gettext(N_("Moments are local (Asia/Ho_Chi_Minh, +07:00), numbers whole.")),
        "",
        gettext(N_("Columns (key: name: what it means)")),
        *(f"{column.key}: {column.label}: {column.meaning}" for column in wanted),
    ]
    return "\r\n".join([*lines, ""])


def file_name(of: str) -> str:
    """The name of the text beside the file ``of``."""
    return of.rpartition(".")[0] + ".txt"


def _narrowed(chosen: Slice) -> list[str]:
    """What the rows are narrowed to, a line each."""
    kept = {title(name): [name_of(name, key) for key in keys] for name, keys in chosen.filter.narrowed}
    if chosen.stage:
        kept[title("stage")] = [name_of("stage", chosen.stage)]
    if chosen.verdict:
        kept[title("verdict")] = [name_of("verdict", key) for key in chosen.verdict]
    for dimension in CELL_KEYS:
        if key := getattr(chosen, dimension):
            kept[title(dimension)] = [name_of(dimension, key)]
    if chosen.which:
        kept[gettext(N_("Rows"))] = [named("which complaints", chosen.which)]
    rest = {
        key: value
        for key, value in chosen.to_query().items()
        if key in ("first", "stopped", "restated", "weekday", "hour", "segment", "age", "person")
    }
    return [*(f"{name}: {', '.join(keys)}" for name, keys in kept.items()), *(f"{k} = {v}" for k, v in rest.items())]

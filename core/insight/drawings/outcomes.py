"""Drawings of how cases end and come back: outcomes, who was right, issues, amounts, re-openings and repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from core.catalogues import catalogues, dong
from core.i18n import gettext as _
from core.i18n import number
from core.insight import charts, dimensions, known
from core.insight.charts import PALE, SECOND, Bar, Point
from core.insight.control_chart import spans_years, week_name, week_words
from core.insight.dimensions import NONE, name_of, title
from core.insight.drawings.drawing import Cell, Counted, Drawing, largest_bar, query_of, with_events
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.rules.known_events import KnownEvent


class Measure(NamedTuple):
    """Of which complaints a share is, and its columns: denominator and numerator."""

    of: str
    denominator: str
    numerator: str


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "upheld": Measure("closed", "decided", "upheld"),
        "reopened": Measure("recorded", "ended", "reopened"),
        "repeats": Measure("recorded", "known", "again"),
        "rounds": Measure("recorded", "conciliated", "several"),
    }
)
"""Figures of complaints: figure → what it is of."""
ROWS = {"ended": "ended_once", "conciliated": "proposed", "several": "proposed_again"}
"""What the rows of a column are called by ``core.insight.which``, where that is not the column's name."""


def parts(filter: Filter, figure: str) -> tuple[Slice, Slice]:
    """The rows of a measure's denominator and numerator."""
    one = MEASURES[figure]
    of_all, of_part = (
        Slice(filter, one.of, which=ROWS.get(column, column)) for column in (one.denominator, one.numerator)
    )
    return of_all, of_part


def decided(found: pd.DataFrame, filter: Filter, events: Sequence[KnownEvent] = ()) -> Drawing:
    """``upheld`` by week or month: the complaints with a decision, in front those in favour of the customer.

    ``events``: known ones (D28).
    """
    by = "week" if "week" in found else "month"
    firsts = [moment.date() for moment in found[by]]
    with_year = spans_years(firsts)
    lasts = [after - timedelta(days=1) for after in firsts[1:]] + [filter.end]
    whole, part, table = [], [], list[tuple[Cell, ...]]()
    hover = _("{when}: the customer was right in {upheld} of {n}, {share}")
    for row, first, last in zip(found.itertuples(), firsts, lasts, strict=False):
        of_all, of_right = parts(filter.during(first, last), "upheld")
        name, words = f"{first:%m/%y}", f"{first:%m/%Y}"
        if by == "week":
            name, words = week_name(first, with_year), week_words(first, with_year)
        share = charts.share_of(row.share, int(row.decided))
        text = hover.format(when=words, upheld=number(row.upheld), n=number(row.decided), share=share)
        whole.append(Point(name, int(row.decided), text, query_of(of_all)))
        part.append(Point(name, int(row.upheld), text, query_of(of_right)))
        table.append((words, Counted(int(row.decided), of_all), Counted(int(row.upheld), of_right), share))
    figure = charts.overlaid(_("Decided"), whole, _("Customer was right"), part, colors=(PALE, SECOND))
    headers = (_("Week or month"), _("Decided"), _("Customer was right"), _("Share"))
    alt = _("Complaints closed with a decision, and those in which the customer was right")
    of, right = int(found["decided"].sum()), int(found["upheld"].sum())
    finding = _("{share} of {n}").format(share=charts.share(right / of), n=number(of)) if of >= ENOUGH else ""
    drawing = Drawing(figure, alt, headers, table if of else (), finding)
    return with_events(drawing, known.on_chart(events, filter), [*zip(firsts, lasts, strict=False)], axis="y2")


def outcomes(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``outcomes`` by outcome."""
    rows = [(str(row.outcome), int(row.count), row.share) for row in found.itertuples()]
    total = sum(count for _key, count, _share in rows)
    bars, table = [], list[tuple[Cell, ...]]()
    for key, count, share in rows:
        name, slice = name_of("outcome", key), Slice(filter, "closed", which="ended", outcome=key)
        label = charts.count_of(count, total)
        bars.append(Bar(name, count, f"{name}: {label}", query_of(slice), label, is_quiet=key == NONE))
        table.append((name, Counted(count, slice), charts.share_of(share, total)))
    headers = (title("outcome"), _("Complaints"), _("Share"))
    return Drawing(charts.bars(bars), _("How the complaints of this period ended"), headers, table, largest_bar(bars))


def issues(found: pd.DataFrame, filter: Filter, dimension: str) -> Drawing:
    """``issues`` by what each issue has of its own (D34): how many, and the complaints that have such a one."""
    total = int(found["count"].sum())
    hover = _("{name}: {n} issues, {share} of all, in {complaints} complaints")
    bars, table = [], list[tuple[Cell, ...]]()
    for row in found.itertuples():
        key = str(getattr(row, dimension))
        name, slice = name_of(dimension, key), Slice(filter, issue=f"{dimension}:{key}")
        count, n, share = int(row.count), int(row.complaints), charts.share(row.share)
        text = hover.format(name=name, n=number(count), share=share, complaints=number(n))
        label = charts.count_of(count, total)
        bars.append(Bar(name, n, text, query_of(slice), label, is_quiet=key == NONE, length=count))
        table.append((name, number(count), charts.share_of(row.share, total), Counted(n, slice)))
    headers = (title(dimension), _("Issues"), _("Share"), _("Complaints"))
    alt = _("Issues by “{name}”").format(name=title(dimension))
    return Drawing(charts.bars(bars), alt, headers, table, largest_bar(bars))


def amounts(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``amounts`` by field as a table, in đồng."""
    fields = [field for entry in catalogues().categories.values() for field in entry.fields]
    table: list[tuple[Cell, ...]] = []
    for row in found.itertuples():
        key = str(row.field)
        name = dimensions.titled(field for field in fields if field.key == key) or key
        sums = (dong(round(value)) for value in (row.total, row.median, row.largest))
        table.append((name, Counted(int(row.complaints), Slice(filter, field=key)), *sums))
    headers = (_("Kind of amount"), _("Complaints"), _("Together"), _("Median"), _("Largest"))
    return Drawing({}, _("Amounts of money by field"), headers, table)


def split(found: pd.DataFrame, filter: Filter, figure: str, dimension: str) -> Drawing:
    """A measure by a dimension: the numerator of each key as a bar, its share beside."""
    one = MEASURES[figure]
    bars, table = [], list[tuple[Cell, ...]]()
    rows = found.sort_values([one.numerator, one.denominator], ascending=False, kind="stable")
    hover = _("{name}: {share}, {part} of {n}")
    for row in rows.itertuples():
        key = str(getattr(row, dimension))
        name, (of_all, of_part) = name_of(dimension, key), parts(filter.only(dimension, key), figure)
        n, part = int(getattr(row, one.denominator)), int(getattr(row, one.numerator))
        share = charts.share_of(row.share, n)
        text = hover.format(name=name, share=share, part=number(part), n=number(n))
        bars.append(Bar(name, part, text, query_of(of_part), f"{number(part)} · {share}", is_quiet=key == NONE))
        table.append((name, share, Counted(part, of_part), Counted(n, of_all)))
    headers = (title(dimension), _("Share"), _("These"), _("Of"))
    alt = _("Share by “{name}”").format(name=title(dimension))
    return Drawing(charts.bars(bars), alt, headers, table, largest_bar(bars))

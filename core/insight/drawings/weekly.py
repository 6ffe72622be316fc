"""Drawings of the weekly review, from its data alone: what was frozen is drawn as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.i18n import gettext as _
from core.i18n import ngettext, number
from core.insight import charts, findings
from core.insight.dimensions import name_of, title
from core.insight.drawings import compliance
from core.insight.drawings.drawing import NAMED, Cell, Counted, Drawing, largest, largest_bar, query_of
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.insight.weekly import LAST_DAY, WEEK, Department, Figures, Key, Promise, charted
from core.rules.known_events import KnownEvent
from core.rules.verdicts import BROKEN, FELL_DUE

NAN = float("nan")


def week_of(figures: Figures) -> Filter:
    """The reviewed week as a filter."""
    monday = date.fromisoformat(figures["week"])
    return Filter(monday, monday + LAST_DAY)


def promise(of: Promise, events: Sequence[KnownEvent] = ()) -> Drawing:
    """The weeks of one promise as a control chart."""
    return compliance.weeks(charted(of), weeks_of(of), of["stage"], events)


def weeks_of(promise: Promise) -> Filter:
    """The weeks that its chart shows."""
    first, last = (date.fromisoformat(promise["weeks"][i]["week"]) for i in (0, -1))
    return Filter(first, last + LAST_DAY)


def keys(found: Sequence[Key], week: Filter, dimension: str, alt: str, *, most: int | None = None) -> Drawing:
    """Categories or causes: this week as bars, the first ``most``, the week before as a paler one behind each.

    The table has all of them.
    """
    last = week.between(week.start - WEEK, week.end - WEEK)
    compares = any(one["before"] is not None for one in found)
    bars, table = [], []
    for one in found:
        name = name_of(dimension, one["key"])
        now, was = (_of_key(period, dimension, one["key"]) for period in (week, last))
        text = number(one["count"])
        cells: list[Cell] = [name, Counted(one["count"], now)]
        before = None
        if compares:
            text = _beside(one)
            before = None if one["before"] is None else (one["before"], query_of(was))
            cells += ["–" if one["before"] is None else Counted(one["before"], was), _change(one)]
        hover = f"{name}: {text}"
        bars.append(charts.Bar(name, one["count"], hover, query_of(now), text, before=before))
        table.append(tuple(cells))
    headers: tuple[str, ...] = (title(dimension), _("This week"))
    if compares:
        headers = (*headers, _("Week before"), _("Change"))
    figure = charts.bars(bars[:most], now=_("this week"), before=_("the week before"))
    return Drawing(
        figure,
        alt,
        headers,
        table,
        _stands_out(found, dimension) or largest_bar(bars) or _nothing_changed(found, dimension),
    )


def _stands_out(found: Sequence[Key], dimension: str) -> str:
    """The keys, two at most, that changed most beyond chance; empty where none did, or of too few (D27)."""
    told = [(one, one["before"]) for one in found if one["stands_out"]]
    moved = [(one, before) for one, before in told if before is not None and max(one["count"], before) >= ENOUGH]
    rose = _("{name} rose beyond chance ({n}, {before} before)")
    fell = _("{name} fell beyond chance ({n}, {before} before)")
    return ", ".join(
        (rose if one["count"] > before else fell).format(
            name=name_of(dimension, one["key"]), n=number(one["count"]), before=number(before)
        )
        for one, before in sorted(moved, key=lambda pair: -abs(pair[0]["count"] - pair[1]))[:NAMED]
    )


def _nothing_changed(found: Sequence[Key], dimension: str) -> str:
    """How many there were, none of them changed beyond chance; empty of too few, and where nothing is compared."""
    n = sum(one["count"] for one in found)
    is_compared = any(one["ratio"] is not None for one in found)
    if n < ENOUGH or not is_compared or any(one["stands_out"] for one in found):
        return ""
    told = ngettext("{n} complaint", "{n} complaints", n).format(n=number(n))
    none = _(", none rose or fell beyond chance")
    return told + (_(", no cause rose beyond chance") if dimension == "root_cause" else none)


def departments(found: Sequence[Department], week: Filter) -> Drawing:
    """What departments owed and answered in time."""
    rows: list[tuple[Cell, ...]] = []
    bars = []
    for one in found:
        owed, broken = Slice(week, "asked", verdict=FELL_DUE), Slice(week, "asked", verdict=BROKEN)
        name, late = name_of("department", one["key"]), one["due"] - one["met"]
        owed, broken = (part.only("department", one["key"]) for part in (owed, broken))
        share = charts.share_of(one["met"] / one["due"] if one["due"] else NAN, one["due"])
        label = _in_time(one)
        bars.append(charts.Bar(name, one["due"], f"{name}: {label}", query_of(owed), label))
        rows.append((name, Counted(one["due"], owed), Counted(late, broken), share))
    headers = (title("department"), _("Answers owed"), _("Late"), _("In time"))
    return Drawing(charts.bars(bars), _("Answers of departments in time"), headers, rows, _kept(found))


def _kept(found: Sequence[Department]) -> str:
    """``đúng hạn 80 % của 120, trễ: Kỹ thuật 71 % của 24``: of all departments, and whose most of the late ones are."""
    due, met = sum(one["due"] for one in found), sum(one["met"] for one in found)
    if due < ENOUGH:
        return ""
    told = [_("{share} of {n} in time").format(share=charts.share(met / due), n=number(due))]
    late = largest(((name_of("department", one["key"]), one["due"] - one["met"]) for one in found), due - met)
    return "; ".join([*told, _("late: {found}").format(found=late)] if late else told)


def _of_key(period: Filter, dimension: str, key: str) -> Slice:
    """Causes are those of what was closed, everything else is of what was recorded."""
    if dimension == "root_cause":
        return Slice(period, "closed", root_cause=key)
    return Slice(period).only(dimension, key)


def _beside(one: Key) -> str:
    """``13 · trước 22 · -41 %``: this week, the week before, and by how much the rate changed, of enough alone."""
    told = [number(one["count"])]
    if one["before"] is not None:
        told.append(_("before {n}").format(n=number(one["before"])))
    change = _change(one)
    return " · ".join(told if change == "–" else [*told, change])


def _change(one: Key) -> str:
    """``+37 %``; a dash where there were too few before to say so."""
    if one["ratio"] is None or (one["before"] or 0) < ENOUGH:
        return "–"
    return findings.signed(one["ratio"])


def _in_time(one: Department) -> str:
    """``đúng 25 / 29 · 86 %``; of few only how many."""
    made = _("in time {met} / {due}").format(met=number(one["met"]), due=number(one["due"]))
    return f"{made} · {charts.share(one['met'] / one['due'])}" if one["due"] >= ENOUGH else made

"""Drawings of obligations met and missed, and of the backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import isnan

import pandas as pd

from core.i18n import gettext as _
from core.i18n import ngettext, number, percent
from core.insight import charts, known
from core.insight.control_chart import Week, control_chart, spans_years, unusually, week_number, week_rows, week_words
from core.insight.dimensions import NONE, name_of, title
from core.insight.drawings.drawing import Cell, Counted, Drawing, largest_bar, query_of
from core.insight.filters import Filter
from core.insight.findings import in_words, on_target
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.insight.verdicts import VERDICTS
from core.rules.known_events import KnownEvent
from core.rules.verdicts import BROKEN, FELL_DUE, Verdict

TALLY = ("due", *VERDICTS)  # columns of ``compliance``, and what each of them opens
NAMED = 2  # unusual weeks that a title names
OLD = 7  # days
OPENS: tuple[tuple[Verdict, ...], ...] = (FELL_DUE, *((verdict,) for verdict in Verdict))


def weeks(found: pd.DataFrame, filter: Filter, stage: str, events: Sequence[KnownEvent] = ()) -> Drawing:
    """``compliance.by_week`` as a control chart; ``events``: what is known to have happened (D28)."""
    rows = week_rows(found)
    shown, is_any_unusual = known.on_chart(events, filter, stage=stage), any(row.signal for row in rows)
    slices = [Slice(filter, "due", stage=stage).during(row.week, row.week + timedelta(days=6)) for row in rows]
    fell_due, running = (
        [query_of(replace(slice, verdict=verdicts)) for slice in slices] for verdicts in (FELL_DUE, (Verdict.RUNNING,))
    )
    mondays = [row.week for row in rows]
    marks = known.marks(shown, mondays, mondays[-1] + timedelta(days=6)) if mondays else []
    figure, with_year = control_chart(found, fell_due, running, marks), spans_years(mondays)
    table: list[tuple[Cell, ...]] = [
        (
            week_words(row.week, with_year),
            charts.share_of(row.share, row.due),
            charts.target_words(row.target),
            *_opening(slice, tally),
            *((unusually(row.signal, row.rule) or "–",) if is_any_unusual else ()),
            *((known.during(shown, row.week, row.week + timedelta(days=6)),) if marks else ()),
        )
        for row, slice, tally in zip(rows, slices, found[[*TALLY]].to_numpy().tolist(), strict=True)
    ]
    alt = _("{stage}: share met per week, with target and limits, and what fell due")
    return Drawing(
        figure,
        known.described(alt.format(stage=name_of("stage", stage)), shown if marks else ()),
        (
            _("Week"),
            *_verdict_headers(has_target=True),
            *((_("Unusual"),) if is_any_unusual else ()),
            *((_("Known events"),) if marks else ()),
        ),
        table if found[["due", "running", "cancelled"]].to_numpy().any() else (),
        ", ".join(told for told in (_on_target(rows, with_year), _unusual(rows, with_year)) if told),
    )


def _on_target(rows: Sequence[Week], with_year: bool) -> str:
    """In how many weeks that have ended the target was met (D16); of one week alone, how it was met or missed."""
    ended = [row for row in rows if row.ended]
    judged = [row for row in ended if row.due >= ENOUGH]
    if len(judged) == 1:
        week = judged[0]
        return _("week {week} {judged}").format(
            week=week_number(week.week, with_year), judged=in_words(week.due, week.share, week.target)
        )
    met, n = on_target((row.due, row.share, row.target) for row in ended)
    return _("target met in {n} of {all} weeks").format(n=number(met), all=number(n)) if n else ""


def _unusual(rows: Sequence[Week], with_year: bool) -> str:
    """Which weeks chance does not explain, the last ``NAMED`` by name; empty where too little was judged to say so."""
    unusual = [row for row in rows if row.signal]
    if not unusual:
        is_enough = sum(row.due for row in rows if not isnan(row.lower)) >= ENOUGH
        usual = _("as usual") if len(rows) == 1 else _("no week is unusual")
        return usual if is_enough else ""
    named = [
        _("week {week} {how}").format(week=week_number(row.week, with_year), how=unusually(row.signal, row.rule))
        for row in unusual[-NAMED:]
    ]
    more = len(unusual) - len(named)
    others = (
        [ngettext("{n} other unusual week", "{n} other unusual weeks", more).format(n=number(more))] if more else []
    )
    return ", ".join([*named, *others])


def by(found: pd.DataFrame, filter: Filter, stage: str, dimension: str) -> Drawing:
    """``compliance.by``: the broken promises of each key as bars, of how many and its share met beside."""
    alt = _("{stage} not met, {title}").format(stage=name_of("stage", stage), title=title(dimension))
    return _broken(found, Slice(filter, "due", stage=stage), dimension, alt)


def of_departments(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``departments.kept``: the late answers of each department as bars, of how many and its share in time beside."""
    return _broken(found, Slice(filter, "asked"), "department", _("Answers not given in time, per department"))


def _broken(found: pd.DataFrame, of: Slice, dimension: str, alt: str) -> Drawing:
    rows, has_target = list(found.itertuples()), "target" in found
    names = [name_of(dimension, row.key) for row in rows]
    slices = [of.only(dimension, row.key) for row in rows]
    targets = [(_target_cell(row.target),) if has_target else () for row in rows]
    hover = _("{name}: {share} met, {unkept} of {due} not")
    bars = []
    for row, name, slice in zip(rows, names, slices, strict=True):
        broken, met = sum(getattr(row, verdict) for verdict in BROKEN), charts.share_of(row.share, row.due)
        text = hover.format(name=name, share=met, unkept=number(broken), due=number(row.due))
        query = query_of(replace(slice, verdict=BROKEN))
        bars.append(charts.Bar(name, broken, text, query, _late_of(broken, row.due, row.share)))
    table: list[tuple[Cell, ...]] = [
        (name, charts.share_of(row.share, row.due), *target, *_opening(slice, tally))
        for row, name, slice, target, tally in zip(
            rows, names, slices, targets, found[[*TALLY]].to_numpy().tolist(), strict=True
        )
    ]
    headers = (title(dimension), *_verdict_headers(has_target=has_target))
    return Drawing(charts.bars(bars, color=charts.MISSED), alt, headers, table, largest_bar(bars))


def _late_of(broken: int, due: int, share: float) -> str:
    """``46/285 · đúng 84 %``; of few only how many of how many (D27)."""
    made = f"{number(broken)}/{number(due)}"
    return _("{made} · {share} met").format(made=made, share=percent(share)) if due >= ENOUGH else made


def _target_cell(target: float) -> str:
    return "–" if isnan(target) else charts.target_words(target)


def reasons(found: pd.DataFrame, filter: Filter, stage: str) -> Drawing:
    """``compliance.breach_reasons`` of one stage as a Pareto."""
    rows = list(found.itertuples())
    names = [name_of("breach_reason", row.key) for row in rows]
    slices = [Slice(filter, "due", stage=stage, verdict=BROKEN, breach_reason=row.key) for row in rows]
    total = sum(row.count for row in rows)
    hover = _("{name}: {count}, {share}; with those above {cumulative}")
    bars = []
    for row, name, slice in zip(rows, names, slices, strict=True):
        count, share = number(row.count), percent(row.count / total)
        text = hover.format(name=name, count=count, share=share, cumulative=percent(row.cumulative))
        is_quiet = row.key == NONE
        bars.append(
            charts.Bar(name, row.count, text, query_of(slice), charts.count_of(row.count, total), is_quiet=is_quiet)
        )
    table = [
        (name, Counted(row.count, slice), charts.share_of(row.cumulative, total))
        for row, name, slice in zip(rows, names, slices, strict=True)
    ]
    figure = charts.bars(bars, color=charts.MISSED)
    alt = _("{stage}: why obligations were missed").format(stage=name_of("stage", stage))
    return Drawing(figure, alt, (_("Reason"), _("Obligations"), _("Cumulative")), table, largest_bar(bars))


def ageing(found: pd.DataFrame, filter: Filter) -> Drawing:
    """``backlog.ageing``: open complaints by age, those with a clock past due in front."""
    hover = _("{name}: {count} open, {overdue} overdue")
    whole, part = [], []
    table: list[tuple[Cell, ...]] = []
    for row in found.itertuples():
        name, slice = age_words(row.from_days, row.to_days), Slice(filter, "open", age=row.age)
        late = replace(slice, segment="overdue")
        text = hover.format(name=name, count=number(row.count), overdue=number(row.overdue))
        whole.append(charts.Point(name, row.count, text, query_of(slice)))
        part.append(charts.Point(name, row.overdue, text, query_of(late)))
        table.append((name, Counted(row.count, slice), Counted(row.overdue, late)))
    return Drawing(
        charts.overlaid(_("Open"), whole, _("Overdue"), part, colors=(charts.RUNNING, charts.OVERDUE)),
        _("Open complaints by age"),
        (_("Age"), _("Open"), _("Overdue")),
        table if found["count"].any() else (),
        _old(found),
    )


def _old(found: pd.DataFrame) -> str:
    """How many have been open for a week or longer."""
    whole, old = int(found["count"].sum()), int(found["count"][found["from_days"] >= OLD].sum())
    if whole < ENOUGH:
        return ""
    return _("{n} for {days} days or more").format(n=number(old), days=OLD)


def age_words(start: int, end: float) -> str:
    """``< 1 ngày``, ``3–7 ngày``, ``≥ 30 ngày``."""
    if isnan(end):
        return _("≥ {days} days").format(days=start)
    return _("< 1 day") if start == 0 else _("{start}–{end} days").format(start=start, end=int(end))


def _verdict_headers(*, has_target: bool) -> tuple[str, ...]:
    target = (_("Target"),) if has_target else ()
    return (_("Share met"), *target, _("Fell due"), *(name_of("verdict", verdict) for verdict in Verdict))


def _opening(slice: Slice, tally: Sequence[int]) -> tuple[Counted, ...]:
    """What fell due, and what became of it (``TALLY``), each opening its rows."""
    return tuple(Counted(n, replace(slice, verdict=verdicts)) for n, verdicts in zip(tally, OPENS, strict=True))

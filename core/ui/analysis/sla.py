"""The parts of the SLA page: numbers of the period, weeks, splits, age of the backlog, missed obligations."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.i18n import N_, day, ngettext, number
from core.i18n import gettext as _
from core.insight import backlog, changes, compliance, departments, findings, restated, rows
from core.insight.charts import share, share_made_of, target_words
from core.insight.comparison import Comparison
from core.insight.dimensions import SPLITS, name_of, title
from core.insight.drawings import compliance as drawings
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.rules.known_events import KnownEvent
from core.rules.procedure import DATES
from core.rules.verdicts import BROKEN, FELL_DUE
from core.ui import address
from core.ui.analysis import charts, metrics, rebasing
from core.ui.context import PageContext
from core.ui.text import joined, md, plain

RATES: Mapping[str, str] = {
    "resolve": "resolve_in_time",
    "acknowledge": "acknowledge_in_time",
    DATES: "dates_in_time",
}
"""Promise → the figure that it is."""
TARGET_IS = N_(
    "Below it whether that reaches the target: each obligation by the target of the day it fell due, from 20 of them "
    "on. Unusual are the weeks that the chart draws as diamonds."
)
RESTATED_IS = N_(
    "Corrections changed verdicts or deadlines of this period after they were given. Before: each of these obligations "
    "with the verdict and the deadline it had when it was first corrected."
)


def numbers(context: PageContext, facts: Facts, weeks: Mapping[str, pd.DataFrame], against: Comparison) -> None:
    """The period in numbers, each opening its rows."""
    chosen = against.period
    with st.container(horizontal=True, key="numbers"):
        for stage, found in weeks.items():
            with metrics.frame_of_number():
                _share(context, facts, stage, found, against, len(weeks))
        with metrics.frame_of_number():
            late = Slice(chosen, "open", segment="overdue")
            help = _("Open complaints with a promised time that has passed, whatever the period.")
            metrics.card(_("Overdue now"), number(rows.count(facts, late, context.now)), help=help)
            metrics.rows_link(context, late, _("Open the list"))
        with metrics.frame_of_number():
            _hours(context, facts, chosen)
        with metrics.frame_of_number():
            first = compliance.first_cycles(facts, chosen, context.now)
            metrics.card(
                metrics.title("first_go"),
                share(first["first_share"]),
                help=joined(" ", map(metrics.definition, ("first_go", "ever_late"))),
                change=metrics.few(int(first["first"])) or metrics.NO_CHANGE,
            )
            of_first = Slice(chosen, "due", stage="resolve", verdict=FELL_DUE, first=True)
            metrics.rows_link(context, of_first, _met_of_due(first["first_met"], first["first"]))
            broken = Slice(chosen, "due", stage="resolve", verdict=BROKEN)
            words = (
                _("{n} ever late ({share} of {all})") if first["complaints"] >= ENOUGH else _("{n} of {all} ever late")
            )
            label = words.format(
                n=number(first["breached"]),
                share=share(first["breached_share"]),
                all=number(first["complaints"]),
            )
            metrics.rows_link(context, broken, label)


def restatement(context: PageContext, facts: Facts, chosen: Filter, stage: str) -> None:
    """That the share met was another one before corrections, since when and by how much; it opens these rows."""
    found = restated.of(facts, chosen, context.now, stage)
    if found is None:
        return
    days = day(found.first) if found.first == found.last else f"{day(found.first)} – {day(found.last)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="restated"):
        st.markdown(
            md(
                ":orange[:material/history_edu:] {stage}: {before} → {share}",
                stage=name_of("stage", stage),
                before=share(found.share_before),
                share=share(found.share),
            ),
            help=_(RESTATED_IS),
            width="content",
        )
        label = ngettext("{n} promise corrected on {days}", "{n} promises corrected on {days}", found.obligations)
        rows_of = Slice(chosen, "due", stage=stage, verdict=FELL_DUE, restated=True)
        metrics.rows_link(context, rows_of, label.format(n=number(found.obligations), days=days))
        if found.left:
            left = ngettext("{n} now falls due in another period", "{n} now fall due in another period", found.left)
            st.caption(plain(left.format(n=number(found.left))), width="content")


def per_week(
    context: PageContext,
    facts: Facts,
    against: Comparison,
    stage: str,
    found: pd.DataFrame,
    events: list[KnownEvent],
) -> None:
    """One stage as a control chart, by what its weeks are judged, and what is known to have happened."""
    chosen = against.period
    drawing = drawings.weeks(found, chosen, stage, events)
    help = _(
        "Each week against what is usual. A diamond is a week that chance does not explain: it lies beyond the limits, "
        "two of three weeks lie far off, or four or eight weeks running lie on one side and together beyond chance. Of "
        "a quarter in which nothing changed, a chart has such a week less than once in 20 times. A hollow point is a "
        "week still running; hatched is not yet due; a week that was open for less than half is not judged."
    )
    with st.container(border=True):
        charts.head(context, _("Share met per week they fell due"), drawing, key=f"weeks_{stage}", help=help)
        if drawing.is_empty:
            st.caption(f":material/info: {_('Nothing to show for this period and filter.')}")
        else:
            charts.show(context, drawing, key=f"weeks_{stage}")
        usual = compliance.baseline(facts, chosen, context.now, stage, against.calendar)
        rebasing.show(context, stage, usual, events)


def reasons(context: PageContext, facts: Facts, chosen: Filter, stage: str) -> None:
    """Why obligations of one stage were missed."""
    found = compliance.breach_reasons(facts, chosen, context.now, stage)
    heading = _("Why missed")
    help = _(
        "Missed and overdue obligations of the period, each by its own reason, given when it was missed or at the "
        "latest when the complaint was closed."
    )
    charts.block(context, heading, drawings.reasons(found, chosen, stage), key=f"reasons_{stage}", help=help)


def split(context: PageContext, facts: Facts, chosen: Filter, stage: str) -> None:
    """The broken obligations per key of a dimension: category, channel …"""
    by = address.word("by", SPLITS, SPLITS[0])
    drawing = drawings.by(compliance.by(facts, chosen, context.now, by, stage), chosen, stage, by)
    help = _("Missed and overdue obligations of the period; beside each bar how many of those due, and the share met.")
    with charts.part(context, _("Where they are missed"), drawing, key=f"by_{by}_{stage}", help=help):
        st.segmented_control(
            _("Split by"),
            SPLITS,
            format_func=lambda key: plain(title(key)),
            required=True,
            key="sla_by",
            on_change=address.follow("sla_by", by, "by", default=SPLITS[0]),
            label_visibility="collapsed",
        )


def of_departments(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """What the departments that were asked owed, and kept (D19); nothing where none was asked."""
    found = departments.kept(facts, chosen, context.now)
    if found.empty:
        return
    name = "department_answers"
    drawing = drawings.of_departments(found, chosen)
    charts.block(context, _("Late answers of departments"), drawing, key="departments", help=metrics.definition(name))


def ageing(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """How old what is open is."""
    found = backlog.ageing(facts, chosen, context.now)
    heading = _("Age of what is open ({n})").format(n=number(found["count"].sum()))
    drawing = drawings.ageing(found, chosen)
    charts.block(context, heading, drawing, key="ageing", help=metrics.definition("ageing"))


def judged(found: Mapping[str, float]) -> metrics.Judged:
    """Whether a share met (``compliance.of``) reaches its target (D16); too few due leave that open."""
    if not found["due"]:
        return metrics.Judged(None, "–")
    is_few = found["due"] < ENOUGH
    is_met = None if is_few else compliance.is_met(found["share"], found["target"])
    return metrics.Judged(is_met, target_words(found["target"]), is_few)


def before(context: PageContext, facts: Facts, stage: str, against: Comparison) -> Mapping[str, float] | None:
    """The share of the other period, which opens its rows: ``compliance.of`` it; None where nothing is compared."""
    if against.before is None:
        return None
    was = compliance.of(facts, against.before, context.now, stage)
    if not was["due"]:
        return None
    shown = share_made_of if was["due"] >= ENOUGH else _met_of_due
    label = f"{findings.other(against)} {shown(was['met'], was['due'])}"
    metrics.rows_link(context, Slice(against.before, "due", stage=stage, verdict=FELL_DUE), label)
    return was


def _share(
    context: PageContext, facts: Facts, stage: str, weeks: pd.DataFrame, against: Comparison, looks: int
) -> None:
    """``looks``: how many promises stand beside one another."""
    now = compliance.whole(weeks)
    shown = findings.beside_target(now["share"], now["target"]) if now["due"] else share(now["share"])
    help = joined(" ", (metrics.compared_by_chance(RATES[stage]), plain(_(TARGET_IS))))
    metrics.card(metrics.title(RATES[stage]), shown, help=help, change=judged(now))
    unusual = int((weeks["ended"] & (weeks["signal"] != "")).sum())
    if unusual:
        words = ngettext("{n} unusual week", "{n} unusual weeks", unusual)
        st.caption(plain(words.format(n=number(unusual))))
    fell_due(context, against.period, stage, now)
    was = before(context, facts, stage, against)
    if was is not None and min(now["due"], was["due"]) >= ENOUGH:
        p = changes.share(facts, RATES[stage], against, context.now)
        difference = findings.change(now["share"], was["share"], points=True)
        st.caption(plain(", ".join(filter(None, (difference, metrics.beyond_chance(difference, p, looks))))))


def fell_due(context: PageContext, period: Filter, stage: str, found: Mapping[str, float]) -> None:
    """How many promises of ``compliance.of`` were met of how many that fell due, which it opens."""
    label = _met_of_due(found["met"], found["due"])
    metrics.rows_link(context, Slice(period, "due", stage=stage, verdict=FELL_DUE), label)


def _met_of_due(met: float, due: float) -> str:
    return _("{met} of {due} met").format(met=number(met), due=number(due))


def _hours(context: PageContext, facts: Facts, chosen: Filter) -> None:
    hours = compliance.time_to_resolve(facts, chosen, context.now)
    median, p90 = (findings.in_hours(hours[name]) for name in ("median", "p90"))
    of_few = metrics.few(int(hours["count"])) or metrics.NO_CHANGE
    metrics.card(metrics.title("resolve_hours"), median, help=metrics.definition("resolve_hours"), change=of_few)
    within = _("90 % within {hours}, of {n}").format(hours=p90, n=number(hours["count"]))
    label = within if hours["count"] else _("none told yet")
    metrics.rows_link(context, Slice(chosen, "due", stage="resolve", stopped=True), label)

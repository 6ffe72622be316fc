"""The parts of the page of handling times: how long, where the time goes, what is open, and whose work it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

import pandas as pd
import streamlit as st

from core.i18n import N_, ngettext, number
from core.i18n import gettext as _
from core.insight import changes, figures, findings
from core.insight.charts import share
from core.insight.comparison import Comparison
from core.insight.dimensions import NONE
from core.insight.drawings import handling as drawings
from core.insight.drawings.handling import Names
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.histories import US
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.insight.tally import PERSON
from core.insight.times import PHASE, WAITING
from core.register.reads import timeline
from core.rules.calendar import local_day
from core.rules.known_events import KnownEvent
from core.ui import address
from core.ui.analysis import charts, metrics
from core.ui.context import PageContext
from core.ui.text import plain

STAGES = ("resolve", "acknowledge")
DEPARTMENT = "department"
SPLITS: Mapping[str, str] = {
    WAITING: N_("Who is waited for"),
    PHASE: N_("Step"),
    DEPARTMENT: N_("Department"),
    PERSON: N_("Person"),
}
FIGURE = {DEPARTMENT: "department_hours"}
"""What a split asks where that is not ``time_spent``."""


def promised(facts: Facts) -> tuple[str, ...]:
    """The stages whose time is told: the result, and the acknowledgement where some complaint was promised one."""
    known = {*facts.cycles["stage"].unique()}
    return tuple(stage for stage in STAGES if stage == STAGES[0] or stage in known)


def asked(context: PageContext, facts: Facts, name: str, filter: Filter, *by: str) -> pd.DataFrame:
    """A figure of the registry."""
    return figures.ask(name, facts, filter, context.now, by)


def one(context: PageContext, facts: Facts, name: str, filter: Filter) -> dict[str, float]:
    """A figure in one row; column → value."""
    return {str(key): value for key, value in asked(context, facts, name, filter).iloc[0].items()}


def numbers(context: PageContext, facts: Facts, stages: Sequence[str], against: Comparison) -> None:
    """How long promises took, whose time it was, what is open: each number opens its rows."""
    with st.container(horizontal=True, key="numbers"):
        for stage in stages:
            with metrics.frame_of_number():
                _hours(context, facts, stage, against, len(stages))
        with metrics.frame_of_number():
            _ours(context, facts, against)
        with metrics.frame_of_number():
            _open(context, facts, against.period)
        with metrics.frame_of_number():
            _ended(context, facts, against.period)


def _hours(context: PageContext, facts: Facts, stage: str, against: Comparison, looks: int) -> None:
    """``looks``: how many medians stand beside one another."""
    name = f"{stage}_hours"
    now = one(context, facts, name, against.period)
    was = one(context, facts, name, against.before) if against.before is not None else None
    metrics.card(
        metrics.title(name),
        findings.in_hours(now["median"]),
        help=metrics.compared_by_chance(name),
        change=metrics.few(int(now["count"]))
        or _slower(now, was, against, changes.median(facts, stage, against), looks),
    )
    within = _("90 % within {hours}, of {n}").format(hours=findings.in_hours(now["p90"]), n=number(now["count"]))
    metrics.rows_link(context, Slice(against.period, "due", stage=stage, stopped=True), within)
    if against.before is not None and was is not None and was["count"]:
        label = f"{findings.other(against)} {findings.in_hours(was['median'])} ({number(was['count'])})"
        metrics.rows_link(context, Slice(against.before, "due", stage=stage, stopped=True), label)


def _slower(
    now: Mapping[str, float], was: Mapping[str, float] | None, against: Comparison, p: float, looks: int
) -> metrics.Change:
    """By how much the median changed, and whether that is beyond chance (``p``); nothing from too few."""
    if was is None or min(now["count"], was["count"]) < ENOUGH:
        return metrics.NO_CHANGE
    change = now["median"] - was["median"]
    by = findings.in_hours(abs(change))
    sign = "" if by == findings.in_hours(0) else "+" if change > 0 else "-"
    return metrics.tested(f"{sign}{by}", findings.other(against), p, looks)


def _ours(context: PageContext, facts: Facts, against: Comparison) -> None:
    """The part of the time that waited for us, of all time that was spent in the period."""
    spent = asked(context, facts, "time_spent", against.period, WAITING)
    ours = _of_us(spent)
    metrics.card(_("Waiting for customer care"), share(ours["share"]), help=metrics.definition("time_spent"))
    of_all = _("{hours} of {all}").format(hours=findings.in_hours(ours["hours"]), all=findings.in_hours(ours["whole"]))
    metrics.rows_link(context, Slice(against.period, "waited", waits_for=US), of_all)
    if against.before is not None:
        was = _of_us(asked(context, facts, "time_spent", against.before, WAITING))
        if not isnan(was["share"]):
            label = f"{findings.other(against)} {_hours_of(was)}"
            metrics.rows_link(context, Slice(against.before, "waited", waits_for=US), label)


def _of_us(spent: pd.DataFrame) -> dict[str, float]:
    ours = spent[spent[WAITING] == US]
    whole = float(spent["hours"].sum())
    hours = float(ours["hours"].sum())
    return {"hours": hours, "whole": whole, "share": hours / whole if whole else float("nan")}


def _hours_of(ours: Mapping[str, float]) -> str:
    return _("{share} of {all}").format(share=share(ours["share"]), all=findings.in_hours(ours["whole"]))


def _open(context: PageContext, facts: Facts, chosen: Filter) -> None:
    now = one(context, facts, "backlog", chosen)
    metrics.card(metrics.title("backlog"), number(now["open"]), help=metrics.definition("backlog"))
    metrics.rows_link(context, Slice(chosen, "open"), _("Open the list"))
    late = _("{n} overdue").format(n=number(now["overdue"]))
    if now["open"] >= ENOUGH:
        late = _("{n} overdue ({share})").format(n=number(now["overdue"]), share=share(now["share"]))
    metrics.rows_link(context, Slice(chosen, "open", segment="overdue"), late)


def _ended(context: PageContext, facts: Facts, chosen: Filter) -> None:
    now = one(context, facts, "flow", chosen)
    metrics.card(_("Ended in the period"), number(now["ended"]), help=metrics.definition("flow"))
    metrics.rows_link(context, Slice(chosen, "ended"), _("Open the list"))
    came = ngettext("{n} recorded", "{n} recorded", int(now["recorded"])).format(n=number(now["recorded"]))
    until = min(chosen.end, local_day(context.now))
    metrics.rows_link(context, Slice(chosen.during(chosen.start, until)), came)


def per_week(
    context: PageContext, facts: Facts, stages: Sequence[str], against: Comparison, events: Sequence[KnownEvent]
) -> None:
    """How long the promises of one stage took, week by week."""
    stage = address.word("stage", stages, stages[0])
    name, chosen = f"{stage}_hours", against.period
    found = asked(context, facts, name, chosen, drawings.bucket(chosen))
    usual = float("nan")
    if against.before is not None:
        usual = one(context, facts, name, against.before)["median"]
    drawing = drawings.durations(found, chosen, stage, usual, findings.other(against), events)
    heading = metrics.title(name)
    with charts.part(context, heading, drawing, key=f"hours_{stage}", help=metrics.definition(name)):
        metrics.choose_stage(stages, stage, key="handling_stage", default=STAGES[0])


def spent(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """Where the open hours went: by who was waited for, by step, by department, by person."""
    offered = [name for name in SPLITS if name != PERSON or context.names_colleagues]
    by = address.word("time", offered, WAITING)
    name = FIGURE.get(by, "time_spent")
    found = asked(context, facts, name, chosen, by)
    drawing = drawings.spent(found, chosen, by, names(context, found.get(PERSON)))
    with charts.part(context, metrics.title("time_spent"), drawing, key=f"time_{by}", help=metrics.definition(name)):
        st.segmented_control(
            _("Split by"),
            offered,
            format_func=lambda key: plain(_(SPLITS[key])),
            required=True,
            key="handling_time",
            on_change=address.follow("handling_time", by, "time", default=WAITING),
            label_visibility="collapsed",
            wrap=True,
        )


def flow(context: PageContext, facts: Facts, chosen: Filter, events: Sequence[KnownEvent]) -> None:
    """What came, what ended, what was open, week by week."""
    found = asked(context, facts, "flow", chosen, drawings.bucket(chosen))
    drawing = drawings.flow(found, chosen, local_day(context.now), events)
    charts.block(context, metrics.title("flow"), drawing, key="flow", help=metrics.definition("flow"))


def people(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """The work of each person, for who leads the work."""
    if not context.names_colleagues:
        return
    found = asked(context, facts, "workload", chosen, PERSON)
    drawing = drawings.people(found, chosen, names(context, found[PERSON]))
    with st.container(border=True, key="workload"):
        st.subheader(metrics.title("workload"), anchor=False, help=metrics.definition("workload"))
        if drawing.is_empty:
            st.caption(f":material/info: {_('Nothing to show for this period and filter.')}")
        else:
            charts.table(context, drawing)


def names(context: PageContext, ids: Sequence[str] | pd.Series | None) -> Names:
    """Ids of people as texts → their names."""
    known = [int(id) for id in ids if id != NONE] if ids is not None else []
    if not known:
        return {}
    with context.register.read() as session:
        return {str(id): name for id, name in timeline.names_of(session, known).items()}

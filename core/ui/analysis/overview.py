"""The parts of the overview: what needs a person now, this week beside the last, and what stands out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import isnan

import pandas as pd
import streamlit as st

from core.i18n import N_, ngettext, number
from core.i18n import gettext as _
from core.insight import backlog, changes, charts, comparison, compliance, findings, rates, rows, signals, volume
from core.insight.comparison import Comparison
from core.insight.dimensions import NONE, name_of
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.register.reads import meetings, prevention, queue
from core.rules.calendar import local_day
from core.rules.procedure import DATES
from core.rules.segments import offered
from core.rules.steps import DIRECT
from core.rules.verdicts import BROKEN, Verdict
from core.ui.analysis import filter_bar, known_events, metrics, sla
from core.ui.context import PageContext
from core.ui.text import joined, plain

SIGNALS = 6
NEEDS: Mapping[str, tuple[str, str]] = {
    "overdue": (N_("Overdue"), N_("Open complaints with a promised time that has passed.")),
    "due_today": (N_("Due today"), N_("Open complaints whose next promised time is still to come today.")),
    "unacknowledged": (
        N_("Not acknowledged"),
        N_("Recorded complaints whose customer has not been answered yet."),
    ),
    "chase_today": (
        N_("Ask again today"),
        N_("Complaints whose customer was asked something, or offered something, and should be asked again by today."),
    ),
    "waiting_department": (
        N_("With a department"),
        N_("Open complaints that a department was asked about and has not answered."),
    ),
}
WEEK: Mapping[str, str] = {
    "resolve": N_("Of the results whose due time has come this week: told at or before it. Below it last week."),
    "acknowledge": N_(
        "Of the acknowledgements whose due time has come this week: given at or before it. Beside it last week."
    ),
    DATES: N_("Of the dates promised to customers that have come this week: kept by then. Beside it last week."),
}


def counts(context: PageContext, facts: Facts, visible: Filter) -> Mapping[str, int]:
    """Open complaints per segment, counted like the list each number opens: this person's queue or the explore page."""
    if not context.may_open("queue"):
        return backlog.segments(facts, visible, context.now)
    with context.register.read() as session:
        return queue.counts(session, by=context.person, now=context.now)


def needs(context: PageContext, facts: Facts, counts: Mapping[str, int], visible: Filter) -> None:
    """The numbers that can be above 0 for this role, each opening its list: the queue, or else the explore page.

    Who answers for the reasons of misses sees besides how many have none.
    """
    with st.container(horizontal=True, key="needs"):
        for segment in NEEDS:
            if segment not in (offered(context.person.role) if context.may_open("queue") else counts):
                continue  # a department is asked only about what has been acknowledged: its queue has no such list
            with metrics.frame_of_number():
                metrics.card(_(NEEDS[segment][0]), number(counts[segment]), help=_(NEEDS[segment][1]))
                if context.may_open("queue"):
                    metrics.to_page(context, "queue", _("Open the list"), {"segment": segment})
                else:
                    metrics.rows_link(context, Slice(visible, "open", segment=segment), _("Open the list"))
        if context.may(DIRECT) and counts["to_direct"]:
            _to_direct(context, counts["to_direct"])
        if context.may_open("prevention"):
            _prevention(context)
            _decided(context)
        if context.may("correct_reasons"):
            _unexplained(context, facts)


def week(context: PageContext, facts: Facts, this_week: Filter) -> None:
    """Compliance and volume of this week beside last week's up to the same open time, over twelve weeks."""
    twelve = this_week.between(this_week.start - timedelta(weeks=11), this_week.end)
    calendar = comparison.working_time(context.register, this_week)
    due, recorded = (
        comparison.of(facts, this_week, calendar, context.now, counts=counts) for counts in ("due", "recorded")
    )
    with st.container(horizontal=True, key="week"):
        for stage in compliance.rated(facts):
            with metrics.frame_of_number():
                _share(context, facts, stage, compliance.by_week(facts, twelve, context.now, stage, calendar), due)
        with metrics.frame_of_number():
            _recorded(context, facts, recorded, twelve)
    filter_bar.say(recorded)
    known_events.tell(known_events.read(context, twelve.start, twelve.end))


def newest(context: PageContext, facts: Facts, visible: Filter) -> None:
    """What stands out in the last four weeks."""
    calendar = comparison.working_time(context.register, visible)
    found = signals.newest(facts, visible, calendar, context.now)
    with st.container(border=True):
        st.subheader(
            _("Signals of the last four weeks"),
            anchor=False,
            help=_(
                "Promises kept less than usual, in one week or for several; causes and categories that rose more than "
                "chance explains, as complaints come in clusters. A false alarm in at most 1 of 20 looks, everything "
                "here taken together."
            ),
        )
        for signal in found[:SIGNALS]:
            metrics.rows_link(context, signal.slice, signal.sentence)
        if not found:
            st.markdown(f":material/check: {_('Nothing stands out.')}")


def _to_direct(context: PageContext, n: int) -> None:
    """What waits for this person's direction; nothing where nothing waits."""
    with metrics.frame_of_number():
        help = _("Complaints about which a direction is asked of you, as the queue lists them.")
        metrics.card(_("Waiting for my direction"), number(n), help=help)
        metrics.to_page(context, "queue", _("Open the list"), {"segment": "to_direct"})


def _prevention(context: PageContext) -> None:
    """What this person has to do about prevention; nothing where nothing waits (most organisations demand none)."""
    with context.register.read() as session:
        owed = prevention.owed(session, by=context.person, now=context.now).total
    if not owed:
        return
    with metrics.frame_of_number():
        help = _(
            "Analyses you write or approve, preventive actions of yours, evidence you verify and effects you check, "
            "as the page of prevention lists them."
        )
        metrics.card(_("Prevention"), number(owed), help=help)
        metrics.to_page(context, "prevention", _("Open the list"), {})


def _decided(context: PageContext) -> None:
    """What meetings decided and this person has not done yet; nothing where nothing is owed."""
    with context.register.read() as session:
        found = meetings.undone(session, of=context.person.id)
    if not found:
        return
    late = sum(one.is_late(local_day(context.now)) for one in found)
    with metrics.frame_of_number():
        help = _("Decisions of weekly reviews that you are to carry out, as the page of prevention lists them.")
        metrics.card(_("Decided in meetings"), number(len(found)), help=help)
        label = _("{n} overdue").format(n=number(late)) if late else _("Open the list")
        metrics.to_page(context, "prevention", label, {})


def _unexplained(context: PageContext, facts: Facts) -> None:
    """What was missed and nobody has said why."""
    year = Filter.of("year", local_day(context.now)).seen_by(context.person)
    missed = Slice(year, "due", verdict=BROKEN, breach_reason=NONE)
    with metrics.frame_of_number():
        help = _(
            "Promises of the last 52 weeks that were missed or are overdue, of open and closed complaints, "
            "for which nobody has given the reason."
        )
        metrics.card(_("Missed, no reason given"), number(rows.count(facts, missed, context.now)), help=help)
        metrics.rows_link(context, missed, _("Open the list"))


def _share(context: PageContext, facts: Facts, stage: str, weeks: pd.DataFrame, against: Comparison) -> None:
    this, shares = weeks.iloc[-1], weeks["share"].to_list()
    shown = findings.beside_target(this["share"], this["target"]) if this["due"] else charts.share(this["share"])
    metrics.card(metrics.title(sla.RATES[stage]), shown, help=_(WEEK[stage]), change=sla.judged(this), series=shares)
    unusual = {"below": N_("unusually low so far"), "above": N_("unusually high so far")}.get(this["signal"])
    if unusual:
        st.caption(plain(_(unusual)))
    elif this["due"] >= ENOUGH and not isnan(this["lower"]):
        within = _("within the limits so far: {lower} to {upper}, usually {centre}")
        limits = {name: charts.share(this[name]) for name in ("lower", "upper", "centre")}
        st.caption(plain(within.format(**limits)))
    if this["due"]:
        sla.fell_due(context, against.period, stage, this)
    if this["running"]:
        running = Slice(against.period, "due", stage=stage, verdict=(Verdict.RUNNING,))
        metrics.rows_link(context, running, f"{name_of('verdict', Verdict.RUNNING)} {number(this['running'])}")
    sla.before(context, facts, stage, against)


def _recorded(context: PageContext, facts: Facts, against: Comparison, twelve: Filter) -> None:
    now = volume.total(facts, against.period)
    change, before = metrics.NO_CHANGE, None
    if against.before is not None:
        before = volume.total(facts, against.before)
        if before >= ENOUGH:
            difference = findings.signed(rates.change(now, before, against.share))
            change = metrics.tested(difference, "", changes.recorded(facts, against), 1)
    told = _("Complaints and inquiries recorded since Monday, per open hour against last week's.")
    metrics.card(
        _("Recorded this week"),
        number(now),
        help=joined(" ", (plain(told), plain(_(metrics.CHANCE_IS)))),
        change=change,
        series=volume.by_week(facts, twelve)["count"].to_list(),
        as_bars=True,
    )
    opens = ngettext("{n} complaint", "{n} complaints", now).format(n=number(now))
    metrics.rows_link(context, Slice(against.period), opens)
    if against.before is not None and before is not None:
        metrics.rows_link(context, Slice(against.before), f"{findings.other(against)} {number(before)}")

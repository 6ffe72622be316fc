"""The lists of the page: complaints without an analysis, and actions; each row opens its complaint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named, ngettext, number, short_due, short_moment
from core.insight import comparison
from core.insight import prevention as insight
from core.insight.drawings import causes
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.prevention import Rate
from core.register.reads.prevention import Line, Missing
from core.rules.calendar import local_day
from core.rules.prevention import Stage
from core.ui import go
from core.ui.analysis import metrics
from core.ui.context import PageContext
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import md, plain

MOST_EFFECTS = 10
ONE_DIGIT = 1


def title(owed: int, late: int) -> str:
    """What this person has to do, and how many actions are overdue."""
    text = ngettext("{n} thing for you to do", "{n} things for you to do", owed).format(n=number(owed))
    if not owed:
        text = _("Nothing for you to do")
    if not late:
        return text
    return text + ngettext(", {n} action overdue", ", {n} actions overdue", late).format(n=number(late))


def missing(total: int, found: Sequence[Missing], now: datetime) -> None:
    """Complaints that wait for an analysis, what was returned first."""
    if not total:
        return
    st.subheader(plain(_("To be analysed ({n})").format(n=number(total))), anchor=False)
    columns = (Column(_("Case code"), 9, "first"), Column(_("Due"), 14, "last"), Column(_("Category"), 0, "second"))
    table(columns, [_missing(one, now) for one in found], key="prevention_missing", alt=_("To be analysed"))
    _rest(total, len(found))


def _missing(one: Missing, now: datetime) -> Row:
    is_late = one.due_at is not None and one.due_at < now
    due = short_due(one.due_at, now) if one.due_at else ""
    return Row(
        key=one.code,
        href=go.address("complaint", code=one.code),
        cells=(
            Cell(one.code),
            Cell(_("returned"), tone="near", spoken=_("returned"))
            if one.is_returned
            else Cell(due, tone="overdue" if is_late else "off", spoken=_("overdue") if is_late else ""),
            Cell(name_of(catalogues().categories, one.category)),
        ),
    )


def actions(total: int, found: Sequence[Line], now: datetime) -> None:
    """What is to be done, or shown, by whom until when; overdue ones are said so."""
    st.subheader(plain(_("Actions ({n})").format(n=number(total))), anchor=False)
    if total:
        _actions(total, found, now, key="prevention_actions", alt=_("Actions"))
    else:
        st.markdown(f":material/check: {_('No preventive action waits to be done.')}")


def evidence(total: int, found: Sequence[Line], now: datetime) -> None:
    """What customer care has to verify."""
    if total:
        st.subheader(plain(_("Evidence to verify ({n})").format(n=number(total))), anchor=False)
        _actions(total, found, now, key="prevention_evidence", alt=_("Evidence to verify"))


def _actions(total: int, found: Sequence[Line], now: datetime, *, key: str, alt: str) -> None:
    columns = (
        Column(_("Case code"), 9, "first"),
        Column(_("Due"), 14, "last"),
        Column(_("What is done"), 0, "second"),
        Column(_("Who does it"), 13, "third"),
    )
    table(columns, [_action(one, now) for one in found], key=key, alt=alt)
    _rest(total, len(found))


def _action(one: Line, now: datetime) -> Row:
    action = one.action
    is_late = action.stage is Stage.open and action.due_at < now
    stage = named("stage of an action", action.stage)
    return Row(
        key=f"{one.code}-{action.number}",
        href=go.address("complaint", code=one.code),
        cells=(
            Cell(one.code, _("action {n}").format(n=number(action.number))),
            Cell(
                short_due(action.due_at, now),
                below=_("overdue") if is_late else stage,
                tone="overdue" if is_late else "off",
                spoken=_("overdue") if is_late else stage,
            ),
            Cell(one.what, name_of(catalogues().causes, action.cause)),
            Cell(one.owner),
        ),
    )


def effects(context: PageContext, facts: Facts, total: int, found: Sequence[Line]) -> None:
    """Actions that were verified some weeks ago, each with its cause's complaints before it was done and since."""
    if not total:
        return
    st.subheader(plain(_("Effects to check ({n})").format(n=number(total))), anchor=False)
    seen = Filter.of("quarter", local_day(context.now)).seen_by(context.person)
    calendar = comparison.working_time(context.register, seen)
    for one in found:
        done_on = local_day(one.action.done_at or context.now)
        rate = insight.rate(facts, seen, one.action.cause, done_on, local_day(context.now), calendar)
        with st.container(border=True, key=f"effect_{one.code}_{one.action.number}"):
            _effect(context, one, rate)
    _rest(total, len(found))


def _effect(context: PageContext, one: Line, rate: Rate) -> None:
    action = one.action
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(md("**{what}**", what=one.what), width="stretch")
        metrics.to_page(context, "complaint", one.code, {"code": one.code}, icon=":material/description:")
    done = _("done {moment}").format(moment=short_moment(action.done_at or context.now, context.now))
    st.caption(plain(f"{one.owner} · {done}"))
    before = _("not recorded") if rate.before is None else number(rate.before, ONE_DIGIT)
    since = _("not one whole week yet") if rate.since is None else number(rate.since, ONE_DIGIT)
    metrics.card(
        plain(_("{cause}, per full week").format(cause=name_of(catalogues().causes, action.cause))),
        f"{before} → {since}",
        help=_(
            "Complaints closed with this root cause per full week of office hours: in the eight weeks before the week "
            "in which the action was done, and in the whole weeks since. Days off make no effect. Bars: each of these "
            "weeks, and the running one."
        ),
        series=rate.weeks,
        as_bars=True,
    )
    if rate.low is not None and rate.high is not None:
        st.caption(plain(_reading(rate.low, rate.high)))
    metrics.rows_link(context, rate.rows, _("These complaints"))


def _reading(low: float, high: float) -> str:
    """What the interval of the change says, in words and in numbers."""
    if high < 1:
        says = _("Fell beyond chance: {interval} with 95 % certainty.")
    elif low > 1:
        says = _("Rose beyond chance: {interval} with 95 % certainty.")
    else:
        says = _("Too little to tell an effect from chance: {interval} with 95 % certainty.")
    return says.format(interval=causes.span(low, high))


def _rest(total: int, shown: int) -> None:
    if total > shown:
        st.caption(plain(_("{n} more are not shown").format(n=number(total - shown))))

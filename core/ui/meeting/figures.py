"""The week in figures, each number opening its rows: drawn from the review alone, so that a frozen one stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.i18n import N_, ngettext, number, short_due, short_moment
from core.i18n import gettext as _
from core.insight.charts import target_words
from core.insight.dimensions import name_of
from core.insight.drawings import weekly as drawings
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.insight.weekly import OVERDUE, PROMISED, Number, Promise
from core.papers import review_words as words
from core.papers.review import Review
from core.rules.known_events import KnownEvent
from core.rules.verdicts import BROKEN, FELL_DUE
from core.ui.analysis import charts, metrics
from core.ui.context import PageContext
from core.ui.go import address
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import joined, md, plain

PROMISE_IS = N_(
    "Promises of this kind that fell due, week by week: met ÷ (met + missed + overdue), against the target."
)
VOLUME_IS = N_("Complaints recorded in the week, and in the week before; the change is per open hour.")
CAUSES_ARE = N_("Complaints closed in the week by root cause, and in the week before; the change is per open hour.")
ANSWERS_ARE = N_("Answers that departments owed in the week: in time ÷ all that fell due.")
MISSES_ARE = N_("Promises that fell due in the week and were missed or are overdue; a reason is given on each case.")
MOST_CAUSES, MOST_OVERDUE, MOST_ACTIONS = 8, 10, 10
Beside = Callable[[str], AbstractContextManager[object]]
"""Item of the agenda → where its figures stand, the note of it beside."""


def numbers(context: PageContext, review: Review) -> None:
    """The six numbers against target and beside other weeks."""
    week = drawings.week_of(review["figures"])
    with st.container(horizontal=True, key="numbers"):
        for one in review["figures"]["numbers"]:
            with metrics.frame_of_number():
                _number(context, review, one, week)


def sections(context: PageContext, review: Review, events: list[KnownEvent], beside: Beside, *, in_pairs: bool) -> None:
    """One part for each item of the agenda; ``in_pairs``: the smaller ones beside each other."""
    figures, week = review["figures"], drawings.week_of(review["figures"])
    with beside("promises"):
        first, *others = figures["promises"]
        _promise(context, first, events)
        for column, promise in zip(st.columns(max(1, len(others))), others, strict=False):
            with column:
                _promise(context, promise, events)
    left, right = _pair(in_pairs=in_pairs)
    with left, beside("volume"):
        drawing = drawings.keys(figures["categories"], week, "category", _("Complaints per category"))
        charts.block(context, plain(_("What came in")), drawing, key="week_categories", help=_(VOLUME_IS), of=week)
    with right, beside("causes"):
        drawing = drawings.keys(
            figures["causes"], week, "root_cause", _("Root causes of what was closed"), most=MOST_CAUSES
        )
        heading = words.of_all(_("Root causes"), MOST_CAUSES, len(figures["causes"]))
        charts.block(context, plain(heading), drawing, key="week_causes", help=_(CAUSES_ARE), of=week)
    with beside("overdue"), st.container(border=True):
        _overdue(context, review, week)
    left, right = _pair(in_pairs=in_pairs)
    with right, beside("misses"), st.container(border=True):
        _misses(context, review, week)
    with left, beside("departments"):
        drawing = drawings.departments(figures["departments"], week)
        charts.block(
            context, plain(_("Answers of departments")), drawing, key="week_departments", help=_(ANSWERS_ARE), of=week
        )
    with right, beside("prevention"), st.container(border=True):
        _prevention(context, review)
    with right, beside("incidents"), st.container(border=True):
        _incidents(review, context.now)


def _pair(*, in_pairs: bool) -> Sequence[DeltaGenerator]:
    """Two places beside each other, or one beneath the other."""
    return st.columns(2) if in_pairs else (st.container(), st.container())


def _promise(context: PageContext, promise: Promise, events: list[KnownEvent]) -> None:
    title, drawing = plain(name_of("stage", promise["stage"])), drawings.promise(promise, events)
    shown = drawings.weeks_of(promise)
    charts.block(context, title, drawing, key=f"promise_{promise['stage']}", help=_(PROMISE_IS), of=shown)


def _number(context: PageContext, review: Review, one: Number, week: Filter) -> None:
    metrics.card(
        plain(words.name(one)),
        number(one["week"]["part"]) if one["name"] == OVERDUE else words.value(one["week"], one["name"]),
        help=plain(words.definition(review, one)),
        change=_change(one),
    )
    is_overdue = one["name"] == OVERDUE
    made = "" if is_overdue else words.made_of(one["week"])
    metrics.rows_link(context, _rows(one["name"], week), made or _("Open the list"))
    if is_overdue:
        metrics.rows_link(context, Slice(week, "open"), _("of {n} open").format(n=number(one["week"]["whole"] or 0)))
    for key, found in words.beside(one):
        period, label = week.between(*words.period_of(week.start, key)), _(words.BESIDE[key])
        metrics.rows_link(context, _rows(one["name"], period), f"{label} {words.counted(found, one['name'])}")


def _change(one: Number) -> metrics.Change | metrics.Judged:
    is_missed = words.is_missed(one)
    if one["target"] is None:
        whole = 0 if one["name"] == OVERDUE else one["week"]["whole"] or 0
        return metrics.few(whole) or metrics.NO_CHANGE
    is_few = is_missed is None and bool(one["week"]["whole"])
    return metrics.Judged(None if is_missed is None else not is_missed, target_words(one["target"]), is_few)


def _rows(name: str, period: Filter) -> Slice:
    if name in PROMISED:
        return Slice(period, "due", stage=PROMISED[name], verdict=FELL_DUE)
    if name == "department_answers":
        return Slice(period, "asked", verdict=FELL_DUE)
    if name == OVERDUE:
        return Slice(period, "open", segment="overdue")
    return Slice(period, "closed" if name == "causes" else "recorded")


def _misses(context: PageContext, review: Review, week: Filter) -> None:
    st.subheader(_("Promises missed"), anchor=False, help=_(MISSES_ARE))
    missed = [one for one in review["figures"]["promises"] if one["broken"]]
    if not missed:
        st.markdown(f":material/check: {_('No promise was missed.')}")
    for one in missed:
        sentence = ngettext(
            "{stage}: {n} missed, {left} without a reason",
            "{stage}: {n} missed, {left} without a reason",
            one["broken"],
        )
        text = sentence.format(
            stage=name_of("stage", one["stage"]), n=number(one["broken"]), left=number(one["broken"] - one["explained"])
        )
        metrics.rows_link(context, Slice(week, "due", stage=one["stage"], verdict=BROKEN), text)


def _incidents(review: Review, now: datetime) -> None:
    st.subheader(_("Incidents"), anchor=False)
    if not review["incidents"]:
        st.markdown(f":material/check: {_('No incident went on in this week.')}")
    for one in review["incidents"]:
        n = ngettext("{n} complaint, {late} late", "{n} complaints, {late} late", one["complaints"])
        ended = (
            _("ended {moment}").format(moment=short_moment(datetime.fromisoformat(one["ended"]), now))
            if one["ended"]
            else _("goes on")
        )
        st.markdown(
            md(
                "[{code}]({link}) · {category} · {n} · {ended}",
                code=one["code"],
                link=address("incidents", code=one["code"]),
                category=name_of("category", one["category"]),
                n=n.format(n=number(one["complaints"]), late=number(one["late"])),
                ended=ended,
            )
        )


def _overdue(context: PageContext, review: Review, week: Filter) -> None:
    title = _("Overdue ({n})").format(n=number(review["overdue_all"]))
    st.subheader(
        plain(title), anchor=False, help=_("Open complaints with a promised time that has passed, whatever the week.")
    )
    if not review["overdue"]:
        st.markdown(f":material/check: {_('Nothing is overdue.')}")
        return
    st.caption(plain(words.owed_by(review)))
    columns = (
        Column(_("Case code"), 9, "first"),
        Column(_("Due"), 11, "last"),
        Column(_("Category"), 0, "second"),
        Column(_("Held by"), 10, "third"),
    )
    rows = [
        Row(
            key=one["code"],
            href=address("complaint", code=one["code"]),
            cells=(
                Cell(one["code"]),
                Cell(short_due(datetime.fromisoformat(one["due"]), context.now), tone="overdue", spoken=_("overdue")),
                Cell(name_of("category", one["category"])),
                Cell(
                    one["holder"] or _("nobody yet"),
                    below=name_of("department", one["department"]) if one["department"] else "",
                ),
            ),
        )
        for one in review["overdue"][:MOST_OVERDUE]
    ]
    table(columns, rows, key="week_overdue", alt=title)
    if review["overdue_all"] > len(rows):
        label = _("All {n} overdue").format(n=number(review["overdue_all"]))
        metrics.rows_link(context, _rows(OVERDUE, week), label)


def _prevention(context: PageContext, review: Review) -> None:
    found = review["prevention"]
    st.subheader(_("Prevention"), anchor=False)
    told = [
        _("{in_time} of {due} that fell due done in time").format(
            in_time=number(found["in_time"]), due=number(found["due"])
        )
        if found["due"]
        else "",
        _("{late} of {undone} open overdue").format(late=number(found["late"]), undone=number(found["undone"]))
        if found["undone"]
        else "",
        _("{n} analyses wait for approval").format(n=number(found["waiting"])) if found["waiting"] else "",
        _("{effective} of {checked} effects proved").format(
            effective=number(found["effective"]), checked=number(found["checked"])
        )
        if found["checked"]
        else "",
    ]
    st.markdown(joined(" · ", map(plain, filter(None, told))) or plain(_("Nothing was due, and nothing is open.")))
    shown = found["actions"][:MOST_ACTIONS]
    for one in shown:
        due = datetime.fromisoformat(one["due"])
        st.markdown(
            md(
                "[{code}]({link}) · {action} · {owner} · {due}",
                code=one["code"],
                link=address("complaint", code=one["code"]),
                action=_("action {n}").format(n=number(one["number"])),
                owner=one["owner"],
                due=(_("overdue since {due}") if one["is_late"] else _("due {due}")).format(
                    due=short_due(due, context.now)
                ),
            )
        )
    left = found["undone"] - len(shown)
    label = _("To prevention, with {n} more").format(n=number(left)) if left > 0 else _("To prevention")
    metrics.to_page(context, "prevention", label, {}, icon=":material/shield:")

"""The parts of the page of outcomes: who was right, what comes back, issues by themselves, amounts of money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.i18n import N_, number
from core.i18n import gettext as _
from core.insight import changes, endings, findings
from core.insight.charts import share, share_made_of
from core.insight.comparison import Comparison
from core.insight.contents import FIELD
from core.insight.dimensions import SPLITS, title
from core.insight.drawings import handling as times
from core.insight.drawings import outcomes as drawings
from core.insight.drawings.outcomes import MEASURES, parts
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.rules.known_events import KnownEvent
from core.ui import address
from core.ui.analysis import charts, metrics
from core.ui.analysis.handling import asked, one
from core.ui.context import PageContext
from core.ui.text import Words, plain

WORDS: Mapping[str, tuple[str, str]] = {
    "upheld": (N_("{n} upheld"), N_("of {n} decisions")),
    "reopened": (N_("{n} opened again"), N_("of {n} that ended")),
    "repeats": (N_("{n} complained again"), N_("of {n} by known customers")),
    "rounds": (N_("{n} with several proposals"), N_("of {n} conciliated")),
}
"""Measure → what its numerator and its denominator are called on a link to their rows."""
OF_WHICH = N_(
    "Customer was right and outcomes: of what was closed in the period. Opened again, complaining again, conciliation, "
    "issues and amounts: of what was recorded in it, whatever became of it since."
)
ISSUES = ("category", "outcome", "root_cause")
COMPARED = ("upheld", "repeats")
"""What is told as a change: later complaints have had less time to be opened again or to be proposed to once more."""


def numbers(context: PageContext, facts: Facts, against: Comparison) -> None:
    """Each share with its numerator and denominator, which open their rows; first what they are of."""
    st.caption(plain(_(OF_WHICH)))
    with st.container(horizontal=True, key="numbers"):
        for name in measures(facts):
            with metrics.frame_of_number():
                _share(context, facts, name, against)
        if endings.has_rounds(facts):
            with metrics.frame_of_number():
                _refused(context, facts, against.period)


def measures(facts: Facts) -> tuple[str, ...]:
    """The shares that are told here."""
    return tuple(name for name in MEASURES if name != "rounds" or endings.has_rounds(facts))


def _share(context: PageContext, facts: Facts, name: str, against: Comparison) -> None:
    found, measure = one(context, facts, name, against.period), MEASURES[name]
    n, part = int(found[measure.denominator]), int(found[measure.numerator])
    was = one(context, facts, name, against.before) if against.before is not None else None
    change = metrics.NO_CHANGE
    if was is not None and name in COMPARED and min(n, was[measure.denominator]) >= ENOUGH:
        difference = findings.change(found["share"], was["share"], points=True)
        p = changes.share(facts, name, against, context.now)
        change = metrics.tested(difference, findings.other(against), p, len(COMPARED))
    metrics.card(
        metrics.title(name),
        share(found["share"]),
        help=metrics.compared_by_chance(name) if name in COMPARED else metrics.definition(name),
        change=metrics.few(n) or change,
    )
    of_all, of_part = parts(against.period, name)
    for words, count, slice in zip(WORDS[name], (part, n), (of_part, of_all), strict=True):
        metrics.rows_link(context, slice, _(words).format(n=number(count)))
    if against.before is not None and was is not None and was[measure.denominator]:
        label = f"{findings.other(against)} {share_made_of(was[measure.numerator], was[measure.denominator])}"
        metrics.rows_link(context, parts(against.before, name)[0], label)


def _refused(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """Proposals are no rows of a list: their complaints are."""
    found = one(context, facts, "refusals", chosen)
    n = int(found["proposals"])
    change = metrics.few(n) or metrics.NO_CHANGE
    metrics.card(metrics.title("refusals"), share(found["share"]), help=metrics.definition("refusals"), change=change)
    label = _("{refused} of {n} proposals").format(refused=number(found["refused"]), n=number(n))
    metrics.rows_link(context, Slice(chosen, which="refused"), label)


def decided(context: PageContext, facts: Facts, chosen: Filter, events: Sequence[KnownEvent]) -> None:
    """How often the customer was right, week by week."""
    found = asked(context, facts, "upheld", chosen, times.bucket(chosen, times.FEW))
    drawing = drawings.decided(found, chosen, events)
    charts.block(context, metrics.title("upheld"), drawing, key="decided", help=metrics.definition("upheld"))


def outcomes(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """How cases ended."""
    drawing = drawings.outcomes(asked(context, facts, "outcomes", chosen, "outcome"), chosen)
    charts.block(context, metrics.title("outcomes"), drawing, key="outcomes", help=metrics.definition("outcomes"))


def split(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """One share by one dimension: where customers were right, where cases come back."""
    names = measures(facts)
    name, by = address.word("measure", names, names[1]), address.word("by", SPLITS, SPLITS[0])
    drawing = drawings.split(asked(context, facts, name, chosen, by), chosen, name, by)
    help, key = metrics.definition(name), f"where_{name}_{by}"
    with (
        charts.part(context, _("Where it happens"), drawing, key=key, help=help),
        st.container(horizontal=True, gap="small"),
    ):
        st.selectbox(
            _("Figure"),
            names,
            format_func=metrics.title,
            key="outcomes_measure",
            on_change=address.follow("outcomes_measure", name, "measure", default=names[1]),
            label_visibility="collapsed",
            width=230,
        )
        _choose(_("Split by"), SPLITS, by, "by", SPLITS[0])


def issues(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """All issues of the complaints, each under its own category, outcome or cause (D34)."""
    by = address.word("issues", ISSUES, ISSUES[0])
    drawing = drawings.issues(asked(context, facts, "issues", chosen, by), chosen, by)
    with charts.part(context, metrics.title("issues"), drawing, key=f"issues_{by}", help=metrics.definition("issues")):
        _choose(_("Issues by"), ISSUES, by, "issues", ISSUES[0])


def amounts(context: PageContext, facts: Facts, chosen: Filter) -> None:
    """What was asked for and refunded; nothing where no amount is known."""
    drawing = drawings.amounts(asked(context, facts, "amounts", chosen, FIELD), chosen)
    if drawing.is_empty:
        return
    with st.container(border=True, key="amounts"):
        st.subheader(metrics.title("amounts"), anchor=False, help=metrics.definition("amounts"))
        charts.table(context, drawing)


def _choose(label: Words, keys: tuple[str, ...], chosen: str, name: str, default: str) -> None:
    st.segmented_control(
        label,
        keys,
        format_func=lambda key: plain(title(key)),
        required=True,
        key=f"outcomes_{name}",
        on_change=address.follow(f"outcomes_{name}", chosen, name, default=default),
        label_visibility="collapsed",
        wrap=True,
    )

"""Nguyên nhân gốc: why it happened, what rose beyond chance, and how each cause went month by month."""

import streamlit as st

from core.i18n import gettext as _
from core.insight import causes, facts, findings
from core.insight.dimensions import name_of
from core.insight.drawings import causes as drawings
from core.rules.calendar import local_day
from core.ui import frame
from core.ui.analysis import charts, filter_bar, metrics
from core.ui.text import plain

MOST, MOST_RISEN = 6, 9

context = frame.open_page("root_causes")
known = facts.current(context.register)
today = local_day(context.now)
chosen = filter_bar.read(context, "root_causes")
pareto = causes.pareto(known, chosen)
risen = causes.risen(known, chosen, today)

st.title(plain(findings.causes(pareto, risen)), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
if not filter_bar.show(context, known, chosen, of="closed"):
    metrics.nothing_here()
    st.stop()

left, right = st.columns(2)
with left:
    charts.block(
        context,
        _("Causes of what was closed"),
        drawings.pareto(pareto, chosen),
        key="pareto",
        help=_(
            "Complaints closed in the period by the root cause written at closing, each once: one with several issues "
            "by its first. Withdrawn ones are not in it."
        ),
    )
with right:
    drawing = drawings.risen(risen, chosen, today)
    with st.container(border=True):
        charts.head(
            context,
            _("Rose beyond chance?"),
            drawing,
            key="risen",
            help=_(
                "Against the period of equal length before. Chance: how likely a rise as large would be if nothing had "
                "changed, with a guard for looking at all causes at once; below 5 % it counts as a rise."
            ),
        )
        charts.table(context, drawing, most=MOST_RISEN)

charts.block(
    context,
    _("Causes and categories"),
    drawings.categories(causes.by_category(known, chosen), chosen),
    key="cause_categories",
    help=_("Complaints closed in the period per root cause and category."),
)

st.subheader(
    _("The most frequent causes over twelve months, all on one scale"),
    anchor=False,
    help=_("Complaints closed per local month, up to the end of the period; a month without any is 0."),
)
months = drawings.months(causes.by_month(known, chosen.so_far(today)), chosen)
charts.panels(
    context, {f"month_{key}": (name_of("root_cause", key), drawing) for key, drawing in list(months.items())[:MOST]}
)

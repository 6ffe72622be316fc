"""Nguyên nhân gốc: why it happened, what rose beyond chance, and how each cause went month by month."""

import streamlit as st

from core.i18n import gettext as _
from core.insight import causes, facts, findings
from core.insight.dimensions import NONE, name_of
from core.insight.drawings import causes as drawings
from core.rules.calendar import local_day
from core.ui import doing, frame
from core.ui.analysis import charts, filter_bar, known_events, metrics
from core.ui.text import plain

MOST, MOST_RISEN = 6, 9

context = frame.open_page("root_causes")
known = facts.current(context.register)
today = local_day(context.now)
chosen = filter_bar.read(context, "root_causes")
against = filter_bar.compared(context, known, chosen, of="closed")
pareto, risen = causes.pareto(known, chosen), causes.risen(known, against)
weekly = causes.by_week(known, chosen, findings.most_risen(risen, against) or NONE)

st.title(plain(findings.causes(pareto, risen, weekly, against, context.now)), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
if not filter_bar.show(context, known, chosen, of="closed", against=against):
    metrics.nothing_here()
    st.stop()

by_month = causes.by_month(known, chosen.so_far(today))
events = known_events.read(context, by_month["month"].min().date(), chosen.end) if len(by_month) else []
doing.show_notice()
left, right = st.columns(2)
with left:
    charts.block(
        context,
        metrics.title("causes"),
        drawings.pareto(pareto, chosen),
        key="pareto",
        help=metrics.definition("causes"),
    )
with right:
    drawing = drawings.risen(risen, against)
    with st.container(border=True):
        charts.head(
            context,
            _("Rose beyond chance?"),
            drawing,
            key="risen",
            help=_(
                "Complaints closed per open hour, against what the period is compared with. A rise that chance alone "
                "would bring less than 5 times in 100, all causes looked at together, counts as one. The interval "
                "holds the true change in 95 of 100 cases."
            ),
        )
        if drawing.is_empty:
            st.caption(f":material/info: {_('Nothing to compare for this period and filter.')}")
        else:
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
known_events.show(context, "root_causes", events)
months = drawings.months(by_month, chosen, causes.months_of_most(known, against), events)
charts.panels(
    context, {f"month_{key}": (name_of("root_cause", key), drawing) for key, drawing in list(months.items())[:MOST]}
)

"""Phân loại: what complaints are about, where and when they come in, and what changed."""

import streamlit as st

from core.i18n import gettext as _
from core.insight import facts, findings, volume
from core.insight.dimensions import NONE, choices_in, name_of, title
from core.insight.drawings import volume as drawings
from core.insight.filters import monday
from core.ui import doing, frame
from core.ui.analysis import charts, filter_bar, known_events, metrics
from core.ui.text import plain

context = frame.open_page("breakdown")
known = facts.current(context.register)
chosen = filter_bar.read(context, "breakdown")
against = filter_bar.compared(context, known, chosen)
categories, weekly = volume.by_category(known, against), volume.by_week_and_category(known, chosen)

st.title(plain(findings.categories(categories, weekly, against, context.now)), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
if not filter_bar.show(context, known, chosen, against=against):
    metrics.nothing_here()
    st.stop()

events = known_events.read(context, monday(chosen.start), chosen.end)
doing.show_notice()
charts.block(
    context,
    _("Categories"),
    drawings.categories(categories, against),
    key="categories",
    help=_(
        "Complaints and inquiries recorded in the period, each once: one with several issues by its first. "
        "The paler bar is what it is compared with; the change is that of complaints per open hour."
    ),
)

for name in choices_in(chosen.one_category):
    counted = volume.by(known, against, name)
    if set(counted["key"]) - {NONE}:
        charts.block(
            context,
            plain(title(name, [chosen.one_category or ""])),
            drawings.choices(counted, against, name),
            key=name,
            help=_(
                "Complaints and inquiries recorded in the period, by what is known of them now. The paler bar is what "
                "it is compared with; the change is that of complaints per open hour."
            ),
        )

st.subheader(
    _("Per week, all on one scale"),
    anchor=False,
    help=_("Recorded per week, Monday to Sunday; a week without any is 0."),
)
known_events.show(context, "breakdown", events)
weeks = drawings.weekly(weekly, chosen, volume.weeks_of_most(known, against), events)
charts.panels(context, {f"week_{key}": (name_of("category", key), drawing) for key, drawing in weeks.items()})

left, right = st.columns(2)
with left:
    charts.block(
        context,
        _("Channels and categories"),
        drawings.channels(volume.by_channel_and_category(known, chosen), chosen),
        key="channels",
        help=_("Complaints recorded in the period, per channel they came through and category."),
    )
with right:
    charts.block(
        context,
        _("Weekday and hour"),
        drawings.hours(volume.by_weekday_and_hour(known, chosen), chosen),
        key="hours",
        help=_("When complaints were recorded, local time; the area of a dot is the count."),
    )

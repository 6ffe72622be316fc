"""The figures of the page: actions that fell due in a period, done in time, verified, proved effective."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.i18n import number
from core.insight import charts
from core.insight.filters import DEFAULT, WEEKS, Filter
from core.register.reads import prevention
from core.rules.calendar import local_day
from core.ui import address
from core.ui.analysis import metrics
from core.ui.analysis.filter_bar import PRESET_NAMES
from core.ui.context import PageContext
from core.ui.text import Words

PERIODS = tuple(key for key in WEEKS if key != "this_week")


def show(context: PageContext) -> None:
    """Four numbers for the period of the URL, each with its definition."""
    st.subheader(_("Actions that fell due"), anchor=False)
    chosen = address.word("period", PERIODS, DEFAULT)
    key = "prevention_period"
    changed = address.follow(key, chosen, "period", default=DEFAULT)
    st.segmented_control(
        _("Period"),
        PERIODS,
        format_func=lambda one: _(PRESET_NAMES[one]),
        key=key,
        on_change=changed,
        required=True,
        label_visibility="collapsed",
    )
    period = Filter.of(chosen, local_day(context.now))
    with context.register.read() as session:
        kept = prevention.kept(session, period.start, period.end, by=context.person, now=context.now)
    with st.container(horizontal=True, key="prevention_figures"):
        _card(
            _("Fell due"),
            number(kept.due),
            _("Approved preventive actions whose due time lies in the period and has passed."),
        )
        _card(
            _("Done in time"),
            charts.share_made_of(kept.in_time, kept.due),
            _("Of the actions that fell due: done at or before their due time. Late and undone ones are the rest."),
            kept.due,
        )
        _card(
            _("Verified"),
            charts.share_made_of(kept.verified, kept.due),
            _("Of the actions that fell due: customer care has confirmed their evidence."),
            kept.due,
        )
        _card(
            _("Proved effective"),
            charts.share_made_of(kept.effective, kept.checked),
            _("Of the actions that fell due and whose effect was decided: found effective against the cause's rate."),
            kept.checked,
        )


def _card(title: Words, value: str, help: Words, of: int = 0) -> None:
    """``of``: of how many a share is."""
    with metrics.frame_of_number():
        metrics.card(title, value, help=help, change=metrics.few(of) or metrics.NO_CHANGE)

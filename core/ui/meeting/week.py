"""Which week is reviewed (``week=2026-W47`` in the address, the last full one without it), and the list of reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from core import catalogues
from core.i18n import gettext as _
from core.i18n import ngettext, number
from core.insight import findings
from core.papers.review_words import named, week_name
from core.register.reads.meetings import Brief
from core.rules import policy
from core.rules.calendar import local_day
from core.rules.meetings import WEEK, last_full_week
from core.ui import address
from core.ui.context import PageContext
from core.ui.fields import DATE_FORMAT
from core.ui.go import address as link
from core.ui.text import Words, joined, md, plain

IN_URL = "week"
LAST_DAY = timedelta(days=6)


def is_whole(context: PageContext) -> bool:
    """Whether this person sees every complaint; a review is about all of them, and who does not is told so."""
    if not policy.limits(context.person, catalogues.catalogues()):
        return True
    st.title(_("Weekly review"), anchor=False)
    st.info(
        _("The review is about all branches: ask somebody who sees all of them for its minutes."),
        icon=":material/lock:",
    )
    return False


def chosen(context: PageContext) -> date:
    """The Monday of the week in the address; the last full week where it names none, or one to come."""
    today = local_day(context.now)
    monday = named(st.query_params.get(IN_URL, ""))
    return monday if monday is not None and monday <= today else last_full_week(today)


def pick(context: PageContext, monday: date, meetings: Sequence[Brief]) -> None:
    """The week before, any week by one of its days, the week after; and the list of all reviews."""
    today = local_day(context.now)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="week_choice"):
        _step(_("Week before"), monday - WEEK, today, "week_before", ":material/chevron_left:")
        st.session_state["week_day"] = monday
        st.date_input(
            _("Week of this day"),
            format=DATE_FORMAT,
            max_value=today,
            key="week_day",
            on_change=_by_day,
            label_visibility="collapsed",
            width=150,
        )
        st.markdown(md("**{week}**", week=_words(monday)), width="content")
        _step(_("Week after"), monday + WEEK, today, "week_after", ":material/chevron_right:")
        with st.popover(
            plain(_("All reviews ({n})").format(n=number(len(meetings)))), icon=":material/history:", type="tertiary"
        ):
            _list(meetings)


def _step(label: Words, monday: date, today: date, key: str, icon: str) -> None:
    st.button(
        label,
        icon=icon,
        key=key,
        type="tertiary",
        disabled=monday > today,
        on_click=lambda: address.put(**{IN_URL: week_name(monday)}),
    )


def _by_day() -> None:
    day: date = st.session_state["week_day"]
    address.put(**{IN_URL: week_name(day - timedelta(days=day.weekday()))})


def _words(monday: date) -> str:
    return _("Week {week} ({days})").format(
        week=monday.isocalendar().week, days=findings.period(monday, monday + LAST_DAY)
    )


def _list(meetings: Sequence[Brief]) -> None:
    if not meetings:
        st.caption(_("No week was reviewed yet."))
    lines = [
        md(
            "[{week}]({link}) · {state} · {decisions}",
            week=_words(one.week),
            link=link("meeting", **{IN_URL: week_name(one.week)}),
            state=_("closed") if one.closed_at else _("open"),
            decisions=_decisions(one),
        )
        for one in meetings
    ]
    st.markdown(joined("\n\n", lines))


def _decisions(one: Brief) -> str:
    all_of = ngettext("{n} decision", "{n} decisions", one.decisions).format(n=number(one.decisions))
    return all_of + (_(", {n} open").format(n=number(one.open)) if one.open else "")

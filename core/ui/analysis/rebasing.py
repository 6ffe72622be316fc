"""What is usual of a promise, in words, and the dialog in which a lead or manager re-bases it with a reason (D28)."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.i18n import N_, day, moment, ngettext, number
from core.i18n import gettext as _
from core.insight.charts import share
from core.insight.compliance import Baseline
from core.insight.dimensions import name_of
from core.insight.filters import monday
from core.register.figures import rebases
from core.register.figures.rebases import LONGEST_REASON
from core.rules.baselines import Rebase
from core.rules.calendar import local_day
from core.rules.known_events import KnownEvent
from core.rules.marks import visible
from core.ui import address, doing, errors, frame
from core.ui.analysis import known_events
from core.ui.analysis.known_events import DIALOG
from core.ui.context import PageContext
from core.ui.fields import DATE_FORMAT
from core.ui.text import md, plain

OPEN = "rebase"  # the dialog, in the address
AS_CHANCE = 1.05  # times the variance of chance: below it nothing is said of clustering
REASON_IS = N_(
    "Everybody who opens figures reads it, and the log keeps it: no name, phone number or account of anybody."
)
USUAL_IS = N_(
    "The first 26 weeks from where the register begins, or from where somebody re-based, that were judged and raised "
    "no signal. They stay what is usual until somebody says, with a reason, from which week on another level is. Where "
    "weeks differ more than chance explains (complaints of one cause are met or missed together) limits are wider."
)


def show(context: PageContext, stage: str, found: Baseline | None, events: list[KnownEvent]) -> None:
    """By what the last weeks are judged, who re-based it, and the ways to do so and to say what happened."""
    with context.register.read() as session:
        decided = rebases.decided(session, stage)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(_usual(found)), help=_(USUAL_IS), width="content")
        newest = next((one for one in decided if found is None or one.since <= found.since), None)
        if newest is not None:
            st.caption(
                md(
                    _("Re-based from {day} on by {by}: {reason}"),
                    day=day(newest.since),
                    by=newest.by or _("the register"),
                    reason=visible(newest.reason),
                ),
                width="content",
            )
        if context.may("rebase"):
            st.button(
                _("Re-base"),
                key="rebase_open",
                icon=":material/straighten:",
                type="tertiary",
                on_click=lambda: address.put(**{DIALOG: OPEN}),
            )
        known_events.show(context, "sla", events)
    if context.may("rebase") and address.word(DIALOG, [OPEN], ""):
        st.dialog(_("Re-base what is usual"), on_dismiss=_close, width="medium", icon=":material/straighten:")(_inside)(
            stage
        )


def _usual(found: Baseline | None) -> str:
    if found is None:
        return _("Nothing is usual yet: weeks are judged from eight weeks and twenty obligations on.")
    sentence = ngettext(
        "Usual is {share}: {n} week from {first} to {last}, {due} obligations",
        "Usual is {share}: {n} weeks from {first} to {last}, {due} obligations",
        found.weeks,
    )
    said = sentence.format(
        share=share(found.share, 1),
        n=number(found.weeks),
        first=day(found.first),
        last=day(found.last + timedelta(days=6)),
        due=number(found.due),
    )
    if found.spread <= AS_CHANCE:
        return said
    return said + _("; weeks vary {times} times as much as chance").format(times=number(found.spread, 1))


def _close() -> None:
    doing.leave()
    address.put(**{DIALOG: None})


def _inside(stage: str) -> None:
    """The dialog runs by itself, without the page."""
    with errors.boundary():
        context = frame.open_page("sla")
        today = local_day(context.now)
        with context.register.read() as session:
            decided, last = rebases.decided(session, stage), doing.seen(f"rebase/{stage}", rebases.newest(session))
        st.markdown(
            md(
                _(
                    "From the chosen week on, what is usual of **{stage}** is what the weeks from then on show. Until "
                    "eight of them are over, no week is judged. Earlier weeks keep their verdicts, and targets stay."
                ),
                stage=name_of("stage", stage),
            )
        )
        since = st.date_input(
            _("From the week of"), value=monday(today), max_value=today, key="rebase_since", format=DATE_FORMAT
        )
        doing.mend("since")
        reason = st.text_input(_("Why"), key="rebase_reason", max_chars=LONGEST_REASON)
        st.caption(_(REASON_IS))
        doing.mend("reason")
        wanted = Rebase(stage, since)
        doing.button(
            context,
            _("Re-base from {day} on").format(day=day(monday(since))),
            lambda session, act: rebases.rebase(session, wanted, reason or "", act, last=last),
            _("What is usual is re-based from {day} on.").format(day=day(monday(since))),
            key="rebase_save",
            then=_done,
            type="primary",
            width="stretch",
        )
        for one in decided:
            st.caption(
                md(
                    _("{at}, {by}: from {day} on. {reason}"),
                    at=moment(one.at),
                    by=one.by or _("the register"),
                    day=day(one.since),
                    reason=visible(one.reason),
                )
            )
        doing.finish()


def _done() -> None:
    st.session_state.pop("rebase_reason", None)
    _close()

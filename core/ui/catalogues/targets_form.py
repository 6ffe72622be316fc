"""The targets (D16): which share of each promise is to be kept, from when on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.i18n import day, named
from core.i18n import gettext as _
from core.insight import dimensions
from core.register import rulebook
from core.register.organisation import targets
from core.rules.calendar import local_day
from core.rules.clocks import NEGOTIATION
from core.rules.procedure import DATES, RATED
from core.rules.targets import USUAL, Target, target_of
from core.ui import doing
from core.ui.catalogues import words
from core.ui.context import PageContext
from core.ui.fields import DATE_FORMAT
from core.ui.text import md, plain


def show(context: PageContext) -> None:
    """The target of each promise that a procedure in use makes, today and later, and the form for another."""
    with context.register.read() as session:
        known, version = rulebook.targets(session), doing.seen("targets", targets.version(session))
        terms = [term for one in rulebook.current_procedures(session, context.now).values() for term in one.terms]
    promised = {term.stage for term in (*terms, NEGOTIATION)} | {one.stage for one in known} | {DATES}
    stages = [stage for stage in RATED if stage in promised]
    today = local_day(context.now)
    st.title(plain(named("list", "targets")), anchor=False)
    doing.show_notice()
    st.caption(_("The share of promises that is to be kept. A past week is judged by the target of its time."))
    with st.container(border=True):
        for stage in stages:
            share = words.share(target_of(known, stage, today))
            st.markdown(md("**{stage}**: {share}", stage=dimensions.name_of("stage", stage), share=share))
            for one in known:
                if one.stage == stage:
                    _dated(context, one, version, is_coming=one.since > today)
    _form(context, stages, version)


def _dated(context: PageContext, one: Target, version: int, *, is_coming: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            md(_(":gray[from {day}: {share}]"), day=day(one.since), share=words.share(one.share)), width="content"
        )
        if is_coming:
            doing.button(
                context,
                _("Take back"),
                lambda session, act: targets.drop(session, one.stage, one.since, act, version=version),
                _("The target from {day} is taken back.").format(day=day(one.since)),
                key=f"targets_drop_{one.stage}_{one.since}",
                icon=":material/undo:",
                type="tertiary",
            )


def _form(context: PageContext, stages: Sequence[str], version: int) -> None:
    today = local_day(context.now)
    with st.container(border=True):
        st.subheader(_("Set a target"), anchor=False)
        left, middle, right = st.columns(3)
        with left:
            stage = st.selectbox(
                _("Promise"),
                stages,
                format_func=lambda one: dimensions.name_of("stage", one),
                key="targets_stage",
            )
        with middle:
            share: float = st.number_input(
                _("Share in %"), 0.0, 100.0, value=USUAL * 100, step=0.5, format="%.1f", key="targets_share"
            )
            doing.mend("share")
        with right:
            since = st.date_input(_("From"), value=today, min_value=today, key="targets_since", format=DATE_FORMAT)
            doing.mend("since")
        wanted = Target(stage, since, round(share / 100, 4))
        doing.button(
            context,
            _("Set the target"),
            lambda session, act: targets.put(session, wanted, act, version=version),
            _("{stage}: {share} from {day} on.").format(
                stage=dimensions.name_of("stage", stage), share=words.share(wanted.share), day=day(wanted.since)
            ),
            key="targets_put",
            type="primary",
        )

"""Analyses that wait for the board: read whole, and approved or returned where they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import ngettext, number, short_moment
from core.register.case import complaints
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.reads.prevention import Waiting
from core.rules.prevention import APPROVE, RETURN
from core.ui import doing
from core.ui.analysis import metrics
from core.ui.case import timeline
from core.ui.context import PageContext
from core.ui.steps.prevention import show_analysis
from core.ui.text import md, plain


def show(context: PageContext, total: int, waiting: Sequence[Waiting]) -> None:
    """One below the other, the oldest complaint first."""
    if not total:
        return
    st.subheader(plain(_("Waiting for approval ({n})").format(n=number(total))), anchor=False)
    for one in waiting:
        with st.container(border=True, key=f"approval_{one.code}"):
            _one(context, one)


def tell(total: int) -> None:
    """That others wait for the board."""
    if total:
        text = ngettext("{n} analysis waits for the board.", "{n} analyses wait for the board.", total)
        st.caption(plain(text.format(n=number(total))))


def _one(context: PageContext, one: Waiting) -> None:
    known, moment = catalogues(), one.moment
    with st.container(horizontal=True, vertical_alignment="center"):
        title = md("**{cause}**", cause=name_of(known.causes, one.cause))
        st.markdown(title, width="stretch")
        metrics.to_page(context, "complaint", one.code, {"code": one.code}, icon=":material/description:")
    when = short_moment(moment.happened_at, context.now)
    st.caption(plain(" · ".join((name_of(known.categories, one.category), moment.who or _("automatic"), when))))
    show_analysis(moment)
    timeline.body(moment.text)
    _decide(context, one)


def _decide(context: PageContext, one: Waiting) -> None:
    """The board's word, on the version that is shown."""

    def take(step: str, fields: StepFields) -> Callable[[Session, Act], None]:
        def write(session: Session, act: Act) -> None:
            complaints.take(session, one.code, step, fields, replace(act, version=one.version))

        return write

    key = f"prevention_{one.code}_{one.version}"
    with st.container(horizontal=True, vertical_alignment="top"):
        doing.button(
            context,
            _("Approve"),
            take(APPROVE, {}),
            _("The analysis of {code} is approved.").format(code=one.code),
            key=f"{key}_approve",
            type="primary",
            icon=":material/check:",
        )
        with st.popover(_("Return it"), icon=":material/assignment_return:", key=f"{key}_returning"):
            text = st.text_area(_("What is to be done better?"), key=f"{key}_reason")
            doing.mend("text")
            doing.button(
                context,
                _("Return it"),
                take(RETURN, {"text": text or ""}),
                _("The analysis of {code} is returned.").format(code=one.code),
                key=f"{key}_return",
            )

"""Analyses that wait for the board: read whole, and approved or returned where they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named, ngettext, number, short_moment
from core.register.case import complaints, incidents
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.reads import incidents as reads
from core.register.reads.prevention import Waiting
from core.rules.prevention import APPROVE, RETURN
from core.ui import doing
from core.ui.analysis import metrics
from core.ui.case import timeline
from core.ui.context import PageContext
from core.ui.incidents import outcome
from core.ui.steps.prevention import show_analysis
from core.ui.text import md, plain


def show(context: PageContext, total: int, waiting: Sequence[Waiting]) -> None:
    """One below the other, the oldest complaint first."""
    if not total:
        return
    st.subheader(plain(_("Waiting for approval ({n})").format(n=number(total))), anchor=False)
    for one in _once_an_incident(waiting):
        with st.container(border=True, key=f"approval_{one.code}"):
            _one(context, one)


def _once_an_incident(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Of what was written once for an incident (D24) the complaint that has the actions, with all others alone."""
    found: dict[str, Waiting] = {}
    for one in waiting:
        key = one.moment.payload.get("incident") or one.code
        plans = one.moment.analysed is not None and one.moment.analysed.actions
        if key not in found or plans:
            found[key] = one
    return list(found.values())


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
    code = one.moment.payload.get("incident")
    if code:
        st.caption(
            plain(_("Written once for incident {code}: what is decided counts for each of it.").format(code=code))
        )

    def take(step: str, fields: StepFields) -> Callable[[Session, Act], None]:
        def write(session: Session, act: Act) -> None:
            if code is None:
                complaints.take(session, one.code, step, fields, replace(act, version=one.version))
                return
            its = reads.waiting(session, code, by=context.person) | {one.code: one.version}
            outcome.keep(named("step", step), incidents.decide(session, code, its, step, fields.get("text", ""), act))

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

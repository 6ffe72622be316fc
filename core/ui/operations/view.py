"""Worker, queues and page times in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, number
from core.register.operations.page_times import Times
from core.register.operations.state import Operations
from core.rules.messages import State
from core.settings import Settings
from core.ui.outlets import words
from core.ui.pages import PAGES, file_of
from core.ui.text import joined, md, plain

MINUTE = timedelta(minutes=1)


def show_worker(found: Operations, settings: Settings) -> None:
    """Whether a worker runs, since when, when it was last heard of, and what failed last."""
    st.subheader(_("The worker"), anchor=False)
    worker = found.worker
    if worker is None:
        st.warning(plain(_("No worker has run yet: nobody is reminded.")), icon=":material/error:")
    elif not found.is_alive:
        said = _("No worker runs: the last one was heard of {moment}. Nobody is reminded, and no message leaves.")
        st.warning(plain(said.format(moment=moment(worker.seen_at))), icon=":material/error:")
    if worker is not None:
        st.markdown(
            md(
                _("Process **{holder}**, since {began}, last heard of {seen}. Clocks are looked at up to {until}."),
                holder=worker.holder.rpartition(":")[0],
                began=moment(worker.began_at),
                seen=moment(worker.seen_at),
                until=moment(worker.told_until),
            )
        )
        if worker.failed_at and worker.failed_with:
            said = _("A step failed last at {moment} ({kind}); the log of the program says where.")
            st.caption(md(said, moment=moment(worker.failed_at), kind=worker.failed_with))
    if not settings.worker:
        st.caption(_("WORKER=off: this process itself is none."))


def show_queues(found: Operations) -> None:
    """How many messages stand where, and how late the oldest is."""
    st.subheader(_("Messages of the last 90 days"), anchor=False)
    counted = [
        md("{name} **{n}**", name=_(words.STATES[state]), n=number(found.messages[state]))
        for state in State
        if found.messages[state]
    ]
    st.markdown(joined(" · ", counted) if counted else plain(_("There was none.")))
    if found.lag >= MINUTE:
        late = number(found.lag // MINUTE)
        st.warning(plain(_("The oldest message is {n} minutes late.").format(n=late)), icon=":material/schedule:")
    for one in found.failing:
        st.markdown(md(":red[{name}: {why}]", name=one.name, why=words.failure(one.failed_with or "")))
    st.page_link(file_of("outlets"), label=_("Connections to the outside"), icon=":material/outbox:")


def show_counts(found: Operations) -> None:
    """What was done in the register so far."""
    st.markdown(
        md(
            _("**{events}** events in the log, **{sign_ins}** sign-ins, **{open}** open complaints."),
            events=number(found.events),
            sign_ins=number(found.sign_ins),
            open=number(found.open_complaints),
        )
    )


def show_pages(times: Mapping[str, Times], settings: Settings, now: datetime) -> None:
    """How long the pages of this process took."""
    st.subheader(_("How long pages take"), anchor=False)
    names = {page.key: _(page.title) for page in PAGES}
    known = {page: one for page, one in times.items() if page in names}
    if known:
        st.dataframe(
            {
                _("Page"): [names[page] for page in known],
                _("Runs"): [one.runs for one in known.values()],
                _("Half under, ms"): [round(one.p50 * 1000) for one in known.values()],
                _("95 % under, ms"): [round(one.p95 * 1000) for one in known.values()],
            },
            hide_index=True,
            width="content",
        )
    st.caption(md(_("Of this process, its newest 500 runs of each page, as of {moment}."), moment=moment(now)))
    st.caption(
        _("A monitoring program reads all this at /metrics with its token.")
        if settings.metrics_token
        else _("A monitoring program could read all this at /metrics: set METRICS_TOKEN (docs/deployment.md).")
    )

"""One complaint beside the queue: what it is about, its promises, the last question and answer, what is next."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.catalogues import catalogues, name_of
from core.errors import NotAllowed, NotFound
from core.i18n import gettext as _
from core.i18n import named
from core.register.reads import dossier as dossiers
from core.register.reads.dossier import Dossier
from core.rules.text import snippet
from core.rules.verdicts import Verdict
from core.ui import components, links, style
from core.ui.case import clocks, head, latest
from core.ui.case.timeline import body
from core.ui.context import PageContext
from core.ui.text import md

LETTERS, STEPS_SHOWN = 400, 3
KEY = "peek"
_panel = components.of_folder(Path(__file__).parent / "panel")


def show(context: PageContext, code: str | None) -> None:
    """The panel at the right edge, over the list; nothing where no row is looked at, or may not be any more."""
    if code is None:
        return
    try:
        with context.register.read() as session:
            found = dossiers.read(session, code, by=context.person, now=context.now, language=context.language)
    except (NotFound, NotAllowed):
        return
    style.at_the_side(KEY)
    with st.container(key=KEY):
        _panel(
            key="peek_panel",
            data={"code": code, "close": _("Close"), "title": _("Beside the list: {code}").format(code=code)},
        )
        _inside(context, found)


def _inside(context: PageContext, found: Dossier) -> None:
    complaint = found.complaint
    st.markdown(
        md(
            "**{code} · {category}**",
            code=complaint.code,
            category=name_of(catalogues().categories, complaint.category),
        )
    )
    head.show_state(found, context)
    body(snippet(found.statement, LETTERS))
    for clock in found.clocks:
        if clock.verdict in (Verdict.RUNNING, Verdict.OVERDUE):
            clocks.show_line(clock, context.now)
    if found.marked:
        clocks.show_mark(found.marked, context.now)
    latest.show(found)
    if found.steps:
        names = ", ".join(named("step", step) for step in found.steps[:STEPS_SHOWN])
        st.markdown(md("**{title}** {steps}", title=_("What comes next:"), steps=names))
    links.to_complaint(complaint.code, _("Open the case"))

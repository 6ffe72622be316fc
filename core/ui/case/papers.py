"""The papers of a case (D39): those that its procedure offers now, those that were issued, and the whole file."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, named
from core.register.reads.dossier import Dossier
from core.rules.papers import FILE_OF_A_CASE
from core.rules.steps import ISSUE
from core.ui import links
from core.ui.case import step_form
from core.ui.steps.papers import KIND
from core.ui.text import joined, md, plain


def show(dossier: Dossier) -> None:
    """A button for each paper that is offered and not issued yet, a line for each that was, a link to the file."""
    with st.container(border=True, key="case_papers"):
        st.subheader(_("Papers"), anchor=False)
        issued = {one.kind for one in dossier.papers}
        if ISSUE in dossier.steps:
            for kind in dossier.offers:
                if kind not in issued:
                    st.button(
                        plain(_("Write: {paper}").format(paper=named(KIND, kind))),
                        key=f"paper.{kind}",
                        icon=":material/edit_document:",
                        width="stretch",
                        on_click=step_form.begin,
                        args=(dossier.complaint.code, ISSUE, {"paper": kind}),
                    )
        _issued(dossier)
        st.link_button(
            plain(f"{named(KIND, FILE_OF_A_CASE)} (PDF)"),
            f"/papers/{dossier.complaint.code}.pdf",
            icon=":material/folder_zip:",
            width="stretch",
        )


def _issued(dossier: Dossier) -> None:
    """Newest first; what a corrected one took the place of is struck through."""
    gone = {one.replaces for one in dossier.papers}
    by_seq = {one.seq: one for one in dossier.moments}
    for one in reversed(dossier.papers):
        told = by_seq[one.seq]
        name = joined(" · ", [named(KIND, one.kind), one.number])
        st.markdown(md(":gray[~~{name}~~]", name=name) if one.number in gone else md("**{name}**", name=name))
        st.caption(plain(f"{told.who or _('automatic')} · {moment(one.issued_at)}"))
        for file in told.files:
            if file.opens:
                links.to_file(file.id, file.name)

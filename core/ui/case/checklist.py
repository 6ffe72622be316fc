"""What the customer was asked to send: each thing as it came, with who said so, or as still missing."""

from __future__ import annotations

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, ngettext, number
from core.register.reads.dossier import Dossier
from core.register.reads.timeline import Wanted
from core.rules.steps import OPEN, State
from core.ui.steps.view import wanted_words
from core.ui.text import Markdown, md, plain


def show(dossier: Dossier) -> None:
    """The list in a frame while the case is open; nothing where nothing was asked for."""
    if not dossier.checklist or State(dossier.complaint.state) not in OPEN:
        return
    n = len(dossier.missing)
    title = ngettext("{n} thing still to come from the customer", "{n} things still to come from the customer", n)
    with st.container(border=True, gap="xsmall"):
        st.subheader(plain(title.format(n=number(n))) if n else _("All that was asked for has come"), anchor=False)
        for one in dossier.checklist:
            st.markdown(_line(one))


def _line(one: Wanted) -> Markdown:
    if one.came_at is None:
        return md(
            ":orange[:material/check_box_outline_blank: {what} · {word}]", what=wanted_words(one), word=_("not yet")
        )
    return md(
        ":material/check_box: {what} :gray[· {came}]",
        what=wanted_words(one),
        came=_("came {moment}, {name}").format(moment=moment(one.came_at), name=one.came_by or "?"),
    )

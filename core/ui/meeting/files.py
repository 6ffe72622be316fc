"""The review as files, which the register makes when they are asked for (``/export/reviews``)."""

from __future__ import annotations

import streamlit as st

from core.i18n import N_
from core.i18n import gettext as _
from core.papers import review_words
from core.papers.review import Review
from core.ui.context import PageContext
from core.ui.text import plain

EXPORT = "/export/reviews/{week}.{kind}"
FILES = (
    (N_("Slides (PPTX)"), ":material/slideshow:", "pptx"),
    (N_("Minutes (PDF)"), ":material/picture_as_pdf:", "pdf"),
)


def show(context: PageContext, found: Review) -> None:
    """Slides and minutes, for who may take files away."""
    if not context.may("export"):
        return
    week = review_words.week_name(review_words.monday(found["figures"]["week"]))
    with st.container(horizontal=True, gap="small", key="review_files"):
        for words, icon, kind in FILES:
            st.link_button(plain(_(words)), EXPORT.format(week=week, kind=kind), icon=icon, type="tertiary")

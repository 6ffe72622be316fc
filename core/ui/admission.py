"""What stands against taking a complaint at all (VHV 1), said on the log form and on the case."""

from __future__ import annotations

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import day
from core.i18n import gettext as _
from core.rules.admission import Against
from core.ui.text import plain


def warn(found: Against) -> None:
    """A sentence for each thing, and what can be done about it; nothing where nothing stands against it."""
    if not found:
        return
    sentences = [_("Refuse it and tell the customer why, or let a lead admit it as an exception.")]
    if found.taken_by:
        names = ", ".join(name_of(catalogues().channels, key) for key in found.taken_by)
        sentences.insert(0, _("This category is taken by {channels} only.").format(channels=names))
    if found.taken_until:
        sentence = _("This procedure takes complaints about that day until {day} only.")
        sentences.insert(0, sentence.format(day=day(found.taken_until)))
    st.warning(plain(" ".join(sentences)), icon=":material/event_busy:")

"""What went wrong, as one sentence on the page; what nobody foresaw, as a number that the log knows too."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import NotAllowed, PopsError, Unavailable, place
from core.i18n import gettext as _
from core.i18n import language as language_in_use
from core.i18n import sentence, use
from core.ui.text import md, plain

log = logging.getLogger(__name__)


@contextmanager
def boundary() -> Iterator[None]:
    """One place where what went wrong becomes a sentence; Streamlit's own stop and rerun pass.

    The run stops there: a run that ended by itself would take away what was typed into the fields it did not reach.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 (any error is shown as a sentence, and the log gets its place)
        show(error)
        st.stop()


def show(error: Exception) -> bool:
    """Show the error's own sentence, or a reference number under which the log has the place; always True."""
    use(st.session_state.get("language") or language_in_use())  # a callback runs before `enter` has chosen it
    if isinstance(error, Unavailable):
        log.error("%s: %s", place(error), error)
        st.error(plain(sentence(error)), icon=":material/cloud_off:")
        return True
    if isinstance(error, PopsError):
        st.error(
            plain(sentence(error)), icon=":material/block:" if isinstance(error, NotAllowed) else ":material/error:"
        )
        return True
    reference = secrets.token_hex(3).upper()
    log.error("%s %s", reference, place(error))
    unforeseen = _(
        "Something went wrong here. Try again; if it stays, give the administrator this number: {reference}."
    )
    st.error(md(unforeseen, reference=reference), icon=":material/error:")
    return True

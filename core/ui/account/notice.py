"""What was just done to one's own account, and what to mend of what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core.errors import Invalid, PopsError
from core.i18n import gettext as _
from core.i18n import sentence as sentence_of
from core.ui.text import plain

NOTICE, CODES, PROBLEMS = "account_notice", "account_codes", "account_problems"


def show() -> None:
    """What was just done, shown once; new recovery codes are shown here and never again."""
    sentence: str | None = st.session_state.pop(NOTICE, None)
    codes: list[str] | None = st.session_state.pop(CODES, None)
    if sentence:
        st.success(plain(sentence), icon=":material/task_alt:")
    if codes:
        with st.container(border=True):
            st.markdown(
                _(
                    "These recovery codes stand in for the app when the phone is lost, each once. They are shown only"
                    " now: print them or write them down."
                )
            )
            st.code("\n".join(codes), language=None)


def problems(part: str) -> Mapping[str, str]:
    """Field → untranslated sentence of what the last try at ``part`` of the page left to mend."""
    found: tuple[str, Mapping[str, str]] = st.session_state.get(PROBLEMS, ("", {}))
    return found[1] if found[0] == part else {}


def forget_problems() -> None:
    """The page is drawn: what was to mend has been shown."""
    st.session_state.pop(PROBLEMS, None)


def do(part: str, step: Callable[[], list[str] | None], done: str, *, clear: tuple[str, ...] = ()) -> None:
    """Take the step; then show ``done`` and the codes it returns, or what to mend in ``part`` of the page.

    ``clear``: keys of the fields that are emptied either way; secrets are not kept on a screen.
    """
    for key in clear:
        st.session_state.pop(key, None)
    try:
        st.session_state[CODES] = step()
    except Invalid as wrong:
        if wrong.fields:
            st.session_state[PROBLEMS] = (part, wrong.fields)
            st.rerun()
        st.error(plain(sentence_of(wrong)), icon=":material/error:")
        return
    except PopsError as refused:
        st.error(plain(sentence_of(refused)), icon=":material/block:")
        return
    st.session_state[NOTICE] = done
    st.rerun()

"""What was just done on the page of answer texts, or refused: shown once."""

from __future__ import annotations

import streamlit as st

from core.ui.text import plain

NOTICE = "answer_text_notice"


def put(sentence: str, *, refused: bool = False) -> None:
    """Keep the sentence for the next run."""
    st.session_state[NOTICE] = (sentence, refused)


def show() -> None:
    """What was put, if anything was."""
    notice: tuple[str, bool] | None = st.session_state.pop(NOTICE, None)
    if notice is None:
        return
    sentence, refused = notice
    if refused:
        st.error(plain(sentence), icon=":material/error:")
    else:
        st.success(plain(sentence), icon=":material/task_alt:")

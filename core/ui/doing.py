"""A change of the page of lists: taken, told once, or refused with what is to be mended and everything typed kept."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, PopsError
from core.i18n import sentence
from core.register.log.act import Act
from core.ui.context import PageContext
from core.ui.text import plain

NOTICE, PROBLEMS, SEEN = "catalogues_notice", "catalogues_problems", "catalogues_seen"


def show_notice() -> None:
    """What was just done, shown once."""
    if notice := st.session_state.pop(NOTICE, ""):
        st.success(plain(notice), icon=":material/task_alt:")


def problems() -> dict[str, str]:
    """What the last try left to mend: field → untranslated sentence."""
    found: dict[str, str] = st.session_state.get(PROBLEMS, {})
    return found


def forget_problems() -> None:
    """The page is drawn: what was to mend has been shown."""
    st.session_state.pop(PROBLEMS, None)


def seen(place: str, version: int) -> int:
    """The version that whoever looks at ``place`` was shown first; it stays while that place is open."""
    held: tuple[str, int] | None = st.session_state.get(SEEN)
    if held is None or held[0] != place:
        st.session_state[SEEN] = held = (place, version)
    return held[1]


def left(place: str) -> None:
    """Another place is open now, so what was seen elsewhere is looked at anew when it opens again."""
    held: tuple[str, int] | None = st.session_state.get(SEEN)
    if held is not None and held[0] != place:
        del st.session_state[SEEN]
        forget_problems()


def do(
    context: PageContext, step: Callable[[Session, Act], object], done: str, *, close: Callable[[], None] | None = None
) -> None:
    """Take ``step`` in one transaction, then say ``done`` on the page; what is refused stands beneath the button."""
    try:
        with context.register.write() as session:
            step(session, Act(context.person, context.now))
    except Invalid as wrong:
        st.session_state[PROBLEMS] = wrong.fields
        st.error(plain(sentence(wrong)), icon=":material/error:")
        return
    except Conflict as overtaken:
        st.session_state.pop(SEEN, None)
        st.error(plain(sentence(overtaken)), icon=":material/sync_problem:")
        return
    except PopsError as refused:
        st.error(plain(sentence(refused)), icon=":material/block:")
        return
    st.session_state.pop(SEEN, None)
    forget_problems()
    st.session_state[NOTICE] = done
    if close:
        close()
    st.rerun()

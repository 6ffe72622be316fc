"""A change on a page of administration: taken at a button and told once, or refused beneath it with everything kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict, Unpack

import streamlit as st
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, PopsError
from core.i18n import N_, gettext, sentence
from core.register.log.act import Act
from core.ui import fields, frame
from core.ui.context import PageContext
from core.ui.text import Words, plain

NOTICE, REFUSED, SEEN = "doing_notice", "doing_refused", "doing_seen"


@dataclass(frozen=True, slots=True)
class Refused:
    """What the last click was answered: beneath which button, in which sentence, and field → untranslated sentence.

    ``is_at_field``: a field says the sentence already. ``is_shown``: the button was answered.
    """

    key: str
    sentence: str
    icon: str
    fields: Mapping[str, str] = field(default_factory=dict)
    is_at_field: bool = False
    is_shown: bool = False


class Look(TypedDict, total=False):
    """How a button looks, as ``st.button`` takes it."""

    icon: str
    type: Literal["primary", "secondary", "tertiary"]
    width: Literal["content", "stretch"]


def tell(done: str) -> None:
    """Keep the sentence for ``show_notice`` of the next run."""
    st.session_state[NOTICE] = done


def show_notice() -> None:
    """What was just done, or refused without a button of its own, shown once."""
    if notice := st.session_state.pop(NOTICE, ""):
        st.success(plain(notice), icon=":material/task_alt:")
    _show_refused(key="")


def mend(*names: str) -> None:
    """Show what the last try left to mend in the fields ``names``; the button then only points to it."""
    refused: Refused | None = st.session_state.get(REFUSED)
    if refused is None:
        return
    fields.mend(refused.fields, *names)
    said = [refused.fields[name] for name in names if name in refused.fields]
    if refused.sentence in map(gettext, said):
        st.session_state[REFUSED] = replace(refused, is_at_field=True)


def button(
    context: PageContext,
    label: Words,
    step: Callable[[Session, Act], object],
    done: str,
    *,
    key: str,
    then: Callable[[], object] | None = None,
    **look: Unpack[Look],
) -> None:
    """A button that takes ``step`` in one transaction; then ``then`` runs, and the page says ``done``.

    A refusal is shown beneath it by the next run, which draws the fields to mend with their problems too.
    """
    if st.button(label, key=key, **look):
        if take(context, step, done, key=key) and then:
            then()
        st.rerun()
    _show_refused(key=key)


def take(context: PageContext, step: Callable[[Session, Act], object], done: str, *, key: str = "") -> bool:
    """Take ``step`` and keep ``done``, or why not, for the next run; whether it was taken. ``key``: of its button."""
    try:
        with context.register.write() as session:
            step(session, Act(context.person, frame.utc_now()))  # in a callback the context is that of the run before
    except PopsError as error:
        to_mend = error.fields if isinstance(error, Invalid) else {}
        st.session_state[REFUSED] = Refused(key, sentence(error), _icon(error), to_mend)
        if isinstance(error, Conflict):
            st.session_state.pop(SEEN, None)  # the next try is on what is shown now
        return False
    leave()
    tell(done)
    return True


def finish() -> None:
    """The page or dialog is drawn: a refusal whose button is gone by now is shown all the same, and forgotten."""
    refused: Refused | None = st.session_state.get(REFUSED)
    if refused:
        _show_refused(key=refused.key)
        del st.session_state[REFUSED]


def seen(place: str, version: int) -> int:
    """The version that whoever looks at ``place`` was shown first; it stays while that place is open."""
    held: tuple[str, int] | None = st.session_state.get(SEEN)
    if held is None or held[0] != place:
        st.session_state[SEEN] = held = (place, version)
    return held[1]


def leave() -> None:
    """What was open is closed: its version and what was refused are forgotten."""
    st.session_state.pop(SEEN, None)
    st.session_state.pop(REFUSED, None)


def _show_refused(*, key: str) -> None:
    """Say why, once; the fields below go on showing their problems until the page is drawn."""
    refused: Refused | None = st.session_state.get(REFUSED)
    if refused and refused.key == key and not refused.is_shown:
        said = gettext(N_("Mend the marked fields.")) if refused.is_at_field else refused.sentence
        st.error(plain(said), icon=refused.icon)
        st.session_state[REFUSED] = replace(refused, is_shown=True)


def _icon(error: PopsError) -> str:
    if isinstance(error, Conflict):
        return ":material/sync_problem:"
    return ":material/error:" if isinstance(error, Invalid) else ":material/block:"

"""What is written down beside each item; whoever writes saves by leaving the field, the others see it change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from core.i18n import gettext as _
from core.i18n import short_moment
from core.papers.review_words import NOTES
from core.register.meetings import minutes
from core.register.reads import meetings
from core.register.reads.meetings import NO_NOTE, Whole
from core.rules.meetings import LONGEST_NOTE
from core.ui import doing, frame
from core.ui.context import PageContext
from core.ui.text import plain

EVERY = 5  # seconds between two looks at what others wrote


@contextmanager
def beside(context: PageContext, meeting: Whole | None, item: str, *, writes: bool) -> Iterator[None]:
    """The figures of an item, with the field of its note at their side for who writes, else its note beneath them."""
    if not writes:
        yield
        show(context, meeting, item, writes=False)
        return
    left, right = st.columns([2, 1], gap="medium")
    with right:
        show(context, meeting, item, writes=writes)
    with left:
        yield


def show(context: PageContext, meeting: Whole | None, item: str, *, writes: bool) -> None:
    """One note, as a field for who writes."""
    if meeting is None:
        return
    note, label = meeting.notes.get(item, NO_NOTE), plain(_(NOTES[item]))
    if not writes:
        if note.text:
            with st.container(border=True):
                st.caption(label)
                st.markdown(plain(note.text))
        return
    key, seen = f"note.{meeting.id}.{item}", f"note_seen.{meeting.id}.{item}"
    before = st.session_state.get(seen)
    if before is None or (before.seq != note.seq and st.session_state.get(key, "").strip() == before.text):
        st.session_state[key], st.session_state[seen] = note.text, note
    st.text_area(
        label,
        key=key,
        max_chars=LONGEST_NOTE,
        height=110,
        on_change=_saved(context, meeting.id, item, key, seen),
        persist_state="session",
    )
    if note.seq != st.session_state[seen].seq:
        st.warning(
            plain(_("{name} wrote meanwhile: {text}").format(name=note.by, text=note.text)), icon=":material/edit_note:"
        )
        st.button(
            _("Keep mine and go on"),
            key=f"{key}.mine",
            on_click=lambda: st.session_state.update({seen: note}),
            type="tertiary",
        )
    elif note.at:
        st.caption(plain(f"{note.by}, {short_moment(note.at, context.now)}"))


def _saved(context: PageContext, meeting_id: int, item: str, key: str, seen: str) -> Callable[[], None]:
    def save() -> None:
        text, was = st.session_state[key], st.session_state[seen]
        if text.strip() == was.text:
            return
        taken = doing.take(
            context,
            lambda session, act: minutes.note(session, meeting_id, item, text, act, seen=was.seq),
            _("Saved: {item}").format(item=_(NOTES[item])),
        )
        if taken:
            with context.register.read() as session:
                st.session_state[seen] = meetings.notes(session, meeting_id)[item]

    return save


def watch(context: PageContext, meeting: Whole) -> None:
    """Draw the page again when somebody wrote something into an open meeting."""

    @st.fragment(run_every=EVERY)
    def look() -> None:
        with context.register.read() as session:
            seq = minutes.get(session, meeting.id).seq
        if seq != meeting.seq:
            frame.run_again()

    look()

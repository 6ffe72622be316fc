"""Fields of forms: what is wrong with one is said under it, and a moment is picked in words before it is typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import streamlit as st

from core.i18n import gettext as _
from core.i18n import language, ngettext
from core.rules.calendar import LOCAL
from core.ui import frame
from core.ui.text import plain

Kept = Literal["page", "session"]
Problems = Mapping[str, str]
OTHER = -1
DATE_FORMAT = "DD/MM/YYYY"
EARLIEST = datetime(
    2015, 1, 1, tzinfo=LOCAL
)  # typed dates only; what lies before the calendar is refused with a sentence


def mend(problems: Problems, *names: str) -> None:
    """Under a field: the sentence that says what to mend, if there is one (``problems`` are templates)."""
    for name in names:
        if problems.get(name):
            st.markdown(f":red[:material/error: {plain(_(problems[name]))}]")


def only(key: str, options: Collection[object]) -> Any:
    """What the widget ``key`` holds if it is still one of ``options`` (another procedure has other choices), else None.

    Streamlit finds a choice again by the words it was shown with, so in another language it is said to it once more.
    """
    held = st.session_state.get(key)
    spoken, now_spoken = f"{key}.language", language()
    if held is not None and held not in options:
        del st.session_state[key]
        return None
    if held is not None and st.session_state.get(spoken, now_spoken) != now_spoken:
        st.session_state[key] = held
    st.session_state[spoken] = now_spoken
    return held


def text_area(label: str, key: str, problems: Problems, name: str, *, height: int = 110, kept: Kept = "page") -> str:
    """A text of several lines with its problem beneath."""
    typed = st.text_area(label, key=key, height=height, persist_state=kept)
    mend(problems, name)
    return typed or ""


def choice(
    label: str,
    options: Mapping[str, str],
    key: str,
    problems: Problems,
    name: str,
    *,
    first: str | None = None,
    help: str | None = None,
) -> str | None:
    """One of ``options`` (key → name) from a list, empty until chosen unless ``first`` is given, with its problem beneath."""
    keys = list(options)
    only(key, keys)
    chosen = st.selectbox(
        label,
        keys,
        index=keys.index(first) if first in keys else None,
        format_func=options.__getitem__,
        key=key,
        placeholder=_("Choose …"),
        help=help,
        persist_state="page",
    )
    mend(problems, name)
    return chosen


def when(label: str, key: str, now: datetime, minutes: tuple[int, ...], *, kept: Kept = "page") -> datetime:
    """A moment up to now: now, some minutes ago counted from when that was chosen, or any other typed one."""
    chosen = st.segmented_control(
        label,
        (0, *minutes, OTHER),
        default=0,
        required=True,
        format_func=_how_long_ago,
        key=key,
        on_change=_note_moment,
        args=(key,),
        persist_state=kept,
        wrap=True,
    )
    if chosen == OTHER:
        return moment(_("Date and time"), f"{key}.at", now, kept=kept) or now
    chosen_at: datetime = st.session_state.get(f"{key}.chosen_at", now)
    return chosen_at - timedelta(minutes=chosen) if chosen else now


def moment(label: str, key: str, start: datetime | None, *, kept: Kept = "page") -> datetime | None:
    """A local date and time as an aware instant; None while it is empty."""
    typed = st.datetime_input(
        label,
        value=start.astimezone(LOCAL).replace(second=0, microsecond=0, tzinfo=None) if start else None,
        min_value=EARLIEST,
        key=key,
        format=DATE_FORMAT,
        step=60,
        persist_state=kept,
    )
    return typed.replace(tzinfo=LOCAL) if typed else None


def _how_long_ago(minutes: int) -> str:
    if minutes == OTHER:
        return _("Other time …")
    if minutes == 0:
        return _("Now")
    return ngettext("{n} minute ago", "{n} minutes ago", minutes).format(n=minutes)


def _note_moment(key: str) -> None:
    """“5 minutes ago” is counted from the choice, not from when the form is saved."""
    st.session_state[f"{key}.chosen_at"] = frame.utc_now()

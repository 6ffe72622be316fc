"""Fields of forms: each with its problem beneath; a moment is picked in words before it is typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeVar

import streamlit as st

from core.i18n import gettext as _
from core.i18n import language, ngettext
from core.rules.calendar import LOCAL
from core.rules.marks import visible
from core.ui import address, frame
from core.ui.text import Markdown, Words, md

Persist = Literal["page", "session"]
"""How long Streamlit remembers what a field holds: while the page is open, or as long as the browser tab."""
Problems = Mapping[str, str]
OTHER = -1
DATE_FORMAT = "DD/MM/YYYY"
TEXT_HEIGHT = 110  # pixels
# For typed dates only: an earlier date than the calendar holds is refused with a sentence.
EARLIEST = datetime(2015, 1, 1, tzinfo=LOCAL)
Option = TypeVar("Option")


def mend(problems: Problems, *names: str) -> None:
    """Show the problems of the fields ``names``, if there are any; ``problems``: field → untranslated sentence."""
    for name in names:
        if problems.get(name):
            st.markdown(problem_words(problems[name]))


def problem_words(problem: str) -> Markdown:
    """A problem as Markdown shows it under its field; ``problem``: an untranslated sentence."""
    return md(":red[:material/error: {problem}]", problem=_(problem))


def only(key: str, options: Collection[Option]) -> Option | None:
    """What the widget ``key`` holds if it is still one of ``options`` (another procedure has other choices), else None.

    Streamlit finds a choice again by its label, so after a change of language the choice is set once more.
    """
    held: Option | None = st.session_state.get(key)
    shown_in, language_now = f"{key}.language", language()
    if held is not None and held not in options:
        del st.session_state[key]
        return None
    if held is not None and st.session_state.get(shown_in, language_now) != language_now:
        st.session_state[key] = held
    st.session_state[shown_in] = language_now
    return held


def text_area(label: Words, key: str, problems: Problems, name: str, height: int = TEXT_HEIGHT) -> str:
    """A text of several lines with its problem beneath."""
    typed = st.text_area(label, key=key, height=height, persist_state="page")
    mend(problems, name)
    return typed or ""


def choice(
    label: Words,
    options: Mapping[str, str],
    key: str,
    problems: Problems,
    name: str,
    *,
    first: str | None = None,
) -> str | None:
    """One of ``options`` (key → name) from a list, with its problem beneath; at first ``first``, or empty."""
    keys = list(options)
    only(key, keys)
    chosen = st.selectbox(
        label,
        keys,
        index=keys.index(first) if first in keys else None,
        format_func=lambda key: visible(options[key]),
        key=key,
        placeholder=_("Choose …"),
        persist_state="page",
    )
    mend(problems, name)
    return chosen


def from_address(
    key: str, name: str, label: Words, options: Mapping[str, str], *, forget: Sequence[str] = (), width: int
) -> str:
    """One of ``options`` (key → name) that narrows a list, or empty for all: ``name`` of the URL holds its key.

    ``forget``: what a change makes meaningless in the URL; ``width`` in pixels.
    """
    value = address.word(name, list(options), "")
    changed = address.follow(key, value or None, name, forget=forget)
    st.selectbox(
        label,
        list(options),
        format_func=lambda option: visible(options[option]),
        key=key,
        placeholder=_("all"),
        on_change=changed,
        width=width,
    )
    return value


def several(label: Words, options: Mapping[str, str], key: str, problems: Problems, name: str) -> list[str]:
    """Any of ``options`` (key → name) from a list, with its problem beneath; at first none."""
    held = st.session_state.get(key)
    if held is not None:  # a draft may hold what is offered no more
        st.session_state[key] = [one for one in held if one in options]
    chosen = st.multiselect(
        label,
        list(options),
        format_func=lambda key: visible(options[key]),
        key=key,
        placeholder=_("Choose …"),
        persist_state="page",
    )
    mend(problems, name)
    return chosen


def when(label: Words, key: str, now: datetime, minutes: tuple[int, ...], *, persist: Persist = "page") -> datetime:
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
        persist_state=persist,
        wrap=True,
    )
    if chosen == OTHER:
        return moment(_("Date and time"), f"{key}.at", now, persist=persist) or now
    chosen_at: datetime = st.session_state.get(f"{key}.chosen_at", now)
    return chosen_at - timedelta(minutes=chosen) if chosen else now


def moment(label: Words, key: str, start: datetime | None, *, persist: Persist = "page") -> datetime | None:
    """A local date and time as an aware instant; None while it is empty."""
    given = st.datetime_input(
        label,
        value=typed(start) if start else None,
        min_value=EARLIEST,
        key=key,
        format=DATE_FORMAT,
        step=60,
        persist_state=persist,
    )
    return given.replace(tzinfo=LOCAL) if given else None


def typed(at: datetime) -> datetime:
    """A moment as ``moment`` holds it."""
    return at.astimezone(LOCAL).replace(second=0, microsecond=0, tzinfo=None)


def _how_long_ago(minutes: int) -> Words:
    if minutes == OTHER:
        return _("Other time …")
    if minutes == 0:
        return _("Now")
    return ngettext("{n} minute ago", "{n} minutes ago", minutes).format(n=minutes)


def _note_moment(key: str) -> None:
    """“5 minutes ago” is counted from the choice, not from when the form is saved."""
    st.session_state[f"{key}.chosen_at"] = frame.utc_now()

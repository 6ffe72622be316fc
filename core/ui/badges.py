"""Badges: a word with an icon and a colour, for a state or a verdict; the word alone is enough to understand it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

import streamlit as st

from core.i18n import gettext as _
from core.i18n import named, ngettext, number
from core.rules.calendar import local_day
from core.rules.verdicts import Verdict
from core.ui.text import Markdown, Words, md

Colour = Literal["red", "orange", "green", "blue", "violet", "gray"]


class Badge(NamedTuple):
    """A key of a vocabulary (``core.i18n.named``) with its Material icon and colour."""

    vocabulary: str
    key: str
    icon: Words
    colour: Colour

    @property
    def word(self) -> str:
        """The key's name in the reader's language."""
        return named(self.vocabulary, self.key)

    def show(self) -> None:
        """Draw the word as a coloured badge."""
        draw(self.word, self.icon, self.colour)


def draw(text: str, icon: Words, colour: Colour) -> None:
    """A coloured badge that shows ``text`` letter by letter (``st.badge`` takes an escaped bracket for two signs)."""
    st.markdown(md(":{colour}-badge[{icon} {text}]", colour=colour, icon=Markdown(icon), text=text))


OF_CLOCK = "verdict of a clock"
VERDICT_BADGES: Mapping[str, Badge] = {
    Verdict.MET: Badge(OF_CLOCK, "met", ":material/check_circle:", "green"),
    Verdict.MISSED: Badge(OF_CLOCK, "missed", ":material/cancel:", "red"),
    Verdict.RUNNING: Badge(OF_CLOCK, "running", ":material/schedule:", "gray"),
    Verdict.OVERDUE: Badge(OF_CLOCK, "overdue", ":material/error:", "red"),
    Verdict.CANCELLED: Badge(OF_CLOCK, "cancelled", ":material/block:", "gray"),
}
NEAR = Badge("nearness", "near", ":material/timelapse:", "orange")


def ago(moment: datetime, now: datetime) -> str:
    """How many local days ago: ``hôm nay``, ``hôm qua``, ``8 ngày trước``."""
    days = (local_day(now) - local_day(moment)).days
    if days < 1:
        return _("today")
    return _("yesterday") if days == 1 else ngettext("{n} day ago", "{n} days ago", days).format(n=number(days))

"""The files of a weekly review: as frozen where its meeting is closed, else as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from core.insight import facts
from core.papers import minutes, review, review_words, slides
from core.register.log.database import Register
from core.register.papers import parts
from core.rules.calendar import local_day
from core.rules.policy import Actor

KINDS: Mapping[str, str] = {"pptx": slides.MEDIA_TYPE, "pdf": minutes.MEDIA_TYPE}
"""Ending of a file → its media type: the slides, the minutes."""


def name_of(monday: date, kind: str) -> str:
    """``hop-tuan-2026-W47.pptx``."""
    return f"hop-tuan-{review_words.week_name(monday)}.{kind}"


def make(register: Register, monday: date, kind: str, now: datetime, by: Actor) -> bytes:
    """The file of that kind; ``by`` is somebody who sees every complaint."""
    found, meeting = review.of_week(register, monday, now, by)
    known = facts.current(register)
    with register.read() as session:
        if kind == "pdf":
            return minutes.pdf(session, known, found, meeting, now)
        is_closed = meeting is not None and meeting.closed_at is not None
        restated = review_words.restated_since(session, known, found, local_day(now)) if is_closed else []
        return slides.pack(found, meeting, slides.Look(parts.colours(session), parts.picture(session)), restated)

"""What the message that begins a week says of the week before (D42)."""

from __future__ import annotations

from datetime import datetime

from core.papers import review, review_words
from core.register import rulebook
from core.register.log.database import Register
from core.rules import policy
from core.rules.policy import Actor


def sentences(register: Register, week: str, now: datetime, by: Actor) -> list[str]:
    """The figures of ``week`` (``2026-W47``) in the language in use; none for who does not see every complaint."""
    monday = review_words.named(week)
    with register.read() as session:
        is_limited = bool(policy.limits(by, rulebook.catalogues(session)))
    if monday is None or is_limited:
        return []
    found, _meeting = review.of_week(register, monday, now, by)
    return review_words.in_figures(found)

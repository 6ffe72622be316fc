"""What each step records: its check, and what it changes in the complaint's row; one entry per step of the rules."""

from __future__ import annotations

from collections.abc import Mapping

from core.register.case.steps import (
    beside,
    conciliation,
    correction,
    direction,
    ending,
    handling,
    incident,
    intake,
    issues,
    merging,
    misses,
    papers,
    prevention,
)
from core.register.case.steps.recording import Recording

RECORDINGS: Mapping[str, Recording] = {
    **intake.RECORDINGS,
    **handling.RECORDINGS,
    **conciliation.RECORDINGS,
    **ending.RECORDINGS,
    **beside.RECORDINGS,
    **misses.RECORDINGS,
    **correction.RECORDINGS,
    **prevention.RECORDINGS,
    **incident.RECORDINGS,
    **merging.RECORDINGS,
    **direction.RECORDINGS,
    **issues.RECORDINGS,
    **papers.RECORDINGS,
}

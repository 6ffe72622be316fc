"""Words about a figure: one line, kept in the log as it is, so that nothing of a person belongs in it."""

from __future__ import annotations

from core.i18n import N_
from core.register.case.draft import UNKEEPABLE
from core.rules.text import keepable

TOO_LONG = N_("Too long: say it shorter.")


def one_line(text: str, longest: int) -> tuple[str, str]:
    """The text in one line, and why it cannot be kept; empty where it can."""
    line = " ".join(text.split())
    if len(line) > longest:
        return line, TOO_LONG
    return line, "" if keepable(line) == line else UNKEEPABLE

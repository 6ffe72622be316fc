"""What the commands print: one line a sentence, and no order to the terminal, whatever a text of others holds."""

from __future__ import annotations

import sys

from core.i18n import N_
from core.rules.marks import one_line

CANNOT_BE_USED = N_("{file} cannot be used: {reason}.")


def say(text: str) -> None:
    """Print one sentence or row of an answer."""
    print(one_line(text))


def warn(text: str) -> None:
    """Print one sentence on standard error: what is wrong, or what else is worth knowing."""
    print(one_line(text), file=sys.stderr)

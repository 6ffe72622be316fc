"""What can go wrong for a person, each with one sentence that says what to do.

A sentence is an English template and its values, so that the screen can show it in the reader's language:
``_(error.template).format(**error.values)`` (done once, in ``core.i18n.sentence``).
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping

FRAMES = 12  # of the innermost calls, those that a log line names


class PopsError(Exception):
    """Base of every error meant for a person."""

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = values
        super().__init__(template.format(**values) if values else template)


class Invalid(PopsError):
    """The input cannot be used; ``fields`` names per field what to mend (field → template)."""

    def __init__(self, template: str, fields: Mapping[str, str] | None = None, **values: object) -> None:
        super().__init__(template, **values)
        self.fields = dict(fields or {})


class NotFound(PopsError):
    """There is no such complaint, person or file."""


class NotAllowed(PopsError):
    """The person's role or the state of the complaint does not permit this."""


class Conflict(PopsError):
    """Somebody else changed it first."""


class NotReady(PopsError):
    """The register cannot be opened: schema too new, half migrated, or a setting that makes no sense."""


def place(error: BaseException) -> str:
    """Kind and place of an error for the log, without its message, which may hold what a customer wrote."""
    places = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_tb(error.__traceback__)[-FRAMES:])
    )
    return f"{type(error).__module__}.{type(error).__qualname__} at {places}"

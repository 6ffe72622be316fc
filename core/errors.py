"""What can go wrong for a person, each with one sentence that says what to do.

A sentence is an English template and its values, so that the screen can show it in the reader's language:
``_(error.template).format(**error.values)`` (done once, in ``core.i18n.sentence``).
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

FRAMES = 12  # of the calls of this program, at most so many are named by a log line
OURS = tuple(str(Path(__file__).resolve().parents[1] / name) for name in ("core", "pages", "dashboard.py"))


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


class Unavailable(NotReady):
    """The database or its disk does not answer.

    The sentence is for people on a page; ``advice``, a template of its own, tells whoever runs the register what to
    mend. Advice names server and folder, so it is printed in the terminal and nowhere else.
    """

    def __init__(self, template: str, advice: str, **values: object) -> None:
        super().__init__(template, **values)
        self.advice = advice

    def __str__(self) -> str:
        """The advice, for the log."""
        return self.advice.format(**self.values)


def place(error: BaseException) -> str:
    """Kind and place of an error for the log, without its message, which may hold what a customer wrote.

    Named are the innermost call, the calls of this program that led to it, and the kinds of the errors it came from:
    ``core.errors.Unavailable at failures.py:80 explained < queue.py:31 read, from psycopg.OperationalError``.
    """
    frames = traceback.extract_tb(error.__traceback__)[::-1]
    ours = [frame for frame in frames[1:] if frame.filename.startswith(OURS)]
    places = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in [*frames[:1], *ours[:FRAMES]]
    )
    return f"{_kind(error)} at {places}" + "".join(f", from {_kind(cause)}" for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    while (cause := error.__cause__) is not None:
        yield cause
        error = cause


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"

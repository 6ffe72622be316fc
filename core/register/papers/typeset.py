"""A template and its data as a PDF, or as pictures of its pages, by Typst in this process, without network or files.

What people wrote goes into the document as data (JSON), never as markup. A template is code of its own: it can compute
anything, but reads nothing of this machine (its root is an empty folder) and asks no other machine
(``FORBIDDEN``: the ways to a package of Typst's registry).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread, local
from typing import NamedTuple

import typst

from core.errors import Invalid
from core.i18n import N_

PATIENCE = 5  # seconds for a template that is tried
PICTURE = 110.0  # dots per inch of a page that is looked at
FORBIDDEN = re.compile(r"\b(import|include|eval|plugin|dictionary|std)\b")
"""What leads to files or packages, directly or by another name; a comment that holds such a word is refused too."""
_PLACE = re.compile(r"typst_py_bytes__\.typ:(\d+):(\d+)")
_OF_THREAD = local()


class Template(NamedTuple):
    """The part that all papers share, and that of one kind; they are one document, the second behind the first."""

    base: str
    own: str

    @property
    def whole(self) -> str:
        """The document."""
        return f"{self.base.rstrip()}\n{self.own}"

    def place(self, line: int) -> tuple[bool, int]:
        """Whether a line of the document is of the base, and which line of its part it is."""
        of_base = len(self.base.rstrip().splitlines())
        return (True, line) if line <= of_base else (False, line - of_base)


def pdf(template: Template, data: Mapping[str, object], now: datetime) -> bytes:
    """The paper; Invalid with line and reason where the template is broken."""
    made = _compile(template, data, now, "pdf")
    assert isinstance(made, bytes)
    return made


def tried(template: Template, data: Mapping[str, object], now: datetime) -> None:
    """Raise Invalid as ``pdf`` does, and where the paper is not there within ``PATIENCE`` seconds.

    A loop that never ends cannot be stopped, but it must not keep the one writer of the register waiting.
    """
    made, refused = list[bytes](), list[Invalid]()

    def make() -> None:
        try:
            made.append(pdf(template, data, now))
        except Invalid as wrong:  # raised where somebody waits for it
            refused.append(wrong)

    worker = Thread(target=make, daemon=True)
    worker.start()
    worker.join(PATIENCE)
    if refused:
        raise refused[0]
    if not made:
        raise Invalid(N_("The template makes no paper within {seconds} seconds: look for a loop."), seconds=PATIENCE)


def pictures(template: Template, data: Mapping[str, object], now: datetime) -> list[bytes]:
    """Each page as a PNG; Invalid as ``pdf``."""
    made = _compile(template, data, now, "png")
    return made if isinstance(made, list) else [made]


def _compile(
    template: Template, data: Mapping[str, object], now: datetime, into: typst.OutputFormat
) -> bytes | list[bytes]:
    refuse_forbidden(template)
    try:
        made = _compiler().compile(
            template.whole.encode(),
            format=into,
            ppi=PICTURE,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=int(now.timestamp()),
        )
    except typst.TypstError as broken:
        raise _broken(template, broken) from broken
    assert made is not None
    return made


def refuse_forbidden(template: Template) -> None:
    """Invalid, with the line, where the template holds a word of ``FORBIDDEN``."""
    for number, line in enumerate(template.whole.splitlines(), 1):
        if found := FORBIDDEN.search(line):
            raise _at(template, number, f"“{found.group()}”: templates use neither files nor packages")


def _broken(template: Template, broken: typst.TypstError) -> Invalid:
    found = _PLACE.search(broken.diagnostic)
    return _at(template, int(found.group(1)) if found else 1, "; ".join([broken.message, *broken.hints]))


def _at(template: Template, line: int, reason: str) -> Invalid:
    """The reason is in Typst's own words, English like the names in its language."""
    is_base, own = template.place(line)
    sentence = N_("In what all papers share, line {line}: {reason}") if is_base else N_("Line {line}: {reason}")
    return Invalid(sentence, line=own, reason=reason)


def _compiler() -> typst.Compiler:
    """One a thread: it keeps what it read of fonts, and is not said to be shared safely."""
    found: typst.Compiler | None = getattr(_OF_THREAD, "compiler", None)
    if found is None:
        empty = _empty_folder()
        found = _OF_THREAD.compiler = typst.Compiler(
            b"",
            root=empty,
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
            ignore_system_fonts=True,
            package_path=empty,
            package_cache_path=empty,
        )
    return found


@cache
def _empty_folder() -> Path:
    return Path(mkdtemp(prefix="papers-"))

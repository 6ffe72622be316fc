"""The colours of an organisation on what it hands out (D45): lines, heads of tables, bars of counts.

They say whose the paper is, and never that something is good or bad: charts of what was kept and missed have colours
of their own.
"""

from __future__ import annotations

import re
from math import floor
from typing import NamedTuple

import tomli_w

from core.errors import Invalid
from core.rules.checked import read_toml

LETTERS, AREAS = 4.5, 3.0
"""Least contrast with white, WCAG 2.2: of letters (criterion 1.4.3), and of lines and bars (criterion 1.4.11)."""
ACCENT, SECOND = "accent", "second"
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_DARK = 0.04045  # of a channel, below which sRGB is linear


class Colours(NamedTuple):
    """``#RRGGBB`` each: ``accent``, on which white letters stand, and ``second`` for lines and bars (else the same)."""

    accent: str
    second: str


def parse(text: str, *, file: str) -> Colours:
    """The colours that a TOML text names: ``accent``, and ``second`` where there is one.

    Raises Invalid naming file, key and reason where it names anything else, and as ``check``.
    """
    top = read_toml(text, file)
    accent = top.text(ACCENT)
    found = Colours(accent.upper(), top.text(SECOND, accent).upper())
    top.done()
    check(found)
    return found


def dump(colours: Colours) -> str:
    """The TOML that ``parse`` reads to the same."""
    return tomli_w.dumps(
        {name: value for name, value in colours._asdict().items() if name == ACCENT or colours.second != colours.accent}
    )


def check(colours: Colours) -> None:
    """Raise Invalid, with what to do, where one is no colour or cannot be seen on white paper."""
    for colour in colours:
        if not is_colour(colour):
            raise Invalid("“{colour}” is no colour: write # and six digits or letters A to F.", colour=colour)
    if contrast(colours.accent) < LETTERS:
        raise Invalid(
            "White letters on {colour} can hardly be read: choose a darker accent colour.", colour=colours.accent
        )
    if contrast(colours.second) < AREAS:
        raise Invalid(
            "Lines of {colour} can hardly be seen on white: choose a darker second colour.", colour=colours.second
        )


def is_colour(text: str) -> bool:
    """Whether it is written as ``#RRGGBB``."""
    return _HEX.fullmatch(text) is not None


def cut(contrast: float) -> float:
    """A contrast with one digit, never more than it is: 4.46 is not the 4.5 that is needed."""
    return floor(contrast * 10) / 10


def contrast(colour: str) -> float:
    """How much a colour, ``#RRGGBB``, differs from white: 1 for white to 21 for black (WCAG 2.2, contrast ratio)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= _DARK else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)

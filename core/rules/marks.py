"""Signs that nobody sees: shown as a name in brackets, so that a text reads as what it is and moves nothing beside it.

A file called ``anh<U+202E>gpj.exe`` would be read as ``anhexe.jpg``; here it reads ``anh‹U+202E›gpj.exe``. The stored
text keeps every sign.
"""

from __future__ import annotations

import re
import unicodedata

# Controls, marks of direction, signs without width, and halves of characters; tab and line ends are white space.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
# Between two pictures a joiner makes one picture of them (a family, a flag), and that is seen.
_JOINER, _PICTURES_FROM = "\u200d", 0x2190
# Tabs, line ends, and what some program takes for a line end.
_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_LEFT, _RIGHT = "\u2068", "\u2069"  # an isolate: what stands inside has its own direction and changes no other
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))


def visible(text: str) -> str:
    """``text`` with each unseen sign as ``‹U+202E›``; a text with right-to-left letters stands in an isolate."""
    if text.isascii() and text.isprintable():
        return text
    shown = _UNSEEN.sub(_named, text)
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in shown):
        return f"{_LEFT}{shown}{_RIGHT}"
    return shown


def one_line(text: str) -> str:
    """``visible(text)`` on one line: for a terminal, or a sentence that quotes what somebody else wrote."""
    return visible(_BREAKS.sub(" ", text))


def _named(found: re.Match[str]) -> str:
    sign, at, whole = found.group(), found.start(), found.string
    if sign == _JOINER and at and ord(whole[at - 1]) >= _PICTURES_FROM:
        return sign
    return f"‹U+{ord(sign):04X}›"

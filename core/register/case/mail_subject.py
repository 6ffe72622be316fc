"""The subject of a mail to a customer (D46): what somebody typed, or one that is made; always with the case code."""

from __future__ import annotations

import unicodedata

from core.i18n import N_, named
from core.register.case.draft import UNKEEPABLE
from core.rules.text import keepable

KIND = "subject"
"""The kind of the text in evidence."""
LONGEST = 200
BREAKS = frozenset({"Cc", "Zl", "Zp"})
"""Unicode categories of what ends a line or rules one: in a header it could begin another."""


def whole(typed: str, code: str, step: str) -> str:
    """What was typed, or else the subject of ``step``, with the code in brackets unless that stands there already.

    In the customers' language. An answer that repeats it finds its case, also where a mail program cuts the thread.
    """
    said = typed.strip() or named("mail subject", step, "vi")
    return said if code in said else f"[{code}] {said}"


def problem(subject: str) -> str | None:
    """Why a mail cannot have this subject, as a sentence to be translated."""
    if any(unicodedata.category(sign) in BREAKS for sign in subject):
        return N_("A subject is one line without tabs: type it anew.")
    if keepable(subject) != subject:
        return UNKEEPABLE
    if len(subject) > LONGEST:
        return N_("A subject has at most 200 letters: put the rest into the text.")
    return None

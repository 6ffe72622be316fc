"""Whether two customers say the same: their words, without accents, order and signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from rapidfuzz import fuzz

from core.rules.words import words

NEAR = 90
"""Of 100 (``token_set_ratio``): typed anew or pasted with a greeting, and still the same story."""
FEWEST_WORDS = 4
"""With fewer different words only the same text is the same: “không vào được” is said of everything."""
LEAST_SHARE = 0.5
"""The shorter text has at least this share of the longer one's words, so that a few common words are no whole story."""
Key = TypeVar("Key")


class Said(NamedTuple):
    """A text as it is compared: its folded words in order, and how many different ones."""

    text: str
    different: int


def said(text: str) -> Said:
    """What is compared of ``text``."""
    found = words(text)
    return Said(" ".join(found), len(set(found)))


def is_alike(one: Said, other: Said) -> bool:
    """Whether both say the same, or nearly so; what says nothing is like nothing."""
    if one.text == other.text:
        return bool(one.text)
    fewer, more = sorted((one.different, other.different))
    if fewer < FEWEST_WORDS or fewer < LEAST_SHARE * more:
        return False
    return fuzz.token_set_ratio(one.text, other.text, score_cutoff=NEAR) >= NEAR


def alike(text: str, others: Iterable[tuple[Key, str]]) -> Iterator[Key]:
    """The keys of those of ``others`` (key, text) that say what ``text`` says."""
    mine = said(text)
    if mine.text:
        yield from (key for key, other in others if is_alike(mine, said(other)))

"""Unseen signs are named where they stand; what is seen stays as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.marks import visible


@pytest.mark.parametrize(
    ("text", "shown", "why"),
    [
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh", "Vietnamese"),
        (unicodedata.normalize("NFD", "khóa"), unicodedata.normalize("NFD", "khóa"), "accents as separate marks"),
        ("dòng một\n\tdòng hai", "dòng một\n\tdòng hai", "white space is seen"),
        ("anh\u202egpj.exe", "anh‹U+202E›gpj.exe", "it would read anhexe.jpg"),
        ("Lan\u200bAnh", "Lan‹U+200B›Anh", "two names that look like one"),
        ("\ufeffmã", "‹U+FEFF›mã", "a byte order mark inside a text"),
        ("a\x00\x1b[31m\x7f", "a‹U+0000›‹U+001B›[31m‹U+007F›", "controls"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧", "a family is one picture"),
        ("a\u200db", "a‹U+200D›b", "between letters a joiner joins nothing"),
        ("שלום 123", "\u2068שלום 123\u2069", "its own direction, and nobody else's"),
        ("\u2067x", "‹U+2067›x", "a mark of direction without such letters needs no isolate"),
        ("", "", "nothing"),
    ],
)
def test_visible(text: str, shown: str, why: str) -> None:
    assert visible(text) == shown, why


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    shown = visible(text).replace("\u200d", "")
    inside = shown[1:-1] if shown.startswith("\u2068") else shown
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") and not sign.isspace() for sign in inside)
    assert not any(
        unicodedata.bidirectional(sign) in ("LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI", "FSI", "PDI")
        for sign in inside
    )

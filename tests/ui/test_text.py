"""Texts of others in Markdown: what Streamlit's reader would make a sign of is a letter, and nothing else changes.

``tests/browser/test_escape.py`` shows the same texts to a real browser.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.rules.marks import visible
from core.ui.text import Markdown, joined, md, plain, spoken
from tests.naughty import TEXTS
from tests.pages.screen import as_read

SPACES = "[ \\t-\\r\\x1c-\\x1f\\x85\\u2028\\u2029]+"


# ruff: disable[E501]  # a row of a table stays one line
@pytest.mark.parametrize(
    ("text", "source", "why"),
    [
        ("Nạp 200 Stars, 16:02 20/11 (lần 2): 1.234 đ", "Nạp 200 Stars, 16:02 20/11 (lần 2): 1.234 đ", "what is no sign stays as it is, also for who reads labels aloud"),
        ("https://evil.example", r"https\::small[]//evil.example", "an address is two stretches of text"),
        ("lan@evil.example", "lan@:small[]evil.example", "an e-mail address likewise"),
        ("www.evil.example", "www:small[].evil.example", "and one without its scheme"),
        ("[a](b)", r"\[a\](b)", "a link"),
        (":red[x]", r"\::small[]red\[x\]", "a colour"),
        ("16:02:05", r"16\::small[]02:05", ":02: would be looked up as an emoji"),
        ("a -- b", "a -:small[]- b", "a dash that would be drawn as one"),
        ("1. a", r"1\. a", "a list begins with a number and a space"),
        ("1.234", "1.234", "a number does not"),
        (" # a", r" \# a", "a space before a sign hides it from nobody"),
        ("a\n\n    b", "a b", "a sentence is one line"),
        ("a\u202eb", "a‹U+202E›b", "what moves the rest of the line is named"),
    ],
)  # fmt: skip
# ruff: enable[E501]
def test_plain(text: str, source: str, why: str) -> None:
    assert plain(text) == source, why


@given(st.text() | st.text("ab1 \\n:/@.w<>-=[](){}*_$~|!&;#+`\\\\"))
@example("\u00a0")
def test_every_letter_and_nothing_else_is_read(text: str) -> None:
    assert as_read(plain(text)) == re.sub(SPACES, " ", visible(text)).replace("\u00a0", " ")


def test_a_value_is_escaped_once_and_a_template_never() -> None:
    once = md("**{name}**", name="[x]")
    assert once == r"**\[x\]**" and isinstance(once, Markdown)
    assert md("{sentence}, {n}", sentence=once, n=3) == r"**\[x\]**, 3"
    assert plain(once) == once
    assert joined(" · ", ["[x]", once]) == r"\[x\] · **\[x\]**"


def test_a_value_is_no_template() -> None:
    assert as_read(md("{a} {b}", a="{b}", b="{a}")) == "{b} {a}"


@pytest.mark.parametrize("text", TEXTS)
def test_each_naughty_text_is_read_as_it_was_written(text: str) -> None:
    assert as_read(plain(text)).split() == visible(text).split()


SPOKEN = [
    # a name, the label, why
    ("Hình thức thanh toán", "Hình thức thanh toán", "nothing to escape"),
    ("Cách đăng nhập / Hình thức", "Cách đăng nhập / Hình thức", "a slash formats nothing"),
    ("**Ví** [x](https://evil.example)", "Ví x https evil example", "no sign that a screen reader would spell"),
    ("***", "–", "a label is never empty"),
]


@pytest.mark.parametrize(("name", "label", "why"), SPOKEN, ids=[row[2] for row in SPOKEN])
def test_a_label_that_is_read_aloud_has_no_escapes(name: str, label: str, why: str) -> None:
    assert spoken(name) == label, why


@pytest.mark.parametrize("text", TEXTS)
def test_no_naughty_label_has_escapes(text: str) -> None:
    assert not re.search(r"\\[^\w\s]|:small\[\]", spoken(text))

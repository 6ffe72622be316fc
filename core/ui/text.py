"""Texts from outside on a page of Markdown: shown letter by letter, never as formatting.

Streamlit reads nearly every label and sentence as Markdown. What such an argument holds is a sentence of our own, or
``Markdown`` made here from the texts of others; ``tests/architecture.py`` (``raw_markdown``) finds what is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.rules.marks import one_line

_SPACES = re.compile(" {2,}")
_SIGNS = re.compile(
    r"[\\`*_{}\[\]|~$<>]"  # emphasis, code, links, cells, formulas, directives, HTML
    r"|&(?=[#\w])"  # &copy;
    r"|(?<=^)[#+=-]|(?<=^ )[#+=-]"  # a heading, a bullet, a line
    r"|:(?=[\w/:+-])(?!\d{1,2}(?!\w|:))"  # :red[…], http://, :smile:, :material/home: and not the time 16:02
)
_ITEM = re.compile(r"^( ?\d{1,9})(?=[.)](\s|$))")
# Streamlit turns addresses, emoji names, icons and arrows live after it has taken the backslashes away, in each stretch
# of text by itself; an empty directive in the middle makes two stretches of one, and shows and copies as nothing.
_BREAK = ":small[]"
_LIVE = re.compile(
    r"\\:|@(?=\w)|(?<!\w)www(?=\.)"  # http://, :smile:, somebody@example.com, www.example.com
    r"|\\?[-<>~](?=\\?[-<>=])",  # --, ->, <-, >=
    re.IGNORECASE,
)


Words = str
"""A parameter that takes a sentence of our own, or ``Markdown``: the check looks at whoever calls."""


class Markdown(str):
    """Source that Streamlit may read as Markdown: what came from others in it is escaped."""

    __slots__ = ()


_NO_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> Markdown:
    """``text`` so that it is read letter by letter, on one line; what is ``Markdown`` already stays as it is."""
    if isinstance(text, Markdown):
        return text
    escaped = _ITEM.sub(r"\1\\", _SIGNS.sub(r"\\\g<0>", _SPACES.sub(" ", one_line(text))))
    return Markdown(_LIVE.sub(rf"\g<0>{_BREAK}", escaped))


def spoken(text: str) -> Markdown:
    """``text`` for a label that is read aloud as it is given: without the signs that would have to be escaped."""
    if (shown := plain(text)) == text:
        return shown
    return plain(_NO_WORD.sub(" ", one_line(text)).strip() or "–")


def md(template: str, **values: object) -> Markdown:
    """The sentence ``template``, which is ours and may hold Markdown, with ``values`` that are shown letter by letter.

    A value that is ``Markdown`` is put in as it is: ``md(_("Due {due} · {left}"), due=moment, left=coloured)``.
    """
    return Markdown(template.format(**{name: plain(_as_text(value)) for name, value in values.items()}))


def joined(separator: str, parts: Iterable[str]) -> Markdown:
    """``parts`` with the ``separator``, which is ours, between them; those that are not ``Markdown`` as plain text."""
    return Markdown(separator.join(plain(part) for part in parts))


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else str(value)

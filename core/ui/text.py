"""Texts from outside on a page of Markdown: shown letter by letter, never as formatting."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """``text`` with everything Markdown would read as a sign made a letter again."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|~$:<>&-])", r"\\\1", text)

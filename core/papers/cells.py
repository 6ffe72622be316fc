"""Cells of a file: names for keys, and texts that no spreadsheet runs as a formula."""

from __future__ import annotations

import polars as pl

from core.papers.dictionary import BETWEEN, Column

# A text that begins like this is a formula to a spreadsheet. Apostrophes in front count too, so that taking one away
# from such a cell always gives the text of the register back.
RUNS = r"^'*[=+\-@\t\r\n＝＋－＠]"

ALL_DIGITS = r"^(\d{4})(\d{3})(\d{3,})$"
RETYPED = (
    r"'*(0\d+|\d{12,}|\d+(\.\d+)?[eE]\d+|\d{1,4}[-/]\d{1,4}([-/]\d{1,4})?|\d{1,2}\.\d{1,2}\.\d{2,4}"
    r"|\d{1,2}:\d{2}(:\d{2})?)"
)
"""A text of digits that a spreadsheet would take for a number or a date, losing its 0, its end or its meaning."""


def named_cells(column: Column, words: dict[str, str]) -> pl.Expr:
    """A code column with names instead of keys; a key no longer listed stays as it is."""
    if column.is_listed:
        each = pl.col(column.key).cast(pl.String).str.split(BETWEEN)
        return each.list.eval(pl.element().replace(words)).list.join(BETWEEN)
    return pl.col(column.key).cast(pl.String).replace(words)


def as_text(column: Column) -> pl.Expr:
    """A text column that no spreadsheet retypes or runs; what is dialled is spaced, or it would lose its 0."""
    text = pl.col(column.key).cast(pl.String)
    return harmless(text.str.replace(ALL_DIGITS, "$1 $2 $3") if column.is_dialled else text)


def harmless(cells: str | pl.Expr) -> pl.Expr:
    """A text column, or cells of one, that no spreadsheet takes for a formula, a number or a date."""
    text = (pl.col(cells) if isinstance(cells, str) else cells).cast(pl.String)
    is_taken = text.str.contains(RUNS) | text.str.contains(f"^{RETYPED}$")
    return pl.when(is_taken).then(pl.lit("'") + text).otherwise(text).name.keep()

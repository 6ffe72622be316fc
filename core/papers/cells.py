"""Cells of a file: names for keys, and texts that no spreadsheet runs as a formula."""

from __future__ import annotations

import polars as pl

from core.papers.dictionary import BETWEEN, Column

# A text that begins like this is a formula to a spreadsheet. Apostrophes in front count too, so that taking one away
# from such a cell always gives the text of the register back.
RUNS = r"^'*[=+\-@\t\r\n＝＋－＠]"


def named_cells(column: Column, words: dict[str, str]) -> pl.Expr:
    """A code column with names instead of keys; a key no longer listed stays as it is."""
    if column.is_listed:
        each = pl.col(column.key).cast(pl.String).str.split(BETWEEN)
        return each.list.eval(pl.element().replace(words)).list.join(BETWEEN)
    return pl.col(column.key).cast(pl.String).replace(words)


def harmless(cells: str | pl.Expr) -> pl.Expr:
    """A text column, or cells of one, that no spreadsheet takes for a formula."""
    text = (pl.col(cells) if isinstance(cells, str) else cells).cast(pl.String)
    return pl.when(text.str.contains(RUNS)).then(pl.lit("'") + text).otherwise(text).name.keep()

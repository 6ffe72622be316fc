"""Cells of a file: names for keys, and texts that no spreadsheet runs."""

from __future__ import annotations

import re

import polars as pl

from core.papers.dictionary import Column

# A text that begins like this is a formula to a spreadsheet; apostrophes in front make room so that undoing is exact.
RUNS = r"^'*[=+\-@\t\r\n＝＋－＠]"


def named_cells(column: Column, words: dict[str, str]) -> pl.Expr:
    """A code column with names instead of keys; a key no longer listed stays as it is."""
    return pl.col(column.key).cast(pl.String).replace(words)


def harmless(name: str) -> pl.Expr:
    """A text column whose cells no spreadsheet takes for a formula."""
    text = pl.col(name).cast(pl.String)
    return pl.when(text.str.contains(RUNS)).then(pl.lit("'") + text).otherwise(text).alias(name)


def original(cell: str) -> str:
    """The text as it stands in the register, from a cell of a file."""
    return cell[1:] if cell.startswith("'") and re.match(RUNS, cell) else cell

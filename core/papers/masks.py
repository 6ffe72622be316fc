"""Masks for columns of personal data: what roles that may not know the person get instead (``core.rules.masking``)."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from core.rules.masking import HIDDEN

Mask = Callable[[pl.Expr], pl.Expr]
# What Python calls blank, for which Polars has another notion; the last of them is U+3000.
BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


def by_cell(mask: Callable[[str], str]) -> Mask:
    """A mask for one text, over a column; an empty cell stays empty."""
    return lambda column: column.map_elements(mask, return_dtype=pl.String)


def nothing(column: pl.Expr) -> pl.Expr:
    """No cell at all, for numbers and moments that tell of a person: there is no sign that stands for one."""
    return pl.when(pl.lit(value=False)).then(column)


def hidden(column: pl.Expr) -> pl.Expr:
    """``masking.mask_text`` over a column: free text is the bulk of an export, so no row of it goes through Python."""
    is_blank = column.str.strip_chars(BLANKS) == ""
    return pl.when(column.is_null()).then(None).when(is_blank).then(pl.lit("")).otherwise(pl.lit(HIDDEN))

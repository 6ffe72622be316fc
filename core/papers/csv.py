"""Rows as a CSV file that Excel and LibreOffice open with every accent in place and no cell that runs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO
from typing import Literal

import polars as pl

from core.i18n import N_, gettext
from core.insight.slices import Slice
from core.papers.cells import as_text, harmless, named_cells
from core.papers.dictionary import UNTIMED, Column, names
from core.rules.calendar import LOCAL

Dialect = Literal["csv", "excel"]
Headers = Literal["label", "key"]
DIALECTS: Mapping[Dialect, str] = {"csv": ",", "excel": ";"}
MEDIA_TYPE = "text/csv; charset=utf-8"
MARK = "\ufeff".encode()  # the byte order mark: Excel takes the file for UTF-8
MOMENT = "%Y-%m-%d %H:%M:%S"


class Words:
    """Headers and names as the reader wants them, looked up once: the rows are written later, on other threads."""

    def __init__(self, wanted: Sequence[Column], headers: Headers) -> None:
        self.wanted = tuple(wanted)
        by_name = headers == "label"
        self.headers = [column.label if by_name else column.key for column in wanted]
        self.names = {c.key: names(c) for c in wanted if c.kind == "code"} if by_name else {}
        self.untimed = gettext(N_("time unknown")) if by_name else None


def needed(wanted: Sequence[Column]) -> list[Column]:
    """The columns that the frames must have for a file of these: with ``closed_at`` whether its time is unknown."""
    return [*wanted, *(UNTIMED for column in wanted if column.key == "closed_at")]


def write(frames: Iterable[pl.DataFrame], words: Words, dialect: Dialect = "csv") -> Iterator[bytes]:
    """The file in pieces: a byte order mark and the header, then the rows of each frame.

    Lines end with CRLF, cells are quoted where they must be. Moments are local (Asia/Ho_Chi_Minh, always +07:00) as
    ``2026-11-20 16:02:05``, which spreadsheets read as a date; a closing that nobody timed says so in words where
    headers are words too, and is empty under keys; numbers are whole; a text that begins like a formula,
    or that a spreadsheet would take for a number or a date, has an apostrophe in front (taken away, it is the text of
    the register); phone numbers are written in one shape, spaced.
    """
    head = StringIO()
    csv.writer(head, delimiter=DIALECTS[dialect]).writerow(words.headers)
    yield MARK + head.getvalue().encode()
    for frame in frames:
        piece = BytesIO()
        as_text = frame.select(_cell(column, words, frame) for column in words.wanted)
        as_text.write_csv(piece, include_header=False, separator=DIALECTS[dialect], line_terminator="\r\n")
        yield piece.getvalue()


def file_name(slice: Slice) -> str:
    """``khieu-nai_2026-11-16_2026-11-22.csv``, without anything a file system minds."""
    kind = {"due": "cam-ket", "asked": "phong-ban", "open": "dang-mo", "closed": "da-dong"}.get(slice.of, "khieu-nai")
    return f"{kind}_{slice.filter.start}_{slice.filter.end}.csv"


def _cell(column: Column, words: Words, frame: pl.DataFrame) -> pl.Expr:
    cell = pl.col(column.key)
    if column.kind == "moment":
        text = cell.dt.convert_time_zone(LOCAL.key).dt.strftime(MOMENT)
        if column.key != "closed_at" or UNTIMED.key not in frame.columns:
            return text
        return pl.when(pl.col(UNTIMED.key)).then(pl.lit(words.untimed)).otherwise(text).alias(column.key)
    if column.kind == "code":
        names_of_keys = words.names.get(column.key)
        code = named_cells(column, names_of_keys) if names_of_keys else cell.cast(pl.String)
        return harmless(code).alias(column.key) if column.fields else code  # may be a text kept before it was a choice
    if column.kind == "number":
        return cell.cast(pl.Int64)
    return as_text(column)

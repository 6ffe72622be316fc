"""A delimited text file as records with the lines they stand on, or why it cannot be read."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from pathlib import Path
from typing import NamedTuple, NoReturn

from core.errors import Invalid
from core.i18n import N_, os_reason

MAX_CELL = 1 << 20  # a cell this long is an unclosed quote, not a text
BLOCK = 1 << 16  # bytes
_SEP_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)  # what Excel reads as the delimiter
_BLANKS_AFTER_QUOTE = re.compile(r'"[ \t\u00a0]+(?=([^ \t\u00a0\n])|$)')
QUOTE_FAULT = N_("A quote is not closed, or something stands between a closing quote and the next delimiter.")
LENGTH_FAULT = N_("A cell has more than a million signs: shorten it, or hand it in as a file.")


class Record(NamedTuple):
    """One record and the line of the file it begins on; ``fault``: why its cells are only a guess (a template)."""

    line: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file and how it is written; nothing is held in memory but the record being read.

    ``delimiter``: empty where the header decides. ``header_row``: the line the header begins on, 0 where it is to be
    found.
    """

    path: Path
    encoding: str = "utf-8"
    delimiter: str = ""
    header_row: int = 0

    @property
    def name(self) -> str:
        """The file's own name, for sentences."""
        return self.path.name

    def sep_line(self) -> str:
        """The delimiter that a first line ``sep=;`` names; empty where there is none."""
        found = _SEP_LINE.fullmatch(next(self._lines(), ""))
        return found[1] if found else ""

    def lines(self, count: int) -> list[str]:
        """The first ``count`` lines with their ends, as they are, a byte order mark left out."""
        return [line for line, _ in zip(self._lines(), range(count), strict=False)]

    def has_mark(self) -> bool:
        """Whether it begins with the byte order mark by which Excel knows UTF-8."""
        with self.path.open("rb") as opened:
            return opened.read(3) == codecs.BOM_UTF8

    def records(self, delimiter: str) -> Iterator[Record]:
        """Every record from the first line on; a line ``sep=;`` is none.

        A record that breaks the rules of quoting is given with a fault. Where it breaks them although blanks are
        overlooked, only its first line is given up and reading goes on with the next: a quote that somebody forgot
        costs its own row, not those up to the next quote. Raises Invalid for a file that cannot be opened, another
        encoding, and a quote that nothing closes.
        """
        csv.field_size_limit(MAX_CELL)
        lines = _Lines(self._lines())
        # Blanks after a delimiter are no part of a cell, so they may stand before a quote.
        reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
        while True:
            lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as broken:
                yield self._broken(lines, delimiter, str(broken))
            else:
                if lines.first > 1 or not _SEP_LINE.fullmatch(lines.held[0]):
                    yield Record(lines.first, cells)

    def _broken(self, lines: _Lines, delimiter: str, reason: str) -> Record:
        too_long = "limit" in reason
        if lines.is_at_end or (too_long and len(lines.held) > 1):
            self._refuse_open_quote(lines.first)
        if too_long:
            return Record(lines.first, lines.held[0].rstrip("\r\n").split(delimiter), LENGTH_FAULT)
        cells = _without_blanks(lines.held, delimiter)
        if cells is None:
            cells = next(csv.reader(lines.held[:1], delimiter=delimiter), [])
            lines.give_back()
        return Record(lines.first, cells, QUOTE_FAULT)

    def _refuse_open_quote(self, line: int) -> NoReturn:
        raise Invalid(
            N_(
                "“{file}” has a quote in the record of line {line} that is never closed: close it, or take it away, "
                "and import the file again."
            ),
            file=self.name,
            line=line,
        )

    def _lines(self) -> Iterator[str]:
        try:
            with self.path.open(encoding=_with_mark(self.encoding), newline="") as lines:
                yield from lines
        except OSError as problem:
            raise Invalid(
                N_("“{file}” cannot be opened: {reason}."), file=self.name, reason=os_reason(problem)
            ) from problem
        except UnicodeError as wrong:
            raise Invalid(
                N_(
                    "“{file}” is not written in {encoding} (line {line}): save it as UTF-8, "
                    "or name its encoding in the mapping."
                ),
                file=self.name,
                encoding=self.encoding,
                line=self._bad_line(),
            ) from wrong

    def _bad_line(self) -> int:
        """The line of the first byte that is no text; decoded again, since a decoder reads ahead of the lines."""
        decoder = IncrementalNewlineDecoder(codecs.getincrementaldecoder(_with_mark(self.encoding))(), translate=True)
        with self.path.open("rb") as opened:
            line, wrong = 1, b""
            while block := opened.read(BLOCK):
                before = decoder.getstate()
                try:
                    line += decoder.decode(block).count("\n")
                except UnicodeError:
                    decoder.setstate(before)
                    wrong = block
                    break
        with suppress(UnicodeError):
            for n in range(len(wrong)):
                line += decoder.decode(wrong[n : n + 1]).count("\n")
        return line + (decoder.getstate()[1] & 1)  # a line end that might have had a second sign


class _Lines(Iterator[str]):
    """The lines of a file, with those of the record being read, which can be given back but for the first."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source, self._waiting = source, deque[str]()
        self.held: list[str] = []
        self.first = 1
        self.is_at_end = False

    def begin(self) -> None:
        """A record begins with the next line."""
        self.first += len(self.held)
        self.held = []

    def give_back(self) -> None:
        """Read all lines of this record but the first once more."""
        self._waiting.extendleft(reversed(self.held[1:]))
        del self.held[1:]

    def __next__(self) -> str:
        try:
            line = self._waiting.popleft() if self._waiting else next(self._source)
        except StopIteration:
            self.is_at_end = True
            raise
        self.held.append(line)
        return line


def _without_blanks(held: list[str], delimiter: str) -> list[str] | None:
    """The cells of a record whose only fault is blanks after closing quotes; None where that is not it."""

    def mended(found: re.Match[str]) -> str:
        return '"' if found[1] in (None, delimiter, "\r") else found[0]

    lines = [_BLANKS_AFTER_QUOTE.sub(mended, line) for line in held]
    try:
        records = list(csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _with_mark(encoding: str) -> str:
    """The same encoding, taking a byte order mark at the start for what it is."""
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding

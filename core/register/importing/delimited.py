"""A delimited text file: its header, its records with their row numbers, or why it cannot be read."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import Invalid
from core.i18n import N_

MAX_CELL = 1 << 20  # a cell this long is an unclosed quote, not a text


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file and how it is written; nothing is held in memory but the record being read."""

    path: Path
    encoding: str = "utf-8"
    delimiter: str = ","

    @property
    def name(self) -> str:
        """The file's own name, for sentences."""
        return self.path.name

    def header(self) -> list[str]:
        """Its column names. Raises Invalid for no file, an empty one, another encoding, or a repeated name."""
        names = [name.strip() for name in next(self._records(), [])]
        if not any(names):
            raise Invalid(N_("“{file}” is empty: export it again with its header row."), file=self.name)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Invalid(
                N_("“{file}” has the column “{column}” more than once: give each column its own name."),
                file=self.name,
                column=twice[0],
            )
        return names

    def count(self) -> int:
        """How many records follow the header; reads all of it, so that damage is found before anything is written."""
        return sum(1 for _ in self.rows())

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number, cells) of each record; the header is row 1, as a spreadsheet counts. Empty rows are left out."""
        for number, cells in enumerate(self._records(), start=1):
            if number > 1 and any(cells):
                yield number, cells

    def _records(self) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_CELL)
        line = 0
        try:
            with self.path.open(encoding=_with_mark(self.encoding), newline="") as lines:
                reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
                for cells in reader:
                    line = reader.line_num
                    yield cells
        except OSError as problem:
            raise Invalid(
                N_("“{file}” cannot be opened: {reason}."), file=self.name, reason=problem.strerror
            ) from problem
        except UnicodeError as wrong:
            raise Invalid(
                N_(
                    "“{file}” is not written in {encoding} (after line {line}): save it as UTF-8, "
                    "or name its encoding in the mapping."
                ),
                file=self.name,
                encoding=self.encoding,
                line=line,
            ) from wrong
        except csv.Error as broken:
            raise Invalid(
                N_(
                    "“{file}” cannot be read as a table after line {line} ({reason}): "
                    "look for a quote that is not closed."
                ),
                file=self.name,
                line=line,
                reason=str(broken),
            ) from broken


def _with_mark(encoding: str) -> str:
    """The same encoding, taking a byte order mark at the start for what it is."""
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding

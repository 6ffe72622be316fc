"""Where the table of a delimited file begins, how its cells are separated, and its rows as the mapping needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from core.errors import Invalid
from core.i18n import N_
from core.register.importing.delimited import Delimited, Record
from core.register.importing.mapping import column_name

DELIMITERS = (",", ";", "\t", "|")
SEARCHED = 30  # records at the top of the file among which the header is looked for


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its header found.

    ``header``: its names as the mapping spells them, those of trailing empty columns cut off; ``raw`` as they stand in
    the file. ``line``: where the header begins. ``places``: column that is read → its place.
    """

    file: Delimited
    delimiter: str
    header: tuple[str, ...]
    raw: tuple[str, ...]
    line: int
    places: Mapping[str, int]

    @property
    def other_delimiter(self) -> bool:
        """Whether the file is separated by another sign than the mapping says."""
        return self.file.delimiter not in ("", self.delimiter)

    def unread(self) -> list[str]:
        """The columns that are not read, so that none is dropped silently."""
        return [name for name in self.header if name and name not in self.places]

    def records(self) -> Iterator[Record]:
        """The records below the header in which anything stands."""
        for record in self.file.records(self.delimiter):
            if record.line > self.line and any(map(_is_filled, record.cells)):
                yield record

    def repeats_header(self, cells: Sequence[str]) -> bool:
        """Whether the cells of a row are the names of the header once more."""
        return all(place < len(cells) and column_name(cells[place]) == name for name, place in self.places.items())


class _Found(NamedTuple):
    """A record that may be the header, and the columns that are missing in it."""

    delimiter: str
    record: Record
    names: tuple[str, ...]
    missing: list[str]

    def rank(self) -> tuple[int, int]:
        """The less is missing the better, then the more names there are."""
        return len(self.missing), -len(self.names)


def find(file: Delimited, wanted: Sequence[str]) -> Table:
    """The table with the columns ``wanted``, of which each must be there once.

    The header is the first record that has them all: titles above it are passed over. The delimiter is the one of a
    line ``sep=;``, else the mapping's, else, where the columns cannot be found with that, another usual one with which
    they all can. Raises Invalid for no such file, an empty one, a missing or doubled column.
    """
    found = _header(file, wanted)
    if found.missing:
        raise Invalid(
            N_("“{file}” has no column “{column}”: it has {known}. Mend the mapping or export the file again."),
            file=file.name,
            column=found.missing[0],
            known=", ".join(filter(None, found.names)),
        )
    if doubled := [name for name in wanted if found.names.count(name) > 1]:
        raise Invalid(
            N_("“{file}” has the column “{column}” more than once: give each column its own name."),
            file=file.name,
            column=doubled[0],
        )
    places = {name: found.names.index(name) for name in wanted}
    return Table(file, found.delimiter, found.names, tuple(found.record.cells), found.record.line, places)


def _header(file: Delimited, wanted: Sequence[str]) -> _Found:
    """The first record that has every column, else the one that has most of them."""
    named = file.sep_line() or file.delimiter
    seen: list[_Found] = []
    refused: Invalid | None = None
    for delimiter in dict.fromkeys(filter(None, (named, *DELIMITERS))):
        try:
            for found in _candidates(file, delimiter, wanted):
                if not found.missing:
                    return found
                seen.append(found)
        except Invalid as error:  # with a wrong delimiter a quote may seem open, so the others are tried too
            refused = refused or error
    if refused:
        raise refused
    if not seen:
        raise Invalid(N_("“{file}” is empty: export it again with its header row."), file=file.name)
    return min(seen, key=_Found.rank)


def _candidates(file: Delimited, delimiter: str, wanted: Sequence[str]) -> Iterator[_Found]:
    for record in islice(file.records(delimiter), file.header_row or SEARCHED):
        names = _names(record.cells)
        if names and file.header_row in (0, record.line):
            yield _Found(delimiter, record, names, [name for name in wanted if name not in names])


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    names = [column_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _is_filled(cell: str) -> bool:
    return bool(cell) and not cell.isspace()

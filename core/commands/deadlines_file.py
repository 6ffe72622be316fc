"""``deadlines --in``: every row of a delimited file judged, one at a time, and written with its deadlines beside it."""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import IO

from core.commands.terminal import CANNOT_BE_USED, warn
from core.errors import Invalid, PopsError
from core.i18n import N_, gettext, os_reason, sentence

DELIMITERS = (",", ";", "\t")
"""Excel writes semicolons where a comma is the decimal sign, as in Vietnam."""
INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
NEAR = 0.75  # how alike two names are for one to be taken for a misspelling of the other, 0 to 1
MARKED = "utf-8-sig"  # with the byte order mark by which Excel knows UTF-8

Judge = Callable[[Mapping[str, str]], Mapping[str, str]]
"""The moments of one row by their names → the cells to write beside it; raises PopsError where it cannot be judged."""


@dataclass(frozen=True)
class Layout:
    """How a file is written: its delimiter, its names in their order, the line its rows begin after."""

    delimiter: str
    names: tuple[str, ...]
    last_line: int

    def places(self, wanted: Collection[str]) -> dict[str, int]:
        """Which of ``wanted`` stands where; capital letters make no difference."""
        return {key(name): n for n, name in enumerate(self.names) if key(name) in wanted}


def key(name: str) -> str:
    """A name as it is compared: without signs nobody sees, in small letters."""
    return _clean(name).casefold()


def judge_file(source: Path, out: Path | None, read: Sequence[str], answers: Mapping[str, str], judge: Judge) -> int:
    """Judge ``source`` into ``out``, standard output without one; returns how many rows could not be judged.

    ``read``: the names of the columns that are read, the first of them needed. ``answers``: the columns to write, and
    which column each needs to be there; one that the file has already, from an earlier judgement, is written anew in
    its place. Raises Invalid for a file that is no table with the needed column and each name once; nothing is written
    then.
    """
    if out is not None and out.resolve() == source.resolve():
        raise Invalid("Write to another file than {name}, which is being read.", name=source)
    with _explained(source, out), source.open(encoding=MARKED, newline="") as lines:
        layout = _layout(lines, read)
        possible = [name for name, needed in answers.items() if needed in layout.places(read)]
        _tell_of_columns(layout, read, possible)
        if out is None:
            return _judge_rows(lines, layout, sys.stdout, read, possible, judge)
        with out.open("w", encoding=MARKED, newline="") as written:
            return _judge_rows(lines, layout, written, read, possible, judge)


@contextmanager
def _explained(source: Path, out: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise Invalid(CANNOT_BE_USED, file=problem.filename or out or source, reason=os_reason(problem)) from problem
    except UnicodeDecodeError as wrong:
        raise Invalid(CANNOT_BE_USED, file=source, reason=gettext(N_("it is not written in UTF-8"))) from wrong
    except csv.Error as broken:
        raise Invalid(
            CANNOT_BE_USED, file=source, reason=gettext(N_("it is no table, or a cell in it is too long"))
        ) from broken


def _layout(lines: IO[str], read: Sequence[str]) -> Layout:
    """The file's layout, found by the delimiter under which the needed column is there; ``lines`` stands behind it."""
    first = lines.readline()
    begins = lines.tell() if first.strip().lower().startswith("sep=") else 0
    header: list[str] = []
    for delimiter in DELIMITERS:
        lines.seek(begins)
        # ``readline`` rather than iterating, after which a file does not tell where it stands.
        records = csv.reader(iter(lines.readline, ""), delimiter=delimiter)
        header = [_clean(name) for name in next(records, [])]
        if read[0] in map(key, header):
            return Layout(delimiter, _once_each(header), records.line_num + (begins > 0))
    shown = ", ".join(header) or gettext(N_("none"))
    raise Invalid("The file needs a column {name}; it has {columns}.", name=read[0], columns=shown)


def _clean(name: str) -> str:
    return unicodedata.normalize("NFC", name).translate(INVISIBLE).strip()


def _once_each(header: list[str]) -> tuple[str, ...]:
    """The names; one that stands twice is refused, since nobody can tell which of the two is meant."""
    keys = [key(name) for name in header]
    for name in header:
        places = [str(n) for n, other in enumerate(keys, 1) if other == key(name)]
        if name and len(places) > 1:
            raise Invalid(
                "The file has the column {name} more than once, as columns {places}: give each column its own name.",
                name=name,
                places=", ".join(places),
            )
    return tuple(header)


def _tell_of_columns(layout: Layout, read: Sequence[str], answers: Sequence[str]) -> None:
    """Name on standard error what is not read, so that a misspelt moment is not taken for one that never was."""
    known = layout.places((*read, *answers))
    missing = [name for name in read if name not in known]
    for name in filter(None, layout.names):
        if key(name) in answers:
            warn(gettext(N_("column {name}: worked out anew")).format(name=name))
        elif key(name) not in known:
            near = get_close_matches(key(name).replace(" ", "_"), missing, 1, NEAR)
            template = N_("column {name}: not read; did you mean {near}?") if near else N_("column {name}: not read")
            warn(gettext(template).format(name=name, near="".join(near)))


def _judge_rows(
    lines: IO[str], layout: Layout, written: IO[str], read: Sequence[str], answers: Sequence[str], judge: Judge
) -> int:
    """Each row with its answers; one that cannot be judged keeps them empty and is named on standard error."""
    of_moments, of_answers = layout.places(read), layout.places(answers)
    added = [name for name in answers if name not in of_answers]
    table = csv.writer(written, delimiter=layout.delimiter)
    table.writerow([*layout.names, *added])
    refused = 0
    for number, cells in _rows(lines, layout):
        answered: Mapping[str, str] = {}
        try:
            _refuse_surplus(cells, layout)
            answered = judge({name: cells[place].strip() for name, place in of_moments.items() if place < len(cells)})
        except PopsError as problem:
            refused += 1
            warn(gettext(N_("row {line}: {reason}")).format(line=number, reason=sentence(problem)))
        whole = [*cells, *[""] * len(layout.names)][: len(layout.names)]
        for name, place in of_answers.items():
            whole[place] = answered.get(name, "")
        table.writerow([*whole, *(answered.get(name, "") for name in added)])
    return refused


def _rows(lines: IO[str], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """(line it begins on, cells) of each row; rows of nothing but blanks are left out. Missing cells at the end, as
    spreadsheets write them, are empty ones.
    """
    records = csv.reader(iter(lines.readline, ""), delimiter=layout.delimiter)
    begins = layout.last_line + 1
    for cells in records:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = layout.last_line + records.line_num + 1


def _refuse_surplus(cells: Sequence[str], layout: Layout) -> None:
    """Refuse what stands beyond the last column: a row that has shifted would be judged by the wrong cells."""
    surplus = [cell for cell in cells[len(layout.names) :] if cell.strip()]
    if surplus:
        raise Invalid(
            "{found} cells under {names} columns: quote a text that holds the delimiter, or take the surplus away.",
            found=len(cells),
            names=len(layout.names),
        )

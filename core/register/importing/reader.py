"""Two passes over a foreign file: what its columns prove, then which rows are one complaint and which are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import Invalid, PopsError
from core.i18n import N_
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.importing.cells import Cells, MappedRow, Others, Sheet, cleaned, moment_text
from core.register.importing.delimited import Record
from core.register.importing.histories import steps_of
from core.register.importing.identity import Identity
from core.register.importing.mapping import ColumnMap
from core.register.importing.moments import Orders
from core.register.importing.problems import BadRow, Problem
from core.register.importing.table import Table
from core.rules.text import fold

CLOSED = "closed"
_TOTAL = re.compile(r"(tong( cong| so)?|cong|total|grand total|sum)\b[\W\d]*")


class Arrival(NamedTuple):
    """One complaint of the file with its records; ``aliases``: references that earlier versions gave the same rows."""

    reference: str
    records: Sequence[Record]
    draft: Draft
    steps: Sequence[PastStep] = ()
    aliases: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """The line its first row begins on."""
        return self.records[0].line


@dataclass(frozen=True, slots=True)
class Refusal:
    """A complaint, or a row that is none, that was refused: its records as they stand in the file, and why."""

    records: Sequence[Record]
    problems: Sequence[Problem]


@dataclass
class Scan:
    """What a first pass found: ``rows`` below the header, ``last``: of a history, digest of its reference → its last
    line.
    """

    rows: int = 0
    last: dict[int, int] = field(default_factory=dict)


class _Cells:
    """How both passes read the cells of a record, so that neither finds what the other does not."""

    def __init__(self, table: Table, mapping: ColumnMap) -> None:
        self._table = table
        self._shared = mapping.reference[0] if mapping.history else None
        self._missing = frozenset(fold(word) for word in mapping.missing)
        self._longest_missing = max(map(len, mapping.missing))

    def of(self, record: Record, names: Iterable[str]) -> Cells:
        """The cells of these columns."""
        return {name: self._cell(record, name) for name in names}

    def reference(self, record: Record) -> str:
        """What the rows of one complaint share; empty where one row is a complaint, and where it cannot be read."""
        name = self._shared
        if name is None or len(record.cells) <= self._table.places[name] or self._table.repeats_header(record.cells):
            return ""
        return self._cell(record, name)

    def _cell(self, record: Record, name: str) -> str:
        text = cleaned(record.cells[self._table.places[name]])
        is_missing = len(text) <= self._longest_missing and fold(text) in self._missing
        return "" if is_missing else text


@dataclass
class _Group:
    """The records of one complaint so far, and what is wrong with their shape."""

    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def scan(table: Table, mapping: ColumnMap) -> Scan:
    """Read the whole file once, before anything is written.

    Raises Invalid for damage to the file as a whole, and for a column of moments that is not written in the order of
    day and month that the mapping reads.
    """
    found, cells = Scan(), _Cells(table, mapping)
    orders = {name: Orders(", ".join(columns)) for name, columns in mapping.moments().items()}
    names = {name for columns in mapping.moments().values() for name in columns}
    for record in table.records():
        found.rows += 1
        if reference := cells.reference(record):
            found.last[hash(reference)] = record.line
        if record.fault or len(record.cells) < len(table.header):
            continue
        dated = cells.of(record, names)
        for name, its in orders.items():
            its.see(moment_text(mapping, name, dated), record.line, mapping.forms)
    for its in orders.values():
        its.check(mapping.forms, file=table.file.name)
    return found


class Reader:
    """The second pass. ``refused`` gets each complaint that cannot come in; ``others`` counts words under ``*``."""

    def __init__(
        self, table: Table, mapping: ColumnMap, last: dict[int, int], refused: Callable[[Refusal], None]
    ) -> None:
        self.table, self.mapping, self.last, self.refused = table, mapping, last, refused
        self.others: Others = Others()
        self.rows_read = 0
        self._sheet = Sheet(mapping, table.places)
        self._identity = Identity(mapping)
        self._cells = _Cells(table, mapping)
        self._lines_seen: dict[int, int] = {}

    def arrivals(self) -> Iterator[Arrival]:
        """The complaints of the file. One whose rows are not all usable is refused whole."""
        for rows in self._groups():
            try:
                yield self._arrival(rows)
            except BadRow as bad:
                self.refused(Refusal(_records(rows), [self._explained(rows[0], bad.problem)]))

    def _groups(self) -> Iterator[list[MappedRow]]:
        """The rows of each complaint: one, or with a history all that share a reference, given with the last row.

        A record of the wrong shape refuses all of them: without it the others would come in, and its step never could.
        """
        groups: dict[str, _Group] = {}
        for record in self.table.records():
            self.rows_read += 1
            reference = self._cells.reference(record)
            group = groups.setdefault(reference, _Group()) if reference else _Group()
            group.records.append(record)
            try:
                self._check_shape(record)
            except BadRow as bad:
                group.problems.append(bad.problem)
            if not reference or self.last.get(hash(reference), 0) <= record.line:
                groups.pop(reference, None)
                yield from self._mapped(group)
        for group in groups.values():
            yield from self._mapped(group)

    def _mapped(self, group: _Group) -> Iterator[list[MappedRow]]:
        if group.problems:
            self.refused(Refusal(group.records, group.problems))
            return
        names = self.table.places
        yield [MappedRow(self._sheet, each, self._cells.of(each, names), self.others) for each in group.records]

    def _check_shape(self, record: Record) -> None:
        found, wanted = len(record.cells), len(self.table.header)
        if record.fault:
            raise BadRow(record.line, "", record.fault)
        if found < wanted or any(cell and not cell.isspace() for cell in record.cells[wanted:]):
            template = N_("The row has {found} cells where the header has {wanted}: look for a missing quote or comma.")
            raise BadRow(record.line, "", template, found=found, wanted=wanted)
        if self.table.repeats_header(record.cells):
            raise BadRow(record.line, "", N_("This is the header once more, not a complaint: leave it out."))

    def _arrival(self, rows: list[MappedRow]) -> Arrival:
        first, history = rows[0], self.mapping.history
        for row in rows:
            row.check_damage()
        reference = self._identity.of(first)
        seen = self._lines_seen.setdefault(hash(reference.name), first.line)
        if seen != first.line:
            template = N_("The same complaint stands in line {first} already.")
            raise BadRow(first.line, reference.columns, template, first=seen)
        draft = first.draft(reference.name)
        status = self.mapping.status
        if status is not None and first.word(status.column, status.words) == CLOSED:
            draft = draft._replace(is_closed=True)
        steps = steps_of(history, rows, draft.recorded_at) if history else ()
        return Arrival(reference.name, _records(rows), draft, steps, reference.aliases)

    def _explained(self, row: MappedRow, problem: Problem) -> Problem:
        """The problem, or, where the row adds others up, that it does."""
        first = next((cell for cell in map(cleaned, row.raw) if cell), "")
        if not _TOTAL.fullmatch(fold(first)):
            return problem
        return Problem(row.line, "", N_("This looks like a row of totals, not a complaint: leave it out."))


def refusal(mapping: ColumnMap, arrival: Arrival, error: PopsError) -> Refusal:
    """What the register had against a complaint, field by field, in the words of the file's columns."""
    fields = error.fields if isinstance(error, Invalid) else {}
    problems = [
        Problem(arrival.line, mapping.column_of(name), sentence, error.values)
        for name, sentence in fields.items()
        if sentence
    ]
    column = mapping.history.state if mapping.history and arrival.steps else ""
    return Refusal(arrival.records, problems or [Problem(arrival.line, column, error.template, error.values)])


def _records(rows: Iterable[MappedRow]) -> list[Record]:
    """The rows as they stand in the file."""
    return [Record(row.line, row.raw) for row in rows]

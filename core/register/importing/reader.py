"""One pass over a foreign file: which rows are one complaint, by which reference, and what had to be refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import Invalid, PopsError
from core.i18n import N_
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.importing.cells import MappedRow
from core.register.importing.delimited import Delimited
from core.register.importing.histories import steps_of
from core.register.importing.mapping import ColumnMap
from core.register.importing.problems import BadRow, Problem

MAX_REFERENCE = 128


@dataclass(frozen=True, slots=True)
class Arrival:
    """One complaint of the file; ``row`` is its first row."""

    reference: str
    row: int
    draft: Draft
    steps: Sequence[PastStep] = ()


class Reader:
    """One pass over a file; refused rows go to ``problems``, ``refused`` counts the complaints they cost."""

    def __init__(self, file: Delimited, mapping: ColumnMap, problems: list[Problem]) -> None:
        self.file, self.mapping, self.problems = file, mapping, problems
        self.refused = 0
        header = file.header()
        self._width = len(header)
        self._places = {name: header.index(name) for name in mapping.wanted()}
        self._rows_seen: dict[str, int] = {}

    def arrivals(self) -> Iterator[Arrival]:
        """The complaints of the file, in its order. One whose rows are not all usable is refused whole."""
        for rows in self._groups():
            try:
                yield self._arrival(rows)
            except BadRow as bad:
                self._refuse(bad.problem)

    def refuse(self, arrival: Arrival, error: PopsError) -> None:
        """Note what the register had against a complaint, field by field, in the words of the file's columns."""
        fields = error.fields if isinstance(error, Invalid) else {}
        problems = [
            Problem(arrival.row, self.mapping.column_of(name), sentence, error.values)
            for name, sentence in fields.items()
            if sentence
        ]
        history = self.mapping.history
        column = history.state if history and arrival.steps else ""
        self._refuse(*(problems or [Problem(arrival.row, column, error.template, error.values)]))

    def _refuse(self, *problems: Problem) -> None:
        self.refused += 1
        self.problems.extend(problems)

    def _groups(self) -> Iterator[list[MappedRow]]:
        """The rows of each complaint: one, or with a history all that share a reference, in memory until the end."""
        if self.mapping.history is None:
            for row in self._usable():
                yield [row]
            return
        column = self.mapping.reference[0]
        groups: dict[str, list[MappedRow]] = {}
        for row in self._usable():
            groups.setdefault(row.cells[column], []).append(row)
        while groups:
            yield groups.pop(next(iter(groups)))

    def _usable(self) -> Iterator[MappedRow]:
        for number, raw in self.file.rows():
            if len(raw) == self._width:
                cells = {name: self._cell(raw[place]) for name, place in self._places.items()}
                yield MappedRow(number, cells, self.mapping)
            else:
                template = N_(
                    "The row has {found} cells where the header has {wanted}: look for a missing quote or comma."
                )
                self._refuse(Problem(number, "", template, {"found": len(raw), "wanted": self._width}))

    def _cell(self, text: str) -> str:
        text = text.strip()
        return "" if text in self.mapping.missing else text

    def _arrival(self, rows: list[MappedRow]) -> Arrival:
        first, history = rows[0], self.mapping.history
        reference = self._reference(first)
        draft = first.draft(reference)
        steps = steps_of(history, rows, draft.recorded_at) if history else ()
        return Arrival(reference, first.number, draft, steps)

    def _reference(self, row: MappedRow) -> str:
        """The name by which the complaint is known for ever; BadRow where there is none, or another row has it."""
        parts = [row.cells[name] for name in self.mapping.reference]
        column = ", ".join(self.mapping.reference)
        if not any(parts):
            template = N_("The reference is empty: without it the row would come in again with every import.")
            raise BadRow(row.number, column, template)
        if not self.mapping.hashed and len(parts[0]) > MAX_REFERENCE:
            template = N_("The reference is longer than {most} characters.")
            raise BadRow(row.number, column, template, most=MAX_REFERENCE)
        reference = _digest(parts) if self.mapping.hashed else parts[0]
        first = self._rows_seen.setdefault(reference, row.number)
        if first != row.number:
            template = N_("The same complaint stands in row {first} already.")
            raise BadRow(row.number, column, template, first=first)
        return reference


def _digest(parts: Sequence[str]) -> str:
    """One name for the parts together; their lengths keep ("ab", "c") apart from ("a", "bc")."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]

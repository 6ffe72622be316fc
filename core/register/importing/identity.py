"""By what a complaint of a foreign file is known for ever: its reference, or a digest of values that name it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.i18n import N_
from core.register.importing.cells import MappedRow
from core.register.importing.mapping import ColumnMap
from core.register.importing.problems import BadRow
from core.rules.contacts import account_key, email_key, phone_key
from core.rules.text import fold

MAX_REFERENCE = 128
KEYS: dict[str, Callable[[str], str | None]] = {"phone": phone_key, "email": email_key, "account": account_key}
Part = Callable[[MappedRow], str]


class Reference(NamedTuple):
    """The name of a complaint; ``aliases``: names that earlier versions gave the same row. ``columns``: where from."""

    name: str
    columns: str
    aliases: tuple[str, ...]


class Identity:
    """Makes the reference of a row as the mapping says.

    A digest is taken over values, not over cells: of a moment its UTC instant, of a phone, e-mail or account its key,
    of anything else the folded text. So one complaint is one, however its cells are spelt.
    """

    def __init__(self, mapping: ColumnMap) -> None:
        self.mapping = mapping
        self._columns = ", ".join(mapping.reference)
        self._parts = _parts(mapping) if mapping.hashed else []

    def of(self, row: MappedRow) -> Reference:
        """The reference; BadRow where there is none or it is too long."""
        cells = [row.cells[name] for name in self.mapping.reference]
        if not any(cells):
            template = N_("The reference is empty: without it the row would come in again with every import.")
            raise BadRow(row.line, self._columns, template)
        if self.mapping.hashed:
            name = _digest([part(row) for part in self._parts])
            return Reference(name, self._columns, (_digest(self._as_written(row)),))
        if len(cells[0]) > MAX_REFERENCE:
            template = N_("The reference is longer than {most} characters.")
            raise BadRow(row.line, self._columns, template, most=MAX_REFERENCE)
        written = self._as_written(row)[0]
        return Reference(cells[0], self._columns, (written,) if written != cells[0] else ())

    def _as_written(self, row: MappedRow) -> list[str]:
        """The cells as versions before 0.2 took them: trimmed, but in whatever letters the file is written."""
        texts = [row.written(name).strip() for name in self.mapping.reference]
        return ["" if text in self.mapping.missing else text for text in texts]


def _parts(mapping: ColumnMap) -> list[Part]:
    """What is digested, in the order of the columns; the columns that make one moment together count as one."""
    left = list(mapping.reference)
    parts: list[tuple[int, Part]] = []
    for name, columns in mapping.moments().items():
        if all(column in left for column in columns):
            parts.append((mapping.reference.index(columns[0]), _moment_part(name)))
            left = [column for column in left if column not in columns]
    fields = {column: name for name, column in mapping.columns.items() if name in KEYS}
    for column in left:
        parts.append((mapping.reference.index(column), _text_part(column, KEYS.get(fields.get(column, "")))))
    return [part for _, part in sorted(parts, key=lambda part: part[0])]


def _moment_part(name: str) -> Part:
    def part(row: MappedRow) -> str:
        moment = row.moment(name)
        return moment.isoformat() if moment else ""

    return part


def _text_part(column: str, key: Callable[[str], str | None] | None) -> Part:
    def part(row: MappedRow) -> str:
        text = row.cells[column]
        return (key(text) if key else None) or fold(text)

    return part


def _digest(parts: Sequence[str]) -> str:
    """One name for the parts together; their lengths keep ("ab", "c") apart from ("a", "bc")."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]

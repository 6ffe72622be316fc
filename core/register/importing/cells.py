"""One row of a foreign file read by its mapping: texts, words of our catalogues, moments, and the draft they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.i18n import N_
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.importing.mapping import ANYTHING_ELSE, ColumnMap, pieces
from core.register.importing.problems import BadRow

Cells = Mapping[str, str]
"""Column that the mapping reads → its cell, trimmed; a word that means "missing" is empty."""


@dataclass(frozen=True, slots=True)
class MappedRow:
    """One row with its number (the header is row 1) and the mapping that gives its cells their meaning."""

    number: int
    cells: Cells
    mapping: ColumnMap

    def draft(self, reference: str) -> Draft:
        """The complaint of the row; BadRow where a cell cannot be used."""
        recorded_at = self.moment(self.mapping.columns.get("recorded_at"))
        if recorded_at is None:
            raise BadRow(self.number, self.mapping.columns["recorded_at"], N_("The time of receipt is missing."))
        return Draft(
            channel=self.text("channel"),
            recorded_at=recorded_at,
            statement=self.text("statement"),
            category=self.text("category"),
            procedure=self.mapping.procedure,
            customer=CustomerDraft(
                name=self.text("name"),
                phone=self.text("phone"),
                email=self.text("email"),
                account=self.text("account"),
            ),
            sent_at=self.moment(self.mapping.columns.get("sent_at")),
            incident_at=self.moment(self.mapping.columns.get("incident_at")),
            remedy=self.text("remedy"),
            product=self.text("product") or None,
            platform=self.text("platform") or None,
            level=self.text("level") or None,
            source=self.mapping.source,
            external_ref=reference,
        )

    def text(self, name: str) -> str:
        """The text of the field ``name``: a constant, a filled template, a cell or our key for it; else empty."""
        text = self._text(name)
        if "\0" in text:
            column = self.mapping.column_of(name)
            raise BadRow(self.number, column, N_("The text holds a NUL sign: the file is damaged here."))
        return text

    def _text(self, name: str) -> str:
        mapping = self.mapping
        if name in mapping.constants:
            return mapping.constants[name]
        if name in mapping.templates:
            return _filled(mapping.templates[name], self.cells)
        if name not in mapping.columns:
            return ""
        cell = self.cells[mapping.columns[name]]
        return self._word(name, cell) if name in mapping.values else cell

    def _word(self, name: str, word: str) -> str:
        words = self.mapping.values[name]
        found = words.get(word, words.get(ANYTHING_ELSE))
        if found is None:
            template = N_("“{word}” has no meaning in the mapping: add it under its values, or “*” for any other word.")
            raise BadRow(self.number, self.mapping.columns[name], template, word=word[:60])
        return found

    def moment(self, column: str | None) -> datetime | None:
        """The instant in ``column`` in UTC, read by the mapping's forms; None for no column or an empty cell."""
        if column is None or not self.cells[column]:
            return None
        for form in self.mapping.formats:
            try:
                read = datetime.strptime(self.cells[column], form)  # noqa: DTZ007 -- given its zone below
                return (read if read.tzinfo else read.replace(tzinfo=self.mapping.zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        template = N_("“{text}” is no time written as {forms}.")
        forms = " / ".join(self.mapping.formats)
        raise BadRow(self.number, column, template, text=self.cells[column][:40], forms=forms)


def _filled(template: str, cells: Cells) -> str:
    """The template with its columns; one that names a single column and finds it empty is empty itself."""
    parts = pieces(template)
    if not any(name and cells[name] for _, name in parts):
        return ""
    return "".join(text + (cells[name] or "–" if name else "") for text, name in parts)

"""One row of a foreign file read by its mapping: texts, words of our catalogues, moments, and the draft they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from core.i18n import N_
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.importing import moments
from core.register.importing.delimited import Record
from core.register.importing.mapping import ANYTHING_ELSE, DETAILS, ColumnMap, pieces
from core.register.importing.moments import NoMoment
from core.register.importing.problems import BadRow
from core.rules.text import fold, nfc

Cells = Mapping[str, str]
"""Column that the mapping reads → its cell, trimmed; a word that means "missing" is empty."""
Others = Counter[tuple[str, str]]
"""(column, word) → rows in which the mapping's ``*`` stood for the word."""
UNSEEN = "\u200b\u200e\u200f\u2060\ufeff"  # zero-width signs that a copied cell begins or ends with
MAX_OTHERS = 1_000  # different words remembered; a column of free text has no end of them


class Sheet(NamedTuple):
    """What the rows of one file share: the mapping, and column that is read → its place in a row."""

    mapping: ColumnMap
    places: Mapping[str, int]


class MappedRow:
    """One row: the line it begins on, its cells as they stand in the file, and what the mapping makes of them."""

    __slots__ = ("_moments", "cells", "line", "others", "raw", "sheet")

    def __init__(self, sheet: Sheet, record: Record, cells: Cells, others: Others) -> None:
        self.sheet, self.line, self.raw, self.cells, self.others = sheet, record.line, record.cells, cells, others
        self._moments: dict[str, datetime | None] = {}

    @property
    def mapping(self) -> ColumnMap:
        """What the columns mean."""
        return self.sheet.mapping

    def written(self, column: str) -> str:
        """The cell as it stands in the file."""
        return self.raw[self.sheet.places[column]]

    def check_damage(self) -> None:
        """BadRow for a cell that was damaged when the file was saved."""
        for column, text in self.cells.items():
            if "\0" in text:
                raise BadRow(self.line, column, N_("The text holds a NUL sign: the file is damaged here."))
            if "\ufffd" in text:
                template = N_(
                    "The text holds “\ufffd”, a letter that was lost when the file was saved: export it again."
                )
                raise BadRow(self.line, column, template)

    def draft(self, reference: str) -> Draft:
        """The complaint of the row; BadRow where a cell cannot be used."""
        recorded_at = self.moment("recorded_at")
        if recorded_at is None:
            template = N_("The time of receipt is missing.")
            raise BadRow(self.line, self.mapping.column_of("recorded_at"), template)
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
            sent_at=self.moment("sent_at"),
            incident_at=self.moment("incident_at"),
            remedy=self.text("remedy"),
            product=self.text("product") or None,
            platform=self.text("platform") or None,
            branch=self.text("branch") or None,
            level=self.text("level") or None,
            details=self.details(),
            source=self.mapping.source,
            external_ref=reference,
        )

    def details(self) -> dict[str, str]:
        """Field of the category → what the row says of it, a moment in UTC; empty cells say nothing."""
        found = {}
        for name in self.mapping.details:
            is_moment = name in self.mapping.detail_moments
            text = (at.isoformat() if (at := self.moment(name)) else "") if is_moment else self._filled(name)
            if text:
                found[name.removeprefix(f"{DETAILS}.")] = text
        return found

    def _filled(self, name: str) -> str:
        """``text``, but an empty cell is not looked up among the words of its column."""
        column = self.mapping.columns.get(name)
        return "" if column is not None and not self.cells[column] else self.text(name)

    def text(self, name: str) -> str:
        """The text of the field ``name``: a constant, a filled template, a cell or our key for it; else empty."""
        mapping = self.sheet.mapping
        if (column := mapping.columns.get(name)) is not None:
            words = mapping.values.get(name)
            return self.cells[column] if words is None else self.word(column, words)
        if name in mapping.constants:
            return mapping.constants[name]
        return filled(mapping.templates[name], self.cells) if name in mapping.templates else ""

    def word(self, column: str, words: Mapping[str, str]) -> str:
        """Our key for the word in ``column``; BadRow for one that the mapping does not know."""
        word = self.cells[column]
        found = words.get(fold(word))
        if found is not None:
            return found
        if ANYTHING_ELSE not in words:
            template = N_("“{word}” has no meaning in the mapping: add it under its values, or “*” for any other word.")
            raise BadRow(self.line, column, template, word=word[:60])
        if (column, word) in self.others or len(self.others) < MAX_OTHERS:
            self.others[column, word[:60]] += 1
        return words[ANYTHING_ELSE]

    def moment(self, name: str) -> datetime | None:
        """The instant of the field ``name`` in UTC (``at``: of a history's row); None where its cells are empty.

        BadRow where it is no moment, or made of two columns of which only one is filled.
        """
        if name not in self._moments:
            self._moments[name] = self._moment(name)
        return self._moments[name]

    def _moment(self, name: str) -> datetime | None:
        mapping = self.mapping
        text = moment_text(mapping, name, self.cells)
        if not text:
            return None
        if name in mapping.templates and (empty := [c for c in mapping.columns_of(name) if not self.cells[c]]):
            raise BadRow(self.line, empty[0], N_("This part of the time is missing."))
        try:
            return moments.read(text, mapping.forms, mapping.zone)
        except NoMoment as wrong:
            examples = moments.examples(mapping.forms)
            column = mapping.history.at if name == "at" and mapping.history else mapping.column_of(name)
            raise BadRow(self.line, column, wrong.template, text=text[:40], examples=examples) from None


def moment_text(mapping: ColumnMap, name: str, cells: Cells) -> str:
    """What stands in the file for the moment ``name`` (``at``: of a history's row); empty for no such column."""
    if name == "at":
        return cells[mapping.history.at] if mapping.history else ""
    if name in mapping.columns:
        return cells[mapping.columns[name]]
    return filled(mapping.templates[name], cells) if name in mapping.templates else ""


def cleaned(text: str) -> str:
    """A cell as it is read: Unicode NFC, without blanks and unseen signs around it."""
    text = text.strip()
    return text if text.isascii() else nfc(text).strip(UNSEEN).strip()


def filled(template: str, cells: Cells) -> str:
    """The template with its columns; one whose columns are all empty is empty itself."""
    parts = pieces(template)
    if not any(name and cells[name] for _, name in parts):
        return ""
    return "".join(text + (cells[name] or "–" if name else "") for text, name in parts)

"""What is wrong with a row of a foreign file, with the row and column where it can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.i18n import gettext


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was refused: its number (the header is row 1), the column, a sentence template and its values."""

    row: int
    column: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self) -> str:
        """The reason in the language in use."""
        return gettext(self.template).format(**self.values)


class BadRow(Exception):
    """A row that cannot be used."""

    def __init__(self, row: int, column: str, template: str, **values: object) -> None:
        self.problem = Problem(row, column, template, values)

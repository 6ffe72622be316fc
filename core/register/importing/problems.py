"""What is wrong with a row of a foreign file, with the line and column where it can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.i18n import gettext
from core.rules.marks import one_line


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was refused: the line of the file it begins on, the column, a sentence template and its values."""

    line: int
    column: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self) -> str:
        """The reason in the language in use, on one line whatever the cell that it quotes holds."""
        return one_line(gettext(self.template).format(**self.values))

    def in_column(self) -> str:
        """The reason behind the name of its column, where it has one."""
        return f"{self.column}: {self.sentence()}" if self.column else self.sentence()


class BadRow(Exception):
    """A row that cannot be used."""

    def __init__(self, line: int, column: str, template: str, **values: object) -> None:
        self.problem = Problem(line, column, template, values)

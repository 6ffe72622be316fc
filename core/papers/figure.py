"""The numbers of one figure as a CSV file: above its table, in lines that begin with ``#``, what it is and of what."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from core.i18n import N_, gettext, language, moment
from core.insight import findings
from core.insight.dimensions import name_of, title
from core.insight.filters import Filter
from core.papers.cells import RETYPED, RUNS
from core.papers.csv import DIALECTS, MARK, Dialect

Value = str | int | float | None
NO_NAME = re.compile(r"[^\w-]+")
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Told:
    """What a figure is: its ``title``, its ``definition``, and further sentences about it; plain texts."""

    title: str
    definition: str
    filter: Filter
    now: datetime
    more: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """In the reader's language: title, definition, period, what it is narrowed to, as of when."""
        narrowed = [
            f"{title(name)}: {', '.join(name_of(name, key) for key in keys)}" for name, keys in self.filter.narrowed
        ]
        period = gettext(N_("Period: {period}")).format(period=findings.span(self.filter))
        as_of = gettext(N_("As of {moment}")).format(moment=moment(self.now))
        return [line for line in (self.title, self.definition, period, *narrowed, *self.more, as_of) if line]

    def file_name(self, ending: str) -> str:
        """``Số-hồ-sơ-theo-nhóm_2026-11-16_2026-11-22.csv``: letters, digits and dashes alone."""
        name = NO_NAME.sub("-", self.title)[:LONGEST_NAME].strip("-")
        return f"{name}_{self.filter.start}_{self.filter.end}.{ending}"


def dialect() -> Dialect:
    """What a spreadsheet in the reader's language opens without asking: the comma is a decimal sign in Vietnamese."""
    return "excel" if language() == "vi" else "csv"


def write(lines: Sequence[str], headers: Sequence[str], rows: Sequence[Sequence[Value]], dialect: Dialect) -> bytes:
    """The file: ``lines``, then the table; numbers as they are, a decimal sign as ``dialect`` has it.

    Texts that a spreadsheet would run or retype have an apostrophe in front, as in exports.
    """
    out = StringIO()
    writer = csv.writer(out, delimiter=DIALECTS[dialect])
    writer.writerows([f"# {line}"] for line in lines)
    writer.writerow([_cell(header, dialect) for header in headers])
    writer.writerows([_cell(value, dialect) for value in row] for row in rows)
    return MARK + out.getvalue().encode()


def _cell(value: Value, dialect: Dialect) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value).replace(".", ",") if dialect == "excel" else str(value)
    return f"'{value}" if re.match(RUNS, value) or re.fullmatch(RETYPED, value) else value

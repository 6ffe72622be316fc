"""The refused rows as a file of the same kind with a reason beside each, to be mended and imported again."""

from __future__ import annotations

import codecs
import csv
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

from core.errors import Invalid
from core.i18n import N_, gettext, in_all_languages, os_reason
from core.register.importing.reader import Refusal
from core.register.importing.table import Table
from core.rules.text import fold

OWNER_ONLY = 0o600  # the rows hold personal data
REASON = N_("Reason refused")


def free_path(file: Path) -> Path:
    """A name beside ``file`` that is not taken: ``in.problems.csv``, then ``in.problems-2.csv`` …

    What is refused of such a file has the next number. An earlier one is never written over: somebody may be mending
    it.
    """
    stem, suffix = re.sub(r"\.problems(-\d+)?$", "", file.stem), file.suffix or ".csv"
    for n in count(1):
        path = file.with_name(f"{stem}.problems{f'-{n}' if n > 1 else ''}{suffix}")
        if not path.exists():
            return path
    raise AssertionError("there is always a next name")


def is_reason(column: str) -> bool:
    """Whether the column is the one that a problem file puts first, in either language, with or without accents."""
    return fold(column) in map(fold, in_all_languages(REASON))


class ProblemFile:
    """Written as rows are refused; readable by its owner only. ``close`` takes it away again when nothing was refused.

    Encoding, delimiter, header and the lines above the header are those of the imported file; the reason stands in the
    first column, where no surplus cell of a row can move it. Raises Invalid where ``path`` cannot be written, or is the
    imported file itself.
    """

    def __init__(self, path: Path, table: Table) -> None:
        self.path, self._table, self.rows = path, table, 0
        encoding = table.file.encoding
        if codecs.lookup(encoding).name == "utf-8":
            encoding = "utf-8-sig" if table.file.has_mark() else "utf-8"
        try:
            if path.exists() and path.samefile(table.file.path):
                raise Invalid(N_("The refused rows cannot be written over the file itself: name another one."))
            path.unlink(missing_ok=True)  # a new file, so that nobody keeps rights on the old one
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        except OSError as problem:
            raise Invalid(
                N_("“{file}” cannot be written: {reason}."), file=path.name, reason=os_reason(problem)
            ) from problem
        self._target = os.fdopen(opened, "w", encoding=encoding, errors=LETTER_BY_LETTER, newline="")
        self._writer = csv.writer(self._target, delimiter=table.delimiter)
        self._old_reason = next((place for place, name in enumerate(table.header) if is_reason(name)), None)
        self._target.writelines(table.file.lines(table.line - 1))
        self._writer.writerow([gettext(REASON), *self._own(table.raw)])

    def add(self, refusals: Iterable[Refusal]) -> None:
        """Write the rows of each; of a complaint with several rows, a reason stands in the row it is about."""
        for refusal in refusals:
            for record in refusal.records:
                reasons = [problem.in_column() for problem in refusal.problems if problem.line == record.line]
                self._writer.writerow([" ".join(reasons), *self._own(record.cells)])
                self.rows += 1

    def close(self) -> None:
        """End the file; without a row there is none."""
        self._target.close()
        if not self.rows:
            self.path.unlink(missing_ok=True)

    def _own(self, cells: Sequence[str]) -> list[str]:
        """The cells without the reason of an earlier import."""
        return [cell for place, cell in enumerate(cells) if place != self._old_reason]


def _letter_by_letter(error: UnicodeError) -> tuple[str, int]:
    """A letter that the encoding does not have, without its accents: an old code page cannot write every reason."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(sign: str) -> str:
    plain = {"đ": "d", "Đ": "D", "“": '"', "”": '"', "–": "-", "…": "..."}.get(sign)
    plain = plain or "".join(one for one in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(one))
    return plain if plain.isascii() and plain else "?"


LETTER_BY_LETTER = "letter_by_letter"
codecs.register_error(LETTER_BY_LETTER, _letter_by_letter)

"""How many users and orders there were per month: taken in from a CSV, as the next version, with its event."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.organisation.list_file import Fault
from core.register.people import accounts
from core.register.rulebook import EXPOSURE, Change
from core.rules.exposure import MEASURES, Exposure, Served, merged, months, ordered

ACTION = "set_exposure"
PERIOD = "period"
LARGEST, MOST = 1 << 20, 10**12  # bytes of a file; of anything
YEARS, MONTHS = range(2000, 2101), range(1, 13)
MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})|(?P<month2>\d{1,2})/(?P<year2>\d{4})")
WHOLE = re.compile(r"\d+|\d{1,3}(?:[., \u00a0]\d{3})+")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change, worked out against the numbers as they stood in ``version``.

    ``after``: all numbers as they would be. ``faults``: where there are any, nothing can be taken in.
    """

    version: int
    after: Exposure
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]


def plan(session: Session, content: bytes) -> Plan:
    """What taking this file in would change; nothing is written. A month that it does not name stays as it is.

    ``period,users``, ``period,orders`` or all three: a month as 2026-11 or 11/2026, whole numbers, empty for unknown.
    Raises Invalid for a file that is no such table.
    """
    before = rulebook.exposure(session)
    said, faults = _read(content)
    after = merged(before, said)
    changes = () if faults else tuple(_differences(before, after))
    return Plan(rulebook.version_of(session, "catalogue", EXPOSURE), after, changes, faults)


def put(session: Session, wanted: Plan, act: Act) -> None:
    """Write what was looked at; Conflict where somebody was faster, Invalid where there is nothing to write."""
    accounts.check_may(session, act, ACTION)
    if wanted.version != rulebook.version_of(session, "catalogue", EXPOSURE):
        raise Conflict(N_("Somebody else changed this list meanwhile: look at it as it is now, then try again."))
    if wanted.faults or not wanted.changes:
        raise Invalid(N_("Nothing changes."))
    rulebook.add_exposure(session, wanted.after, act, wanted.changes)


def _differences(before: Exposure, after: Exposure) -> Iterator[Change]:
    """What it is of: the month."""
    for measure in MEASURES:
        old, new = months(before, measure), months(after, measure)
        for month, number in new.items():
            if old.get(month) != number:
                yield Change(measure, f"{month:%Y-%m}", str(old.get(month, "")), str(number))


def _read(content: bytes) -> tuple[Exposure, tuple[Fault, ...]]:
    lines = _text(content).removeprefix("\ufeff").splitlines()
    header = lines[0] if lines else ""
    delimiter = max(",;\t", key=header.count)
    columns = [one.strip().lower() for one in next(csv.reader([header], delimiter=delimiter), [])]
    if PERIOD not in columns or not set(columns) & set(MEASURES):
        raise Invalid(N_("The first line must name the columns period and users, or period and orders."))
    found: dict[tuple[str, date], Served] = {}
    faults: list[Fault] = []
    for line, cells in enumerate(csv.reader(lines[1:], delimiter=delimiter), start=2):
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        if any(row.values()):
            faults += _row(line, row, found)
    return ordered(found.values()), tuple(faults)


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise Invalid(N_("The file is too large for a list: 1 MB at most."))
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Invalid(N_("“{file}” is no text in UTF-8."), file="CSV") from None


def _row(line: int, row: Mapping[str, str], found: dict[tuple[str, date], Served]) -> Iterator[Fault]:
    month = _month(row.get(PERIOD, ""))
    if month is None:
        yield Fault(line, PERIOD, N_("Write the month as 2026-11 or 11/2026."))
        return
    for measure in MEASURES:
        cell = row.get(measure, "")
        if not cell:
            continue
        number = int(re.sub(r"\D", "", cell)) if WHOLE.fullmatch(cell) else 0
        if not 0 < number <= MOST:
            yield Fault(line, measure, N_("Write a whole number above 0."))
        elif (measure, month) in found:
            yield Fault(line, PERIOD, N_("This month stands in the file twice."))
        else:
            found[measure, month] = Served(measure, month, number)


def _month(text: str) -> date | None:
    match = MONTH.fullmatch(text)
    if match is None:
        return None
    year, month = (int(match[name] or match[f"{name}2"]) for name in ("year", "month"))
    return date(year, month, 1) if month in MONTHS and year in YEARS else None

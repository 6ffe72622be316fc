"""A list as a CSV file: written for any spreadsheet, and read back as a preview before anything is written.

A column each for ``key``, both names and every attribute but the fields of a category, which the list keeps as they
are. Headers are the keys of the attributes, so that they are the same in both languages.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_
from core.register.importing import table
from core.register.importing.delimited import Delimited
from core.register.organisation import entries as rules
from core.register.organisation import lists
from core.register.rulebook import Change
from core.rules.catalogue import ATTRIBUTES, NAMES, Catalogue, Entry
from core.rules.text import fold

WANTED = ("key", "vi", "en")
FLAGS = frozenset({"retired", "written", "names_people"})
DAYS = frozenset({"complaint_days", "reply_days"})
YES, NO = frozenset({"yes", "true", "1", "x", "co"}), frozenset({"", "no", "false", "0", "khong"})
RUNS = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins like this is a formula to a spreadsheet
MARK = "\ufeff"  # the byte order mark: Excel takes the file for UTF-8
LARGEST = 1 << 20  # bytes


class Fault(NamedTuple):
    """What is to be mended in the file: line and column, and a sentence to be translated."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, worked out against the list as it stood in ``version``.

    ``after``: the list as it would be. ``faults``: where there are any, nothing can be imported. ``unread``: columns of
    the file that mean nothing here.
    """

    name: str
    version: int
    after: Catalogue
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    unread: tuple[str, ...] = ()

    def count(self, *what: str) -> int:
        """How many entries have such a change."""
        return len({change.key for change in self.changes if change.what in what})


def columns(name: str) -> tuple[str, ...]:
    """The headers of list ``name``."""
    return ("key", *NAMES, *(one for one in ATTRIBUTES[name] if one != "fields"))


def write(name: str, catalogue: Catalogue, delimiter: str = ",") -> bytes:
    """The whole list as a file, retired entries included; lines end with CRLF, a formula has an apostrophe in front."""
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(columns(name))
    for entry in catalogue.values():
        writer.writerow(_harmless(lists.text_of(getattr(entry, column))) for column in columns(name))
    return (MARK + out.getvalue()).encode()


def plan(session: Session, name: str, content: bytes) -> Plan:
    """What the import of this file would change; nothing is written.

    A row with an empty key is a new entry, as is one with a key that the list does not have. An entry without a row
    stays as it is; the order of the file becomes the order of the list where the file has every entry. New entries at
    the end of the file stand before “other” (``entries.with_new``). Raises Invalid for a file that is no such table.
    """
    before, version = lists.current(session, name), lists.version(session, name)
    rows, unread = _rows(name, content)
    after, lines, faults = dict[str, Entry](), dict[str, int](), list[Fault]()
    for line, cells, fault in rows:
        if fault:
            faults.append(Fault(line, "", fault))
            continue
        key = _plain(cells["key"]).strip() or rules.propose_key(cells["vi"], {*before, *after})
        if key in after:
            faults.append(Fault(line, "key", N_("This key stands in the file twice.")))
            continue
        entry, wrong = _entry(before.get(key), key, cells)
        faults += [Fault(line, column, sentence) for column, sentence in wrong]
        after[key], lines[key] = entry, line
    whole = _in_order(before, after)
    found = lists.problems(session, name, whole)
    faults += [Fault(lines.get(one.key, 0), one.field, one.sentence) for one in found]
    changes = () if faults else tuple(lists.differences(before, whole, name))
    return Plan(name, version, whole, changes, tuple(sorted(faults)), unread)


def _in_order(before: Catalogue, read: Catalogue) -> Catalogue:
    """The list with what was ``read``: in the order of the file where that has every entry, new ones last."""
    known = {key: entry for key, entry in read.items() if key in before}
    whole: Catalogue = {**before, **known}
    new = [entry for key, entry in read.items() if key not in before]
    if len(known) == len(before):
        last = list(read).index(list(known)[-1]) + 1 if known else 0
        whole, new = dict(list(read.items())[:last]), list(read.values())[last:]
    for entry in new:
        whole = rules.with_new(whole, entry)
    return whole


def _rows(name: str, content: bytes) -> tuple[list[tuple[int, dict[str, str], str]], tuple[str, ...]]:
    """Line, column → cell, and what is wrong with the row as a whole; and the columns that are not known."""
    if len(content) > LARGEST:
        raise Invalid(N_("The file is too large for a list: 1 MB at most."))
    with tempfile.TemporaryDirectory() as folder:  # the reader of foreign files reads from the disk
        file = Path(folder) / f"{name}.csv"
        file.write_bytes(content)
        found = table.find(Delimited(file), WANTED)
        places = {column: found.header.index(column) for column in columns(name) if column in found.header}
        rows = [
            (record.line, {column: _cell(record.cells, place) for column, place in places.items()}, record.fault)
            for record in found.records()
        ]
    return rows, tuple(column for column in found.header if column and column not in places)


def _cell(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _entry(known: Entry | None, key: str, cells: Mapping[str, str]) -> tuple[Entry, list[tuple[str, str]]]:
    """The entry that a row describes: what the file has no column for stays; and what is wrong with its cells."""
    values, wrong = dict[str, object](), list[tuple[str, str]]()
    for column, cell in cells.items():
        if column != "key":
            try:
                values[column] = _value(column, _plain(cell))
            except Invalid as refused:
                wrong.append((column, refused.template))
    entry = replace(known or Entry(key, "", ""), **values)  # type: ignore[arg-type]  # each by its column
    return replace(entry, key=key), wrong


def _value(column: str, cell: str) -> object:
    if column in FLAGS:
        if fold(cell) not in YES | NO:
            raise Invalid(N_("Write yes, or leave it empty."))
        return fold(cell) in YES
    if column in DAYS:
        text = cell.strip()
        if text and not (text.isascii() and text.isdigit()):
            raise Invalid(N_("Write whole days, 1 to 365, or leave it empty."))
        return int(text[:9]) if text else None
    if column in ("suits", "taken_by"):
        return tuple(dict.fromkeys(cell.replace(",", " ").split()))
    return rules.clean(cell)


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip("'").startswith(RUNS) else text


def _plain(cell: str) -> str:
    """The text as it was before ``_harmless``."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(RUNS) else cell

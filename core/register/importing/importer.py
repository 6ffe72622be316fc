"""Bringing complaints in from a file: read by its mapping, under the same rules as the form, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import PopsError
from core.register import rulebook
from core.register.case import complaints
from core.register.case.case import Case
from core.register.case.customers import Finder
from core.register.clocks import cycles
from core.register.importing.cells import Others
from core.register.importing.delimited import Delimited
from core.register.importing.mapping import ColumnMap
from core.register.importing.problems import Problem
from core.register.importing.reader import Arrival, Reader, Refusal, scan
from core.register.importing.table import find
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.seal import Subject
from core.register.log.tables import Complaint
from core.register.organisation import lists
from core.register.people import accounts
from core.rules.catalogue import Catalogue, Catalogues, Entry, counted_as

FIELDS = {name: column.key for name, column in lists.COLUMNS.items()}
"""List → the field of a draft or a step that names an entry of it."""
KEPT = 1_000  # problems held for the report; the problem file has all of them
LOOKED_UP = 500  # references per query; SQLite takes a limited number of parameters


Taken = Sequence[tuple[Arrival, Case]]
"""What the register took, or would take: each complaint of the file with its case."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How an import runs: ``batch`` complaints in one transaction; ``dry_run`` writes nothing."""

    batch: int = 1_000
    dry_run: bool = False


class Outdated(NamedTuple):
    """An entry of a list that a file names and no form offers any more, and the one it is taken as (D20)."""

    list: str
    said: Entry
    taken: Entry


@dataclass
class Report:
    """What became of a file.

    ``rows``: below the header, ``rows_read`` of them so far. ``accepted``, ``known``, ``refused``: complaints.
    ``problems``: the first thousand, ``problem_count``: all. ``others``: (column, word) → rows in which the mapping's
    ``*`` stood for the word. ``renamed``: line of each complaint that names a known customer differently; a dry run
    knows the customers of the register and of the same batch only. ``outdated``: what is no longer offered → how many
    complaints name it.
    """

    rows: int = 0
    rows_read: int = 0
    accepted: int = 0
    known: int = 0
    refused: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    others: Others = field(default_factory=Others)
    renamed: list[int] = field(default_factory=list)
    outdated: Counter[Outdated] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """Complaints dealt with so far."""
        return self.accepted + self.known + self.refused

    def add(self, refusals: Iterable[Refusal]) -> None:
        """Count refused complaints, and keep their problems while there is room."""
        for refusal in refusals:
            self.refused += 1
            self.problem_count += len(refusal.problems)
            self.problems += refusal.problems[: KEPT - len(self.problems)]


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of an import while it runs, after each batch: how far it is, and what was refused, by lines."""

    progress: Callable[[Report], None] = lambda _report: None
    refused: Callable[[Sequence[Refusal]], None] = lambda _refusals: None


def take_in(
    register: Register,
    file: Delimited,
    mapping: ColumnMap,
    *,
    act: Act,
    mode: Mode = Mode(),
    told: Told = Told(),
) -> Report:
    """Bring every complaint of ``file`` in that is not known yet.

    A batch is one transaction: whatever stops the import, no complaint is half written, and the same import run again
    goes on where it stopped, because a complaint is known by (source, reference). Bad rows are reported, not raised;
    Invalid means that the file as a whole cannot be used, and is raised before anything is written. Each batch asks
    anew who the person is: NotAllowed, with the batches before it written, where the account or role is gone since.
    """
    table = find(file, mapping.wanted())
    with register.read() as session:
        rulebook.current_procedure(session, mapping.procedure, act.now)
    found = scan(table, mapping)
    refusals: list[Refusal] = []
    reader = Reader(table, mapping, found.last, refusals.append)
    report = Report(rows=found.rows, others=reader.others)
    target = _Target(register, mapping.source, act, mode.dry_run)
    arrivals = reader.arrivals()
    while True:
        batch = list(islice(arrivals, mode.batch))
        _take_batch(target, batch, report, reader)
        refusals.sort(key=lambda refusal: refusal.records[0].line)
        report.add(refusals)
        report.rows_read = reader.rows_read
        told.refused(refusals)
        refusals.clear()
        if not batch:
            break
        told.progress(report)
    report.problems.sort(key=lambda problem: problem.line)
    report.renamed.sort()
    return report


@dataclass(frozen=True)
class _Target:
    """Where the complaints go, under which source, by whose act, and whether they are only to be tried."""

    register: Register
    source: str
    act: Act
    dry_run: bool


def _take_batch(target: _Target, arrivals: Sequence[Arrival], report: Report, reader: Reader) -> None:
    """Write those that are not known; where the register refuses one, find out which, report them, write the others."""
    if not arrivals:
        return
    with target.register.read() as session:
        known = _known(session, target.source, arrivals)
        retired = _no_longer_offered(rulebook.catalogues(session))
    fresh = [arrival for arrival in arrivals if arrival.reference not in known]
    # Writing the whole batch is tried first: one refusal in it is rare, and finding which costs a second pass.
    taken = None if target.dry_run else _write_or_none(target, fresh)
    if taken is None:
        rehearsed, refused = _rehearse(target, fresh)
        for arrival, error in refused:
            reader.refuse(arrival, error)
        fresh = [arrival for arrival, _ in rehearsed]
        taken = rehearsed if target.dry_run else _write(target, fresh)
    report.known += len(known) + len(fresh) - len(taken)
    report.accepted += len(taken)
    report.outdated.update(one for arrival, _ in taken for one in _outdated(arrival, retired))
    report.renamed += [arrival.line for arrival, case in taken if "named_as_id" in case.events[0].payload]


def _no_longer_offered(known: Catalogues) -> dict[str, Mapping[object, Outdated]]:
    """Field of a draft or a step → the keys of its list that no form offers any more; fields without any left out."""
    found: dict[str, Mapping[object, Outdated]] = {}
    for name, attribute in FIELDS.items():
        catalogue: Catalogue = getattr(known, name)
        found[attribute] = {
            key: Outdated(name, entry, catalogue[counted_as(catalogue, key)])
            for key, entry in catalogue.items()
            if entry.retired
        }
    return {attribute: entries for attribute, entries in found.items() if entries}


def _outdated(arrival: Arrival, retired: Mapping[str, Mapping[object, Outdated]]) -> set[Outdated]:
    """What the complaint and its steps name of the lists that is no longer offered."""
    found = set[Outdated]()
    for attribute, entries in retired.items():
        said = {getattr(arrival.draft, attribute, None), *(step.fields.get(attribute) for step in arrival.steps)}
        found.update(entries[key] for key in said if key in entries)
    return found


def _write_or_none(target: _Target, arrivals: Sequence[Arrival]) -> Taken | None:
    try:
        return _write(target, arrivals)
    except PopsError:
        return None


def _write(target: _Target, arrivals: Sequence[Arrival]) -> Taken:
    """One transaction: the complaints with their histories, and the event that names their source.

    Those that another import brought in since they were looked up are left out.
    """
    if not arrivals:
        return []
    with target.register.write() as session:
        accounts.check_may(session, target.act, "import")
        known = _known(session, target.source, arrivals)
        fresh = [arrival for arrival in arrivals if arrival.reference not in known]
        if not fresh:
            return []
        cases = complaints.write_histories(session, [(a.draft, a.steps) for a in fresh], target.act)
        payload = {"source": target.source, "accepted": len(fresh)}
        seal.append(session, Subject("import", 0), "imported", payload, target.act.stamp)
    return list(zip(fresh, cases, strict=True))


def _rehearse(target: _Target, arrivals: Sequence[Arrival]) -> tuple[Taken, list[tuple[Arrival, PopsError]]]:
    """Which of them the register takes, and which it refuses and why; always rolled back."""
    taken: list[tuple[Arrival, Case]] = []
    refused: list[tuple[Arrival, PopsError]] = []
    with suppress(_RolledBack), target.register.write() as session:
        accounts.check_may(session, target.act, "import")
        finder = Finder(session, [arrival.draft.customer for arrival in arrivals], now=target.act.now)
        for arrival in arrivals:
            try:
                case = complaints.build(session, (arrival.draft, arrival.steps), finder, target.act)
                cycles.rows_of(session, case.id, case.row, case.events)
            except PopsError as error:
                refused.append((arrival, error))
            else:
                taken.append((arrival, case))
        raise _RolledBack
    return taken, refused


def _known(session: Session, source: str, arrivals: Sequence[Arrival]) -> set[str]:
    """The references among ``arrivals`` that the register has already, under the same name or one of its aliases."""
    names = {name: arrival.reference for arrival in arrivals for name in (*arrival.aliases, arrival.reference)}
    references = list(names)
    found: set[str] = set()
    for start in range(0, len(references), LOOKED_UP):
        some = references[start : start + LOOKED_UP]
        its = select(Complaint.external_ref).where(Complaint.source == source, Complaint.external_ref.in_(some))
        found.update(names[reference] for reference in session.scalars(its) if reference is not None)
    return found


class _RolledBack(Exception):
    """Ends a transaction that was only to be tried."""

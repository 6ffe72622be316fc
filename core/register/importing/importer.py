"""Bringing complaints in from a file: read by its mapping, under the same rules as the form, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import islice
from typing import NamedTuple

from sqlalchemy import bindparam, select
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
from core.register.importing.reader import Arrival, Reader, Refusal, Scan, refusal, scan
from core.register.importing.table import Table, find
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.ahead import Rows, batch_by_batch
from core.register.log.bulk import among
from core.register.log.database import Register
from core.register.log.seal import Subject
from core.register.log.tables import Complaint
from core.register.organisation import lists
from core.register.people import accounts
from core.rules.catalogue import Catalogue, Catalogues, Entry, counted_as

FIELDS = {name: column.key for name, column in lists.COLUMNS.items()}
"""List → the field of a draft or a step that names an entry of it."""
KEPT = 1_000  # problems held for the report; the problem file has all of them
KNOWN = select(Complaint.external_ref).where(
    Complaint.source == bindparam("source"), among(Complaint.external_ref, "names")
)

Taken = Sequence[tuple[Arrival, Case]]
"""What the register took, or would take: each complaint of the file with its case."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How an import runs: ``batch`` complaints in one transaction; ``dry_run`` writes nothing.

    ``ahead``: another process reads, and a second one does every second batch (``core.register.log.ahead``).
    """

    batch: int = 1_000
    dry_run: bool = False
    ahead: bool = False


class Outdated(NamedTuple):
    """An entry of a list that a file names and no form offers any more, and the one it is taken as (D20)."""

    list: str
    said: Entry
    taken: Entry


class Batch(NamedTuple):
    """Complaints to bring in together. Since the batch before: what was refused; so far: rows read, and ``others``."""

    arrivals: Sequence[Arrival]
    refusals: Sequence[Refusal]
    rows_read: int
    others: Others


class Brought(NamedTuple):
    """What became of a batch; the fields are those of a report."""

    rows_read: int
    others: Others
    accepted: int
    known: int
    refusals: Sequence[Refusal]
    renamed: Sequence[int]
    outdated: Counter[Outdated]


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

    def add(self, brought: Brought) -> None:
        """Count what became of a batch, and keep its problems while there is room."""
        self.rows_read, self.others = brought.rows_read, brought.others
        self.accepted += brought.accepted
        self.known += brought.known
        self.renamed += brought.renamed
        self.outdated.update(brought.outdated)
        self.refused += len(brought.refusals)
        for one in brought.refusals:
            self.problem_count += len(one.problems)
            self.problems += one.problems[: KEPT - len(self.problems)]


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
    scanned = cache(lambda: scan(table, mapping))
    batches = _batches(table, mapping, scanned, mode.batch)
    take_batch = partial(partial, _take_batch, Target(mapping, act, mode.dry_run))
    with batch_by_batch(register, batches, take_batch, ahead=mode.ahead and not mode.dry_run) as each:
        report = Report(rows=scanned().rows)
        for brought in each:
            report.add(brought)
            told.refused(brought.refusals)
            told.progress(report)
    report.problems.sort(key=lambda problem: problem.line)
    report.renamed.sort()
    return report


class Target(NamedTuple):
    """How the complaints are read, by whose act they come, and whether they are only to be tried."""

    mapping: ColumnMap
    act: Act
    dry_run: bool


def _batches(table: Table, mapping: ColumnMap, scanned: Callable[[], Scan], size: int) -> Iterator[Batch]:
    """The complaints of the file, ``size`` at a time; the last batch may have none, but rows that were refused.

    ``scanned`` is asked only where a complaint has several rows, so that else the first batch need not wait for it.
    """
    refusals: list[Refusal] = []
    reader = Reader(table, mapping, scanned().last if mapping.history else {}, refusals.append)
    arrivals = reader.arrivals()
    while (some := Rows(islice(arrivals, size))) or refusals:
        yield Batch(some, tuple(refusals), reader.rows_read, reader.others.copy())
        refusals.clear()


def _take_batch(target: Target, batch: Batch, register: Register) -> Brought:
    """Write those that are not known; where the register refuses one, find out which, report them, write the others."""
    # Writing the whole batch is tried first: one refusal in it is rare, and finding which costs a second pass.
    taken = None if target.dry_run else _write_or_none(register, target, batch.arrivals)
    refused: Sequence[tuple[Arrival, PopsError]] = ()
    if taken is None:
        taken, refused = _rehearse(register, target, batch.arrivals)
        if not target.dry_run:
            taken = _write(register, target, [arrival for arrival, _ in taken])
    refusals = [*batch.refusals, *(refusal(target.mapping, arrival, error) for arrival, error in refused)]
    with register.read() as session:
        retired = _no_longer_offered(rulebook.catalogues(session))
    return Brought(
        rows_read=batch.rows_read,
        others=batch.others,
        accepted=len(taken),
        known=len(batch.arrivals) - len(refused) - len(taken),
        refusals=sorted(refusals, key=lambda one: one.records[0].line),
        renamed=[arrival.line for arrival, case in taken if "named_as_id" in case.events[0].payload],
        outdated=Counter(one for arrival, _ in taken for one in _outdated(arrival, retired)),
    )


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
    found: set[Outdated] = set()
    for attribute, entries in retired.items():
        said = {getattr(arrival.draft, attribute, None), *(step.fields.get(attribute) for step in arrival.steps)}
        found.update(entries[key] for key in said if key in entries)
    return found


def _write_or_none(register: Register, target: Target, arrivals: Sequence[Arrival]) -> Taken | None:
    try:
        return _write(register, target, arrivals)
    except PopsError:
        return None


def _write(register: Register, target: Target, arrivals: Sequence[Arrival]) -> Taken:
    """One transaction: those that are not known, with their histories, and the event that names their source."""
    if not arrivals:
        return []
    with register.write() as session:
        accounts.check_may(session, target.act, "import")
        fresh = _unknown(session, target.mapping.source, arrivals)
        if not fresh:
            return []
        cases = complaints.write_histories(session, [(a.draft, a.steps) for a in fresh], target.act)
        payload = {"source": target.mapping.source, "accepted": len(fresh)}
        seal.append(session, Subject("import", 0), "imported", payload, target.act.stamp)
    return list(zip(fresh, cases, strict=True))


def _rehearse(
    register: Register, target: Target, arrivals: Sequence[Arrival]
) -> tuple[Taken, list[tuple[Arrival, PopsError]]]:
    """Which of them that are not known the register takes, and which it refuses and why; always rolled back."""
    taken: list[tuple[Arrival, Case]] = []
    refused: list[tuple[Arrival, PopsError]] = []
    with suppress(_RolledBack), register.write() as session:
        accounts.check_may(session, target.act, "import")
        fresh = _unknown(session, target.mapping.source, arrivals)
        finder = Finder(session, [arrival.draft.customer for arrival in fresh], now=target.act.now)
        for arrival in fresh:
            try:
                case = complaints.build(session, (arrival.draft, arrival.steps), finder, target.act)
                cycles.rows_of(session, case.id, case.row, case.events)
            except PopsError as error:
                refused.append((arrival, error))
            else:
                taken.append((arrival, case))
        raise _RolledBack
    return taken, refused


def _unknown(session: Session, source: str, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Those that the register does not have yet, neither under their name nor under one of its aliases.

    None of them is in an earlier batch that may not be written yet: a file gives each reference once.
    """
    names = [name for arrival in arrivals for name in (*arrival.aliases, arrival.reference)]
    known = set(session.connection().scalars(KNOWN, {"source": source, "names": names}))
    return [arrival for arrival in arrivals if known.isdisjoint((*arrival.aliases, arrival.reference))]


class _RolledBack(Exception):
    """Ends a transaction that was only to be tried."""

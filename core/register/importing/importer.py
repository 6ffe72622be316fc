"""Bringing complaints in from a file: read by its mapping, under the same rules as the form, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, PopsError
from core.i18n import N_
from core.register import rulebook
from core.register.case import complaints
from core.register.clocks import cycles
from core.register.importing.delimited import Delimited
from core.register.importing.mapping import ColumnMap
from core.register.importing.problems import Problem
from core.register.importing.reader import Arrival, Reader
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.seal import Subject
from core.register.log.tables import Complaint

LOOKED_UP = 500  # references per query; SQLite takes a limited number of parameters


@dataclass(frozen=True, slots=True)
class Mode:
    """How an import runs: ``batch`` complaints in one transaction; ``dry_run`` writes nothing."""

    batch: int = 500
    dry_run: bool = False


@dataclass
class Report:
    """What became of a file: complaints accepted, known already, refused; problems by row and column."""

    rows: int = 0
    accepted: int = 0
    known: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Complaints dealt with so far."""
        return self.accepted + self.known + self.refused


def unread_columns(file: Delimited, mapping: ColumnMap) -> list[str]:
    """The columns the mapping does not read, so that none is dropped silently.

    Raises Invalid when a column that the mapping names is missing.
    """
    header = file.header()
    missing = [name for name in mapping.wanted() if name not in header]
    if missing:
        raise Invalid(
            N_("“{file}” has no column “{column}”: it has {known}. Mend the mapping or export the file again."),
            file=file.name,
            column=missing[0],
            known=", ".join(header),
        )
    return [name for name in header if name not in mapping.wanted()]


def take_in(
    register: Register,
    file: Delimited,
    mapping: ColumnMap,
    *,
    act: Act,
    mode: Mode = Mode(),
    progress: Callable[[Report], None] = lambda _report: None,
) -> Report:
    """Bring every complaint of ``file`` in that is not known yet; ``progress`` is called after each batch.

    A batch is one transaction: whatever stops the import, no complaint is half written, and the same import run again
    goes on where it stopped, because a complaint is known by (source, reference). Bad rows are reported, not raised;
    Invalid means that the file as a whole cannot be used, and is raised before anything is written.
    """
    unread_columns(file, mapping)
    with register.read() as session:
        rulebook.current_procedure(session, mapping.procedure)
    report = Report(rows=file.count())
    reader = Reader(file, mapping, report.problems)
    target = _Target(register, mapping.source, act, mode.dry_run)
    for arrivals in _batches(reader.arrivals(), mode.batch):
        report.refused = reader.refused
        _take_batch(target, arrivals, report, reader)
        progress(report)
    report.refused = reader.refused
    report.problems.sort(key=lambda problem: problem.row)
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
    with target.register.read() as session:
        known = _known(session, target.source, arrivals)
    fresh = [arrival for arrival in arrivals if arrival.reference not in known]
    # Writing the whole batch is tried first: one refusal in it is rare, and finding which costs a second pass.
    taken = None if target.dry_run else _write_or_none(target, fresh)
    if taken is None:
        refused = _rehearse(target, fresh)
        for arrival, error in refused:
            reader.refuse(arrival, error)
        bad = {arrival.reference for arrival, _ in refused}
        fresh = [arrival for arrival in fresh if arrival.reference not in bad]
        taken = len(fresh) if target.dry_run else _write(target, fresh)
    report.known += len(known) + len(fresh) - taken
    report.accepted += taken
    report.refused = reader.refused


def _write_or_none(target: _Target, arrivals: Sequence[Arrival]) -> int | None:
    try:
        return _write(target, arrivals)
    except PopsError:
        return None


def _write(target: _Target, arrivals: Sequence[Arrival]) -> int:
    """One transaction: the complaints with their histories, and the event that names their source; returns how many.

    Those that another import brought in since they were looked up are left out.
    """
    if not arrivals:
        return 0
    with target.register.write() as session:
        known = _known(session, target.source, arrivals)
        fresh = [arrival for arrival in arrivals if arrival.reference not in known]
        if not fresh:
            return 0
        complaints.write_histories(session, [(a.draft, a.steps) for a in fresh], target.act)
        payload = {"source": target.source, "accepted": len(fresh)}
        seal.append(session, Subject("import", 0), "imported", payload, target.act.stamp)
    return len(fresh)


def _rehearse(target: _Target, arrivals: Iterable[Arrival]) -> list[tuple[Arrival, PopsError]]:
    """Which of them the register refuses and why; always rolled back."""
    refused: list[tuple[Arrival, PopsError]] = []
    with suppress(_RolledBack), target.register.write() as session:
        for arrival in arrivals:
            try:
                case = complaints.build(session, (arrival.draft, arrival.steps), target.act)
                cycles.rows_of(session, case.id, case.row, case.events)
            except PopsError as error:
                refused.append((arrival, error))
        raise _RolledBack
    return refused


def _known(session: Session, source: str, arrivals: Sequence[Arrival]) -> set[str]:
    """The references among ``arrivals`` that the register has already."""
    references = [arrival.reference for arrival in arrivals]
    found: set[str] = set()
    for start in range(0, len(references), LOOKED_UP):
        some = references[start : start + LOOKED_UP]
        its = select(Complaint.external_ref).where(Complaint.source == source, Complaint.external_ref.in_(some))
        found.update(reference for reference in session.scalars(its) if reference is not None)
    return found


def _batches(arrivals: Iterator[Arrival], size: int) -> Iterator[list[Arrival]]:
    while group := list(islice(arrivals, size)):
        yield group


class _RolledBack(Exception):
    """Ends a transaction that was only to be tried."""

"""Proof that nothing was lost or altered: the chain of seals is whole, and replaying the log gives the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import cast

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from core.errors import PopsError
from core.register import rulebook
from core.register.case import evidence, search_index
from core.register.case.case import event_of
from core.register.case.payload import CycleRow
from core.register.case.projection import fold
from core.register.clocks import cycles
from core.register.log import seal, transaction
from core.register.log.database import Register
from core.register.log.seal import EventRow
from core.register.log.tables import (
    CalendarVersion,
    CatalogueVersion,
    Complaint,
    Event,
    Evidence,
    ProcedureVersion,
    SlaCycle,
)

BATCH = 2_000
SHOWN = 20
LoggedRow = Row[int, int, int, str, datetime, str]
"""An event of a complaint: id, subject_id, seq, kind, happened_at, payload."""


@dataclass
class Report:
    """What was checked and what is wrong; ``problems`` holds at most the first twenty, ``wrong`` counts all."""

    events: int = 0
    complaints: int = 0
    clocks: int = 0
    evidence: int = 0
    seal: str = ""
    wrong: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        """Note one more problem."""
        self.wrong += 1
        if len(self.problems) < SHOWN:
            self.problems.append(problem)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.wrong == 0


def verify(register: Register, *, files: bool = True) -> Report:
    """Check seals, replay, evidence and search index of the whole register as of one moment, in flat memory."""
    report = Report()
    with register.read() as session:
        _check_chain(session, report)
        _check_replay(session, report)
        _check_rules(session, report)
        _check_evidence(session, report, files=files)
        for problem in search_index.check_index(session):
            report.add(problem)
    return report


def _check_chain(session: Session, report: Report) -> None:
    expected, previous = 1, seal.GENESIS
    for found in session.execute(select(Event.__table__).order_by(Event.id).execution_options(yield_per=BATCH)):
        row = cast("EventRow", dict(found._mapping))
        report.events += 1
        if row["id"] != expected:
            report.add(f"event {expected}: missing, the log goes on with {row['id']}")
        if row["previous"] != previous:
            report.add(f"event {row['id']}: does not follow the one before it")
        if row["hash"] != seal.fingerprint(row):
            report.add(f"event {row['id']}: was changed after it was written")
        expected, previous = row["id"] + 1, row["hash"]
    report.seal = previous.hex()


def _check_replay(session: Session, report: Report) -> None:
    seen = 0
    for complaint_id, events in _by_complaint(session):
        seen += 1
        _check_complaint(session, complaint_id, events, report)
    report.complaints = seen
    rows = session.scalar(select(func.count()).select_from(Complaint)) or 0
    if rows != seen:
        report.add(f"complaints: {rows} rows stand against {seen} histories in the log")


def _by_complaint(session: Session) -> Iterator[tuple[int, list[LoggedRow]]]:
    columns = Event.id, Event.subject_id, Event.seq, Event.kind, Event.happened_at, Event.payload
    its = select(*columns).where(Event.subject == "complaint").order_by(Event.subject_id, Event.seq)
    for complaint_id, rows in groupby(
        session.execute(its.execution_options(yield_per=BATCH)), key=lambda row: int(row.subject_id)
    ):
        yield complaint_id, list(rows)


def _check_complaint(session: Session, complaint_id: int, events: Sequence[LoggedRow], report: Report) -> None:
    row = session.execute(select(Complaint.__table__).where(Complaint.id == complaint_id)).mappings().first()
    if row is None:
        report.add(f"complaint {complaint_id}: is in the log but not in the register")
        return
    try:
        history = [event_of(event) for event in events]
        expected = fold(history)
        its_cycles = cycles.rows_of(session, complaint_id, expected, history)
    except (PopsError, KeyError, ValueError) as broken:
        report.add(f"{row['code']}: its log cannot be replayed ({broken})")
        return
    beside = {"id": complaint_id, "changed": events[-1].id, "next_due_at": cycles.next_due(its_cycles)}
    for name, value in {**expected, **beside}.items():
        if row[name] != value:
            report.add(f"{row['code']}.{name}: register says {row[name]!s}, log says {value!s}")
    _check_clocks(session, complaint_id, row["code"], its_cycles, report)
    attested = {int(key): digest for event in history for key, digest in event.payload.get("digests", {}).items()}
    _check_digests(session, complaint_id, row["code"], attested, report)


def _check_clocks(session: Session, complaint_id: int, code: str, expected: list[CycleRow], report: Report) -> None:
    its = select(SlaCycle.__table__).where(SlaCycle.complaint_id == complaint_id)
    found = {(row["term"], row["number"]): dict(row) for row in session.execute(its).mappings()}
    report.clocks += len(found)
    for row in expected:
        stored = found.pop((row["term"], row["number"]), None)
        if stored != row:
            report.add(f"{code}: clock {row['term']} {row['number']} is not the one the log gives")
    for term, number in found:
        report.add(f"{code}: clock {term} {number} is not in the log")


def _check_digests(session: Session, complaint_id: int, code: str, attested: dict[int, str], report: Report) -> None:
    """The log names every text and file with its digest: none may be missing, exchanged or added beside it."""
    its = select(Evidence.id, Evidence.digest).where(Evidence.complaint_id == complaint_id)
    found = {row.id: row.digest.hex() for row in session.execute(its)}
    for number in sorted(attested.keys() | found.keys()):
        if number not in found:
            report.add(f"{code}: evidence {number} is in the log but not in the register")
        elif attested.get(number) != found[number]:
            report.add(f"{code}: evidence {number} is not the one the log attests")


def _check_rules(session: Session, report: Report) -> None:
    """Every version of calendar, procedures and catalogues is as the log attests: deadlines follow from them."""
    wanted = select(Event.subject, Event.subject_id, Event.payload).where(
        Event.subject.in_(("calendar", "procedure", "catalogue"))
    )
    events = [(row.subject, row.subject_id, seal.read(row.payload)) for row in session.execute(wanted)]
    attested = {
        (subject, payload.get("key") or payload.get("name"), version): payload.get("digest")
        for subject, version, payload in events
    }
    stored: dict[tuple[str, str | None, int], str]
    stored = {("calendar", None, row.version): row.content for row in session.scalars(select(CalendarVersion))}
    stored |= {("procedure", row.key, row.version): row.content for row in session.scalars(select(ProcedureVersion))}
    stored |= {("catalogue", row.name, row.version): row.content for row in session.scalars(select(CatalogueVersion))}
    for name in sorted(attested.keys() | stored.keys(), key=str):
        if name not in stored or attested.get(name) != rulebook.digest(stored[name]):
            subject, key, version = name
            report.add(f"{subject} {key or ''} version {version}: is not the one that was taken into use")


def _check_evidence(session: Session, report: Report, *, files: bool) -> None:
    folder = transaction.of(session).evidence_dir
    for row in session.scalars(select(Evidence).execution_options(yield_per=BATCH)):
        report.evidence += 1
        if (row.stored_as is None or files) and not evidence.is_whole(row, folder):
            report.add(f"evidence {row.id}: content is missing or was changed")
        session.expunge(row)  # else the session would hold every text of the register in memory

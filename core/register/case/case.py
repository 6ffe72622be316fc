"""A complaint in hand: its events so far, the steps being added, and the one place that writes both log and projection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.case import evidence
from core.register.case.draft import CLOCK_SKEW
from core.register.case.evidence import FileDraft
from core.register.case.projection import Happening, Row, apply
from core.register.clocks import cycles
from core.register.log import seal, transaction
from core.register.log.seal import Entry
from core.register.log.tables import Complaint, Event, Evidence, SlaCycle
from core.rules.workflow import EVENTS

Texts = Mapping[str, tuple[str, str]]  # payload key → (kind of text, body)
BESIDE = frozenset({"noted", "evidence_added", "assigned", "recalculated"})  # these stand beside the order of the steps
ONE_STATEMENT = {"render_nulls": True}  # else rows with and without a NULL become a statement each


@dataclass
class Case:
    """One complaint while a transaction works on it."""

    id: int
    row: Row = field(default_factory=dict)
    events: list[Happening] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)
    papers: list[dict[str, Any]] = field(default_factory=list)
    is_new: bool = False

    def add(
        self,
        session: Session,
        kind: str,
        payload: Mapping[str, Any],
        *,
        happened_at: datetime,
        now: datetime,
        by: int | None,
        texts: Texts | None = None,
        files: Sequence[FileDraft] = (),
    ) -> None:
        """Take one more step in memory; Invalid or NotAllowed leaves the case as it was."""
        self._check_time(kind, happened_at, now)
        papers = _papers(session, self.id, texts or {}, files, now)
        said = {key: value for key, value in payload.items() if value is not None}
        said.update({key: row["id"] for key, row in papers.items() if not key.startswith("file:")})
        if any(key.startswith("file:") for key in papers):
            said["files"] = [row["id"] for key, row in papers.items() if key.startswith("file:")]
        if papers:
            said["digests"] = {str(row["id"]): row["digest"].hex() for row in papers.values()}
        said["calendar"] = rulebook.calendar_version(session)
        event = Happening(len(self.events) + 1, kind, happened_at, said)
        self.row = apply(self.row, event)
        self.events.append(event)
        self.papers.extend(papers.values())
        self.fresh.append(Entry("complaint", self.id, event.seq, kind, happened_at, now, by, said))

    def _check_time(self, kind: str, happened_at: datetime, now: datetime) -> None:
        if happened_at > now + CLOCK_SKEW:
            raise Invalid(
                N_("The step lies in the future: give the time it happened."),
                {"happened_at": N_("Give a time that is not in the future.")},
            )
        if not self.events:
            return
        moves = EVENTS.get(kind)
        if moves is None or kind in BESIDE:
            return
        latest = max(e.happened_at for e in self.events if e.kind not in BESIDE)
        if happened_at < latest:
            raise Invalid(
                N_("“{kind}” cannot have happened before the step it follows: check the time."),
                {"happened_at": N_("Give a time after the step before this one.")},
                kind=kind,
            )


def load(session: Session, code: str) -> Case:
    """The case with its whole history; NotFound when there is no such code."""
    complaint_id = session.scalar(select(Complaint.id).where(Complaint.code == code))
    if complaint_id is None:
        raise NotFound(N_("There is no complaint {code}: check the code."), code=code)
    return of_events(complaint_id, history(session, complaint_id))


def history(session: Session, complaint_id: int) -> list[Event]:
    """The events of the complaint, oldest first."""
    its = select(Event).where(Event.subject == "complaint", Event.subject_id == complaint_id)
    return list(session.scalars(its.order_by(Event.seq)))


def of_events(complaint_id: int, events: Iterable[Any]) -> Case:
    """The case as its events tell it."""
    case = Case(complaint_id)
    for event in events:
        happening = happening_of(event)
        case.row = apply(case.row, happening)
        case.events.append(happening)
    return case


def happening_of(event: Any) -> Happening:
    """A row of the log as the fold reads it."""
    return Happening(event.seq, event.kind, event.happened_at, seal.read(event.payload))


def expect_version(session: Session, case: Case, version: int | None) -> None:
    """Conflict, telling what the other did, when the case has moved on since ``version`` was read."""
    if version is None or version == case.row["version"]:
        return
    since = [event for event in history(session, case.id) if event.seq > version]
    raise Conflict(
        N_("Somebody else changed this complaint while you were writing: see what changed, then save again."),
        changes=tuple((event.kind, event.actor_id, event.happened_at) for event in since),
    )


def save(session: Session, cases: Sequence[Case]) -> None:
    """Seal the new events and bring complaint rows, clocks and evidence in line, in few statements for any number of cases."""
    logged = seal.append_all(session, [entry for case in cases for entry in case.fresh])
    newest = {row["subject_id"]: row["id"] for row in logged}
    rows, clock_rows = [], []
    for case in cases:
        its_clocks = cycles.rows_of(session, case.id, case.row, case.events)
        rows.append({**case.row, "id": case.id, "changed": newest[case.id], "next_due_at": cycles.next_due(its_clocks)})
        clock_rows += its_clocks
    new = [row for row, case in zip(rows, cases, strict=True) if case.is_new]
    known = [row for row, case in zip(rows, cases, strict=True) if not case.is_new]
    if new:
        session.execute(insert(Complaint), new, execution_options=ONE_STATEMENT)
    if known:
        session.connection().execute(_update_row(known[0]), [{f"b_{k}": v for k, v in row.items()} for row in known])
        session.execute(delete(SlaCycle).where(SlaCycle.complaint_id.in_([row["id"] for row in known])))
    if clock_rows:
        session.execute(insert(SlaCycle), clock_rows, execution_options=ONE_STATEMENT)
    papers = [paper for case in cases for paper in case.papers]
    if papers:
        session.execute(insert(Evidence), papers, execution_options=ONE_STATEMENT)
    for case in cases:
        case.fresh, case.papers, case.is_new = [], [], False
    session.expire_all()


def _update_row(row: Row) -> Any:
    table = Complaint.__table__
    values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in row if name != "id"}
    return update(table).where(table.c.id == bindparam("b_id")).values(values)  # type: ignore[arg-type]


def _papers(
    session: Session, complaint_id: int, texts: Texts, files: Sequence[FileDraft], now: datetime
) -> dict[str, dict[str, Any]]:
    rows = {}
    for key, (kind, body) in texts.items():
        if body.strip():
            rows[key] = evidence.text_row(transaction.next_id(session, Evidence), complaint_id, kind, body.strip(), now)
    for n, file in enumerate(files):
        rows[f"file:{n}"] = evidence.file_row(session, transaction.next_id(session, Evidence), complaint_id, file, now)
    return rows

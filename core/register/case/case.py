"""One complaint during a transaction: its events, the steps being added, and the one place that writes both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Update, bindparam, delete, select, update
from sqlalchemy.orm import Session, aliased

from core.errors import Conflict, Invalid, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.case import actions, details, evidence, issued, search_index, text_uses
from core.register.case.draft import AS_IT_CAME, CLOCK_SKEW
from core.register.case.payload import CaseEvent, EvidenceRow, Payload, Row
from core.register.case.projection import columns_of, follow, issue_rows, request_rows
from core.register.case.steps.recording import Content
from core.register.clocks import cycles, restatements
from core.register.log import seal, transaction
from core.register.log.act import Stamp
from core.register.log.bulk import insert_rows
from core.register.log.seal import Entry, Subject
from core.register.log.tables import (
    Action,
    Complaint,
    Detail,
    Event,
    Evidence,
    Issue,
    Paper,
    Request,
    Restatement,
    SlaCycle,
)
from core.register.messages import outbox
from core.register.notices import write as notices
from core.rules import prevention, undo
from core.rules.calendar import whole_second
from core.rules.steps import MERGED, STEP_OF_EVENT, UNDONE, UNMERGED, is_in_order
from core.rules.undo import Last, effective

OF_DEPARTMENTS = frozenset(kind for kind, step in STEP_OF_EVENT.items() if step.department is not None)
"""The events that change what a department was asked."""
FILE = "file:"
"""What the key of a file begins with among the evidence of an event."""


@dataclass(slots=True)
class Case:
    """One complaint while a transaction works on it; ``row`` stands in a case that has at least one event.

    ``before``: the row to which undoing the last event leads back; None where that cannot be undone (D22). ``latest``:
    when the last of the events happened that the next step must follow.
    """

    id: int
    row: Row = field(default_factory=lambda: cast("Row", {}))
    before: Row | None = None
    events: list[CaseEvent] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)
    fresh_kinds: set[str] = field(default_factory=set)
    evidence: list[EvidenceRow] = field(default_factory=list)
    is_new: bool = False
    latest: datetime | None = None

    def add(self, session: Session, kind: str, content: Content, stamp: Stamp) -> None:
        """Take one more step in memory; Invalid or NotAllowed leaves the case as it was."""
        self._check_time(kind, stamp)
        evidence_rows = _evidence_of(session, self.id, content, stamp.logged_at)
        payload = _with_evidence(content.payload, evidence_rows)
        if content.files and (kinds := _kinds_of(content, evidence_rows)):
            payload["file_kinds"] = kinds
        payload["calendar"] = rulebook.calendar_version(session)
        if stamp.api_key is not None:
            payload["api_key"] = stamp.api_key
        event = CaseEvent(len(self.events) + 1, kind, stamp.happened_at, payload, stamp.actor_id)
        self.follow(event)
        self.evidence.extend(evidence_rows.values())
        self.fresh.append(Entry(Subject("complaint", self.id), event.seq, kind, stamp, payload))
        self.fresh_kinds.add(kind)

    def follow(self, event: CaseEvent) -> None:
        """One more event of its history."""
        self.row, self.before = follow(self.row if self.events else None, self.before, event, self.events)
        self.events.append(event)
        if event.kind in undo.REWRITING:
            self.latest = max(each.at for each in self.counting if _precedes(each))
        elif _precedes(event) and (self.latest is None or event.at > self.latest):
            self.latest = event.at

    @property
    def counting(self) -> Sequence[CaseEvent]:
        """Its history as it counts (``core.rules.undo``)."""
        return effective(self.events)

    @property
    def has_new_words(self) -> bool:
        """Whether what was added changes what it is found by: texts, values, customer, department."""
        if self.is_new or self.evidence or self.has_new_details:
            return True
        return any("department" in event.payload for event in self.fresh_events)

    @property
    def has_new_details(self) -> bool:
        """Whether what was added changes a value of what its category must know."""
        return self.rewrites or any(details.says_any(event.payload) for event in self.fresh_events)

    @property
    def has_new_requests(self) -> bool:
        """Whether what was added changes what a department was asked."""
        return self.rewrites or not OF_DEPARTMENTS.isdisjoint(self.fresh_kinds)

    @property
    def has_new_actions(self) -> bool:
        """Whether what was added changes a preventive action."""
        return self.rewrites or not prevention.EVENTS.isdisjoint(self.fresh_kinds)

    @property
    def has_new_issues(self) -> bool:
        """Whether what was added may change a further issue; most complaints have none."""
        return self.rewrites or bool(self.row["issues"])

    @property
    def fresh_events(self) -> list[CaseEvent]:
        """The events that were added and are not written yet."""
        return self.events[len(self.events) - len(self.fresh) :]

    @property
    def rewrites(self) -> bool:
        """Whether what was added makes the events before it count otherwise: it undoes or corrects one."""
        return not undo.REWRITING.isdisjoint(self.fresh_kinds)

    def text(self, session: Session, evidence_id: int | None) -> str:
        """A text of the case, also one that was added and is not written yet; empty for None."""
        fresh = {row["id"]: row["body"] for row in self.evidence}
        return fresh.get(evidence_id or 0) or evidence.text_of(session, evidence_id)

    def details(self, session: Session) -> dict[str, str]:
        """Field → value of what is known, also of what was added and is not written yet."""
        return {
            key: kept.value or self.text(session, kept.evidence_id) for key, kept in details.fold(self.events).items()
        }

    def _check_time(self, kind: str, stamp: Stamp) -> None:
        """A step lies neither in the future nor before the step it follows; what stands beside the order may."""
        if stamp.happened_at > stamp.logged_at + CLOCK_SKEW:
            raise Invalid(
                N_("The step lies in the future: give the time it happened."),
                {"happened_at": N_("Give a time that is not in the future.")},
            )
        if self.latest is not None and stamp.happened_at < self.latest and is_in_order(kind):
            raise Invalid(
                N_("“{kind}” cannot have happened before the step it follows: check the time."),
                {"happened_at": N_("Give a time after the step before this one.")},
                kind=kind,
            )


def _precedes(event: CaseEvent) -> bool:
    """Whether no step of the procedure may lie before it."""
    return event.seq == 1 or is_in_order(event.kind)


def load(session: Session, code: str) -> Case:
    """The case with its whole history; NotFound when there is no such code."""
    complaint_id = session.scalar(select(Complaint.id).where(Complaint.code == code))
    if complaint_id is None:
        raise NotFound(N_("There is no complaint {code}: check the code."), code=code)
    return of_events(complaint_id, map(event_of, history(session, complaint_id)))


def history(session: Session, complaint_id: int) -> list[Event]:
    """The events of the complaint, oldest first."""
    its = select(Event).where(Event.subject == "complaint", Event.subject_id == complaint_id)
    return list(session.scalars(its.order_by(Event.seq)))


def of_events(complaint_id: int, events: Iterable[CaseEvent]) -> Case:
    """The case as its events make it."""
    case = Case(complaint_id)
    for event in events:
        case.follow(event)
    return case


def last_event(session: Session, events: Sequence[Event], source: str | None) -> Last:
    """The last of a complaint's ``events``, for the rules of undoing; ``source``: of the complaint.

    What an import brings in is logged in one moment with the receipt.
    """
    last = events[-1]
    is_imported = source not in AS_IT_CAME and last.logged_at == events[0].logged_at
    has_left = "mail" in seal.read(last.payload) and outbox.has_left(session, notices.cause_of(last.id))
    return Last(last.kind, last.actor_id, last.logged_at, is_imported, has_left)


def counts() -> ColumnElement[bool]:
    """Which events ``core.rules.undo.effective`` keeps, as a condition for queries: an undo follows what it undoes.

    What an event says after a correction no query knows: whoever asks for that reads the history.
    """
    later, undoing = aliased(Event), aliased(Event)
    its = later.subject == Event.subject, later.subject_id == Event.subject_id, later.seq > Event.seq
    taken_back = select(later.id).where(*its, later.kind == UNMERGED, ~_undone(later, undoing)).exists()
    is_gone = _undone(Event, aliased(Event)) | ((Event.kind == MERGED) & taken_back)
    return Event.kind.not_in(undo.REWRITING) & ~is_gone


def _undone(event: type[Event], after: type[Event]) -> ColumnElement[bool]:
    """Whether the next event of the same subject undoes ``event``."""
    its = after.subject == event.subject, after.subject_id == event.subject_id, after.seq == event.seq + 1
    return select(after.id).where(*its, after.kind == UNDONE).exists()


def event_of(row: seal.LoggedEvent) -> CaseEvent:
    """A row of the log as the fold reads it: to the second (D29), which earlier versions did not log to."""
    payload = cast("Payload", seal.read(row.payload))
    return CaseEvent(row.seq, row.kind, whole_second(row.happened_at), payload, row.actor_id)


def expect_version(case: Case, version: int | None) -> None:
    """Conflict when the case has moved on since ``version`` was read; None where nobody looked."""
    if version is not None and version != case.row["version"]:
        raise Conflict(
            N_("Somebody else changed this complaint while you were writing: see what changed, then save again.")
        )


def save(session: Session, cases: Sequence[Case], *, tells: bool = True) -> None:
    """Seal the new events and write complaint rows, clocks and evidence, in few statements for any number of cases.

    ``tells``: whom it concerns is told (D40); nobody is where a history comes in that was made elsewhere.

    The order matters: the log comes first, because a row names its last event (``changed``), and clocks are written
    anew as a whole, because one event may move, stop or cancel several of them. Evidence refers to its complaint, and
    the search index is made of all that was written.
    """
    logged = seal.append_all(session, [entry for case in cases for entry in case.fresh])
    newest = {row["subject_id"]: row["id"] for row in logged}  # the last event of each complaint is the one that stays
    rows, cycle_rows = [], []
    for case in cases:
        its_cycles = cycles.rows_of(session, case.id, case.row, case.events)
        columns = columns_of(case.row)
        columns.update(cycles.columns_of(its_cycles), id=case.id, changed=newest[case.id])
        rows.append(columns)
        cycle_rows += its_cycles
    new = [row for row, case in zip(rows, cases, strict=True) if case.is_new]
    known = [row for row, case in zip(rows, cases, strict=True) if not case.is_new]
    insert_rows(session, Complaint, new)
    if known:
        # Every row has the same columns, so one update serves them all; bound names must differ from column names.
        session.connection().execute(_update_row(known[0]), [{f"b_{k}": v for k, v in row.items()} for row in known])
        remove_clocks(session, [case.id for case in cases if not case.is_new])
    insert_rows(session, SlaCycle, cycle_rows)
    insert_rows(session, Evidence, [row for case in cases for row in case.evidence])
    insert_rows(session, Paper, [row for case in cases for row in issued.rows_of(case.id, case.fresh_events)])
    _write_details(session, [case for case in cases if case.has_new_details])
    _write_actions(session, [case for case in cases if case.has_new_actions])
    _write_requests(session, [case for case in cases if case.has_new_requests])
    _write_issues(session, [case for case in cases if case.has_new_issues])
    rewritten = [case for case in cases if case.rewrites]
    text_uses.add(
        session, [event for case in cases for event in (case.counting if case.rewrites else case.fresh_events)]
    )
    text_uses.take_back(session, [event for case in rewritten for event in effective(case.events[: -len(case.fresh)])])
    _write_restatements(session, rewritten)
    search_index.renew(session, [case.id for case in cases if case.has_new_words])
    if tells:
        notices.of_cases(session, cases, logged)
    for case in cases:
        case.fresh, case.fresh_kinds, case.evidence, case.is_new = [], set(), [], False
    session.expire_all()  # what the session read before these statements is out of date


def _write_details(session: Session, cases: Sequence[Case]) -> None:
    _remove(session, Detail, [case.id for case in cases if not case.is_new])
    insert_rows(session, Detail, [row for case in cases for row in details.rows_of(case.id, case.events)])


def _write_restatements(session: Session, cases: Sequence[Case]) -> None:
    _remove(session, Restatement, [case.id for case in cases])
    insert_rows(
        session, Restatement, [row for case in cases for row in restatements.rows_of(session, case.id, case.events)]
    )


def _write_requests(session: Session, cases: Sequence[Case]) -> None:
    _remove(session, Request, [case.id for case in cases if not case.is_new])
    insert_rows(session, Request, [row for case in cases for row in request_rows(case.id, case.row)])


def _write_issues(session: Session, cases: Sequence[Case]) -> None:
    _remove(session, Issue, [case.id for case in cases if not case.is_new])
    insert_rows(session, Issue, [row for case in cases for row in issue_rows(case.id, case.row)])


def _write_actions(session: Session, cases: Sequence[Case]) -> None:
    _remove(session, Action, [case.id for case in cases if not case.is_new])
    insert_rows(session, Action, [row for case in cases for row in actions.rows_of(case.id, case.events)])


def remove_clocks(session: Session, complaint_ids: Sequence[int]) -> None:
    """Remove all clocks of these complaints, one id a run: no engine takes any number of them at once."""
    _remove(session, SlaCycle, complaint_ids)


def _remove(
    session: Session,
    rows: type[SlaCycle | Detail | Restatement | Request | Issue | Action],
    complaint_ids: Sequence[int],
) -> None:
    table = rows.__table__
    of_one = delete(table).where(table.c.complaint_id == bindparam("id"))  # type: ignore[arg-type] # a FromClause to mypy
    if complaint_ids:
        session.connection().execute(of_one, [{"id": complaint_id} for complaint_id in complaint_ids])


def _update_row(row: dict[str, object]) -> Update:
    table = Complaint.__table__
    values: dict[str, object] = {name: bindparam(f"b_{name}") for name in row if name != "id"}
    return update(table).where(table.c.id == bindparam("b_id")).values(values)  # type: ignore[arg-type] # a FromClause to mypy


def _evidence_of(session: Session, complaint_id: int, content: Content, now: datetime) -> dict[str, EvidenceRow]:
    """Key of the payload (``file:0``, ``file:1`` … for files, ``detail:KEY`` and ``fact:KEY`` for values, ``what:1`` …
    for actions) → the row to store.
    """
    rows: dict[str, EvidenceRow] = {}
    for key, (kind, body) in content.texts.items():
        if said := body.strip():
            evidence_id = transaction.next_id(session, Evidence)
            rows[key] = evidence.text_row(session, evidence_id, complaint_id, kind, said, now)
    for n, file in enumerate(content.files):
        evidence_id = transaction.next_id(session, Evidence)
        rows[f"{FILE}{n}"] = evidence.file_row(session, evidence_id, complaint_id, file, now)
    return rows


def _kinds_of(content: Content, rows: dict[str, EvidenceRow]) -> dict[str, str]:
    """Id of a file → its kind, where that was said."""
    return {str(rows[f"{FILE}{n}"]["id"]): file.kind for n, file in enumerate(content.files) if file.kind}


def _with_evidence(payload: Payload, rows: dict[str, EvidenceRow]) -> Payload:
    """The payload without its empty fields, with the ids and digests of its evidence."""
    fields: dict[str, object] = {key: value for key, value in payload.items() if value is not None}
    for key, row in rows.items():
        if ":" not in key:
            fields[key] = row["id"]
        elif key.startswith(actions.TEXT):
            cast("list[int]", fields.setdefault("what_ids", [])).append(row["id"])
        elif key.startswith(FILE):
            cast("list[int]", fields.setdefault("files", [])).append(row["id"])
        elif key.startswith(details.FACT_TEXT):
            cast("dict[str, int]", fields.setdefault("fact_ids", {}))[key.removeprefix(details.FACT_TEXT)] = row["id"]
        else:
            cast("dict[str, int]", fields.setdefault("detail_ids", {}))[key.removeprefix(details.TEXT)] = row["id"]
    if rows:
        fields["digests"] = {str(row["id"]): row["digest"].hex() for row in rows.values()}
    return cast("Payload", fields)

"""Each complaint replayed from its events: row, clocks, values of its category, digests and contents of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from core.errors import PopsError
from core.i18n import N_
from core.register.case import actions, details, evidence, issued, text_uses
from core.register.case.case import event_of
from core.register.case.payload import ActionRow, CaseEvent, CycleRow, IssueRow, PaperRow, RequestRow
from core.register.case.projection import columns_of, fold, issue_rows, request_rows
from core.register.clocks import cycles, restatements
from core.register.log import transaction
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
from core.register.proof.report import Report, Steps
from core.register.proof.streams import Side, keys, stream
from core.rules.steps import CORRECTED, UNMERGED
from core.rules.undo import effective

LoggedRow = Row[int, int, int, str, datetime, int | None, str]
"""An event of a complaint: id, subject_id, seq, kind, happened_at, actor_id, payload."""
StoredRow = Row[*tuple[object, ...]]


class Beside(NamedTuple):
    """What stands beside the row of a complaint.

    Clocks, texts and files, values of the category, actions, requests, further issues, papers that were issued.
    """

    clocks: Sequence[StoredRow]
    papers: Sequence[StoredRow]
    values: Sequence[StoredRow]
    plans: Sequence[StoredRow]
    asked: Sequence[StoredRow]
    issues: Sequence[StoredRow]
    issued: Sequence[StoredRow]


def check(session: Session, report: Report, steps: Steps, *, files: bool) -> None:
    """Replay every history; evidence files are read too where ``files``."""
    columns = Event.id, Event.subject_id, Event.seq, Event.kind, Event.happened_at, Event.actor_id, Event.payload
    of_complaints = select(*columns).where(Event.subject == "complaint").order_by(Event.subject_id, Event.seq)
    rows = Side(stream(session, select(*Complaint.__table__.columns).order_by(Complaint.id)), lambda row: row.id)
    histories = Side(stream(session, of_complaints), lambda row: row.subject_id)
    clocks = Side(
        stream(session, select(*SlaCycle.__table__.columns).order_by(SlaCycle.complaint_id)),
        lambda row: row.complaint_id,
    )
    papers = Side(
        stream(session, select(*Evidence.__table__.columns).order_by(Evidence.complaint_id, Evidence.id)),
        lambda row: row.complaint_id,
    )
    values = Side(
        stream(session, select(*Detail.__table__.columns).order_by(Detail.complaint_id)),
        lambda row: row.complaint_id,
    )
    restated = Side(
        stream(session, select(*Restatement.__table__.columns).order_by(Restatement.complaint_id)),
        lambda row: row.complaint_id,
    )
    asked = Side(
        stream(session, select(*Request.__table__.columns).order_by(Request.complaint_id)),
        lambda row: row.complaint_id,
    )
    issues = Side(
        stream(session, select(*Issue.__table__.columns).order_by(Issue.complaint_id)),
        lambda row: row.complaint_id,
    )
    plans = Side(
        stream(session, select(*Action.__table__.columns).order_by(Action.complaint_id)),
        lambda row: row.complaint_id,
    )
    handed_out = Side(
        stream(session, select(*Paper.__table__.columns).order_by(Paper.complaint_id, Paper.seq)),
        lambda row: row.complaint_id,
    )
    checked = _Complaints(session, report, files=files)
    stored = 0
    for complaint_id in keys(rows, histories, clocks, papers, values, restated, asked, plans, issues, handed_out):
        row, logged = rows.take(complaint_id), histories.take(complaint_id)
        its_clocks, its_papers = clocks.take(complaint_id), papers.take(complaint_id)
        its_values, its_plans = values.take(complaint_id), plans.take(complaint_id)
        its_requests, its_restated = asked.take(complaint_id), restated.take(complaint_id)
        its_issues, its_issued = issues.take(complaint_id), handed_out.take(complaint_id)
        beside = Beside(its_clocks, its_papers, its_values, its_plans, its_requests, its_issues, its_issued)
        stored += len(row)
        report.complaints += bool(logged)
        report.clocks += len(its_clocks)
        report.evidence += len(its_papers)
        steps.more(len(logged))
        if row and logged:
            history = cast("Sequence[LoggedRow]", logged)
            checked.replay(dict(row[0]._mapping), history, beside)
            checked.restatements(row[0].code, history, its_restated)
        elif logged:
            report.add(N_("complaint {id}: is in the log but not in the register"), id=complaint_id)
        else:
            report.add(N_("complaint {id}: is in the register but not in the log"), id=complaint_id)
        checked.contents(its_papers)
    checked.uses()
    if stored != report.complaints:
        report.add(
            N_("complaints: {rows} rows stand against {histories} histories in the log"),
            rows=stored,
            histories=report.complaints,
        )


class _Complaints:
    """The checks of one complaint after the other."""

    def __init__(self, session: Session, report: Report, *, files: bool) -> None:
        self.session, self.report, self.files = session, report, files
        self.folder = transaction.of(session).evidence_dir
        self.used: text_uses.Counts = {}

    def replay(
        self,
        row: Mapping[str, object],
        logged: Sequence[LoggedRow],
        found: Beside,
    ) -> None:
        """The history gives exactly this row and all that stands beside it."""
        code = row["code"]
        try:
            history = [event_of(event) for event in logged]
            expected = fold(history)
            its_cycles = cycles.rows_of(self.session, cast("int", row["id"]), expected, history)
        except (PopsError, KeyError, ValueError) as broken:
            self.report.add(N_("{code}: its log cannot be replayed ({reason})"), code=code, reason=broken)
            return
        beside = {"id": logged[0].subject_id, "changed": logged[-1].id, **cycles.columns_of(its_cycles)}
        for name, value in {**columns_of(expected), **beside}.items():
            if row[name] != value:
                self.report.add(
                    N_("{code}.{name}: register says {stored}, log says {logged}"),
                    code=code,
                    name=name,
                    stored=row[name],
                    logged=value,
                )
        text_uses.count(effective(history), self.used)
        self._clocks(code, its_cycles, found.clocks)
        self._digests(code, history, found.papers)
        self._values(code, history, found.values)
        self._actions(code, actions.rows_of(logged[0].subject_id, history), found.plans)
        self._requests(code, request_rows(cast("int", row["id"]), expected), found.asked)
        self._issues(code, issue_rows(cast("int", row["id"]), expected), found.issues)
        self._issued(code, issued.rows_of(logged[0].subject_id, history), found.issued)

    def _values(self, code: object, history: Sequence[CaseEvent], values: Sequence[StoredRow]) -> None:
        logged = details.fold(history)
        stored = {row.field: details.Kept(row.value, row.evidence_id) for row in values}
        for field in sorted(logged.keys() | stored.keys()):
            if logged.get(field) != stored.get(field):
                self.report.add(N_("{code}: the value “{field}” is not the one the log gives"), code=code, field=field)

    def _actions(self, code: object, expected: Sequence[ActionRow], plans: Sequence[StoredRow]) -> None:
        logged = {row["number"]: dict(row) for row in expected}
        stored = {row.number: dict(row._mapping) for row in plans}
        for number in sorted(logged.keys() | stored.keys()):
            if logged.get(number) != stored.get(number):
                self.report.add(
                    N_("{code}: the preventive action {number} is not the one the log gives"), code=code, number=number
                )

    def _clocks(self, code: object, expected: Sequence[CycleRow], clocks: Sequence[StoredRow]) -> None:
        found = {(row.term, row.number): dict(row._mapping) for row in clocks}
        for wanted in expected:
            if found.pop((wanted["term"], wanted["number"]), None) != wanted:
                self.report.add(
                    N_("{code}: clock {term} {number} is not the one the log gives"),
                    code=code,
                    term=wanted["term"],
                    number=wanted["number"],
                )
        for term, number in found:
            self.report.add(N_("{code}: clock {term} {number} is not in the log"), code=code, term=term, number=number)

    def _requests(self, code: object, expected: Sequence[RequestRow], asked: Sequence[StoredRow]) -> None:
        logged = {row["number"]: dict(row) for row in expected}
        stored = {row.number: dict(row._mapping) for row in asked}
        for number in sorted(logged.keys() | stored.keys()):
            if logged.get(number) != stored.get(number):
                self.report.add(N_("{code}: request {number} is not the one the log gives"), code=code, number=number)

    def _issues(self, code: object, expected: Sequence[IssueRow], issues: Sequence[StoredRow]) -> None:
        logged = {row["number"]: dict(row) for row in expected}
        stored = {row.number: dict(row._mapping) for row in issues}
        for number in sorted(logged.keys() | stored.keys()):
            if logged.get(number) != stored.get(number):
                self.report.add(N_("{code}: issue {number} is not the one the log gives"), code=code, number=number)

    def _issued(self, code: object, expected: Sequence[PaperRow], stored: Sequence[StoredRow]) -> None:
        logged = {row["number"]: dict(row) for row in expected}
        found = {row.number: dict(row._mapping) for row in stored}
        for number in sorted(logged.keys() | found.keys()):
            if logged.get(number) != found.get(number):
                self.report.add(N_("{code}: paper {number} is not the one the log gives"), code=code, number=number)

    def _digests(self, code: object, history: Sequence[CaseEvent], papers: Sequence[StoredRow]) -> None:
        """The log names every text and file with its digest: none may be missing, exchanged or added beside it."""
        attested = {int(key): digest for event in history for key, digest in event.payload.get("digests", {}).items()}
        found = {row.id: row.digest.hex() for row in papers}
        if attested == found:
            return
        for number in sorted(attested.keys() | found.keys()):
            if number not in found:
                self.report.add(
                    N_("{code}: evidence {number} is in the log but not in the register"), code=code, number=number
                )
            elif attested.get(number) != found[number]:
                self.report.add(
                    N_("{code}: evidence {number} is not the one the log attests"), code=code, number=number
                )

    def restatements(self, code: object, logged: Sequence[LoggedRow], stored: Sequence[StoredRow]) -> None:
        """What was restated is what the corrections of the history, and merges taken back, changed (D21, D13)."""
        if not stored and not any(event.kind in (CORRECTED, UNMERGED) for event in logged):
            return
        try:
            wanted = restatements.rows_of(self.session, logged[0].subject_id, [event_of(event) for event in logged])
        except (PopsError, KeyError, ValueError):
            return  # the replay said so
        found = [dict(row._mapping) for row in stored]
        if sorted(map(_named, wanted)) != sorted(map(_named, found)):
            self.report.add(N_("{code}: what was restated is not what the log gives"), code=code)

    def uses(self) -> None:
        """The answer texts are counted as the histories replayed so far use them."""
        stored = text_uses.stored(self.session)
        for use in sorted(self.used.keys() | stored.keys()):
            if self.used.get(use) != stored.get(use):
                self.report.add(
                    N_("answer text {key}: its uses on {day} are not those that the log gives"),
                    key=use.key,
                    day=use.day,
                )

    def contents(self, papers: Sequence[StoredRow]) -> None:
        """Texts, and files where wanted, give the digests of their rows."""
        for row in papers:
            if (row.stored_as is None or self.files) and not evidence.is_whole(cast("Evidence", row), self.folder):
                self.report.add(N_("evidence {number}: content is missing or was changed"), number=row.id)


def _named(row: Mapping[str, object]) -> tuple[str, ...]:
    """The row in a form that has an order."""
    return tuple(str(row[name]) for name in sorted(row))

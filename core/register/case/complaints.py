"""The verbs: everything that can be done to a complaint, each one transaction's worth of event, projection and clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.case import case as cases
from core.register.case import customers
from core.register.case.case import Case
from core.register.case.draft import Draft, problems
from core.register.case.steps import STEPS, Asked, Said
from core.register.clocks import cycles
from core.register.log import transaction
from core.register.log.tables import Complaint, Person
from core.rules import roles
from core.rules.calendar import local_day
from core.rules.procedure import Procedure
from core.rules.workflow import MOVES, State, lead_to, verbs_from

WORKING_ROLES = ("agent", "lead", "handler")


class Actor(Protocol):
    """Who takes a step: a row of ``people``, or anything with the same three facts."""

    id: int
    role: str
    department: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One later step of a complaint that arrives with its history (import, sample)."""

    verb: str
    at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    actor_id: int | None = None


History = tuple[Draft, Sequence[Step]]


def log(session: Session, draft: Draft, *, by: Actor | None, now: datetime) -> Complaint:
    """Log a complaint: checked draft → code, event ``received``, projection and clocks.

    Raises Invalid with a sentence per field, NotAllowed for a role that does not log.
    """
    _permit(by, "log")
    case = _open_case(session, draft, by=by.id if by else None, now=now)
    cases.save(session, [case])
    return _row(session, case)


def take(
    session: Session,
    verb: str,
    code: str,
    *,
    by: Actor | None,
    now: datetime,
    version: int | None = None,
    happened_at: datetime | None = None,
    **fields: Any,
) -> Complaint:
    """Take one step on complaint ``code``; ``version`` is the one the person was looking at.

    Raises Invalid (fields), NotAllowed (role, state), Conflict (somebody was faster), NotFound.
    """
    case = cases.load(session, code)
    _permit(by, verb, case, fields)
    cases.expect_version(session, case, version)
    _add_step(session, case, verb, fields, at=happened_at or now, by=by.id if by else None, now=now)
    cases.save(session, [case])
    return _row(session, case)


def acknowledge(session: Session, code: str, **step: Any) -> Complaint:
    """The first answer to the customer (POPS step 2): stops ``acknowledge``, starts ``resolve`` (D4)."""
    return take(session, "acknowledge", code, **step)


def classify(session: Session, code: str, **step: Any) -> Complaint:
    """Kind, category, level (POPS step 3)."""
    return take(session, "classify", code, **step)


def assign(session: Session, code: str, **step: Any) -> Complaint:
    """Give it to a colleague."""
    return take(session, "assign", code, **step)


def forward(session: Session, code: str, **step: Any) -> Complaint:
    """Ask a department (POPS step 4)."""
    return take(session, "forward", code, **step)


def answer(session: Session, code: str, **step: Any) -> Complaint:
    """The department's answer (POPS step 4)."""
    return take(session, "answer", code, **step)


def ask_customer(session: Session, code: str, **step: Any) -> Complaint:
    """Ask the customer for what is missing."""
    return take(session, "ask_customer", code, **step)


def record_reply(session: Session, code: str, **step: Any) -> Complaint:
    """Keep what the customer answered."""
    return take(session, "record_reply", code, **step)


def notify_result(session: Session, code: str, **step: Any) -> Complaint:
    """Tell the customer the result (POPS step 6): stops ``resolve`` (D4)."""
    return take(session, "notify_result", code, **step)


def close(session: Session, code: str, **step: Any) -> Complaint:
    """Close with outcome, root cause and lesson (POPS step 7)."""
    return take(session, "close", code, **step)


def withdraw(session: Session, code: str, **step: Any) -> Complaint:
    """The customer takes it back (D13)."""
    return take(session, "withdraw", code, **step)


def reopen(session: Session, code: str, **step: Any) -> Complaint:
    """Open a closed complaint again (D6)."""
    return take(session, "reopen", code, **step)


def note(session: Session, code: str, **step: Any) -> Complaint:
    """Write an internal note."""
    return take(session, "note", code, **step)


def add_evidence(session: Session, code: str, **step: Any) -> Complaint:
    """Add files."""
    return take(session, "add_evidence", code, **step)


def build(session: Session, history: History, *, by: int | None, now: datetime) -> Case:
    """A draft and its later steps as a case in memory, under the same rules as one step after the other; nothing written."""
    draft, steps = history
    case = _open_case(session, draft, by=by, now=now)
    for step in steps:
        _add_step(session, case, step.verb, step.fields, at=step.at, by=step.actor_id or by, now=now)
    return case


def write_histories(session: Session, histories: Sequence[History], *, by: int | None, now: datetime) -> list[str]:
    """Write whole histories in few statements; all or none within the caller's transaction. Returns the codes."""
    built = [build(session, history, by=by, now=now) for history in histories]
    if built:
        cases.save(session, built)
    return [case.row["code"] for case in built]


def moves(complaint: Complaint, by: Actor) -> tuple[str, ...]:
    """The steps ``by`` may take on ``complaint`` as it stands, in the order of the procedure."""
    return tuple(verb for verb in verbs_from(State(complaint.state)) if _may(by, verb, complaint))


def _open_case(session: Session, draft: Draft, *, by: int | None, now: datetime) -> Case:
    procedure = _procedure(session, draft.procedure)
    days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    found = problems(draft, procedure, rulebook.catalogues(session), days, now=now)
    if found:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), found)
    case = Case(transaction.next_id(session, Complaint), is_new=True)
    customer_id, new_details = customers.keep(session, draft.customer, now=now)
    year, number = _next_number(session, draft.recorded_at)
    payload = {
        "code": f"KN-{year}-{number:06d}",
        "year": year,
        "number": number,
        "procedure": procedure.key,
        "procedure_version": procedure.version,
        "channel": draft.channel,
        "category": draft.category,
        "level": draft.level,
        "product": draft.product,
        "platform": draft.platform,
        "customer_id": customer_id,
        "new_details": new_details or None,
        "sent_at": draft.sent_at.isoformat() if draft.sent_at else None,
        "incident_at": draft.incident_at.isoformat() if draft.incident_at else None,
        "source": draft.source,
        "external_ref": draft.external_ref,
    }
    texts = {"statement_id": ("statement", draft.statement), "remedy_id": ("remedy", draft.remedy)}
    case.add(
        session, "received", payload, happened_at=draft.recorded_at, now=now, by=by, texts=texts, files=draft.files
    )
    return case


def _add_step(
    session: Session, case: Case, verb: str, fields: Mapping[str, Any], *, at: datetime, by: int | None, now: datetime
) -> None:
    lead_to(verb, State(case.row["state"]))  # refuse before anything is read from the form
    said = _said(session, case, verb, fields, at=at)
    case.add(
        session,
        MOVES[verb].event,
        said.payload,
        happened_at=at,
        now=now,
        by=by,
        texts=said.texts,
        files=said.files,
    )


def _said(session: Session, case: Case, verb: str, fields: Mapping[str, Any], *, at: datetime) -> Said:
    procedure = rulebook.of(session).procedure(session, case.row["procedure"], case.row["procedure_version"])
    is_late = verb == "close" and any(
        cycles.is_missed(cycle, at) for cycle in cycles.rows_of(session, case.id, case.row, case.events)
    )
    people = workers(session) if verb == "assign" else frozenset()
    return STEPS[verb](Asked(case, procedure, rulebook.catalogues(session), at, is_late, people), fields)


def workers(session: Session) -> frozenset[int]:
    """Ids of the people who may hold a complaint; kept for the transaction."""
    kept = transaction.of(session)
    if kept.workers is None:
        kept.workers = frozenset(session.scalars(select(Person.id).where(Person.role.in_(WORKING_ROLES))))
    return kept.workers


def _next_number(session: Session, recorded_at: datetime) -> tuple[int, int]:
    """Next free number of the local year of receipt; the writer is alone, so there are no gaps and no twins."""
    year = local_day(recorded_at).year
    numbers = transaction.of(session).last_numbers
    if year not in numbers:
        numbers[year] = session.scalar(select(func.max(Complaint.number)).where(Complaint.year == year)) or 0
    numbers[year] += 1
    return year, numbers[year]


def _procedure(session: Session, key: str) -> Procedure:
    """The procedure in use; kept for the transaction, since an import asks a thousand times."""
    kept = transaction.of(session).procedures
    if key not in kept:
        try:
            kept[key] = rulebook.current_procedure(session, key)
        except NotFound as unknown:
            raise Invalid(unknown.template, {"procedure": unknown.template}, **unknown.values) from unknown
    return kept[key]


def _permit(by: Actor | None, verb: str, case: Case | None = None, fields: Mapping[str, Any] | None = None) -> None:
    """Refuse what the role may not do; ``None`` is the house itself (import, sample)."""
    if by is None:
        return
    if not roles.may(by.role, verb):
        raise NotAllowed(N_("Your role does not include this step: ask a lead."))
    if case is None:
        return
    if by.role == "handler" and case.row["department"] != by.department:
        raise NotAllowed(N_("This complaint is not with your department."))
    if verb == "assign" and by.role == "agent" and (fields or {}).get("assignee_id") != by.id:
        raise NotAllowed(N_("You can take a complaint yourself; giving it to a colleague is for leads."))


def _may(by: Actor, verb: str, complaint: Complaint) -> bool:
    if not roles.may(by.role, verb):
        return False
    if by.role == "handler" and complaint.department != by.department:
        return False
    return verb != "answer" or complaint.waiting_department


def _row(session: Session, case: Case) -> Complaint:
    found = session.get(Complaint, case.id, populate_existing=True)
    assert found is not None
    return found

"""The writes: log a complaint, take one step on it, bring in whole histories; each inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.case import actions, contact, customers, details, incident, issued, merging, verified
from core.register.case import case as cases
from core.register.case.case import Case
from core.register.case.customers import NAMED_AS, Finder, Known
from core.register.case.draft import AS_IT_CAME, Draft, branch_problem, detail_fields, kind_problem, problems, taken_as
from core.register.case.payload import CaseEvent, Payload, Row, instant
from core.register.case.steps import RECORDINGS
from core.register.case.steps.correction import contact_of
from core.register.case.steps.recording import NO_MAIL, NOTHING_YET, Content, Mailing, Recorded, Situation, StepFields
from core.register.clocks import cycles, promises, restatements
from core.register.clocks.restatements import Change
from core.register.log import act as acts
from core.register.log import transaction
from core.register.log.act import Act, Stamp
from core.register.log.tables import Complaint, Customer
from core.register.messages import outlets, to_customers
from core.register.organisation import answer_texts
from core.register.papers import issue
from core.register.people import absences, accounts
from core.rules import checklist, directions, policy, prevention, roles, undo
from core.rules import details as detail_rules
from core.rules.admission import NOTHING as NOTHING_AGAINST
from core.rules.admission import Against, Matter
from core.rules.calendar import local_day, whole_second
from core.rules.catalogue import Catalogue, Field
from core.rules.correction import CONTACT, PRODUCT
from core.rules.evidence_kinds import RECORDING
from core.rules.issues import ADD
from core.rules.policy import Actor
from core.rules.prevention import Action
from core.rules.procedure import Procedure
from core.rules.routes import OF_TWO
from core.rules.steps import (
    ADMITTED,
    CLOSED_UNTIMED,
    CORRECT,
    CORRECTED,
    ISSUE,
    JOIN,
    MERGE,
    STEPS,
    UNDO,
    UNMERGE,
    VERIFY,
    Effect,
    State,
)
from core.rules.waiting import Waiting, waiting

AS_SAVED = (ISSUE, *OF_TWO)
"""The steps that happen as they are saved."""
OF_ADMISSION = {"forward", "propose", "close"}
"""The steps for which it matters whether the rules take the complaint at all."""
TAKES_IT = {ADMITTED, *(STEPS[key].event for key in ("forward", "propose", "decide"))}
"""The events after which it is too late to say that the rules do not take a complaint."""
OF_PREVENTION = {*prevention.KEYS, "close"}
"""The steps for which it matters how far analysis and actions are."""
NOTHING_RECORDED = Recorded()
NO_FIELDS = cast("StepFields", MappingProxyType({}))  # one value for all steps, so nobody may write into it


class PastStep(NamedTuple):
    """One later step of a complaint, as its history (import, sample) tells it.

    ``actor_id``: who took it. ``incident``: the code of the incident that it was taken for (D24).
    """

    step: str
    at: datetime
    fields: StepFields = NO_FIELDS
    actor_id: int | None = None
    incident: str | None = None


History = tuple[Draft, Sequence[PastStep]]


def log(session: Session, draft: Draft, act: Act) -> Complaint:
    """Log a complaint: checked draft → code, event ``received``, projection and clocks.

    Raises Invalid with a sentence per field, NotAllowed for a role that does not log.
    """
    actor = acts.actor(session, act)
    if actor is not None:
        policy.check_action(actor, "log")
        _refuse(branch_problem(draft, actor, rulebook.catalogues(session)) | kind_problem(draft, actor))
    finder = Finder(session, [draft.customer], now=act.now)
    case = _open_case(session, draft, finder, act, is_live=True)
    finder.write()
    cases.save(session, [case])
    return _row(session, case)


def log_all(session: Session, wanted: Sequence[tuple[Draft, Act]]) -> list[Case | Invalid]:
    """Log what comes by itself, each with its act, in few statements for any number; what is refused takes no code.

    Raises Invalid for a file that cannot be kept: it is read when the code is taken, so nothing of it all may stay.
    """
    finder = Finder(session, [draft.customer for draft, _ in wanted], now=max(act.now for _, act in wanted))
    found: list[Case | Invalid] = []
    for draft, act in wanted:
        try:
            procedure = _checked(session, draft, act, is_live=True)
        except Invalid as refused:
            found.append(refused)
        else:
            found.append(_begun(session, draft, procedure, finder, act, is_live=True))
    finder.write()
    cases.save(session, [case for case in found if isinstance(case, Case)])
    return found


def take(session: Session, code: str, step: str, fields: StepFields, act: Act) -> Complaint:
    """Take one step (a key of ``core.rules.steps.STEPS``) on complaint ``code``.

    Raises Invalid (fields), NotAllowed (role, state), Conflict (somebody was faster), NotFound.
    """
    return take_together(session, code, [(step, fields)], act)


def take_together(session: Session, code: str, steps: Sequence[tuple[str, StepFields]], act: Act) -> Complaint:
    """Take several steps on complaint ``code`` in one save, one after the other (D26); all or none.

    Raises as ``take`` does; Invalid then has the problems of the first step that was refused.
    """
    if any(step in AS_SAVED for step, _ in steps):
        act = replace(act, happened_at=None)  # as it is saved: dated back it would change given verdicts, or a number
    case = cases.load(session, code)
    add_steps(session, case, steps, act)
    cases.save(session, [case, *merging.others(session, [case], act.stamp)])
    return _row(session, case)


def add_steps(
    session: Session,
    case: Case,
    steps: Sequence[tuple[str, StepFields]],
    act: Act,
    *,
    for_incident: str | None = None,
) -> None:
    """Take the steps in memory, for whoever writes the case (``cases.save``); raises as ``take_together`` does.

    ``for_incident``: the one that they are taken for, which their events name (D24).
    """
    actor = acts.actor(session, act)
    for n, (step, fields) in enumerate(steps):
        if actor is not None:
            policy.check_step(actor, step, case.row, rulebook.catalogues(session))
            prevention.check_owner(actor, step, _action_meant(case, fields))
        if n == 0:
            cases.expect_version(case, act.version)
        if step == UNDO:
            undo.check(actor, cases.last_event(session, cases.history(session, case.id), case.row["source"]), act.now)
        taken = PastStep(step, act.at, fields, incident=for_incident)
        _add_step(session, case, taken, act.stamp, is_live=True, by=actor)


def _stands_in_for(session: Session, row: Row, by: Actor, now: datetime) -> int | None:
    """Who holds the complaint and is away, where ``by`` stands in for them (D23)."""
    holder = row["assignee_id"]
    if holder in (None, by.id):
        return None
    away = absences.away_one(session, holder, local_day(now))
    return holder if away and away.deputy_id == by.id else None


def foresee(session: Session, code: str, fields: StepFields, act: Act) -> list[Change]:
    """What a correction of a time or a product would change in the promises (D21); nothing is written.

    Raises as ``take`` does, except that the reason may still be missing.
    """
    case = cases.load(session, code)
    taken = PastStep(CORRECT, act.at, {**fields, "text": fields.get("text") or "?"})
    situation = _situation(session, case, taken, is_live=True, by=acts.actor(session, act))
    says = RECORDINGS[CORRECT].check(situation, taken.fields).payload
    payload = cast("Payload", {**says, "calendar": rulebook.calendar_version(session)})
    return list(
        restatements.changes(session, [*case.events, CaseEvent(len(case.events) + 1, CORRECTED, act.at, payload)])
    )


def build(session: Session, history: History, finder: Finder, act: Act) -> Case:
    """A draft and its later steps as a case in memory, under the same rules as step after step; nothing is written."""
    draft, steps = history
    case = _open_case(session, draft, finder, act)
    for past in steps:
        _add_step(session, case, past, Stamp(past.at, act.now, past.actor_id or act.actor_id))
    return case


def next_codes(session: Session, recorded: Iterable[datetime]) -> list[str]:
    """The codes of the complaints recorded then, if they are the next to be written, in this order."""
    numbers = transaction.of(session).last_numbers
    before = dict(numbers)
    codes = [_code(*_next_number(session, at)) for at in recorded]
    numbers.clear()
    numbers.update(before)
    return codes


def write_histories(
    session: Session, histories: Iterable[History], act: Act, *, nothing_follows: bool = False
) -> list[Case]:
    """Write whole histories in few statements; all or none within the caller's transaction.

    ``nothing_follows``: the caller writes nothing else in its transaction.
    """
    histories = list(histories)
    finder = Finder(session, [draft.customer for draft, _ in histories], now=act.now)
    built = [build(session, history, finder, act) for history in histories]
    if built:
        finder.write()
        if nothing_follows:
            transaction.nearly_counted(session, sum(len(case.fresh) for case in built))
        cases.save(session, built, tells=False)
    return built


def _open_case(session: Session, draft: Draft, finder: Finder, act: Act, *, is_live: bool = False) -> Case:
    return _begun(session, draft, _checked(session, draft, act, is_live=is_live), finder, act, is_live=is_live)


def _checked(session: Session, draft: Draft, act: Act, *, is_live: bool) -> Procedure:
    """The procedure of the draft; Invalid with a sentence per field."""
    procedure = _procedure(session, draft)
    days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    known = rulebook.catalogues(session)
    _refuse(problems(draft, procedure, known, days, now=act.now, is_live=is_live))
    return procedure


def _begun(session: Session, draft: Draft, procedure: Procedure, finder: Finder, act: Act, *, is_live: bool) -> Case:
    """The case with its first events, which takes the next code."""
    known = rulebook.catalogues(session)
    case = Case(transaction.next_id(session, Complaint), is_new=True)
    said, personal = _details(draft, known.categories, is_live=is_live) if draft.details else (Payload(), {})
    customer = finder.find_or_add(draft.customer)
    texts = {
        "statement_id": ("statement", draft.statement),
        "remedy_id": ("remedy", draft.remedy),
        "named_as_id": (NAMED_AS, customer.named_as),
        "recording_id": (RECORDING, draft.recording),
        **personal,
    }
    content = Content(_received(session, draft, customer, procedure) | said, texts, draft.files)
    stamp = Stamp(draft.recorded_at, act.now, act.actor_id, act.api_key)
    case.add(session, "received", content, stamp)
    for category in draft.issues:
        _add_step(session, case, PastStep(ADD, stamp.happened_at, {"issue_category": category}), stamp, is_live=is_live)
    if draft.is_closed:
        case.add(session, CLOSED_UNTIMED, Content(Payload()), act.stamp)
    return case


def _details(draft: Draft, categories: Catalogue, *, is_live: bool) -> tuple[Payload, details.Texts]:
    """What the draft gives of what its category must know: the part of the payload, and the personal texts."""
    fields = detail_fields(draft, categories, is_live=is_live)
    values = {key: value for key, text in draft.details.items() if (value := detail_rules.parse(fields[key], text))}
    return details.split(fields, values)


def _refuse(found: dict[str, str]) -> None:
    if found:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), found)


def _received(session: Session, draft: Draft, customer: Known, procedure: Procedure) -> Payload:
    year, number = _next_number(session, draft.recorded_at)
    words = taken_as(draft, rulebook.catalogues(session))
    return Payload(
        code=_code(year, number),
        year=year,
        number=number,
        procedure=procedure.key,
        procedure_version=procedure.version,
        channel=words["channel"],
        category=words["category"],
        level=words["level"],
        kind=draft.kind,
        product=words["product"],
        platform=words["platform"],
        branch=words["branch"],
        reply_days=rulebook.product(session, words["product"]).reply_days,
        customer_id=customer.id,
        new_details=list(customer.new_details) or None,
        customer_digest=customer.digest,
        sent_at=instant(draft.sent_at),
        incident_at=instant(draft.incident_at),
        source=draft.source,
        external_ref=draft.external_ref,
    )


def _add_step(
    session: Session, case: Case, taken: PastStep, stamp: Stamp, *, is_live: bool = False, by: Actor | None = None
) -> None:
    step, fields = taken.step, taken.fields
    state, is_classified = State(case.row["state"]), case.row["kind"] is not None
    led_to = STEPS[step].leads_to(state, is_classified=is_classified)  # refuse before anything is read from the form
    is_now = stamp.happened_at == stamp.logged_at
    situation = _situation(session, case, taken, is_live=is_live, by=by, is_now=is_now)
    policy.check_procedure(step, situation.procedure, by)
    content = RECORDINGS[step].check(situation, fields)
    if led_to is not STEPS[step].leads_to(state):
        content.payload["leads_to"] = led_to.value
    if by is not None and policy.takes_hold(by, step, case.row):
        content.payload["holds"] = True
    if by is not None and (holder := _stands_in_for(session, case.row, by, stamp.logged_at)):
        content.payload["stands_in_for"] = holder
    if taken.incident is not None:
        content.payload["incident"] = taken.incident
    if step in (UNDO, CORRECT):
        content = _with_customers(session, case, content, fields, stamp.logged_at)
    if step == ISSUE:
        content = issue.complete(session, case, content, stamp)
    case.add(session, STEPS[step].event, content, stamp)


def _answers_for(session: Session, by: Actor | None) -> tuple[str, ...] | None:
    """The departments whose requests ``by`` answers; None for everybody who is of no department."""
    if by is None or not roles.answers_for_department(by.role):
        return None
    return policy.departments_of(by, rulebook.catalogues(session))


def _situation(
    session: Session, case: Case, taken: PastStep, *, is_live: bool, by: Actor | None, is_now: bool = True
) -> Situation:
    """What the step is checked against; what only some steps need is looked up for those alone."""
    step, fields, at = taken.step, taken.fields, whole_second(taken.at)
    row, carried = case.row, STEPS[step].fields
    return Situation(
        row,
        rulebook.of(session).procedure(session, row["procedure"], row["procedure_version"], row["reply_days"]),
        rulebook.catalogues(session),
        at,
        missed=cycles.missed(session, row, case.events, at) if "breach_reason" in carried else {},
        assignee_sees=_assignee_sees(session, row, fields["assignee_id"]) if "assignee_id" in fields else None,
        answer_texts=answer_texts.bodies(session, fields["answer_text"]) if "answer_text" in fields else {},
        details=case.details(session) if "details" in carried else {},
        customer_fields=_customer_fields(session) if step == VERIFY else {},
        facts=verified.values(session, row["customer_id"]) if fields.get("still") else {},
        waiting=_waiting(session, case, at) if step == "end_waiting" else None,
        against=against(session, case) if is_live and step in OF_ADMISSION else NOTHING_AGAINST,
        checklist=checklist.fold(case.counting) if "came" in carried else {},
        prevention=actions.fold(case.events) if step in OF_PREVENTION else NOTHING_YET,
        owners_see=_owners_see(session, row, fields) if "actions" in carried else (),
        directions=directions.asked(case.counting) if STEPS[step].direction else (),
        incidents=incident.going_on(session) if step == JOIN else (),
        office_closes=partial(promises.office_closes_by, session, row) if "actions" in carried else None,
        promise_runs=Effect.PROMISES not in STEPS[step].effect or cycles.is_any_running(session, row, case.events),
        is_live=is_live,
        corrects=by is None or roles.may(by.role, "correct_reasons"),
        answers_for=_answers_for(session, by),
        corrects_times=by is None or roles.may(by.role, "correct_times"),
        recorded=_recorded(session, case, fields, by) if step == CORRECT else NOTHING_RECORDED,
        survivor=merging.survivor(session, fields.get("merged_into"), by) if step == MERGE else None,
        merges_customers=by is None or roles.may(by.role, "merge_customers"),
        merge=merging.merge_of(case) if step == UNMERGE else 0,
        offers=issue.offers(session, case) if step == ISSUE else (),
        papers={one.number: one.kind for one in issued.fold(case.events)}
        if step == ISSUE or fields.get("mail")
        else {},
        mailing=_mailing(session, row, is_now=is_now) if fields.get("mail") else NO_MAIL,
    )


def _mailing(session: Session, row: Row, *, is_now: bool) -> Mailing:
    """Whether a mail can leave for the customer of the complaint (D46)."""
    customer = session.get(Customer, row["customer_id"]) if row["customer_id"] else None
    return Mailing(outlets.to_customers(session) is not None, to_customers.address_of(customer), is_now)


def _customer_fields(session: Session) -> dict[str, Field]:
    """What is verified of a customer now."""
    return {one.key: one for one in rulebook.organisation(session).customer_fields if not one.retired}


def against(session: Session, case: Case) -> Against:
    """What stands against taking the complaint (VHV 1).

    Nothing once a lead has admitted it, once it was worked on as one that is taken, or where it came from a file.
    """
    row = case.row
    is_imported = row["source"] not in AS_IT_CAME
    if is_imported or any(event.kind in TAKES_IT for event in case.counting):
        return NOTHING_AGAINST
    procedure = rulebook.of(session).procedure(session, row["procedure"], row["procedure_version"])
    matter = Matter(
        row["recorded_at"], row["incident_at"], row["product"], row["channel"], row["category"], row["kind"]
    )
    return promises.against(session, procedure, matter)


def _recorded(session: Session, case: Case, fields: StepFields, by: Actor | None) -> Recorded:
    """What a correction is checked against."""
    row, known, becomes = case.row, rulebook.catalogues(session), fields.get("becomes")
    reply_days, holder_sees = row["reply_days"], None
    if fields.get("corrects") == PRODUCT:
        reply_days = rulebook.product(session, becomes if isinstance(becomes, str) else None).reply_days
    if fields.get("corrects") == "branch":
        there = cast("Row", {**row, "branch": becomes})
        holder_sees = _assignee_sees(session, there, row["assignee_id"])
    events = case.counting
    return Recorded(
        events,
        {"statement": case.text(session, row["statement_id"]), "remedy": case.text(session, row["remedy_id"])},
        customers.contact_of(session, row["customer_id"], case.text(session, events[0].payload.get("named_as_id"))),
        reply_days,
        rulebook.of(session).days(session, rulebook.calendar_version(session)).first_year,
        policy.branches_of(by, known) if by is not None else None,
        holder_sees,
    )


def _with_customers(session: Session, case: Case, content: Content, fields: StepFields, now: datetime) -> Content:
    """The content of a correction of the contact, or of its undoing, with whose complaint it is then."""
    if content.payload.get("corrects") == CONTACT:
        return contact.corrected(session, case, content, contact_of(fields.get("becomes")), now)
    if "undoes" in content.payload and case.events[-1].payload.get("corrects") == CONTACT:
        return contact.taken_back(session, case, content)
    return content


def _waiting(session: Session, case: Case, at: datetime) -> Waiting | None:
    row, version = case.row, rulebook.calendar_version(session)
    calendar = rulebook.of(session).calendar(session, row["procedure"], row["procedure_version"], version)
    return waiting(case.counting, calendar, at)


def _assignee_sees(session: Session, row: Row, person_id: int | None) -> bool | None:
    """Whether that person would see the complaint; None where they hold none. People are read once a transaction."""
    if person_id is None:
        return None
    state = transaction.of(session)
    if state.holders is None:
        state.holders = {one.id: one for one in accounts.list_holders(session)}
    person = state.holders.get(person_id)
    return policy.sees(person, row, rulebook.catalogues(session)) if person else None


def _owners_see(session: Session, row: Row, fields: StepFields) -> set[int]:
    """Of the people who are to do the planned actions, those who would see the complaint."""
    owners = {one.get("owner_id") for one in fields.get("actions") or ()}
    return {owner for owner in owners if owner is not None and _assignee_sees(session, row, owner)}


def _action_meant(case: Case, fields: StepFields) -> Action | None:
    number = str(fields.get("action") or "")
    return actions.fold(case.events).actions.get(int(number)) if number.isdecimal() else None


def _next_number(session: Session, recorded_at: datetime) -> tuple[int, int]:
    """Next free number of the local year of receipt; the writer is alone, so there are no gaps and no twins."""
    year = local_day(recorded_at).year
    numbers = transaction.of(session).last_numbers
    if year not in numbers:
        numbers[year] = session.scalar(select(func.max(Complaint.number)).where(Complaint.year == year)) or 0
    numbers[year] += 1
    return year, numbers[year]


def _code(year: int, number: int) -> str:
    return f"KN-{year}-{number:06d}"


def _procedure(session: Session, draft: Draft) -> Procedure:
    """The procedure that applies to a complaint recorded then (D9)."""
    try:
        return rulebook.current_procedure(session, draft.procedure, draft.recorded_at)
    except NotFound as unknown:
        raise Invalid(unknown.template, {"procedure": unknown.template}, **unknown.values) from unknown


def _row(session: Session, case: Case) -> Complaint:
    found = session.get(Complaint, case.id, populate_existing=True)
    assert found is not None
    return found

"""One complaint as a page shows it: read at once, and masked in one place for those who may not know the person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.case import actions, complaints, details, evidence, issued
from core.register.case import case as cases
from core.register.case.issued import Issued
from core.register.clocks import readings
from core.register.clocks.readings import ClockReading
from core.register.log.tables import Complaint, Customer, Event, Restatement
from core.register.papers import issue
from core.register.people import absences
from core.register.people.absences import Away
from core.register.reads import details as read_details
from core.register.reads import incidents, known_customers, mails, marks, merges, timeline, verified
from core.register.reads.details import Value
from core.register.reads.incidents import Name
from core.register.reads.marks import Marked
from core.register.reads.merges import End, TakenIn
from core.register.reads.timeline import Analysed, Changed, File, Moment, Wanted
from core.register.reads.verified import Fact
from core.register.reads.visible import columns_of
from core.rules import directions, masking, policy, prevention, roles, undo
from core.rules.admission import NOTHING as NOTHING_AGAINST
from core.rules.admission import Against
from core.rules.calendar import local_day
from core.rules.correction import CONTACT
from core.rules.issues import REMOVE, Issues, standing
from core.rules.misses import EXPLAIN
from core.rules.policy import Actor
from core.rules.prevention import Action, Prevention
from core.rules.procedure import Procedure
from core.rules.requests import open_of
from core.rules.steps import (
    ADMIT,
    DIRECT,
    ESCALATE,
    ISSUE,
    JOIN,
    OPEN,
    STEPS,
    UNDO,
    UNMERGED,
    VERIFY,
    Direction,
    State,
    ranked,
)
from core.rules.text import keepable

NOTHING_YET = Prevention()
NOTIFY = "notify_result"
OF_DIRECTIONS = frozenset(step.event for step in STEPS.values() if step.direction not in (None, Direction.RELEASES))
"""The events by which a direction is asked for, given or taken back."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The customer as shown to one reader; empty texts where nothing is known."""

    id: int
    name: str
    phone: str
    email: str
    account: str


MASKS: Mapping[str, Callable[[str], str]] = {
    "name": masking.mask_name,
    "phone": masking.mask_phone,
    "email": masking.mask_email,
    "account": masking.mask_account,
    "statement": masking.mask_text,
    "remedy": masking.mask_text,
}
"""What of a correction tells of the customer → its mask."""


class Restated(NamedTuple):
    """A verdict that a correction changed (D21): both, when, by whom and why; None where there is no such promise."""

    term: str
    number: int
    before: str | None
    after: str | None
    due_before: datetime | None
    due_after: datetime | None
    corrected_at: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A question that a department still owes an answer to (D19).

    ``is_own``: whether the reader may say what became of it.
    """

    number: int
    department: str
    question: str
    due_at: datetime
    reminded: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class AwaitedDirection:
    """A direction that is awaited: of whom, who asked for it since when, by when it is needed, what the question is.

    ``is_own``: whether the reader may give it.
    """

    addressee: str
    who: str
    asked_at: datetime
    due_at: datetime
    question: str
    reminded: int
    is_own: bool


class PlannedAction(NamedTuple):
    """A preventive action with what is done, and the name of who does it."""

    action: Action
    what: str
    owner: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the page of one complaint shows; ``moments`` oldest first, ``steps`` the likeliest next one first.

    ``together``: what can be done in one save → its steps (``policy.together_for``). ``to_explain``: the broken
    promises whose reason the reader may give, or correct. ``values``: what its category must know, known or not, then
    what is known besides. ``facts``: what is verified of the customer, or is to be. ``named_as``: the name that this
    complaint came with, where its customer is known by another one. ``requests``: what departments still owe, the
    earliest due first. ``actions``: its preventive actions that the reader may see, with what is done and who does it.
    ``undo_until``: until when the reader may undo the last step (D22), None where they may not. ``restated``: the
    verdicts that corrections changed, oldest first.
    ``checklist``: what the customer was asked to send. ``issues``: its further issues (D34).
    ``mails_from``: the address that a mail to the customer leaves from (D46), empty where none can be sent.
    ``papers``: those that were issued, oldest first; ``offers``: the kinds that its procedure offers now (D39).
    ``against``: what stands against taking it at all, nothing once a lead has admitted it (VHV 1).
    ``incident``: the one it belongs to, and how many other complaints of it the reader sees (D24). ``marked``: until
    when its stage is meant to be done (D18). ``end``: the complaint in which it goes on; ``taken_in``: those that
    go on in it, as far as the reader sees them, with the contacts of their customers in ``contacts`` (D13).
    when its stage is meant to be done (D18). ``direction``: what is awaited of a superior or the board.
    ``is_direction_owed``: whether the result has to wait for one (MISA 3). ``away``: that whoever holds it is away, and
    who stands in (D23).
    """

    complaint: Complaint
    procedure: Procedure
    statement: str
    remedy: str
    assignee: str | None
    contact: Contact | None
    named_as: str
    others: tuple[Complaint, ...]
    moments: tuple[Moment, ...]
    clocks: tuple[ClockReading, ...]
    steps: tuple[str, ...]
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    to_explain: tuple[ClockReading, ...] = ()
    values: tuple[Value, ...] = ()
    facts: tuple[Fact, ...] = ()
    prevention: Prevention = NOTHING_YET
    actions: tuple[PlannedAction, ...] = ()
    is_masked: bool = False
    undo_until: datetime | None = None
    restated: tuple[Restated, ...] = ()
    requests: tuple[OpenRequest, ...] = ()
    incident: tuple[Name, int] | None = None
    marked: Marked | None = None
    end: End | None = None
    taken_in: tuple[TakenIn, ...] = ()
    contacts: tuple[Contact, ...] = ()
    direction: AwaitedDirection | None = None
    is_direction_owed: bool = False
    away: Away | None = None
    checklist: tuple[Wanted, ...] = ()
    issues: Issues = ()
    against: Against = NOTHING_AGAINST
    papers: tuple[Issued, ...] = ()
    offers: tuple[str, ...] = ()
    mails_from: str = ""

    @property
    def missing(self) -> tuple[Wanted, ...]:
        """What the customer was asked to send and has not come."""
        return tuple(one for one in self.checklist if one.came_at is None)

    @property
    def owed(self) -> tuple[OpenRequest, ...]:
        """The open requests of which the reader may say what became."""
        return tuple(one for one in self.requests if one.is_own)

    @property
    def whole_story(self) -> tuple[Moment, ...]:
        """Its moments and those of what goes on in it, in the order in which they were written down."""
        theirs = [moment for one in self.taken_in for moment in one.moments]
        return tuple(sorted([*self.moments, *theirs], key=lambda moment: moment.logged_at)) if theirs else self.moments

    @property
    def broken(self) -> tuple[ClockReading, ...]:
        """The promises that were not kept: each has a reason of its own, or none yet."""
        return tuple(clock for clock in self.clocks if clock.is_broken)

    def since(self, version: int) -> tuple[Moment, ...]:
        """What happened after ``version`` was read."""
        return tuple(moment for moment in self.moments if moment.seq > version)


def read(session: Session, code: str, *, by: Actor, now: datetime, language: str) -> Dossier:
    """The complaint ``code`` as ``by`` may see it; NotFound, or NotAllowed where ``policy`` hides it."""
    complaint = session.scalars(select(Complaint).where(Complaint.code == keepable(code))).first()
    if complaint is None:
        raise NotFound(N_("There is no complaint {code}: check the code."), code=code)
    policy.check_sees(by, columns_of(complaint), rulebook.catalogues(session))
    dossier = _whole(session, complaint, by=by, now=now, language=language)
    return dossier if roles.sees_personal_data(by.role) else _masked(dossier, by)


def reads_names(by: Actor) -> bool:
    """Whether ``by`` reads who is responsible (MISA 4), and analyses whole: who decides on them, the board."""
    return roles.may(by.role, prevention.APPROVE)


def reads_directions(by: Actor) -> bool:
    """Whether ``by`` reads what is asked of superiors and the board whole: who answers it."""
    return roles.may(by.role, DIRECT)


def _whole(session: Session, complaint: Complaint, *, by: Actor, now: datetime, language: str) -> Dossier:
    events = cases.history(session, complaint.id)
    case = cases.of_events(complaint.id, map(cases.event_of, events))
    procedure = rulebook.of(session).procedure(session, complaint.procedure, complaint.procedure_version)
    clocks = readings.read(session, case.row, case.events, now=now, language=language)
    steps = policy.steps_for(
        by,
        columns_of(complaint),
        rulebook.catalogues(session),
        conciliates=procedure.conciliation is not None,
        departments_reply=procedure.departments_reply,
    )
    to_explain = _to_explain(clocks, by) if EXPLAIN in steps else ()
    plan = actions.fold(case.events)
    steps = tuple(step for step in steps if (step != EXPLAIN or to_explain) and prevention.offers(by, step, plan))
    against = complaints.against(session, case)
    steps = tuple(step for step in steps if step != ADMIT or against)
    facts = verified.of_customer(session, complaint.customer_id)
    steps = tuple(step for step in steps if step != VERIFY or any(not one.value.field.retired for one in facts))
    if JOIN in steps and not incidents.is_any_going_on(session):
        steps = tuple(step for step in steps if step != JOIN)
    papers, offers = issued.fold(case.events), issue.offers(session, case)
    steps = tuple(step for step in steps if step != ISSUE or papers or offers)
    its_issues = standing(case.row["issues"])
    steps = tuple(step for step in steps if step != REMOVE or its_issues)
    is_owed = procedure.result_after_direction and directions.is_owed(directions.asked(case.counting))
    customer = session.get(Customer, complaint.customer_id) if complaint.customer_id else None
    moments = timeline.read(session, complaint.id, events, reads_names=reads_names(by), now=now)
    names = timeline.names_of(
        session, [complaint.assignee_id or 0, *(action.owner_id for action in plan.actions.values())]
    )
    taken_in = merges.taken_in(session, complaint, by=by, reads_names=reads_names(by))
    return Dossier(
        complaint=complaint,
        procedure=procedure,
        statement=evidence.text_of(session, complaint.statement_id),
        remedy=evidence.text_of(session, complaint.remedy_id),
        assignee=names.get(complaint.assignee_id or 0),
        contact=_contact(customer),
        mails_from=mails.sender(session, customer),
        named_as=evidence.text_of(session, case.counting[0].payload.get("named_as_id")),
        others=_others(session, complaint, by),
        moments=moments,
        clocks=clocks,
        steps=tuple(sorted(_ordered(steps, complaint, plan, procedure), key=lambda one: is_owed and one == NOTIFY)),
        together=policy.together_for(by, columns_of(complaint), rulebook.catalogues(session), is_taken=not against),
        against=against,
        to_explain=to_explain,
        values=_values(session, complaint, case),
        facts=facts,
        prevention=plan,
        actions=tuple(
            PlannedAction(action, evidence.text_of(session, action.what_id), names.get(action.owner_id, "?"))
            for action in plan.actions.values()
        ),
        undo_until=_undo_until(session, events, complaint, by, now),
        requests=_requests(session, case, by),
        restated=_restated(session, complaint.id, moments),
        incident=incidents.of_complaint(session, complaint, by=by),
        checklist=tuple(timeline.wanted_of(session, case.counting).values()),
        issues=its_issues,
        papers=papers,
        offers=offers,
        marked=marks.of_case(session, complaint, case.counting, now),
        end=merges.end_of(session, complaint, by=by),
        taken_in=taken_in,
        contacts=_contacts(session, complaint, taken_in),
        direction=_direction(session, complaint, case, by),
        is_direction_owed=is_owed,
        away=absences.away_one(session, complaint.assignee_id or 0, local_day(now)),
    )


def _direction(session: Session, complaint: Complaint, case: cases.Case, by: Actor) -> AwaitedDirection | None:
    one = directions.awaited(directions.asked(case.counting)) if complaint.direction else None
    if one is None:
        return None
    return AwaitedDirection(
        one.addressee,
        timeline.names_of(session, [one.asked_by or 0]).get(one.asked_by or 0, ""),
        one.asked_at,
        one.due_at,
        evidence.text_of(session, one.question_id),
        one.reminded,
        is_own=directions.may_answer(by, columns_of(complaint)),
    )


def _restated(session: Session, complaint_id: int, moments: Sequence[Moment]) -> tuple[Restated, ...]:
    said = {moment.seq: moment for moment in moments if moment.changes or moment.kind == UNMERGED}
    if not said:
        return ()
    its = select(Restatement).where(Restatement.complaint_id == complaint_id)
    rows = session.scalars(its.order_by(Restatement.seq, Restatement.due_after, Restatement.term))
    return tuple(
        Restated(
            row.term,
            row.number,
            row.verdict_before,
            row.verdict_after,
            row.due_before,
            row.due_after,
            row.corrected_at,
            said[row.seq].who or "",
            said[row.seq].text,
        )
        for row in rows
    )


def _requests(session: Session, case: cases.Case, by: Actor) -> tuple[OpenRequest, ...]:
    own = policy.departments_of(by, rulebook.catalogues(session))
    is_of_any = not roles.answers_for_department(by.role)
    found = [
        OpenRequest(
            one.number,
            one.department,
            evidence.text_of(session, one.question_id),
            one.due_at,
            one.reminded,
            is_own=is_of_any or one.department in own,
        )
        for one in open_of(case.row["requests"])
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.number)))


def _ordered(steps: tuple[str, ...], complaint: Complaint, plan: Prevention, procedure: Procedure) -> tuple[str, ...]:
    """The likeliest first; what prevention waits for comes right after it, once the case is closed before it."""
    state = State(complaint.state)
    owed = prevention.awaited(steps, plan, procedure, state)
    rest = tuple(step for step in ranked(steps, state, complaint.kind) if step not in owed)
    return (*rest[:1], *owed, *rest[1:]) if state in OPEN else (*owed, *rest)


def _undo_until(
    session: Session, events: Sequence[Event], complaint: Complaint, by: Actor, now: datetime
) -> datetime | None:
    if not roles.may(by.role, UNDO):
        return None
    return undo.possible_until(by, cases.last_event(session, events, complaint.source), now)


def _to_explain(clocks: Iterable[ClockReading], by: Actor) -> tuple[ClockReading, ...]:
    corrects = roles.may(by.role, "correct_reasons")
    return tuple(clock for clock in clocks if clock.is_broken and (corrects or clock.breach_reason is None))


def _values(session: Session, complaint: Complaint, case: cases.Case) -> tuple[Value, ...]:
    categories = rulebook.catalogues(session).categories
    personal = [key for key, kept in details.fold(case.events).items() if kept.evidence_id is not None]
    among = (complaint.category, *(one.category for one in standing(case.row["issues"])))
    return read_details.of_case(categories, among, details.known(session, complaint.id), personal)


def _contact(customer: Customer | None) -> Contact | None:
    if customer is None:
        return None
    details = (customer.name or "", customer.phone or "", customer.email or "", customer.account or "")
    return Contact(customer.id, *details)


def _contacts(session: Session, complaint: Complaint, taken_in: Sequence[TakenIn]) -> tuple[Contact, ...]:
    """The other customers of what goes on in it, each once."""
    ids = dict.fromkeys(one.complaint.customer_id for one in taken_in)
    found = (_contact(session.get(Customer, id)) for id in ids if id is not None and id != complaint.customer_id)
    return tuple(one for one in found if one is not None)


def _others(session: Session, complaint: Complaint, by: Actor) -> tuple[Complaint, ...]:
    if complaint.customer_id is None:
        return ()
    return tuple(other for other in known_customers.history(session, complaint.customer_id, by) if other != complaint)


def _masked(dossier: Dossier, by: Actor) -> Dossier:
    """The same without the person: initials, ends of numbers, and no word that anybody but ``by`` wrote.

    For who follows what they logged, a customer's details that they typed are whole too, unless somebody corrected
    them. Who worked on it is told by name to whoever opens the queue (``policy.colleague``).
    """
    rewritten = {one.payload["corrects"] for one in dossier.moments if one.changes and one.undone_at is None}
    wrote_it = policy.is_own(by, dossier.complaint.logged_by_id)
    named_it = wrote_it and CONTACT not in rewritten
    contact = mask_contact(dossier.contact) if dossier.contact else None
    if named_it and dossier.contact and contact:
        typed = dossier.moments[0].payload.get("new_details") or ()
        contact = replace(contact, **{name: getattr(dossier.contact, name) for name in typed})
    return replace(
        dossier,
        statement=_typed(dossier.statement, is_whole=wrote_it and "statement" not in rewritten),
        remedy=_typed(dossier.remedy, is_whole=wrote_it and "remedy" not in rewritten),
        assignee=_colleague(dossier.assignee, by),
        contact=contact,
        named_as=dossier.named_as if named_it else masking.mask_name(dossier.named_as),
        moments=tuple(_masked_moment(moment, by) for moment in dossier.moments),
        taken_in=tuple(
            replace(one, moments=tuple(_masked_moment(moment, by) for moment in one.moments))
            for one in dossier.taken_in
        ),
        contacts=tuple(mask_contact(one) for one in dossier.contacts),
        values=tuple(value.masked() for value in dossier.values),
        facts=tuple(one._replace(value=one.value.masked(), who=_colleague(one.who, by) or "") for one in dossier.facts),
        requests=tuple(replace(one, question=masking.mask_text(one.question)) for one in dossier.requests),
        actions=tuple(_masked_action(one, by) for one in dossier.actions),
        direction=_masked_direction(dossier.direction, by) if dossier.direction else None,
        away=dossier.away._replace(deputy=_colleague(dossier.away.deputy, by)) if dossier.away else None,
        checklist=_masked_items(dossier.checklist, by),
        is_masked=True,
        restated=tuple(
            one._replace(who=_colleague(one.who, by) or "", reason=masking.mask_text(one.reason))
            for one in dossier.restated
        ),
    )


def _typed(text: str, *, is_whole: bool) -> str:
    return text if is_whole else masking.mask_text(text)


def mask_contact(contact: Contact) -> Contact:
    """The contact for somebody who may not know the person."""
    return Contact(
        contact.id,
        masking.mask_name(contact.name),
        masking.mask_phone(contact.phone),
        masking.mask_email(contact.email),
        masking.mask_account(contact.account),
    )


def _masked_moment(moment: Moment, by: Actor) -> Moment:
    if policy.is_own(by, moment.who_id):
        return moment
    files = moment.files if _is_asked(moment, by) else tuple(map(_masked_file, moment.files))
    who, assignee = _colleague(moment.who, by), _colleague(moment.assignee, by) or ""
    values = tuple(value.masked() for value in moment.values)
    changes = tuple(_masked_change(one) for one in moment.changes)
    stands_in_for = _colleague(moment.stands_in_for, by) or ""
    masked = replace(moment, changes=changes, files=files, who=who, assignee=assignee, values=values)
    masked = replace(masked, stands_in_for=stands_in_for)
    if moment.kind in prevention.EVENTS and reads_names(by):
        return masked  # who decides on an analysis reads it
    if moment.kind in OF_DIRECTIONS and reads_directions(by):
        return masked  # and so does who is asked for a direction
    return replace(
        masked,
        text=masking.mask_text(moment.text),
        subject=masking.mask_text(moment.subject),
        action=masking.mask_text(moment.action),
        recording=masking.mask_text(moment.recording),
        wanted=_masked_items(moment.wanted, by),
        came=_masked_items(moment.came, by),
        analysed=_masked_analysis(moment.analysed, by) if moment.analysed else None,
    )


def _is_asked(moment: Moment, by: Actor) -> bool:
    """Whether it is a question that ``by`` answers, so that they open what came with it (``policy.sees_file``)."""
    is_question = moment.kind == STEPS[ESCALATE].event and moment.undone_at is None
    return is_question and policy.is_asked(by, moment.payload.get("addressee"))


def _masked_file(file: File) -> File:
    return replace(file, name=masking.mask_file_name(file.name), opens=False)


def _masked_analysis(analysed: Analysed, by: Actor) -> Analysed:
    planned = tuple(
        one._replace(what=masking.mask_text(one.what), owner=_colleague(one.owner, by) or "")
        for one in analysed.actions
    )
    return Analysed((masking.HIDDEN,), planned, masking.mask_text(analysed.people))


def _masked_items(items: Iterable[Wanted], by: Actor) -> tuple[Wanted, ...]:
    return tuple(
        one._replace(line=masking.mask_text(one.line), came_by=_colleague(one.came_by, by) or "") for one in items
    )


def _masked_action(one: PlannedAction, by: Actor) -> PlannedAction:
    if reads_names(by):
        return one
    return one._replace(what=masking.mask_text(one.what), owner=_colleague(one.owner, by) or "")


def _masked_direction(one: AwaitedDirection, by: Actor) -> AwaitedDirection:
    if reads_directions(by):
        return one
    return replace(one, who=_colleague(one.who, by) or "", question=masking.mask_text(one.question))


def _masked_change(one: Changed) -> Changed:
    mask = MASKS.get(one.field)
    return one._replace(was=mask(one.was), becomes=mask(one.becomes)) if mask else one


def _colleague(name: str | None, by: Actor) -> str | None:
    return policy.colleague(by, name) if name else name

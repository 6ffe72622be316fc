"""Complaints typed into the form: checked while they are typed, and logged once however often the button is pressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import NamedTuple, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, PopsError
from core.i18n import N_
from core.register import rulebook
from core.register.case import complaints, customers, details, evidence
from core.register.case.customers import CustomerDraft
from core.register.case.draft import BY_FORM, NO_LEVEL, Draft, branch_problem, kind_problem, problems
from core.register.case.evidence import FileDraft
from core.register.case.payload import Row
from core.register.case.steps import RECORDINGS
from core.register.case.steps.recording import Situation, StepFields
from core.register.clocks import promises
from core.register.log.act import Act
from core.register.log.tables import Complaint, Evidence
from core.register.log.tables import Issue as IssueRow
from core.register.organisation import answer_texts
from core.register.people import form_drafts
from core.rules import details as detail_rules
from core.rules import policy
from core.rules.admission import INADMISSIBLE, Against, Matter
from core.rules.calendar import whole_second
from core.rules.contacts import contact_kind, plain
from core.rules.evidence_kinds import RECORDING
from core.rules.issues import Issue, numbered
from core.rules.policy import Actor
from core.rules.procedure import SETTLEMENT_MINUTES
from core.rules.steps import TOGETHER, State

COMPLAINT = "complaint"
FIELDS_OF_SETTLING = {"text": "told", "answer_text": "told", "files": "minutes"}
"""Field of a step → the field of ``Settled`` where it is called otherwise there."""


class Settled(NamedTuple):
    """How a matter was settled as it came in (D26): what ``TOGETHER["settle"]`` needs beyond the draft.

    ``told``: the result as told to the customer, through the channel of the draft; ``answer_text``: which text was put
    into it. ``breach_reason``: where it is logged when a promise is broken already. ``issue_outcomes``,
    ``issue_causes``: of the further issues, number as text → key (D34).
    """

    kind: str
    told: str
    outcome: str | None
    root_cause: str | None = None
    answer_text: str | None = None
    breach_reason: str | None = None
    minutes: tuple[FileDraft, ...] = ()
    issue_outcomes: Mapping[str, str | None] = MappingProxyType({})
    issue_causes: Mapping[str, str | None] = MappingProxyType({})

    def steps(self, draft: Draft) -> tuple[tuple[str, StepFields], ...]:
        """Each step with its fields, in the order they are taken in."""
        filled: dict[str, StepFields] = {
            "acknowledge": {"channel": draft.channel},
            "classify": {"kind": self.kind, "category": draft.category, "level": draft.level},
            "notify_result": {
                "channel": draft.channel,
                "text": self.told,
                "answer_text": self.answer_text,
                "files": self.minutes,
            },
            "close": {
                "outcome": self.outcome,
                "root_cause": self.root_cause,
                "issue_outcomes": self.issue_outcomes,
                "issue_causes": self.issue_causes,
                "breach_reason": self.breach_reason,
            },
        }
        return tuple((step, filled[step]) for step in TOGETHER["settle"])


def new_reference(now: datetime) -> str:
    """A name for the filling of a form begun ``now``, so that the same draft is never logged twice."""
    return form_drafts.new_token(now)


def check(session: Session, draft: Draft, *, now: datetime, by: Actor | None = None) -> dict[str, str]:
    """Field → sentence template for what must be mended before ``by`` can log it, without writing anything."""
    procedure = rulebook.current_procedure(session, draft.procedure, draft.recorded_at)
    days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    known = rulebook.catalogues(session)
    found = problems(draft, procedure, known, days, now=now)
    return found | branch_problem(draft, by, known) | kind_problem(draft, by)


def log_once(session: Session, draft: Draft, reference: str, act: Act) -> tuple[Complaint, bool]:
    """Log ``draft`` under ``reference``, or find it logged already: (complaint, whether it is new).

    Two tabs of one person may hold the same kept draft, and so its reference. What the complaint found there does not
    say (``says_all``) is another complaint, logged under the next of ``reference``, ``reference.2``, ``reference.3`` …
    Writers wait for each other (``Register.write``), so looking first is safe. Raises as ``complaints.log`` does.
    """
    for n in count(1):
        name = reference if n == 1 else f"{reference}.{n}"
        theirs = select(Complaint).where(Complaint.source == BY_FORM, Complaint.external_ref == name)
        known = session.scalars(theirs).first()
        if known is None:
            return complaints.log(session, draft._replace(source=BY_FORM, external_ref=name), act), True
        if says_all(session, known, draft):
            return known, False
    raise AssertionError("there is always a next name")


def is_late(session: Session, draft: Draft, *, now: datetime) -> bool:
    """Whether a promise is broken before the draft is logged, so that closing it asks why."""
    return bool(_broken(session, draft, now))


def check_settled(session: Session, draft: Draft, settled: Settled, *, now: datetime, by: Actor) -> dict[str, str]:
    """Field of ``Settled`` → sentence template for what must be mended before it can be logged as settled."""
    procedure = rulebook.current_procedure(session, draft.procedure, draft.recorded_at)
    row = {name: getattr(draft, name) for name in ("channel", "category", "level")}
    its_issues = tuple(Issue(number, category) for number, category in numbered(draft.issues))
    situation = Situation(
        cast("Row", row | {"kind": settled.kind, "root_cause": None, "requests": (), "issues": its_issues}),
        procedure,
        rulebook.catalogues(session),
        now,
        missed=dict.fromkeys(_broken(session, draft, now)),
        answer_texts=answer_texts.bodies(session, settled.answer_text),
        against=against(session, draft._replace(kind=settled.kind)),
        is_live=True,
    )
    found: dict[str, str] = {}
    for step, fields in settled.steps(draft)[2:]:  # of the others the draft holds all, and is checked by itself
        try:
            RECORDINGS[step].check(situation, fields)
        except PopsError as refused:
            its = refused.fields if isinstance(refused, Invalid) else {}
            found |= {_field_of_settling(name): said for name, said in its.items()}
    if draft.level is None and procedure.demands_level(settled.kind):
        found["level"] = NO_LEVEL
    if settled.outcome == INADMISSIBLE:
        return found
    if settled.kind not in policy.kinds_settled_at_once(by, procedure):
        found["settles"] = N_("This procedure settles no such matter at once: log it, and go on from there.")
    elif settled.kind == COMPLAINT and SETTLEMENT_MINUTES in procedure.papers and not settled.minutes:
        found["minutes"] = N_("Attach the minutes that both sides signed: a photo or a PDF.")
    return found


def _field_of_settling(name: str) -> str:
    """Where the form shows what is wrong with this field of a step; each further issue has fields of its own."""
    return name if name.startswith("issue_") else FIELDS_OF_SETTLING.get(name, name).partition(".")[0]


def against(session: Session, draft: Draft) -> Against:
    """What stands against taking the draft at all (VHV 1)."""
    procedure = rulebook.current_procedure(session, draft.procedure, draft.recorded_at)
    matter = Matter(draft.recorded_at, draft.incident_at, draft.product, draft.channel, draft.category, draft.kind)
    return promises.against(session, procedure, matter)


def _broken(session: Session, draft: Draft, now: datetime) -> list[str]:
    """The promises of a complaint recorded then that are broken already when it is acknowledged ``now``."""
    ahead = promises.outlook(session, draft.procedure, draft.recorded_at, product=draft.product, language="vi")
    return [one.term for one in ahead.promises if one.due_at is not None and one.due_at < now]


def settle_once(
    session: Session,
    draft: Draft,
    settled: Settled,
    reference: str,
    act: Act,
    filled: Callable[[str, str], str] = lambda _code, said: said,
) -> Complaint:
    """Log ``draft`` as ``log_once`` does and settle it in the same transaction (D26); all or nothing.

    ``filled``: case code, text → the text with its fields filled in, as far as an answer text left some open. Raises as
    ``complaints.log`` and ``complaints.take_together`` do, Invalid with the fields of ``Settled``, and Conflict where
    the draft was logged already and stands elsewhere.
    """
    complaint, is_new = log_once(session, draft, reference, act)
    if not is_new and State(complaint.state) is not State.received:
        if filled(complaint.code, settled.told).strip() == _text(session, complaint.id, "result"):
            return complaint  # the answer to the first sending was lost
        raise Conflict(N_("This is logged already, as {code}: open it and go on there."), code=complaint.code)
    problems_left = check_settled(session, draft, settled, now=act.now, by=cast("Actor", act.by))
    if problems_left:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), problems_left)
    settled = settled._replace(told=filled(complaint.code, settled.told))
    steps = settled.steps(draft)
    return complaints.take_together(session, complaint.code, steps, replace(act, version=complaint.version))


def says_all(session: Session, known: Complaint, draft: Draft) -> bool:
    """Whether the logged complaint holds all that ``draft`` says, so that nothing is lost by not logging it again.

    The time of receipt is left out: “now” is another moment when the same form is sent again. So is a detail that the
    draft does not give: the form asks for none that the first sending made known.
    """
    words = ("channel", "category", "level", "product", "platform", "branch")
    return (
        known.procedure == rulebook.current_procedure(session, draft.procedure, draft.recorded_at).key
        and all(getattr(known, name) == getattr(draft, name) for name in words)
        and draft.kind in (None, known.kind)
        and _is_same_moment(known.incident_at, draft.incident_at)
        and _is_same_moment(known.sent_at, draft.sent_at)
        and evidence.text_of(session, known.statement_id).strip() == draft.statement.strip()
        and evidence.text_of(session, known.remedy_id).strip() == draft.remedy.strip()
        and draft.recording.strip() in ("", _text(session, known.id, RECORDING))
        and _says_details(session, known, draft)
        and _says_issues(session, known, draft)
        and customers.is_named_by(
            session, known.customer_id, draft.customer, _text(session, known.id, customers.NAMED_AS)
        )
        and all(evidence.is_kept(session, known.id, file) for file in draft.files)
    )


def _is_same_moment(kept: datetime | None, given: datetime | None) -> bool:
    """Whether both are the same second, or neither is known."""
    return (kept and whole_second(kept)) == (given and whole_second(given))


def _says_details(session: Session, known: Complaint, draft: Draft) -> bool:
    among = (known.category, *_issues_of(session, known))
    fields = detail_rules.fields_of_all(rulebook.catalogues(session).categories, among)
    held = details.known(session, known.id)
    return all(
        key in fields
        and not detail_rules.problem(fields[key], text)
        and held.get(key, "") == detail_rules.parse(fields[key], text)
        for key, text in draft.details.items()
    )


def _says_issues(session: Session, known: Complaint, draft: Draft) -> bool:
    return Counter(draft.issues) <= Counter(_issues_of(session, known))


def _issues_of(session: Session, known: Complaint) -> Sequence[str]:
    """The categories of its further issues."""
    its = select(IssueRow.category).where(IssueRow.complaint_id == known.id).order_by(IssueRow.number)
    return session.scalars(its).all()


def _text(session: Session, complaint_id: int, kind: str) -> str:
    """The complaint's first text of that kind; empty where it has none."""
    its = select(Evidence.body).where(Evidence.complaint_id == complaint_id, Evidence.kind == kind)
    its = its.order_by(Evidence.id)
    return session.scalars(its).first() or ""


def customer_of(contact: str, **others: str) -> CustomerDraft:
    """The customer as typed: the contact field under its kind, and the other fields (name, phone, email, account)."""
    fields = {name: text.strip() for name, text in others.items() if plain(text)}
    return CustomerDraft(**{contact_kind(contact): contact.strip(), **fields} if plain(contact) else fields)

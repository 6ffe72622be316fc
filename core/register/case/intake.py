"""Complaints typed into the form: checked while they are typed, and logged once however often the button is pressed."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import complaints, customers, details, evidence
from core.register.case.customers import CustomerDraft
from core.register.case.draft import BY_FORM, Draft, branch_problem, problems
from core.register.log.act import Act
from core.register.log.tables import Complaint, Evidence
from core.register.people import form_drafts
from core.rules import details as detail_rules
from core.rules.contacts import contact_kind, plain
from core.rules.policy import Actor


def new_reference(now: datetime) -> str:
    """A name for the filling of a form begun ``now``, so that the same draft is never logged twice."""
    return form_drafts.new_token(now)


def check(session: Session, draft: Draft, *, now: datetime, by: Actor | None = None) -> dict[str, str]:
    """Field → sentence template for what must be mended before ``by`` can log it, without writing anything."""
    procedure = rulebook.current_procedure(session, draft.procedure, draft.recorded_at)
    days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    known = rulebook.catalogues(session)
    return problems(draft, procedure, known, days, now=now) | branch_problem(draft, by, known)


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


def says_all(session: Session, known: Complaint, draft: Draft) -> bool:
    """Whether the logged complaint holds all that ``draft`` says, so that nothing is lost by not logging it again.

    The time of receipt is left out: “now” is another moment when the same form is sent again. So is a detail that the
    draft does not give: the form asks for none that the first sending made known.
    """
    words = ("channel", "category", "level", "product", "platform", "branch")
    moment = draft.incident_at.replace(microsecond=0) if draft.incident_at else None
    return (
        known.procedure == rulebook.current_procedure(session, draft.procedure, draft.recorded_at).key
        and all(getattr(known, name) == getattr(draft, name) for name in words)
        and (known.incident_at.replace(microsecond=0) if known.incident_at else None) == moment
        and evidence.text_of(session, known.statement_id).strip() == draft.statement.strip()
        and evidence.text_of(session, known.remedy_id).strip() == draft.remedy.strip()
        and _says_details(session, known, draft)
        and customers.is_named_by(session, known.customer_id, draft.customer, _named_as(session, known.id))
        and all(evidence.is_kept(session, known.id, file) for file in draft.files)
    )


def _says_details(session: Session, known: Complaint, draft: Draft) -> bool:
    fields = detail_rules.fields_of(rulebook.catalogues(session).categories, known.category)
    held = details.known(session, known.id)
    return all(
        key in fields
        and not detail_rules.problem(fields[key], text)
        and held.get(key, "") == detail_rules.parse(fields[key], text)
        for key, text in draft.details.items()
    )


def _named_as(session: Session, complaint_id: int) -> str:
    """The name that the complaint came with, where its customer was known by another one; else empty."""
    its = select(Evidence.body).where(Evidence.complaint_id == complaint_id, Evidence.kind == customers.NAMED_AS)
    return session.scalars(its).first() or ""


def customer_of(contact: str, **others: str) -> CustomerDraft:
    """The customer as typed: the contact field under its kind, and the other fields (name, phone, email, account)."""
    fields = {name: text.strip() for name, text in others.items() if plain(text)}
    return CustomerDraft(**{contact_kind(contact): contact.strip(), **fields} if plain(contact) else fields)

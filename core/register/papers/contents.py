"""A paper about one case: what it is made of, and the text that it begins with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from core.catalogues import shown
from core.i18n import day, due_words, moment, named
from core.register import rulebook
from core.register.case import customers
from core.register.case.case import Case
from core.register.case.steps.papers import TO_BE_WRITTEN
from core.register.clocks import cycles
from core.register.papers import parts
from core.register.papers.data import NO_MEETING, Data, Rows, Said, date_words, in_vietnamese, qr_of, time_of_day
from core.rules.calendar import BeyondCalendar, local_day
from core.rules.catalogue import Catalogue
from core.rules.details import fields_of_all
from core.rules.issues import standing
from core.rules.marks import visible
from core.rules.papers import RECEIVED, text_of
from core.rules.steps import STEPS
from core.rules.verdicts import Verdict, verdict

TOLD, DECIDED = STEPS["notify_result"].event, STEPS["decide"].event
REFUSED = frozenset({STEPS["refuse"].event, DECIDED})
"""The events after which the ways that the law gives are named to the customer (D17)."""
CUSTOMER, RESOLVE = "Quý khách", "resolve"
_FIELD = re.compile(r"\{(\w+)\}")


@in_vietnamese
def data_of(session: Session, case: Case, said: Said, now: datetime) -> Data:
    """Everything a template may use of the case, for the paper that is worded so."""
    known, row, colours = rulebook.catalogues(session), case.row, parts.colours(session)
    contact = _contact(session, case)
    texts = [case.text(session, row[name]) for name in ("statement_id", "remedy_id")]
    branch = known.branches.get(row["branch"] or "")
    return Data(
        kind=said.kind,
        title=named("paper", said.kind),
        number=said.number,
        is_draft=not said.number,
        organisation=visible(rulebook.organisation(session).name),
        branch=visible(branch.vi) if branch else "",
        date=date_words(now),
        footer=" · ".join([f"Số {said.number}"] * bool(said.number) + [day(local_day(now))]),
        code=row["code"],
        qr=qr_of(row["code"]),
        logo=parts.logo(session),
        accent=colours.accent,
        second=colours.second,
        replaces=said.replaces,
        customer=_rows(
            ("Họ và tên", contact.name),
            ("Điện thoại", contact.phone),
            ("Thư điện tử", contact.email),
            ("Tài khoản", contact.account),
        ),
        customer_name=visible(contact.name),
        addressee=visible(contact.name) or CUSTOMER,
        facts=_facts(session, case),
        statement=visible(texts[0]),
        remedy=visible(texts[1]),
        body=visible(said.body),
        writer=visible(said.writer),
        refused=not REFUSED.isdisjoint(event.kind for event in case.counting),
        is_masked=False,
        clocks=[],
        moments=[],
        evidence=[],
        version=str(row["version"]),
        made_at=moment(now),
        meeting=NO_MEETING,
    )


@in_vietnamese
def first_text(session: Session, case: Case, kind: str, now: datetime) -> str:
    """The text with which a paper of that kind begins, filled in; whoever issues it goes over it."""
    body = parts.get(session, text_of(kind)).content
    row, told = case.row, _result(session, case)
    due_at = _deadline(session, case, now)
    values = {
        "organisation": rulebook.organisation(session).name,
        "name": _contact(session, case).name or CUSTOMER,
        "code": row["code"],
        RECEIVED: time_of_day(row["recorded_at"]),
        "due": f"Thời hạn giải quyết theo quy trình: {due_words(due_at)}." if due_at else "",
        "result": told or TO_BE_WRITTEN,
    }
    lines = [
        (line, _FIELD.sub(lambda found: values.get(found.group(1), found.group()), line)) for line in body.splitlines()
    ]
    return "\n".join(said for line, said in lines if said.strip() or not line.strip()).strip()


def _contact(session: Session, case: Case) -> customers.CustomerDraft:
    named_as = case.text(session, case.counting[0].payload.get("named_as_id"))
    return customers.contact_of(session, case.row["customer_id"], named_as)


def _result(session: Session, case: Case) -> str:
    """What the customer was told last as the result, else what was decided; empty where nothing was."""
    for kind in (TOLD, DECIDED):
        said = [event.payload.get("text_id") for event in case.counting if event.kind == kind]
        if said:
            return case.text(session, said[-1])
    return ""


def _deadline(session: Session, case: Case, now: datetime) -> datetime | None:
    """When the result is due by the procedure; None where none is promised, or one is overdue."""
    row = case.row
    procedure = rulebook.of(session).procedure(session, row["procedure"], row["procedure_version"])
    stages = {term.key: term.stage for term in procedure.terms}
    try:
        promised = [cycle for cycle, _version in cycles.cycles_of(session, row, case.events)]
    except BeyondCalendar:  # the year's days off are not approved: no promise can be told
        return None
    running = [cycle for cycle in promised if verdict(cycle, now) is Verdict.RUNNING]
    return min((cycle.due_at for cycle in running if stages.get(cycle.term) == RESOLVE), default=None)


def _facts(session: Session, case: Case) -> Rows:
    known, row = rulebook.catalogues(session), case.row

    def name(catalogue: Catalogue, key: str | None) -> str:
        entry = catalogue.get(key or "")
        return entry.vi if entry else ""

    category = known.categories.get(row["category"])
    parent = name(known.categories, category.parent) if category and category.parent else ""
    return _rows(
        ("Mã hồ sơ", row["code"]),
        ("Tiếp nhận lúc", moment(row["recorded_at"])),
        ("Kênh tiếp nhận", name(known.channels, row["channel"])),
        ("Chi nhánh", name(known.branches, row["branch"])),
        ("Nhóm khiếu nại", " › ".join(filter(None, (parent, name(known.categories, row["category"]))))),
        ("Sản phẩm, dịch vụ", name(known.products, row["product"])),
        *_values(session, case),
    )


def _values(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """What its category and those of its further issues must know, where that is known."""
    among = (case.row["category"], *(one.category for one in standing(case.row["issues"])))
    asked = fields_of_all(rulebook.catalogues(session).categories, among)
    kept = case.details(session) if asked else {}
    for key, field in asked.items():
        if kept.get(key):
            yield field.vi, shown(field, kept[key])


def _rows(*named_values: tuple[str, str]) -> Rows:
    return [[name, visible(value)] for name, value in named_values if value]

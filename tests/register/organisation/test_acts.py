"""The same acts under each organisation: a complaint goes from receipt to closing by its own words and clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import shipped
from core.errors import Invalid
from core.insight import facts
from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.catalogue import Catalogues, Entry, offered
from tests.engines import MONDAY

ORGANISATIONS = list(shipped.organisations())
VALUES = {"text": "abc 123", "number": "3", "money": "50.000đ", "moment": "2026-11-15 08:00"}


@pytest.fixture(params=ORGANISATIONS)
def register(request: pytest.FixtureRequest, empty_database_url: str, tmp_path: Path) -> Iterator[Register]:
    """A register of each organisation in turn."""
    register = open_up(empty_database_url, tmp_path / "evidence", organisation=request.param, now=MONDAY)
    yield register
    register.engine.dispose()


def first(catalogue: dict[str, Entry]) -> str | None:
    return next(iter(catalogue), None)


def asked(known: Catalogues, category: str) -> dict[str, str]:
    """A value for everything the category must know."""
    entry = known.categories[category]
    return {field.key: field.choices[0].key if field.type == "choice" else VALUES[field.type] for field in entry.fields}


def test_a_complaint_is_worked_to_its_end(register: Register) -> None:
    with register.write() as session:
        lead = accounts.add(session, Account("lead", "Bảo Trân", "lead"), None, Act(None, MONDAY))
        known, procedure = rulebook.catalogues(session), rulebook.current_procedure(session, "", MONDAY)
    category, department = first(offered(known.categories)), first(offered(known.departments))
    assert category is not None
    draft = Draft(
        channel=next(iter(offered(known.channels))),
        recorded_at=MONDAY,
        statement="Không đúng như đã hẹn",
        category=category,
        product=first(offered(known.products)),
        platform=first(offered(known.platforms)),
        branch=first(offered(known.branches)),
        level=first(offered(known.levels)) if procedure.gives_levels else None,
        details=asked(known, category),
    )
    steps: list[tuple[str, StepFields]] = [
        ("acknowledge", {"text": "Đã nhận"}),
        ("classify", {"kind": "complaint", "category": category}),
    ]
    if department:
        asks: StepFields = {"department": department, "text": "Kiểm tra giúp", "due_at": MONDAY + timedelta(days=2)}
        steps += [("forward", asks), ("answer", {"text": "Đã kiểm tra"})]
    steps += [
        ("notify_result", {"text": "Đã giải quyết xong"}),
        ("close", {"outcome": "upheld", "root_cause": next(iter(offered(known.causes)))}),
    ]
    with register.write() as session:
        code = complaints.log(session, draft, Act(lead, MONDAY)).code
    for n, (step, fields) in enumerate(steps, start=1):
        with register.write() as session:
            taken = complaints.take(session, code, step, fields, Act(lead, MONDAY + timedelta(minutes=n)))
    assert taken.state == "closed" and taken.procedure == procedure.key
    clocks = facts.current(register).cycles.to_dicts()
    assert {row["term"] for row in clocks} >= {term.key for term in procedure.terms if term.stage == "resolve"}
    assert all(row["stopped_at"] <= row["due_at"] for row in clocks if row["stage"] == "resolve"), "within its time"
    assert verify(register).problems == []


def test_words_of_another_organisation_are_refused(register: Register) -> None:
    with register.read() as session:
        known, whose = rulebook.catalogues(session), rulebook.organisation(session).key
    other = shipped.catalogues("misa" if whose != "misa" else "pops")
    strange = {
        name: next((key for key in getattr(other, name) if key not in getattr(known, name)), "nobody_has_this")
        for name in ("channels", "categories", "products")
    }
    draft = Draft(strange["channels"], MONDAY, "Việc", strange["categories"], product=strange["products"])
    with register.write() as session, pytest.raises(Invalid) as refused:
        complaints.log(session, draft, Act(None, MONDAY))
    assert {"channel", "category", "product"} <= set(refused.value.fields)
    with register.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 0

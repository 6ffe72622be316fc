"""Drafts of the form: one reference, one complaint; and what the one contact field may hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Unpack

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotAllowed
from core.register.case import intake
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from tests.conftest import Cast
from tests.register.cases import DraftFields


def draft(now: datetime, **changes: Unpack[DraftFields]) -> Draft:
    return replace(Draft(channel="hotline", recorded_at=now, statement="Chậm", category="other"), **changes)


def test_however_often_it_is_sent_a_draft_is_logged_once(register: Register, cast: Cast, now: datetime) -> None:
    def send(_: int) -> tuple[str, bool]:
        with register.write() as session:
            complaint, is_new = intake.log_once(session, draft(now), "one", Act(cast.agent, now))
            return complaint.code, is_new

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))
    assert {code for code, _ in answers} == {"KN-2026-000001"}
    assert sum(is_new for _, is_new in answers) == 1
    with register.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 1


def test_another_reference_is_another_complaint(register: Register, cast: Cast, now: datetime) -> None:
    assert intake.new_reference() != intake.new_reference()
    for reference in ("one", "two"):
        with register.write() as session:
            assert intake.log_once(session, draft(now), reference, Act(cast.agent, now))[1]


def test_checking_says_what_logging_would_say_and_writes_nothing(register: Register, cast: Cast, now: datetime) -> None:
    wrong = draft(now, channel="", statement=" ")
    with register.read() as session:
        found = intake.check(session, wrong, now=now)
    with pytest.raises(Invalid) as refused, register.write() as session:
        intake.log_once(session, wrong, "one", Act(cast.agent, now))
    assert found == refused.value.fields
    assert set(found) == {"channel", "statement"}


def test_a_role_that_does_not_log_is_refused(register: Register, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotAllowed), register.write() as session:
        intake.log_once(session, draft(now), "one", Act(cast.manager, now))


def test_the_customer_is_put_together_from_all_fields() -> None:
    assert intake.customer_of(" 0912345678 ", name=" Mai ", email="") == CustomerDraft(name="Mai", phone="0912345678")
    assert intake.customer_of("", account="mai99") == CustomerDraft(account="mai99")
    assert intake.customer_of("", name=" ").is_empty()

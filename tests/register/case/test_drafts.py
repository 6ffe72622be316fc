"""Drafts of the form: one reference, one complaint; and what the one contact field may hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Unpack

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotAllowed
from core.register.case import complaints, intake
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from tests.conftest import Cast
from tests.files import PNG
from tests.register.cases import DraftFields


def draft(now: datetime, **changes: Unpack[DraftFields]) -> Draft:
    return Draft(channel="hotline", recorded_at=now, statement="Chậm", category="other")._replace(**changes)


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


MAI = CustomerDraft(name="Mai", phone="0912 345 678")
OTHERS: list[tuple[DraftFields, str]] = [
    ({"customer": CustomerDraft(phone="0987654321")}, "another customer"),
    ({"customer": CustomerDraft(name="Hoa", phone="0912 345 678")}, "another name"),
    ({"customer": CustomerDraft()}, "a customer who gave no contact"),
    ({"customer": CustomerDraft(phone="0912345678", email="mai@vidu.vn")}, "a contact more"),
    ({"statement": "Chậm, và sai"}, "other words"),
    ({"remedy": "Hoàn tiền"}, "a wish"),
    ({"category": "payment"}, "another category"),
    ({"channel": "email"}, "another channel"),
    ({"product": "pops_stars"}, "a product"),
    ({"platform": "ios"}, "a platform"),
    ({"procedure": "vhv"}, "another procedure"),
    ({"incident_at": datetime(2026, 11, 1, 8, tzinfo=UTC)}, "when it happened"),
    ({"sent_at": datetime(2026, 11, 15, 8, tzinfo=UTC)}, "when it was sent"),
    ({"kind": "complaint"}, "what kind of matter it is"),
    ({"recording": "CALL-0916"}, "where the recording lies"),
    ({"files": (FileDraft("ảnh.png", BytesIO(PNG)),)}, "a file"),
]


@pytest.mark.parametrize(("changes", "why"), OTHERS, ids=[why for _, why in OTHERS])
def test_two_tabs_with_one_reference_lose_nothing(
    register: Register, cast: Cast, now: datetime, changes: DraftFields, why: str
) -> None:
    """A tab opened anew takes over the kept draft with its reference; both are then edited and saved."""
    first = draft(now, customer=MAI)
    other = first._replace(**changes)
    codes = []
    for one in (first, other, other, first):
        with register.write() as session:
            codes.append(intake.log_once(session, one, "one", Act(cast.agent, now))[0].code)
    assert codes[:2] == ["KN-2026-000001", "KN-2026-000002"], why
    assert set(codes[2:]) <= set(codes[:2]), "sent again, neither is logged again"


SENT_AGAIN: list[tuple[DraftFields, str]] = [
    ({}, "a second click"),
    ({"recorded_at": datetime(2026, 11, 16, 1, 59, tzinfo=UTC)}, "“now” is another moment"),
    ({"customer": CustomerDraft(phone="+84912345678")}, "the name is known by then and not asked"),
    ({"customer": CustomerDraft(name="MAI ", phone="0912 345 678")}, "the name in capitals"),
    ({"statement": "Chậm "}, "a space at the end"),
]


@pytest.mark.parametrize(("changes", "why"), SENT_AGAIN, ids=[why for _, why in SENT_AGAIN])
def test_the_same_draft_sent_again_is_one_complaint(
    register: Register, cast: Cast, now: datetime, changes: DraftFields, why: str
) -> None:
    first = draft(now, customer=MAI, incident_at=now - timedelta(days=1), files=(FileDraft("a.png", BytesIO(PNG)),))
    for one in (first, first._replace(**changes)):
        with register.write() as session:
            assert intake.log_once(session, one, "one", Act(cast.agent, now))[0].code == "KN-2026-000001", why


def test_a_recording_that_a_colleague_added_meanwhile_logs_it_no_second_time(
    register: Register, cast: Cast, now: datetime
) -> None:
    for given in (draft(now, recording="ghi âm 1"), draft(now)):
        reference = given.recording or "none"
        with register.write() as session:
            code = intake.log_once(session, given, reference, Act(cast.agent, now))[0].code
        with register.write() as session:
            complaints.take(session, code, "add_evidence", {"recording": "ghi âm 2"}, Act(cast.agent2, now))
        with register.write() as session:
            assert intake.log_once(session, given, reference, Act(cast.agent, now))[0].code == code


def test_another_reference_is_another_complaint(register: Register, cast: Cast, now: datetime) -> None:
    assert intake.new_reference(now) != intake.new_reference(now)
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
    assert intake.customer_of("", name=" ") == CustomerDraft()

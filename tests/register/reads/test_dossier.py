"""One complaint read whole: for those who may, and masked in one place for the others; on both engines."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest

from core.errors import NotAllowed, NotFound
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.reads import dossier
from core.register.reads.visible import columns_of
from core.rules import masking, policy
from core.rules.masking import HIDDEN
from core.rules.roles import ROLES
from tests.conftest import Cast
from tests.engines import everything
from tests.files import PNG
from tests.register.cases import files_of
from tests.register.ways import PAYMENT

SECRET_CODE = "FT26320 Văn An"
SECRET = "Tôi là Nguyễn Văn An, số 0912 345 123"


def picture() -> tuple[FileDraft, ...]:
    return (FileDraft("CMND An.png", BytesIO(PNG)),)


@pytest.fixture
def code(register: Register, now: datetime, cast: Cast) -> str:
    """Acknowledged and forwarded to Payments, with words and files everywhere words and files can be."""
    with register.write() as session:
        known = CustomerDraft("Nguyễn Văn An", "0912 345 123", "an@gmail.com", "anpops")
        complaints.log(session, Draft("email", now, "Lần đầu", "login", customer=known), Act(cast.agent, now))
        values = {**PAYMENT, "transaction": SECRET_CODE}
        draft = Draft("email", now, SECRET, "payment", customer=known, remedy=SECRET, files=picture(), details=values)
        code = complaints.log(session, draft, Act(cast.agent, now)).code
        complaints.take(session, code, "acknowledge", {"text": SECRET}, Act(cast.agent, now))
        complaints.take(session, code, "classify", {"kind": "complaint"}, Act(cast.agent, now))
        complaints.take(session, code, "assign", {"assignee_id": cast.agent2.id}, Act(cast.lead, now))
        complaints.take(
            session,
            code,
            "forward",
            {"department": "payment", "text": SECRET, "due_at": now, "files": picture()},
            Act(cast.agent, now),
        )
    return code


def read(register: Register, code: str, by: Person, now: datetime) -> dossier.Dossier:
    with register.read() as session:
        return dossier.read(session, code, by=by, now=now, language="vi")


def test_it_tells_everything_to_who_works_on_it(register: Register, cast: Cast, code: str, now: datetime) -> None:
    found = read(register, code, cast.agent, now)
    assert (found.statement, found.remedy, found.assignee) == (SECRET, SECRET, "Agent2 Thử")
    assert found.contact == dossier.Contact(1, "Nguyễn Văn An", "0912 345 123", "an@gmail.com", "anpops")
    assert [moment.kind for moment in found.moments] == [
        "received",
        "acknowledged",
        "classified",
        "assigned",
        "forwarded",
    ]
    assert [moment.who for moment in found.moments] == ["Agent Thử"] * 3 + ["Lead Thử", "Agent Thử"]
    assert found.moments[3].assignee == "Agent2 Thử"
    assert [file.name for file in files_of(found)] == ["CMND An.png", "CMND An.png"]
    assert [other.code for other in found.others] == ["KN-2026-000001"]
    assert [moment.kind for moment in found.since(3)] == ["assigned", "forwarded"]


def test_its_clocks_are_the_stored_ones_with_a_reason(register: Register, cast: Cast, code: str, now: datetime) -> None:
    found = read(register, code, cast.agent, now + timedelta(hours=2))
    assert [(clock.term, str(clock.verdict), clock.is_near) for clock in found.clocks] == [
        ("acknowledge", "met", False),
        ("resolve", "running", False),
    ]
    resolve = found.clocks[1]
    assert resolve.due_at == found.complaint.next_due_at
    assert resolve.left_seconds == int((6.5 + 4 * 9 + 9) * 3600), "from 11:00 on Monday over five days of nine hours"
    assert "5 ngày làm việc" in resolve.because
    assert resolve.days[-1].kind == "due"


@pytest.mark.parametrize("role", ["manager", "analyst", "admin"])
def test_no_word_and_no_number_of_the_customer_reaches_the_others(
    role: str, register: Register, cast: Cast, code: str, now: datetime
) -> None:
    found = read(register, code, getattr(cast, role), now)
    assert found.is_masked
    shown = repr((found.statement, found.remedy, found.contact, found.moments, files_of(found), found.values))
    for trace in ("Nguyễn", "Văn An", "345 123", "an@", "anpops", "CMND", "Tôi", "FT26320"):
        assert trace not in shown, trace
    assert found.contact == dossier.Contact(1, "N. V. A.", "••• 123", "a•••@gmail.com", "an•••")
    assert [value.value for value in found.values] == ["…", "49000", "2026-11-15T13:15:00+00:00", "momo"]
    assert found.steps == (("decide",) if role == "manager" else ())
    colleague = "Agent2 Thử" if role == "manager" else "A. T."
    assert (found.assignee, found.moments[3].assignee) == (colleague, colleague), "named to who opens the queue"


def test_a_department_opens_what_was_forwarded_to_it_only(
    register: Register, cast: Cast, code: str, now: datetime
) -> None:
    assert read(register, code, cast.handler, now).steps == (
        "answer",
        "return_request",
        "note",
        "add_evidence",
        "details",
        "analyse",
    )
    assert read(register, code, cast.handler, now).others == ()
    with pytest.raises(NotAllowed):
        read(register, "KN-2026-000001", cast.handler, now)


@pytest.mark.parametrize("role", ROLES)
def test_files_open_for_who_works_with_customers(
    role: str, register: Register, cast: Cast, code: str, now: datetime
) -> None:
    complaint = read(register, code, cast.agent, now).complaint
    opens = policy.sees_file(getattr(cast, role), columns_of(complaint), everything(), added_by=cast.agent.id)
    assert opens is (role in ("agent", "lead", "handler"))


def test_who_logged_it_reads_what_they_typed_and_nothing_that_others_wrote(
    register: Register, cast: Cast, now: datetime
) -> None:
    known = CustomerDraft("Nguyễn Văn An", "0912 345 123", "an@gmail.com", "anpops")
    typed = CustomerDraft(phone="0912 345 123", name="Chị Hoa")
    with register.write() as session:
        complaints.log(session, Draft("email", now, "Của người khác", "login", customer=known), Act(cast.agent, now))
        draft = Draft("email", now, SECRET, "payment", customer=typed, remedy=SECRET, files=picture())
        code = complaints.log(session, draft, Act(cast.reporter, now)).code
        complaints.take(session, code, "acknowledge", {"text": "Gọi chị Lan 0909 111 222"}, Act(cast.agent, now))
        complaints.take(session, code, "assign", {"assignee_id": cast.agent2.id}, Act(cast.lead, now))
        complaints.take(session, code, "add_evidence", {"files": picture()}, Act(cast.agent, now))
        complaints.take(session, code, "note", {"text": "Tôi nhớ thêm"}, Act(cast.reporter, now))
    found = read(register, code, cast.reporter, now)
    assert (found.statement, found.remedy, found.named_as) == (SECRET, SECRET, "Chị Hoa"), "typed by themselves"
    assert found.contact is not None
    assert (found.contact.name, found.contact.email) == ("N. V. A.", masking.mask_email("an@gmail.com")), "known before"
    assert [moment.text for moment in found.moments] == [SECRET, HIDDEN, "", "", "Tôi nhớ thêm"]
    assert [moment.who for moment in found.moments] == ["Reporter Thử", "A. T.", "L. T.", "A. T.", "Reporter Thử"]
    assert (found.assignee, found.moments[2].assignee) == ("A. T.", "A. T."), "colleagues are initials"
    assert [file.opens for file in files_of(found)] == [True, False], "the own file, not the agent's"
    assert found.others == (), "not the customer's complaints that somebody else logged"
    assert found.steps == ("note", "add_evidence")
    with pytest.raises(NotAllowed, match="logged yourself"):
        read(register, "KN-2026-000001", cast.reporter, now)


def test_an_unknown_code_is_not_found(register: Register, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotFound):
        read(register, "KN-2026-000099", cast.agent, now)


def test_a_missed_promise_is_known_before_closing(register: Register, cast: Cast, code: str, now: datetime) -> None:
    assert read(register, code, cast.agent, now).broken == ()
    assert [clock.term for clock in read(register, code, cast.agent, now + timedelta(days=9)).broken] == ["resolve"]


def test_it_opens_in_a_year_without_an_approved_calendar(sqlite_register: Register, sqlite_cast: Cast) -> None:
    eve, after = (datetime.fromisoformat(text) for text in ("2027-12-20T10:00+07:00", "2028-01-05T10:00+07:00"))
    with sqlite_register.write() as session:
        code = complaints.log(session, Draft("email", eve, "Lỗi", "login"), Act(sqlite_cast.agent, eve)).code
    [clock] = read(sqlite_register, code, sqlite_cast.agent, after).clocks
    assert (clock.verdict, clock.in_working_time) == ("overdue", False)
    assert clock.left_seconds == (clock.due_at - after).total_seconds()

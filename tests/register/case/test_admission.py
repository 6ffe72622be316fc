"""What the rules do not take (VHV 1): refused in one save with an outcome of its own, or admitted by a lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.errors import Invalid, NotAllowed
from core.register import rulebook
from core.register.case import complaints, intake
from core.register.case.draft import Draft
from core.register.case.intake import Settled
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, SlaCycle
from core.register.log.verify import verify
from core.register.reads import dossier
from core.register.reads.dossier import Dossier
from core.rules.admission import INADMISSIBLE
from core.rules.steps import REFUSE
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import clock, draft, logged

NOW = at("2026-11-16 09:20")
LATE = draft(procedure="vhv", recorded_at=NOW, incident_at=at("2026-11-04 10:00"))  # taken until Friday 13/11
IN_TIME = LATE._replace(incident_at=at("2026-11-05 10:00"))  # taken until today
TOLD = "Khiếu nại được nhận trong 7 ngày làm việc kể từ ngày gặp sự cố"
REFUSED: list[tuple[str, StepFields]] = [
    ("acknowledge", {"channel": "hotline"}),
    ("classify", {"kind": "complaint"}),
    ("notify_result", {"channel": "hotline", "text": TOLD}),
    ("close", {"outcome": INADMISSIBLE}),
]


def kept(register: Register, cast: Cast, given: Draft) -> Complaint:
    with register.write() as session:
        return complaints.log(session, given, Act(cast.agent, NOW))


def read(register: Register, complaint: Complaint, by: object) -> Dossier:
    with register.read() as session:
        return dossier.read(session, complaint.code, by=by, now=NOW, language="vi")  # type: ignore[arg-type] # a Person


def take(register: Register, complaint: Complaint, steps: list[tuple[str, StepFields]], act: Act) -> Complaint:
    with register.write() as session:
        return complaints.take_together(session, complaint.code, steps, act)


def bind(register: Register, category: str, *channels: str) -> None:
    """The organisation takes the category by these channels only."""
    with register.write() as session:
        listed = dict(rulebook.catalogues(session).categories)
        listed[category] = replace(listed[category], taken_by=channels)
        rulebook.add_catalogue(session, "categories", listed.values(), Act(None, NOW))


def test_what_came_too_late_is_refused_in_one_save(register: Register, cast: Cast) -> None:
    complaint = kept(register, cast, LATE)
    found = read(register, complaint, cast.agent)
    assert found.against.reasons == ("late",)
    assert (REFUSE in found.together, "settle" in found.together) == (True, False)
    after = take(register, complaint, REFUSED, Act(cast.agent, NOW))
    assert (after.state, after.outcome, after.root_cause) == ("closed", INADMISSIBLE, None)
    with register.read() as session:
        its = select(SlaCycle.stopped_at).where(SlaCycle.complaint_id == after.id)
        assert set(session.scalars(its)) == {NOW}, "the customer has been told"
    assert verify(register).is_whole


def test_what_is_in_time_is_not_refused(register: Register, cast: Cast) -> None:
    complaint = kept(register, cast, IN_TIME)
    found = read(register, complaint, cast.lead)
    assert (found.against.reasons, REFUSE in found.together, "admit" in found.steps) == ((), False, False)
    with pytest.raises(Invalid) as refused:
        take(register, complaint, REFUSED, Act(cast.agent, NOW))
    assert set(refused.value.fields) == {"outcome"}


def test_a_lead_admits_it_as_an_exception_with_the_reason(register: Register, cast: Cast) -> None:
    complaint = kept(register, cast, LATE)
    steps = REFUSED[:2]
    take(register, complaint, steps, Act(cast.agent, NOW))
    forward: StepFields = {"department": "payment", "text": "Kiểm tra", "due_at": NOW + timedelta(days=2)}
    with pytest.raises(NotAllowed, match="do not take"):
        take(register, complaint, [("forward", forward)], Act(cast.agent, NOW))
    with pytest.raises(NotAllowed):
        take(register, complaint, [("admit", {"text": "Khách quen"})], Act(cast.agent, NOW))
    assert "admit" not in read(register, complaint, cast.agent).steps
    assert "admit" in read(register, complaint, cast.lead).steps
    take(register, complaint, [("admit", {"text": "Hệ thống lỗi nên khách không gửi được"})], Act(cast.lead, NOW))
    found = read(register, complaint, cast.lead)
    assert (found.against.reasons, REFUSE in found.together) == ((), False)
    assert found.moments[-1].text == "Hệ thống lỗi nên khách không gửi được"
    take(register, complaint, [("forward", forward)], Act(cast.agent, NOW))
    told: list[tuple[str, StepFields]] = [("notify_result", {"text": "Xong"}), ("close", {"outcome": INADMISSIBLE})]
    with pytest.raises(Invalid):
        take(register, complaint, told, Act(cast.agent, NOW))
    assert verify(register).is_whole


def test_undoing_the_exception_makes_it_none(register: Register, cast: Cast) -> None:
    complaint = kept(register, cast, LATE)
    take(register, complaint, [("admit", {"text": "Nhầm hồ sơ"})], Act(cast.lead, NOW))
    take(register, complaint, [("undo", {})], Act(cast.lead, NOW))
    assert read(register, complaint, cast.lead).against.reasons == ("late",)


def test_what_is_not_taken_is_closed_as_that_alone(register: Register, cast: Cast) -> None:
    complaint = kept(register, cast, LATE)
    closed: StepFields = {"outcome": "rejected", "root_cause": "unknown"}
    with pytest.raises(Invalid) as refused:
        take(register, complaint, [*REFUSED[:3], ("close", closed)], Act(cast.agent, NOW))
    assert set(refused.value.fields) == {"outcome"}


def test_a_category_bound_to_a_channel_is_taken_by_that_alone(register: Register, cast: Cast) -> None:
    bind(register, "payment", "letter", "office")
    by_phone = logged(register, cast)
    assert read(register, by_phone, cast.agent).against.taken_by == ("letter", "office")
    by_letter = logged(register, cast, channel="letter")
    assert not read(register, by_letter, cast.agent).against
    after = take(register, by_phone, REFUSED, Act(cast.agent, NOW))
    assert after.outcome == INADMISSIBLE, "POPS has no period, and closes so all the same"


def test_nobody_looks_for_the_root_cause_of_what_is_refused(register: Register, cast: Cast) -> None:
    bind(register, "payment", "email")
    by_phone = draft(procedure="misa", recorded_at=NOW, category="payment", channel="hotline")
    refused = [(step, {**fields, "level": "serious"} if step == "classify" else fields) for step, fields in REFUSED]
    after = take(register, kept(register, cast, by_phone), refused, Act(cast.agent, NOW))
    assert terms_of(register, after) == {"acknowledge", "reply"}, "MISA 4 asks for the cause of complaints it took"
    reopened: list[tuple[str, StepFields]] = [("reopen", {"text": "Khách gửi lại"})]
    later = Act(cast.lead, NOW + timedelta(hours=1))
    take(register, after, reopened, later)
    with register.write() as session:
        complaints.take(session, after.code, "admit", {"text": "Khách lâu năm"}, later)
        complaints.take(session, after.code, "notify_result", {"channel": "hotline", "text": "Đã xử lý"}, later)
    assert "root_cause" in terms_of(register, after), "now it was taken"
    assert verify(register).is_whole


def test_a_root_cause_that_was_overdue_by_then_stays_missed(register: Register, cast: Cast) -> None:
    """A week that counted it as overdue keeps its figure (D11)."""
    bind(register, "payment", "email")
    late = NOW + timedelta(days=7)
    after = kept(register, cast, draft(procedure="misa", recorded_at=NOW, category="payment", channel="hotline"))
    told = [(step, {**fields, "level": "serious"} if step == "classify" else fields) for step, fields in REFUSED]
    with register.write() as session:
        for step, fields in told[:-1]:
            complaints.take(session, after.code, step, fields, Act(cast.agent, NOW))
        ends = {**told[-1][1], "breach_reason": {"root_cause.1": "overlooked"}}
        complaints.take(session, after.code, "close", ends, Act(cast.agent, late))  # type: ignore[arg-type]
    found = clock(register, after, "root_cause")
    assert (found.stopped_at, found.cancelled_at, found.working_seconds) == (late, None, None), "missed (D13)"
    assert verify(register).is_whole


def terms_of(register: Register, complaint: Complaint) -> set[str]:
    """The terms of which the complaint has clocks."""
    with register.read() as session:
        return set(session.scalars(select(SlaCycle.term).where(SlaCycle.complaint_id == complaint.id)))


def test_what_is_corrected_may_be_taken_after_all(register: Register, cast: Cast) -> None:
    complaint = kept(register, cast, LATE)
    right: StepFields = {"corrects": "incident_at", "becomes": IN_TIME.incident_at, "text": "Nhầm ngày"}
    take(register, complaint, [("correct", right)], Act(cast.lead, NOW))
    assert not read(register, complaint, cast.agent).against


def test_what_was_forwarded_is_taken_whatever_is_corrected_later(register: Register, cast: Cast) -> None:
    """Also by an older version, which warned only: what is worked on is not refused in the end."""
    complaint = kept(register, cast, IN_TIME)
    forward: StepFields = {"department": "payment", "text": "Kiểm tra", "due_at": at("2026-11-18 17:30")}
    steps: list[tuple[str, StepFields]] = [*REFUSED[:2], ("forward", forward)]
    take(register, complaint, steps[:2], Act(cast.agent, NOW))
    take(register, complaint, steps[2:], Act(cast.agent, NOW))
    wrong: StepFields = {"corrects": "incident_at", "becomes": LATE.incident_at, "text": "Nhầm ngày"}
    take(register, complaint, [("correct", wrong)], Act(cast.lead, NOW))
    assert not read(register, complaint, cast.agent).against


def test_what_came_from_a_file_is_taken_as_it_was(register: Register, cast: Cast) -> None:
    with register.write() as session:
        given = LATE._replace(source="sheet", external_ref="P-1")
        complaints.write_histories(session, [(given, [])], Act(None, NOW))
        complaint = session.scalars(select(Complaint)).one()
    assert not read(register, complaint, cast.agent).against


SETTLED = Settled("complaint", TOLD, INADMISSIBLE)


def test_it_is_refused_as_it_is_logged(register: Register, cast: Cast) -> None:
    with register.write() as session:
        complaint = intake.settle_once(session, LATE, SETTLED, "one", Act(cast.agent, NOW))
    assert (complaint.state, complaint.outcome) == ("closed", INADMISSIBLE)
    with register.read() as session:
        its = select(Event.kind).where(Event.subject == "complaint", Event.subject_id == complaint.id)
        assert list(session.scalars(its.order_by(Event.seq))) == [
            "received", "acknowledged", "classified", "result_notified", "closed",
        ]  # fmt: skip


def test_a_question_is_answered_however_late_it_comes(register: Register, cast: Cast) -> None:
    answered = Settled("inquiry", "Tra cứu ở mục Văn bản đi", "answered")
    with register.write() as session:
        complaint = intake.settle_once(session, LATE, answered, "one", Act(cast.agent, NOW))
    assert complaint.outcome == "answered"


def test_what_the_rules_take_is_not_refused_as_it_is_logged(register: Register, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused, register.write() as session:
        intake.settle_once(session, IN_TIME, SETTLED, "one", Act(cast.agent, NOW))
    assert set(refused.value.fields) == {"outcome"}

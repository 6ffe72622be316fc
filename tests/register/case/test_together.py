"""Steps taken in one save (D26): all or none, each its own event, under the same rules as one after the other."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from core.errors import Conflict, Invalid, NotAllowed
from core.register.case import complaints, intake
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.intake import Settled
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, Evidence
from core.register.log.verify import verify
from tests.conftest import Cast
from tests.files import PNG
from tests.local_time import at
from tests.register.cases import clock, draft, logged

SETTLED: list[tuple[str, StepFields]] = [
    ("acknowledge", {"channel": "hotline"}),
    ("classify", {"kind": "inquiry", "category": "payment"}),
    ("notify_result", {"channel": "hotline", "text": "Nạp tối đa 500 Stars một lần"}),
    ("close", {"outcome": "answered"}),
]
NOW = at("2026-11-16 09:20")


def settled(
    register: Register, cast: Cast, complaint: Complaint, *, version: int = 1, **changed: StepFields
) -> Complaint:
    steps = [(step, {**fields, **changed.get(step, {})}) for step, fields in SETTLED]
    with register.write() as session:
        return complaints.take_together(session, complaint.code, steps, Act(cast.agent, NOW, None, version))  # type: ignore[arg-type] # dict of a StepFields


def kinds(register: Register, complaint: Complaint) -> list[str]:
    with register.read() as session:
        its = select(Event.kind).where(Event.subject == "complaint", Event.subject_id == complaint.id)
        return list(session.scalars(its.order_by(Event.seq)))


def test_a_question_answered_on_the_phone_is_one_save(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    after = settled(register, cast, complaint)
    assert (after.state, after.kind, after.outcome, after.version) == ("closed", "inquiry", "answered", 5)
    assert kinds(register, complaint) == ["received", "acknowledged", "classified", "result_notified", "closed"]
    assert {clock(register, after, term).stopped_at for term in ("acknowledge", "resolve")} == {NOW}
    assert verify(register).is_whole


def test_what_cannot_be_done_leaves_nothing_done(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with pytest.raises(Invalid) as refused:
        settled(register, cast, complaint, close={"outcome": "?"})
    assert set(refused.value.fields) == {"outcome"}
    assert kinds(register, complaint) == ["received"]


def test_somebody_was_faster(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    settled(register, cast, complaint)
    with pytest.raises(Conflict):
        settled(register, cast, complaint, version=1)


def test_each_step_asks_for_its_own_right(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with pytest.raises(NotAllowed), register.write() as session:
        complaints.take_together(session, complaint.code, SETTLED, Act(cast.manager, NOW))
    assert kinds(register, complaint) == ["received"]


ANSWERED = Settled("inquiry", "Nạp tối đa 500 Stars một lần", "answered")
AGREED = Settled("complaint", "Thu lại phần thừa tại quầy", "upheld", "double_charge")
SIGNED = (FileDraft("bien-ban.png", io.BytesIO(PNG)),)
OF_MINH_TUAN = draft(procedure="minh-tuan", recorded_at=NOW)
OF_POPS = draft(recorded_at=NOW)
LATE = draft(recorded_at=at("2026-11-12 09:00"))


def settle_once(register: Register, cast: Cast, given: Draft, settled: Settled, reference: str = "one") -> Complaint:
    with register.write() as session:
        return intake.settle_once(session, given, settled, reference, Act(cast.agent, NOW))


def written(register: Register) -> int:
    with register.read() as session:
        rows = (session.scalar(select(func.count()).select_from(table)) for table in (Complaint, Evidence))
        return sum(row or 0 for row in rows)


def test_a_question_is_logged_and_settled_in_one_save(register: Register, cast: Cast) -> None:
    complaint = settle_once(register, cast, OF_POPS, ANSWERED)
    assert (complaint.state, complaint.kind, complaint.outcome) == ("closed", "inquiry", "answered")
    assert kinds(register, complaint) == ["received", "acknowledged", "classified", "result_notified", "closed"]
    assert complaint.assignee_id == cast.agent.id, "whoever settles it has held it (D23)"
    assert {clock(register, complaint, term).stopped_at for term in ("acknowledge", "resolve")} == {NOW}
    assert verify(register).is_whole


def test_the_minutes_of_what_was_agreed_on_the_spot_lie_with_the_result(register: Register, cast: Cast) -> None:
    complaint = settle_once(register, cast, OF_MINH_TUAN, AGREED._replace(minutes=SIGNED))
    assert (complaint.state, complaint.kind, complaint.root_cause) == ("closed", "complaint", "double_charge")
    with register.read() as session:
        its = select(Evidence.file_name).where(Evidence.complaint_id == complaint.id, Evidence.kind == "file")
        assert session.scalars(its).all() == ["bien-ban.png"]
    assert verify(register).is_whole


UNSETTLED = [
    # draft, settled, fields to mend, why
    (OF_MINH_TUAN, AGREED, {"minutes"}, "both sides sign minutes (Minh Tuấn 4)"),
    (OF_POPS, AGREED._replace(minutes=SIGNED), {"settles"}, "POPS settles questions at once, no complaints (3A)"),
    (OF_POPS, ANSWERED._replace(told=" ", outcome=None), {"told", "outcome"}, "everything is said at once"),
    (OF_MINH_TUAN, AGREED._replace(minutes=SIGNED, root_cause=None), {"root_cause"}, "a complaint has a cause"),
    (LATE, ANSWERED, {"breach_reason"}, "acknowledged three working days late, and closing asks why"),
]


@pytest.mark.parametrize(("given", "settled", "fields", "why"), UNSETTLED)
def test_what_cannot_be_settled_is_not_logged_either(
    register: Register, cast: Cast, given: Draft, settled: Settled, fields: set[str], why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        settle_once(register, cast, given, settled)
    assert set(refused.value.fields) == fields, why
    assert written(register) == 0, "all or nothing"


def test_what_is_logged_late_is_settled_with_its_reason(register: Register, cast: Cast) -> None:
    complaint = settle_once(register, cast, LATE, ANSWERED._replace(breach_reason="overload"))
    assert clock(register, complaint, "acknowledge").breach_reason == "overload"
    assert complaint.state == "closed"


def test_a_form_sent_twice_is_settled_once_and_another_answer_is_not_lost(register: Register, cast: Cast) -> None:
    first = settle_once(register, cast, OF_POPS, ANSWERED)
    assert settle_once(register, cast, OF_POPS, ANSWERED).code == first.code, "the answer to the first one was lost"
    with pytest.raises(Conflict):
        settle_once(register, cast, OF_POPS, ANSWERED._replace(told="Không giới hạn"))
    assert len(kinds(register, first)) == 5


def test_what_another_tab_only_logged_is_settled_from_there(register: Register, cast: Cast) -> None:
    with register.write() as session:
        logged_only, _new = intake.log_once(session, OF_POPS, "one", Act(cast.agent, NOW))
    assert settle_once(register, cast, OF_POPS, ANSWERED).code == logged_only.code

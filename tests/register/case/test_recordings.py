"""What each step keeps: its text as evidence, its files, and what it changes in the row, drawn by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from core.errors import Invalid
from core.register.case import complaints
from core.register.case.case import event_of
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, Evidence
from core.rules.calendar import local_day
from core.rules.steps import STEPS
from tests.conftest import Cast
from tests.files import PNG
from tests.register.ways import begun_before, filled, log_survivor, open_incident, way_before

TEXTS = {
    "assign": "note",
    "correct": "reason",
    "acknowledge": "reply",
    "forward": "question",
    "answer": "answer",
    "return_request": "reason",
    "recall": "reason",
    "remind": "question",
    "ask_customer": "question",
    "record_reply": "reply",
    "chase": "question",
    "end_waiting": "note",
    "propose": "proposal",
    "accept": "reply",
    "refuse": "reply",
    "decide": "decision",
    "escalate": "question",
    "direct": "answer",
    "approve_proposal": "answer",
    "return_proposal": "reason",
    "remind_direction": "question",
    "recall_direction": "reason",
    "tell_progress": "word",
    "promise": "word",
    "negotiate": "reply",
    "notify_result": "result",
    "note": "note",
    "add_evidence": "note",
    "add_issue": "note",
    "remove_issue": "reason",
    "admit": "reason",
    "issue_paper": "paper",
    "explain_miss": "note",
    "join_incident": "note",
    "leave_incident": "note",
    "analyse": "plan",
    "approve_analysis": "note",
    "return_analysis": "reason",
    "action_done": "note",
    "send_evidence": "note",
    "verify_evidence": "note",
    "check_effect": "note",
    "reopen": "reason",
    "withdraw": "reason",
    "merge": "reason",
    "unmerge": "reason",
}
WITHOUT_FILES = {
    "assign",  # a word to a colleague
    "classify",  # what kind of matter it is
    "decide",  # the board takes it too, which opens no file of a customer and hands in none
    "remove_issue",  # it says that something is none
    "verify_customer",  # what was looked up in the organisation's own systems
    "admit",  # why an exception is made
    "issue_paper",  # the paper itself is the file
    "explain_miss",  # a reason of the list
    "correct",  # what an earlier step should have said
    "join_incident",  # about which incident it is
    "leave_incident",
    "analyse",  # prevention has a step of its own for what shows that an action was done
    "approve_analysis",
    "return_analysis",
    "action_done",
    "verify_evidence",
    "check_effect",
    "merge",  # both complaints keep their own
    "unmerge",
    "direct",  # the board hands in none
    "approve_proposal",
    "return_proposal",
    "remind_direction",
    "recall_direction",
    "undo",  # nothing is asked
}
"""The steps with which nothing can be handed in; every other one takes files, so that evidence lies where it came."""
WITH_FILES = set(STEPS) - WITHOUT_FILES


def complaint_before(register: Register, step: str, now: datetime) -> str:
    """The code of a complaint in which ``step`` is possible."""
    then = begun_before(step, now)
    steps = [PastStep(key, then, filled(key, now + timedelta(days=1))) for key in way_before(step)]
    with register.write() as session:
        open_incident(session, now)
        log_survivor(session, now)
        [case] = complaints.write_histories(session, [(Draft("email", then, "Lỗi", "payment"), steps)], Act(None, now))
    return case.row["code"]


def test_the_steps_drawn_are_all_that_carry_text_or_files() -> None:
    assert set(TEXTS) == {key for key, step in STEPS.items() if "text" in step.field_names()}
    assert {key for key, step in STEPS.items() if "files" in step.field_names()} == WITH_FILES


@pytest.mark.parametrize(("step", "kind"), TEXTS.items())
def test_the_text_of_a_step_is_kept(
    step: str, kind: str, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    code = complaint_before(sqlite_register, step, now)
    text = f"Câu chỉ có ở bước {step}"
    fields = filled(step, now + timedelta(days=1)) | {"text": text}
    if step == "assign":
        fields["assignee_id"] = sqlite_cast.agent.id
    if step in WITH_FILES:
        fields["files"] = (FileDraft("ảnh.png", BytesIO(PNG)),)
    taker = sqlite_cast.lead if "lead" in STEPS[step].by else sqlite_cast.manager
    with sqlite_register.write() as session:
        before = {one.id for one in session.scalars(select(Evidence))}
        complaints.take(session, code, step, fields, Act(taker, now))
    with sqlite_register.read() as session:
        found = list(session.scalars(select(Evidence).where(Evidence.id.not_in(before)).order_by(Evidence.id)))
    assert [one.kind for one in found if one.body == text] == [kind]
    brings = ["ảnh.png"] if step in WITH_FILES else ["0001-2026-TL.pdf"] if step == "issue_paper" else []
    assert [one.file_name for one in found if one.file_name] == brings


def test_forwarding_writes_department_and_due_time(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    code, due_at = complaint_before(sqlite_register, "forward", now), now + timedelta(days=2)
    with sqlite_register.write() as session:
        fields = filled("forward", due_at)
        complaints.take(session, code, "forward", fields, Act(sqlite_cast.lead, now))
    with sqlite_register.read() as session:
        row = session.scalars(select(Complaint).where(Complaint.code == code)).one()
    assert (row.department, row.department_due_at, row.waiting_department) == ("payment", due_at, True)


def test_the_earliest_times_that_can_be_asked_for(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    """A question is repeated today at the earliest, an answer due at the moment of the question."""
    today, act = local_day(now), Act(sqlite_cast.lead, now)
    code = complaint_before(sqlite_register, "ask_customer", now)
    with sqlite_register.write() as session:
        complaints.take(session, code, "ask_customer", {"text": "Ảnh?", "chase_on": today}, act)
    with sqlite_register.read() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert event_of(newest).payload["chase_on"] == today.isoformat()
    code = complaint_before(sqlite_register, "forward", now)
    with sqlite_register.write() as session:
        asked = complaints.take(session, code, "forward", filled("forward", now), act)
        assert asked.department_due_at == now


@pytest.mark.parametrize("step", ["acknowledge", "notify_result"])
@pytest.mark.parametrize(
    ("channel", "recorded", "why"),
    [("facebook", "facebook", "the one given"), (None, "email", "else the one the complaint came by")],
)
def test_by_which_channel_the_customer_was_told(
    step: str, channel: str | None, recorded: str, why: str, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    code = complaint_before(sqlite_register, step, now)
    with sqlite_register.write() as session:
        complaints.take(session, code, step, {"channel": channel, "text": "Đã rõ"}, Act(sqlite_cast.lead, now))
    with sqlite_register.read() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert event_of(newest).payload["channel"] == recorded, why


def test_the_lesson_of_a_closed_complaint_is_kept(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    code = complaint_before(sqlite_register, "close", now)
    fields = filled("close", now) | {"lesson": "Đối soát sớm hơn"}
    with sqlite_register.write() as session:
        complaints.take(session, code, "close", fields, Act(sqlite_cast.lead, now))
    with sqlite_register.read() as session:
        kept = session.scalars(select(Evidence.kind).where(Evidence.body == "Đối soát sớm hơn")).all()
    assert kept == ["lesson"]


def test_reopening_counts_and_takes_the_end_back(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    code, act = complaint_before(sqlite_register, "reopen", now), Act(sqlite_cast.lead, now)
    for times in (1, 2):
        with sqlite_register.write() as session:
            row = complaints.take(session, code, "reopen", {"text": "Khách gọi lại"}, act)
            assert (row.reopened, row.outcome, row.closed_at, row.resolved_at) == (times, None, None, None)
            for step in ("notify_result", "close"):
                row = complaints.take(session, code, step, filled(step, now), act)
            assert (row.reopened, row.outcome) == (times, "upheld")


def test_classifying_writes_kind_and_category(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    code = complaint_before(sqlite_register, "classify", now)
    with sqlite_register.write() as session:
        fields: StepFields = {"kind": "inquiry", "category": "login"}
        row = complaints.take(session, code, "classify", fields, Act(sqlite_cast.lead, now))
        assert (row.kind, row.category, row.level) == ("inquiry", "login", None)


def test_a_level_stays_until_another_is_given(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    first = Draft("email", now, "Lỗi", "payment", procedure="misa")
    with sqlite_register.write() as session:
        acknowledged = [PastStep("acknowledge", now, {})]
        [case] = complaints.write_histories(session, [(first, acknowledged)], Act(None, now))
    code = case.row["code"]
    for given, wanted in (("serious", "serious"), (None, "serious"), ("normal", "normal")):
        fields: StepFields = {"kind": "complaint", "category": "payment", "level": given}
        with sqlite_register.write() as session:
            row = complaints.take(session, code, "classify", fields, Act(sqlite_cast.lead, now))
            assert row.level == wanted


def test_an_answer_that_nobody_owes_is_refused(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    code = complaint_before(sqlite_register, "answer", now)
    act = Act(sqlite_cast.lead, now)
    with sqlite_register.write() as session:
        complaints.take(session, code, "answer", {"text": "Đã kiểm tra"}, act)
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        complaints.take(session, code, "answer", {"text": "Lần nữa"}, act)
    assert set(refused.value.fields) == {"request"}

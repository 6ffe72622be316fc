"""Several departments asked at once (D19): each request has its own due and end, and is kept in a row that follows."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, text

from core.errors import Invalid, NotAllowed
from core.register.case import case as cases
from core.register.case import complaints, forward_many
from core.register.case.complaints import PastStep
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content, StepFields
from core.register.log.act import Act, Stamp
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Evidence, Request
from core.register.log.verify import verify
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.policy import Actor
from core.rules.words import DEPARTMENT
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import advanced, clock, draft, logged, take
from tests.register.log.old_register import back_to

ASKED = at("2026-11-16 10:10")
FIRST, SECOND = at("2026-11-18 17:30"), at("2026-11-20 17:30")
TWO: tuple[StepFields, ...] = (
    {"department": "payment", "text": "Có nhận tiền không?", "due_at": SECOND},
    {"department": "engineering", "text": "Nhật ký nói gì?", "due_at": FIRST},
)


def asked(register: Register, cast: Cast, *questions: StepFields) -> Complaint:
    """A complaint that was forwarded to each of these (``TWO``) in one save."""
    complaint = advanced(register, cast, 2)
    return forward(register, complaint, cast.agent, *questions or TWO)


def forward(
    register: Register, complaint: Complaint, by: Actor, *questions: StepFields, when: datetime = ASKED
) -> Complaint:
    with register.write() as session:
        steps = [("forward", fields) for fields in questions]
        return complaints.take_together(session, complaint.code, steps, Act(by, when))


def engineer(register: Register) -> Actor:
    with register.write() as session:
        account = Account("handler2", "Kỹ Sư", "handler", "engineering")
        return accounts.add(session, account, None, Act(None, ASKED))


def told(complaint: Complaint) -> list[str]:
    """Each request as ``DEPARTMENT:END``."""
    return [f"{one.department}:{one.ended or ''}" for one in complaint.requests]


def test_two_departments_are_asked_in_one_save(register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    assert [(one.number, one.department, one.asked_at, one.due_at) for one in complaint.requests] == [
        (1, "payment", ASKED, SECOND),
        (2, "engineering", ASKED, FIRST),
    ]
    with register.read() as session:
        questions = [session.get_one(Evidence, one.question_id).body for one in complaint.requests]
    assert questions == [fields["text"] for fields in TWO]
    summary = complaint.department, complaint.waiting_department, complaint.department_due_at
    assert summary == ("engineering", True, FIRST), "the one that is due first"
    assert verify(register).problems == []


def test_all_are_asked_or_none(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 2)
    without: StepFields = {"department": "engineering", "text": "", "due_at": FIRST}
    with pytest.raises(Invalid):
        forward(register, complaint, cast.agent, TWO[0], without)
    with register.read() as session:
        assert session.get_one(Complaint, complaint.id).requests == []


def test_each_answers_for_itself(register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    other = engineer(register)
    complaint = take(register, "answer", complaint, cast.handler, at("2026-11-17 09:00"), text="Có")
    assert (told(complaint), complaint.department) == (["payment:answered", "engineering:"], "engineering")
    with pytest.raises(Invalid, match="mend") as refused:
        take(register, "answer", complaint, other, at("2026-11-17 10:00"), text="?", request=1)
    assert set(refused.value.fields) == {"request"}, "another department's"
    complaint = take(register, "answer", complaint, other, at("2026-11-17 10:00"), text="Lỗi cổng", request=2)
    assert told(complaint) == ["payment:answered", "engineering:answered"]
    assert (complaint.waiting_department, complaint.department_due_at) == (False, None)
    assert verify(register).problems == []


def test_customer_care_says_whose_answer_it_writes_down(register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    with pytest.raises(Invalid) as refused:
        take(register, "answer", complaint, cast.agent, at("2026-11-17 09:00"), text="Có")
    assert set(refused.value.fields) == {"request"}, "two are open"
    complaint = take(register, "answer", complaint, cast.agent, at("2026-11-17 09:00"), text="Có", request=2)
    assert told(complaint) == ["payment:", "engineering:answered"]
    complaint = take(register, "answer", complaint, cast.agent, at("2026-11-17 09:30"), text="Có")
    assert told(complaint) == ["payment:answered", "engineering:answered"], "the only one left"


@pytest.mark.parametrize(("step", "is_taken"), [("answer", True), ("remind", False), ("recall", False)])
def test_a_history_that_does_not_say_which_has_answered_all(
    sqlite_register: Register, sqlite_cast: Cast, step: str, is_taken: bool
) -> None:
    steps = [PastStep("acknowledge", ASKED), PastStep("classify", ASKED, {"kind": "complaint"})]
    steps += [PastStep("forward", ASKED, fields) for fields in TWO]
    steps.append(PastStep(step, ASKED, {"text": "Đã kiểm tra"}))
    act = Act(sqlite_cast.agent, ASKED)
    if not is_taken:
        with pytest.raises(Invalid), sqlite_register.write() as session:
            complaints.write_histories(session, [(draft(), steps)], act)
        return
    with sqlite_register.write() as session:
        [case] = complaints.write_histories(session, [(draft(), steps)], act)
    assert [one.ended for one in case.row["requests"]] == ["answered", "answered"]
    assert verify(sqlite_register).problems == []


def test_what_is_returned_or_recalled_is_no_longer_theirs(register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    when = at("2026-11-17 09:00")
    complaint = take(register, "return_request", complaint, cast.handler, when, text="Không phải", belongs_to="legal")
    assert told(complaint) == ["payment:returned", "engineering:"]
    with pytest.raises(NotAllowed, match="not with your department"):
        take(register, "note", complaint, cast.handler, when, text="?")
    with pytest.raises(Invalid) as refused:
        take(register, "recall", complaint, cast.agent, when, text="")
    assert set(refused.value.fields) == {"text"}, "taking back needs a reason"
    complaint = take(register, "remind", complaint, cast.agent, when)
    complaint = take(register, "recall", complaint, cast.agent, when, text="Khách tự tìm ra")
    assert (told(complaint), complaint.requests[1].reminded) == (["payment:returned", "engineering:recalled"], 1)
    assert complaint.waiting_department is False
    complaint = forward(register, complaint, cast.agent, TWO[0], when=when)
    assert told(complaint) == ["payment:returned", "engineering:recalled", "payment:"], "asked anew"
    take(register, "note", complaint, cast.handler, at("2026-11-17 09:30"), text="Thấy lại")
    assert verify(register).problems == []


@pytest.mark.parametrize("step", ["return_request", "recall", "remind", "answer"])
def test_an_undone_step_leaves_the_requests_as_they_were(register: Register, cast: Cast, step: str) -> None:
    complaint = asked(register, cast)
    before = [(one.ended, one.reminded) for one in complaint.requests]
    after = take(register, step, complaint, cast.agent, at("2026-11-17 09:00"), text="Nhầm", request=1)
    assert [(one.ended, one.reminded) for one in after.requests] != before
    back = take(register, "undo", after, cast.agent, at("2026-11-17 09:05"))
    assert [(one.ended, one.reminded) for one in back.requests] == before
    assert verify(register).problems == []


def test_an_undone_forward_leaves_the_other_one(register: Register, cast: Cast) -> None:
    complaint = take(register, "undo", asked(register, cast), cast.agent, at("2026-11-16 10:15"))
    assert (told(complaint), complaint.department) == (["payment:"], "payment")
    complaint = forward(register, complaint, cast.agent, TWO[1])
    assert [one.number for one in complaint.requests] == [1, 2]
    assert verify(register).problems == []


# procedure, whose department was asked, may tell the result, why
REPLIES = [
    ("misa", "payment", "", "MISA 2: the department that was asked replies itself"),
    ("misa", "engineering", "owes no answer|not with your department", "another department was asked"),
    ("pops", "payment", "customer care tells the result", "elsewhere customer care does"),
]


@pytest.mark.parametrize(("procedure", "department", "refusal", "why"), REPLIES, ids=[row[-1] for row in REPLIES])
def test_a_department_tells_the_result_itself(
    register: Register, cast: Cast, procedure: str, department: str, refusal: str, why: str
) -> None:
    complaint = logged(register, cast, procedure=procedure)
    complaint = take(register, "acknowledge", complaint, cast.agent, at("2026-11-16 10:00"), text="Đã nhận")
    when, level = at("2026-11-16 10:05"), "normal" if procedure == "misa" else None
    complaint = take(register, "classify", complaint, cast.agent, when, kind="complaint", level=level)
    questions: list[StepFields] = [{**TWO[0], "department": department}, {**TWO[1], "department": "legal"}]
    complaint = forward(register, complaint, cast.agent, *questions)
    when = at("2026-11-16 15:00")
    if refusal:
        with pytest.raises(NotAllowed, match=refusal):
            take(register, "notify_result", complaint, cast.handler, when, channel="email", text="Đã hoàn")
        return
    complaint = take(register, "notify_result", complaint, cast.handler, when, channel="email", text="Đã hoàn")
    assert (complaint.state, told(complaint)) == ("resolved", ["payment:answered", "legal:released"]), why
    with pytest.raises(NotAllowed, match="owes no answer"):
        take(register, "notify_result", complaint, cast.handler, when, channel="email", text="Lần nữa")
    assert verify(register).problems == []


TAMPERING = [
    ("UPDATE requests SET ended = 'answered', ended_at = asked_at", "an answer that nobody gave"),
    ("UPDATE requests SET due_at = asked_at WHERE number = 2", "another due"),
    ("UPDATE requests SET reminded = 3", "reminders that nobody sent"),
    ("DELETE FROM requests WHERE number = 1", "one is missing"),
    ("UPDATE requests SET number = 3 WHERE number = 2", "another number"),
]  # fmt: skip


@pytest.mark.parametrize(("tampering", "why"), TAMPERING, ids=[row[1] for row in TAMPERING])
def test_a_request_that_the_log_does_not_give_is_found(
    sqlite_register: Register, sqlite_cast: Cast, tampering: str, why: str
) -> None:
    asked(sqlite_register, sqlite_cast)
    with sqlite_register.write() as session:
        session.execute(text(tampering))
    assert [one for one in verify(sqlite_register).problems if "request" in one], why


# a register of the version before


def as_before(register: Register, complaint: Complaint, *steps: tuple[str, str, Payload]) -> None:
    """Steps as earlier versions logged them: no event said which request it was about."""
    with register.write() as session:
        case = cases.load(session, complaint.code)
        for kind, when, payload in steps:
            case.add(session, kind, Content(payload, {"text_id": ("question", "?")}), Stamp(at(when), at(when), 1))
        cases.save(session, [case])


def before(department: str) -> Payload:
    return Payload(department=department, due_at=FIRST.isoformat())


def test_a_register_of_the_version_before_has_the_same_requests(register: Register, cast: Cast) -> None:
    """Migration 0015: the rows that the log gives, also where one was asked after another, or a step was undone."""
    every = [advanced(register, cast, 2) for _ in range(5)] + [logged(register, cast)]
    answered = ("department_answered", "2026-11-17 09:00", Payload(department="payment"))
    as_before(register, every[0], ("forwarded", "2026-11-16 11:00", before("payment")), answered)
    as_before(
        register,
        every[1],
        ("forwarded", "2026-11-16 11:00", before("payment")),
        ("forwarded", "2026-11-16 12:00", before("engineering")),
    )
    as_before(
        register,
        every[2],
        ("forwarded", "2026-11-16 11:00", before("payment")),
        ("result_notified", "2026-11-16 12:00", Payload(channel="email")),
    )
    as_before(
        register,
        every[3],
        ("forwarded", "2026-11-16 11:00", before("payment")),
        ("undone", "2026-11-16 11:05", Payload(undoes=4)),
        ("forwarded", "2026-11-16 11:10", before("engineering")),
    )
    as_before(
        register,
        every[4],
        ("forwarded", "2026-11-16 11:00", before("payment")),
        answered,
        ("forwarded", "2026-11-17 12:00", before("payment")),
        ("withdrawn", "2026-11-17 13:00", Payload()),
    )
    wanted = [
        ["payment:answered"],
        ["payment:released", "engineering:"],
        ["payment:released"],
        ["engineering:"],
        ["payment:answered", "payment:released"],
        [],
    ]
    rows, requests = stored(register)
    assert [told(rows[one.id]) for one in every] == wanted, "as the log gives them now"
    assert (rows[every[1].id].department, rows[every[3].id].department) == ("engineering", "engineering")
    with register.write() as session:
        back_to(session, "0014")
        without = "replace(words, :term, '')" if register.is_sqlite else "ts_delete(words, :term)"
        index = text(f"UPDATE search_texts SET words = {without} WHERE complaint_id = :id")
        session.execute(index, {"term": DEPARTMENT + "payment", "id": every[1].id})  # it named the last one alone
    migrated = open_up(register.url, register.evidence_dir, now=at("2026-12-15 09:00"))
    try:
        assert stored(migrated)[1] == requests
        assert verify(migrated).problems == []
        again = forward(migrated, every[1], cast.agent, {**TWO[0], "department": "legal"}, when=at("2026-11-17 09:00"))
        assert told(again) == ["payment:released", "engineering:", "legal:"], "from now on beside it"
    finally:
        migrated.engine.dispose()


def stored(register: Register) -> tuple[dict[int, Complaint], list[tuple[object, ...]]]:
    """The complaints by id, and every row of ``requests``."""
    with register.read() as session:
        rows = {one.id: one for one in session.scalars(select(Complaint))}
        ordered = select(Request.__table__).order_by(Request.complaint_id, Request.number)
        return rows, [tuple(row) for row in session.execute(ordered)]


def test_many_are_forwarded_each_by_its_own_event_and_those_that_cannot_are_listed(
    register: Register, cast: Cast
) -> None:
    ready, again, moved = (advanced(register, cast, 2) for _ in range(3))
    new, told_already = logged(register, cast), advanced(register, cast, 5)
    owing = forward(register, advanced(register, cast, 2), cast.agent, TWO[0])
    again = forward(register, again, cast.agent, TWO[1])
    take(register, "note", moved, cast.lead, ASKED, text="Ai đó vừa ghi")
    versions = {one.code: one.version for one in (ready, again, new, told_already, owing, moved)}
    with register.write() as session:
        result = forward_many.forward_all(session, versions, TWO[0], Act(cast.agent, ASKED))
    assert (result.done, result.overtaken) == ((ready.code, again.code), (moved.code,))
    assert list(result.refused) == [new.code, told_already.code, owing.code], "not classified, told already, owes one"
    with register.read() as session:
        after = [session.get_one(Complaint, one.id) for one in (ready, again, new)]
        assert [told(one) for one in after] == [["payment:"], ["engineering:", "payment:"], []]
        assert [one.version for one in after[:2]] == [ready.version + 1, again.version + 1], "one event each"
    assert verify(register).is_whole


LACKING = [
    # what is left out, the field to mend, why
    ({"department": None}, "department", "who is asked?"),
    ({"text": " "}, "text", "what?"),
    ({"due_at": None}, "due_at", "until when?"),
    ({"due_at": at("2026-11-16 09:00")}, "due_at", "not in the past"),
]


@pytest.mark.parametrize(("lacking", "field", "why"), LACKING, ids=[row[-1] for row in LACKING])
def test_what_none_of_many_can_take_is_said_at_its_field(
    lacking: StepFields, field: str, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    some = [advanced(sqlite_register, sqlite_cast, steps) for steps in (1, 2, 2)]
    versions = {one.code: one.version for one in some}
    asked: StepFields = {**TWO[0], **lacking}
    with sqlite_register.write() as session, pytest.raises(Invalid) as refused:
        forward_many.forward_all(session, versions, asked, Act(sqlite_cast.agent, ASKED))
    assert refused.value.fields.keys() == {field}, f"{why}; that one is not classified yet hides none of it"


def test_an_answer_is_needed_before_the_first_result_falls_due(register: Register, cast: Cast) -> None:
    """MISA tells its customers within a day: two working days are too long for the department."""
    slow, quick = advanced(register, cast, 2), logged(register, cast, procedure="misa")
    quick = take(register, "acknowledge", quick, cast.agent, ASKED)
    due = clock(register, quick, "reply").due_at
    with register.read() as session:
        assert forward_many.usual_due(session, [slow.code, quick.code], ASKED) == due
        in_two_days = forward_many.usual_due(session, [slow.code], ASKED)
        assert in_two_days == at("2026-11-18 17:30"), "close of office in two working days"
        later = forward_many.usual_due(session, [quick.code], due)
        assert later is not None and later > due, "that one is too late already"


def test_who_does_not_forward_forwards_none_of_many(sqlite_register: Register, sqlite_cast: Cast) -> None:
    one = advanced(sqlite_register, sqlite_cast, 2)
    for by in (sqlite_cast.handler, sqlite_cast.manager, sqlite_cast.analyst):
        with sqlite_register.write() as session:
            result = forward_many.forward_all(session, {one.code: one.version}, TWO[0], Act(by, ASKED))
        assert (result.done, list(result.refused)) == ((), [one.code])
    many = {f"KN-2026-{n:06}": 1 for n in range(501)}
    with sqlite_register.write() as session, pytest.raises(Invalid):
        forward_many.forward_all(session, many, TWO[0], Act(sqlite_cast.agent, ASKED))

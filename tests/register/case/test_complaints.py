"""Complaints from receipt to closing: what each step records, refuses and promises, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.register import rulebook
from core.register.case import complaints
from core.register.case.case import history, remove_clocks
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft, Finder, find
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Customer, Event, Evidence, SlaCycle
from core.register.log.verify import verify
from core.register.people import accounts
from core.register.reads import dossier, known_customers, timeline
from core.register.reads.visible import columns_of
from core.rules import policy
from tests.conftest import Cast
from tests.engines import everything
from tests.local_time import at
from tests.register.cases import MON, TO_CLOSED, advanced, clock, draft, logged, take


def test_a_whole_life_leaves_events_verdicts_and_a_whole_register(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    assert (complaint.code, complaint.version) == ("KN-2026-000001", 7)
    assert (complaint.outcome, complaint.root_cause, complaint.breach_reason) == ("upheld", "late_reconciliation", None)
    assert complaint.next_due_at is None
    with register.read() as session:
        kinds = [event.kind for event in history(session, complaint.id)]
        said = "\n".join(session.scalars(select(Event.payload).where(Event.subject == "complaint")))
    assert kinds == [
        "received",
        "acknowledged",
        "classified",
        "forwarded",
        "department_answered",
        "result_notified",
        "closed",
    ]
    assert "0912 345" not in said and "912345678" not in said and "Khách Thử" not in said and "Stars" not in said, (
        "no personal data in the log"
    )
    ack, resolve = clock(register, complaint, "acknowledge"), clock(register, complaint, "resolve")
    assert (ack.due_at, ack.working_seconds) == (at("2026-11-17 17:30"), 3600)
    assert (resolve.starts_at, resolve.due_at) == (at("2026-11-16 10:00"), at("2026-11-23 17:30"))
    assert resolve.working_seconds == (7 * 60 + 30) * 60 + 9 * 3600 + 30 * 60
    assert verify(register).problems == []


def test_codes_count_within_the_local_year_without_gaps(register: Register, cast: Cast) -> None:
    eve = at("2025-12-31 23:59")
    codes = [logged(register, cast, recorded_at=when).code for when in (eve, eve + timedelta(minutes=1), MON)]
    assert codes == ["KN-2025-000001", "KN-2026-000001", "KN-2026-000002"]


def test_a_refused_draft_uses_up_no_number(register: Register, cast: Cast) -> None:
    with pytest.raises(Invalid):
        logged(register, cast, statement="  ")
    assert logged(register, cast).code == "KN-2026-000001"


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"statement": " \n"}, "statement", "nothing said"),
        ({"statement": "x" * 20_001}, "statement", "too long"),
        ({"channel": "fax"}, "channel", "no such channel at POPS"),
        ({"category": "weather"}, "category", "no such category"),
        ({"product": "toaster"}, "product", "not in the catalogue"),
        ({"platform": "fridge"}, "platform", "not in the catalogue"),
        ({"level": "9"}, "level", "POPS has no such level"),
        ({"procedure": "nobody"}, "procedure", "no such procedure"),
        ({"incident_at": MON + timedelta(hours=1)}, "incident_at", "the incident comes before the complaint"),
        ({"sent_at": MON + timedelta(hours=1)}, "sent_at", "sent before it is received"),
        ({"recorded_at": at("1999-01-04 09:00")}, "recorded_at", "before the calendar"),
        ({"customer": CustomerDraft(phone="09x")}, "phone", "no phone number"),
        ({"customer": CustomerDraft(email="a@b")}, "email", "no address"),
        ({"customer": CustomerDraft(account="x" * 201)}, "account", "longer than an index takes"),
        ({"customer": CustomerDraft(name="An\0")}, "name", "no database keeps NUL"),
        ({"statement": "hỏng \ud800"}, "statement", "half a character"),
    ],
)
def test_a_draft_that_cannot_be_kept_names_the_field(
    sqlite_register: Register, sqlite_cast: Cast, changes: dict[str, Any], field: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        logged(sqlite_register, sqlite_cast, **changes)
    assert set(refused.value.fields) == {field}, why
    with sqlite_register.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 0
        assert session.scalar(select(func.count()).select_from(Customer)) == 0


def test_receipt_cannot_lie_in_the_future(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        complaints.log(session, draft(recorded_at=MON + timedelta(minutes=10)), Act(sqlite_cast.agent, MON))
    assert set(refused.value.fields) == {"recorded_at"}


def test_a_naive_time_is_refused_everywhere(register: Register, cast: Cast) -> None:
    naive = MON.replace(tzinfo=None)
    with pytest.raises((Invalid, TypeError)), register.write() as session:
        complaints.log(session, draft(recorded_at=naive), Act(cast.agent, MON))
    complaint = logged(register, cast)
    with pytest.raises((Invalid, TypeError)):
        take(register, "acknowledge", complaint, cast.agent, MON, happened_at=naive)
    with pytest.raises(Exception, match="(?i)aware|zone|naive|múi giờ"), register.write() as session:
        session.execute(select(Complaint).where(Complaint.recorded_at == naive)).all()


@pytest.mark.parametrize(
    ("step", "steps_before", "fields", "field", "why"),
    [
        ("classify", 1, {}, "kind", "inquiry or complaint must be said"),
        ("classify", 1, {"kind": "complaint", "category": "weather"}, "category", "unknown category"),
        ("acknowledge", 0, {"channel": "fax"}, "channel", "unknown channel"),
        ("assign", 1, {}, "assignee_id", "nobody chosen"),
        ("assign", 1, {"assignee_id": 10_000}, "assignee_id", "nobody of that id"),
        ("forward", 2, {"text": "?", "due_at": at("2026-11-18 17:30")}, "department", "which department?"),
        ("forward", 2, {"department": "payment", "due_at": at("2026-11-18 17:30")}, "text", "asked what?"),
        (
            "forward",
            2,
            {"department": "payment", "text": "?", "due_at": at("2025-11-18 17:30")},
            "due_at",
            "a year too early",
        ),
        (
            "forward",
            2,
            {"department": "payment", "text": "a\0", "due_at": at("2026-11-18 17:30")},
            "text",
            "no database keeps NUL",
        ),
        (
            "ask_customer",
            2,
            {"text": "?", "chase_on": MON.date() - timedelta(days=1)},
            "chase_on",
            "asking again yesterday",
        ),
        ("ask_customer", 2, {"text": "?", "chase_on": at("2026-11-20 09:00")}, "chase_on", "a day, not a moment"),
        ("forward", 2, {"department": "payment", "text": "?"}, "due_at", "by when?"),
        ("answer", 3, {}, "text", "an answer says something"),
        ("ask_customer", 2, {"text": "Ảnh?"}, "chase_on", "a question has a chase date (D5)"),
        ("notify_result", 4, {}, "text", "the customer was told something"),
        ("close", 5, {"root_cause": "unknown"}, "outcome", "an end has an outcome"),
        ("close", 5, {"outcome": "upheld"}, "root_cause", "a complaint has a cause"),
        ("close", 5, {"outcome": "withdrawn", "root_cause": "unknown"}, "outcome", "withdrawing is its own step"),
        (
            "classify",
            1,
            {"kind": "complaint", "category": "payment", "level": "red"},
            "level",
            "a level that may stay empty must still be one of the procedure's",
        ),
        ("close", 5, {"outcome": "upheld", "root_cause": "weather"}, "root_cause", "unknown cause"),
        ("note", 1, {"text": "x" * 20_001}, "text", "longer than a text may be"),
        ("note", 1, {"text": "   "}, "text", "blanks say nothing"),
        ("note", 1, {}, "text", "an empty note"),
        ("add_evidence", 1, {"text": "ảnh"}, "files", "evidence without a file"),
        ("withdraw", 1, {}, "text", "why it was withdrawn"),
    ],
)
def test_a_step_that_says_too_little_names_the_field(
    sqlite_register: Register,
    sqlite_cast: Cast,
    step: str,
    steps_before: int,
    fields: dict[str, Any],
    field: str,
    why: str,
) -> None:
    complaint = advanced(sqlite_register, sqlite_cast, steps_before)
    with pytest.raises(Invalid) as refused:
        take(sqlite_register, step, complaint, sqlite_cast.lead, at("2026-11-18 10:00"), **fields)
    assert set(refused.value.fields) == {field}, why
    with sqlite_register.read() as session:
        assert len(history(session, complaint.id)) == steps_before + 1, "nothing is logged"


def test_a_missed_deadline_needs_its_reason_before_closing(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 4)
    late = at("2026-11-23 17:31")
    complaint = take(register, "notify_result", complaint, cast.agent, late, text="Xong")
    with pytest.raises(Invalid) as refused:
        take(register, "close", complaint, cast.agent, late, outcome="upheld", root_cause="unknown")
    assert set(refused.value.fields) == {"breach_reason.resolve.1"}
    closed = take(
        register, "close", complaint, cast.agent, late, outcome="upheld", root_cause="unknown", breach_reason="overload"
    )
    assert closed.breach_reason == "overload"


def test_a_text_of_the_greatest_length_is_kept_whole(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = advanced(sqlite_register, sqlite_cast, 1)
    take(sqlite_register, "note", complaint, sqlite_cast.lead, at("2026-11-18 10:00"), text="x" * 20_000)
    with sqlite_register.read() as session:
        assert history(session, complaint.id)[-1].kind == "noted"


def test_a_kept_promise_takes_no_breach_reason(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 5)
    closing: StepFields = {"outcome": "upheld", "root_cause": "unknown", "breach_reason": "overload"}
    closed = take(register, "close", complaint, cast.agent, at("2026-11-18 10:00"), **closing)
    assert closed.breach_reason is None


def test_an_inquiry_closes_without_a_cause_and_its_clocks_run_on_when_it_becomes_a_complaint(
    register: Register, cast: Cast
) -> None:
    complaint = take(register, "acknowledge", logged(register, cast), cast.agent, at("2026-11-16 10:00"))
    complaint = take(register, "classify", complaint, cast.agent, at("2026-11-16 10:01"), kind="inquiry")
    before = clock(register, complaint, "resolve")
    complaint = take(register, "classify", complaint, cast.agent, at("2026-11-18 10:01"), kind="complaint")
    after = clock(register, complaint, "resolve")
    assert (before.starts_at, before.due_at) == (after.starts_at, after.due_at), "D7"
    complaint = take(register, "classify", complaint, cast.agent, at("2026-11-18 10:02"), kind="inquiry")
    complaint = take(register, "notify_result", complaint, cast.agent, at("2026-11-18 10:03"), text="Hướng dẫn")
    assert take(register, "close", complaint, cast.agent, at("2026-11-18 10:04"), outcome="answered").state == "closed"


def test_withdrawing_cancels_the_clocks(register: Register, cast: Cast) -> None:
    complaint = take(
        register, "withdraw", advanced(register, cast, 2), cast.agent, at("2026-11-17 09:00"), text="Khách đổi ý"
    )
    assert (complaint.state, complaint.outcome, complaint.next_due_at) == ("withdrawn", "withdrawn", None)
    assert clock(register, complaint, "resolve").cancelled_at == at("2026-11-17 09:00")


def test_reopening_starts_a_second_cycle_and_leaves_the_first_verdict(register: Register, cast: Cast) -> None:
    complaint = take(
        register, "reopen", advanced(register, cast), cast.lead, at("2026-11-20 10:00"), text="Vẫn chưa có Stars"
    )
    first, second = clock(register, complaint, "resolve"), clock(register, complaint, "resolve", 2)
    assert first.stopped_at == at("2026-11-18 09:00"), "D6: the earlier verdict never changes"
    assert (second.starts_at, second.due_at) == (at("2026-11-20 10:00"), at("2026-11-30 17:30")), "24/11 is a day off"
    assert (complaint.state, complaint.closed_at, complaint.outcome) == ("investigating", None, None)
    assert complaint.next_due_at == second.due_at
    assert verify(register).problems == []


def test_a_step_cannot_lie_before_the_one_it_follows_nor_in_the_future(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    for wrong in (MON - timedelta(minutes=1), MON + timedelta(days=1)):
        with pytest.raises(Invalid) as refused:
            take(register, "acknowledge", complaint, cast.agent, MON + timedelta(hours=1), happened_at=wrong)
        assert "happened_at" in refused.value.fields
    earlier = take(
        register, "acknowledge", complaint, cast.agent, MON + timedelta(hours=2), happened_at=MON + timedelta(hours=1)
    )
    assert earlier.acknowledged_at == MON + timedelta(hours=1)


def test_the_second_of_two_editors_is_told_what_changed(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 2)
    take(
        register,
        "note",
        complaint,
        cast.lead,
        at("2026-11-16 11:00"),
        version=complaint.version,
        text="Gọi lại sau 14 giờ",
    )
    with pytest.raises(Conflict):
        take(
            register,
            "classify",
            complaint,
            cast.agent,
            at("2026-11-16 11:01"),
            version=complaint.version,
            kind="inquiry",
        )
    with register.read() as session:
        assert session.get_one(Complaint, complaint.id).kind == "complaint", "the second writer overwrote nothing"


@pytest.mark.parametrize(
    ("who", "step", "fields", "why"),
    [
        ("manager", "acknowledge", {}, "the board looks, it does not work cases"),
        ("analyst", "note", {"text": "x"}, "analysts write nothing"),
        ("admin", "acknowledge", {}, "administrators do not work cases"),
        ("handler", "acknowledge", {}, "a department answers, it does not acknowledge"),
        ("handler", "answer", {"text": "x"}, "it was not forwarded to this department"),
    ],
)
def test_roles_are_refused_in_the_register_itself(
    sqlite_register: Register, sqlite_cast: Cast, who: str, step: str, fields: dict[str, Any], why: str
) -> None:
    complaint = logged(sqlite_register, sqlite_cast)
    with pytest.raises(NotAllowed):
        take(sqlite_register, step, complaint, getattr(sqlite_cast, who), MON, **fields)
    with sqlite_register.read() as session:
        assert len(history(session, complaint.id)) == 1, why


def test_a_department_answers_only_what_was_forwarded_to_it(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 3)
    assert complaint.waiting_department
    assert policy.steps_for(cast.handler, columns_of(complaint), everything()) == (
        "answer",
        "return_request",
        "note",
        "add_evidence",
        "details",
        *("analyse", "action_done", "send_evidence"),  # whether anything waits for these is for the case to know
    )
    answered = take(register, "answer", complaint, cast.handler, at("2026-11-17 09:00"), text="Đã hoàn")
    assert (answered.waiting_department, answered.department) == (False, "payment")
    assert "answer" not in policy.steps_for(cast.handler, columns_of(answered), everything())


def test_a_case_is_handed_over_by_anybody_of_the_team_with_a_word(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    assert take(register, "assign", complaint, cast.agent, MON, assignee_id=cast.agent.id).assignee_id == cast.agent.id
    given = take(register, "assign", complaint, cast.agent, MON, assignee_id=cast.agent2.id, text="Khách hẹn gọi 15h")
    assert given.assignee_id == cast.agent2.id
    with register.read() as session:
        told = timeline.read(session, complaint.id, history(session, complaint.id))[-1]
    assert (told.assignee, told.text) == (cast.agent2.name, "Khách hẹn gọi 15h")


def test_the_first_step_on_a_case_of_nobody_makes_it_ones_own(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    assert take(register, "note", complaint, cast.lead, MON, text="Xem giúp").assignee_id is None, "a note is no work"
    assert take(register, "acknowledge", complaint, cast.agent, MON).assignee_id == cast.agent.id
    helped = take(register, "classify", complaint, cast.lead, MON, kind="complaint", category="payment")
    assert helped.assignee_id == cast.agent.id, "who helps takes nothing away"
    assert verify(register).problems == []


def test_an_undone_first_step_gives_the_case_back_to_nobody(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    assert take(register, "acknowledge", complaint, cast.agent, MON).assignee_id == cast.agent.id
    assert take(register, "undo", complaint, cast.agent, MON).assignee_id is None


def test_nothing_is_assigned_to_a_closed_account(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with register.write() as session:
        accounts.deactivate(session, cast.agent2.id, Act(None, MON))
    with pytest.raises(Invalid) as refused:
        take(register, "assign", complaint, cast.lead, MON, assignee_id=cast.agent2.id)
    assert set(refused.value.fields) == {"assignee_id"}
    with register.write() as session:
        accounts.activate(session, cast.agent2.id, Act(None, MON))
    assert take(register, "assign", complaint, cast.lead, MON, assignee_id=cast.agent2.id).assignee_id == cast.agent2.id


def test_a_known_customer_is_found_again_and_gains_what_was_missing(register: Register, cast: Cast) -> None:
    first = logged(register, cast)
    second = logged(register, cast, customer=CustomerDraft(phone="+84912345678", email="khach@thu.vn", name="Tên khác"))
    with register.read() as session:
        known = find(session, "84 912 345 678")
        assert known is not None and known.id == first.customer_id == second.customer_id
        assert (known.name, known.email) == ("Khách Thử", "khach@thu.vn")
        assert find(session, "KHACH@thu.vn") is not None
        assert find(session, "0999 999 999") is None
        found = known_customers.find(session, "0912 345 678", cast.agent)
        assert found is not None and [c.code for c in found.open] == [second.code, first.code]


def test_another_name_of_a_known_customer_is_kept_by_its_complaint(register: Register, cast: Cast) -> None:
    logged(register, cast)
    code = logged(register, cast, customer=CustomerDraft(name="Chị Hoa", phone="0912 345 678")).code
    with register.read() as session:
        read = {
            by.role: dossier.read(session, code, by=by, now=MON, language="vi") for by in (cast.agent, cast.manager)
        }
        payloads = "".join(event.payload for event in session.scalars(select(Event)))
    assert read["agent"].contact is not None
    assert (read["agent"].contact.name, read["agent"].named_as) == ("Khách Thử", "Chị Hoa")
    assert read["manager"].named_as == "C. H.", "masked like the name"
    assert "Hoa" not in payloads, "the log attests it by a digest only"
    assert verify(register).problems == []


def test_another_contact_under_a_known_phone_is_kept_apart(register: Register, cast: Cast) -> None:
    first = logged(register, cast, customer=CustomerDraft(phone="0912 345 678", email="me@thu.vn"))
    other = logged(register, cast, customer=CustomerDraft(phone="0912 345 678", email="con@thu.vn"))
    again = logged(register, cast, customer=CustomerDraft(phone="0912 345 678", email="con@thu.vn"))
    assert first.customer_id != other.customer_id == again.customer_id
    with register.read() as session:
        found = {contact: find(session, contact) for contact in ("me@thu.vn", "con@thu.vn", "0912 345 678")}
    assert [customer and customer.id for customer in found.values()] == [
        first.customer_id,
        other.customer_id,
        other.customer_id,
    ]


def test_texts_are_kept_beside_the_log_and_named_in_it(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 1)
    with register.read() as session:
        papers = {paper.kind: paper for paper in session.scalars(select(Evidence))}
        acknowledged = history(session, complaint.id)[1]
    assert papers["statement"].body == draft().statement
    assert complaint.statement_id == papers["statement"].id
    assert papers["reply"].digest.hex() in acknowledged.payload


def test_an_unknown_code_is_said(register: Register, cast: Cast) -> None:
    with pytest.raises(NotFound, match="KN-2026-999999"), register.write() as session:
        complaints.take(session, "KN-2026-999999", "acknowledge", {}, Act(cast.agent, MON))


def test_a_history_obeys_the_same_rules_as_steps_one_by_one(register: Register, cast: Cast) -> None:
    by_hand = advanced(register, cast)
    steps = [PastStep(step, at(when), fields, cast.agent.id) for step, fields, when, _ in TO_CLOSED]
    with register.write() as session:
        [case] = complaints.write_histories(session, [(draft(), steps)], Act(None, at("2026-11-20 09:00")))
        in_bulk = session.scalars(select(Complaint).where(Complaint.id == case.id)).one()
        assert in_bulk.version == by_hand.version
        for name in ("state", "acknowledged_at", "resolved_at", "closed_at", "outcome", "next_due_at", "customer_id"):
            assert getattr(in_bulk, name) == getattr(by_hand, name), name
        wrong = [PastStep("close", MON, {"outcome": "upheld", "root_cause": "unknown"})]
        with pytest.raises(NotAllowed):
            complaints.build(session, (draft(), wrong), Finder(session, [draft().customer], now=MON), Act(None, MON))
    assert verify(register).problems == []


def test_a_calendar_change_moves_only_clocks_that_start_later(register: Register, cast: Cast) -> None:
    early = advanced(register, cast, 1)
    before = clock(register, early, "resolve")
    with register.write() as session:
        days = rulebook.of(session).days(session, 1)
        off = replace(next(iter(days.days.values())), open=(), name="Nghỉ công ty", name_en="Company day off")
        changed = replace(days, days={**days.days, at("2026-11-19 00:00").date(): off})
        assert rulebook.add_calendar(session, changed, "Nghỉ công ty 19/11", Act(cast.admin, MON)) == 2
    late = take(register, "acknowledge", logged(register, cast), cast.agent, at("2026-11-16 10:00"))
    assert clock(register, late, "resolve").due_at == at("2026-11-25 17:30"), "24/11 and the new 19/11 are off"
    take(register, "classify", early, cast.agent, at("2026-11-16 11:00"), kind="complaint")
    after = clock(register, early, "resolve")
    assert (after.due_at, after.calendar_version) == (before.due_at, 1), "D8: a promise stays on its version"
    assert verify(register).problems == []


def test_clocks_of_any_number_of_complaints_are_removed(register: Register, cast: Cast) -> None:
    """32,766 values are the most that SQLite takes in one statement, 65,535 PostgreSQL."""
    first, second = (logged(register, cast) for _ in range(2))
    with register.write() as session:
        others = range(1_000_000, 1_100_000 - 1)
        remove_clocks(session, [*others, first.id])
        assert set(session.scalars(select(SlaCycle.complaint_id))) == {second.id}

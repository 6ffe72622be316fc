"""Correction (D21): an earlier event says something else from then on, with its reason; the old value is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core import shipped
from core.errors import Invalid, NotAllowed
from core.register import rulebook
from core.register.backup.load import restore
from core.register.backup.save import save
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.case import case as cases
from core.register.case import complaints, text_uses
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.payload import CaseEvent, Payload, instant
from core.register.case.projection import fold
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Complaint, Customer, Event, Evidence, Restatement, SlaCycle
from core.register.log.verify import verify
from core.register.organisation import answer_texts, lists
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads import dossier, known_customers, search
from core.rules import clocks
from core.rules.answer_text import Text
from core.rules.calendar import local_day
from core.rules.catalogue import Entry
from core.rules.correction import KEYS
from core.rules.policy import Actor
from core.rules.undo import effective
from tests.conftest import Cast
from tests.engines import Sqlite
from tests.local_time import at
from tests.register.cases import MON, TO_CLOSED, advanced, clock, draft, logged, take

LATER = at("2026-11-19 09:00")
WHY = "Gõ nhầm khi ghi nhận"


def correct(
    register: Register, complaint: Complaint, by: Actor | None, corrects: str, becomes: object, when: datetime = LATER,
    *, text: str = WHY, of: int | None = None,
) -> Complaint:  # fmt: skip
    fields: StepFields = {"corrects": corrects, "becomes": becomes, "of": of, "issue": 2, "text": text}  # type: ignore[typeddict-item]
    return take(register, "correct", complaint, by, when, **fields)


def last_event(register: Register, complaint: Complaint) -> CaseEvent:
    with register.read() as session:
        return cases.event_of(cases.history(session, complaint.id)[-1])


def seq_of(register: Register, complaint: Complaint, kind: str) -> int:
    with register.read() as session:
        return next(one.seq for one in cases.history(session, complaint.id) if one.kind == kind)


INTAKE = [
    # what, becomes, the column that says it, its value then
    ("channel", "facebook", "channel", "facebook"),
    ("product", "pops_stars", "product", "pops_stars"),
    ("platform", "ios", "platform", "ios"),
    ("sent_at", at("2026-11-16 08:40"), "sent_at", at("2026-11-16 08:40")),
    ("incident_at", at("2026-11-15 20:00"), "incident_at", at("2026-11-15 20:00")),
]


@pytest.mark.parametrize(("corrects", "becomes", "column", "value"), INTAKE)
def test_what_intake_said_is_corrected(
    corrects: str, becomes: object, column: str, value: object, register: Register, cast: Cast
) -> None:
    complaint = advanced(register, cast, 2)
    before = getattr(complaint, column)
    after = correct(register, complaint, cast.agent, corrects, becomes)
    assert (getattr(after, column), after.version, after.state) == (value, complaint.version + 1, complaint.state)
    event = last_event(register, after)
    assert (event.kind, event.payload["of"], event.payload["corrects"]) == ("corrected", 1, corrects)
    assert event.payload["was"] == {column: before}, "the old value stays in the log"
    assert verify(register).problems == []
    taken = take(register, "forward", after, cast.agent, LATER, department="payment", text="?", due_at=LATER)
    assert getattr(taken, column) == value, "the steps after it leave it"
    assert verify(register).problems == []


@pytest.mark.parametrize(("corrects", "becomes"), [("statement", "Nạp 500 Stars, chưa thấy."), ("remedy", "Hoàn tiền")])
def test_a_text_is_corrected_as_evidence(
    corrects: str, becomes: str, register: Register, cast: Cast
) -> None:  # fmt: skip
    complaint = logged(register, cast)
    after = correct(register, complaint, cast.agent, corrects, becomes)
    with register.read() as session:
        payloads = " ".join(session.scalars(select(Event.payload)))
        kept = session.get_one(Evidence, getattr(after, f"{corrects}_id"))
        hits = search.find(session, becomes, by=cast.agent).hits
    assert (kept.kind, kept.body) == (corrects, becomes)
    assert becomes not in payloads and WHY not in payloads
    assert last_event(register, after).payload["was"] == {f"{corrects}_id": getattr(complaint, f"{corrects}_id")}
    assert [hit.code for hit in hits] == [complaint.code], "it is found by its new words"
    assert verify(register).problems == []


REFUSED = [
    # what, becomes, the problem at, why
    ("", "hotline", "corrects", "nothing is chosen"),
    ("kind", "inquiry", "corrects", "what was classified is classified anew"),
    ("channel", "hotline", "becomes", "it stands there already"),
    ("channel", None, "becomes", "it came through some channel"),
    ("channel", "pigeon", "becomes", "no entry of the list"),
    ("product", None, "becomes", "none was said"),
    ("statement", " ", "becomes", "a complaint says something"),
    ("statement", "x" * 20_001, "becomes", "too long"),
    ("level", "serious", "becomes", "POPS gives no levels"),
    ("outcome", "rejected", "corrects", "it is not closed"),
    ("root_cause", "unknown", "corrects", "it is not closed"),
    ("sent_at", at("2026-11-16 09:03"), "becomes", "after it reached us"),
    ("sent_at", "today", "becomes", "no moment"),
    ("sent_at", None, "becomes", "none was said"),
    ("incident_at", at("2026-11-16 09:03"), "becomes", "after the complaint"),
    ("recorded_at", at("2026-11-16 09:00"), "becomes", "it stands there already"),
    ("recorded_at", None, "becomes", "it reached us some time"),
    ("recorded_at", at("2026-11-16 10:01"), "becomes", "after it was acknowledged"),
    ("recorded_at", at("2014-12-31 10:00"), "becomes", "before the calendar"),
    ("happened_at", at("2026-11-16 09:30"), "of", "no step is chosen"),
    ("contact", {"name": "Khách Thử", "phone": "0912 345 678"}, "becomes", "it stands there already"),
    ("contact", {"name": "Khách Thử", "phone": "12345"}, "phone", "no phone number"),
    ("contact", {"name": "x" * 201, "phone": "0912 345 678"}, "name", "too long"),
]


@pytest.mark.parametrize(("corrects", "becomes", "field", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_cannot_be(
    corrects: str, becomes: object, field: str, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    complaint = advanced(sqlite_register, sqlite_cast, 2)
    with pytest.raises(Invalid) as refused:
        correct(sqlite_register, complaint, sqlite_cast.lead, corrects, becomes)
    assert list(refused.value.fields) == [field], why


TIMES = [
    # the step, when it is said to have been, the problem or "", why
    ("acknowledged", "2026-11-16 09:00", "", "with the receipt"),
    ("acknowledged", "2026-11-16 08:59", "becomes", "before the receipt"),
    ("acknowledged", "2026-11-16 10:05", "", "with the step that follows"),
    ("acknowledged", "2026-11-16 10:06", "becomes", "after the step that follows"),
    ("closed", "2026-11-19 09:02", "", "a clock may run a little ahead"),
    ("closed", "2026-11-19 09:03", "becomes", "in the future"),
    ("forwarded", "2026-11-16 10:05", "", "within its place"),
    ("noted", "2026-11-10 09:00", "", "a note stands beside the order"),
    ("received", "2026-11-16 08:00", "of", "that is when it reached us"),
    ("corrected", "2026-11-16 10:00", "of", "a correction is corrected by another one"),
]


@pytest.mark.parametrize(("kind", "becomes", "field", "why"), TIMES, ids=[row[-1] for row in TIMES])
def test_the_order_of_times_stays(
    kind: str, becomes: str, field: str, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    complaint = advanced(sqlite_register, sqlite_cast)
    complaint = take(sqlite_register, "note", complaint, sqlite_cast.agent, at("2026-11-18 10:00"), text="Ghi chú")
    complaint = correct(sqlite_register, complaint, sqlite_cast.agent, "channel", "facebook")
    of = seq_of(sqlite_register, complaint, kind)
    if field:
        with pytest.raises(Invalid) as refused:
            correct(sqlite_register, complaint, sqlite_cast.lead, "happened_at", at(becomes), of=of)
        assert list(refused.value.fields) == [field], why
    else:
        correct(sqlite_register, complaint, sqlite_cast.lead, "happened_at", at(becomes), of=of)
        assert verify(sqlite_register).problems == [], why


def test_what_a_step_gives_as_a_date_lies_after_it(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = advanced(sqlite_register, sqlite_cast, 2)
    when, due = at("2026-11-16 11:00"), at("2026-11-17 11:00")
    fields: StepFields = {"promised": "reply", "due_at": due, "text": "Hẹn"}
    promised = take(sqlite_register, "promise", complaint, sqlite_cast.agent, when, **fields)
    of = seq_of(sqlite_register, promised, "date_promised")
    with pytest.raises(Invalid) as refused:
        correct(sqlite_register, promised, sqlite_cast.lead, "happened_at", at("2026-11-17 11:01"), of=of)
    assert list(refused.value.fields) == ["becomes"]
    correct(sqlite_register, promised, sqlite_cast.lead, "happened_at", due, of=of)


MAY = [
    # what, agent, lead, why
    ("contact", True, True, "no clock depends on who it is"),
    ("statement", True, True, "nor on what they say"),
    ("remedy", True, True, "nor on what they want"),
    ("channel", True, True, "nor on the channel"),
    ("branch", True, True, "nor on the branch"),
    ("product", True, True, "this one has no terms of its own"),
    ("platform", True, True, "nor on the platform"),
    ("level", True, True, "nor on the level"),
    ("sent_at", True, True, "clocks run from when it reached us"),
    ("incident_at", True, True, "no term of this procedure counts from the incident"),
    ("recorded_at", False, True, "every clock runs from it"),
    ("happened_at", False, True, "clocks start and stop with steps"),
    ("outcome", False, True, "figures count it"),
    ("root_cause", False, True, "figures count it"),
    ("issue_category", True, True, "figures count a case by its first issue (D34)"),
    ("issue_outcome", False, True, "how it ended is a lead's to mend, like the first one's"),
    ("issue_cause", False, True, "and why it happened"),
]
NEW: dict[str, object] = {
    "contact": {"phone": "0987 654 321"}, "statement": "Khác", "remedy": "Khác", "channel": "facebook",
    "branch": "ha_noi", "product": "pops_app", "platform": "ios", "level": "serious", "sent_at": at("2026-11-16 08:00"),
    "incident_at": at("2026-11-16 07:00"), "recorded_at": at("2026-11-16 08:30"),
    "happened_at": at("2026-11-16 09:30"), "outcome": "rejected", "root_cause": "unknown",
    "issue_category": "login", "issue_outcome": "upheld", "issue_cause": "gateway_fault",
}  # fmt: skip


def add_entry(register: Register, name: str, entry: Entry) -> None:
    with register.write() as session:
        lists.add(session, name, entry, Act(None, MON), version=1)


def misa_closed(register: Register, cast: Cast) -> Complaint:
    complaint = logged(register, cast, procedure="misa", level="normal", issues=("content",))
    each: StepFields = {"issue_outcomes": {"2": "rejected"}, "issue_causes": {"2": "unknown"}}
    for step, fields, when, _state in (TO_CLOSED[0], TO_CLOSED[1], *TO_CLOSED[4:]):
        fields = {**fields, **each, "breach_reason": "overload"}
        complaint = take(register, step, complaint, cast.agent, at(when), **fields)
    return complaint


def test_the_fields_drawn_are_all() -> None:
    assert [row[0] for row in MAY] == list(KEYS) and NEW.keys() == KEYS.keys()


@pytest.mark.parametrize(("corrects", "agent", "lead", "why"), MAY, ids=[row[0] for row in MAY])
def test_who_corrects_what(
    corrects: str, agent: bool, lead: bool, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    complaint = misa_closed(sqlite_register, sqlite_cast)
    add_entry(sqlite_register, "branches", Entry("", "Hà Nội", "Ha Noi"))
    for by, may in ((sqlite_cast.agent, agent), (sqlite_cast.lead, lead)):
        of = 3 if corrects == "happened_at" else None
        if may and by is sqlite_cast.lead and agent:
            continue  # corrected by the agent already; who may correct more may correct this
        if may:
            correct(sqlite_register, complaint, by, corrects, NEW[corrects], of=of)
        else:
            with pytest.raises(NotAllowed, match="a lead corrects it"):
                correct(sqlite_register, complaint, by, corrects, NEW[corrects], of=of)
    assert verify(sqlite_register).problems == [], why


def test_a_product_with_terms_of_its_own_is_for_a_lead_and_moves_them(register: Register, cast: Cast) -> None:
    add_entry(register, "products", Entry("", "Gói nhanh", "Fast plan", reply_days=5))
    complaint = logged(register, cast, procedure="vhv", product="pops_app")
    due = complaint.next_due_at
    with pytest.raises(NotAllowed, match="a lead corrects it"):
        correct(register, complaint, cast.agent, "product", "goi_nhanh")
    after = correct(register, complaint, cast.lead, "product", "goi_nhanh")
    assert (after.product, after.reply_days) == ("goi_nhanh", 5)
    assert after.next_due_at is not None and due is not None and after.next_due_at < due, "5 working days, not 10"
    with pytest.raises(NotAllowed, match="a lead corrects it"):
        correct(register, after, cast.agent, "product", "pops_app")
    assert verify(register).problems == []


def test_a_reason_is_owed_unless_nothing_was_known(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = logged(sqlite_register, sqlite_cast)
    with pytest.raises(Invalid) as refused:
        correct(sqlite_register, complaint, sqlite_cast.agent, "channel", "facebook", text=" ")
    assert list(refused.value.fields) == ["text"]
    with pytest.raises(Invalid) as refused:
        correct(sqlite_register, complaint, sqlite_cast.agent, "contact", {"phone": "0912 345 678"}, text="")
    assert list(refused.value.fields) == ["text"], "the name would be lost"
    known = {"name": "Khách Thử", "phone": "0912 345 678"}
    correct(sqlite_register, complaint, sqlite_cast.agent, "contact", known | {"email": "khach@example.com"}, text="")
    correct(sqlite_register, complaint, sqlite_cast.agent, "product", "pops_app", text="")
    assert verify(sqlite_register).problems == []


def test_a_verdict_that_changes_is_kept_with_the_old_one(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    after = correct(register, complaint, cast.lead, "recorded_at", at("2026-11-12 10:00"))
    assert (after.recorded_at, after.code) == (at("2026-11-12 10:00"), complaint.code)
    changed = clock(register, after, "acknowledge")
    assert (changed.due_at, changed.stopped_at) == (at("2026-11-13 17:30"), at("2026-11-16 10:00"))
    assert after.unexplained_due_at == changed.due_at, "the miss awaits its reason"
    with register.read() as session:
        [row] = session.scalars(select(Restatement)).all()
    assert (row.term, row.number, row.verdict_before, row.verdict_after) == ("acknowledge", 1, "met", "missed")
    assert (row.due_before, row.due_after) == (at("2026-11-17 17:30"), at("2026-11-13 17:30"))
    assert (row.corrected_at, row.seq) == (LATER, after.version)
    assert verify(register).problems == []
    again = correct(register, after, cast.lead, "recorded_at", at("2026-11-16 09:00"), LATER + timedelta(minutes=20))
    with register.read() as session:
        kept = session.scalars(select(Restatement).order_by(Restatement.seq)).all()
    assert [(one.verdict_before, one.verdict_after) for one in kept] == [("met", "missed"), ("missed", "met")]
    assert clock(register, again, "acknowledge").due_at == at("2026-11-17 17:30")
    assert verify(register).problems == []


def test_what_was_restated_is_proved(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    correct(register, complaint, cast.lead, "recorded_at", at("2026-11-12 10:00"))
    with register.write() as session:
        session.scalars(select(Restatement)).one().verdict_before = "missed"
    says = f"{complaint.code}: what was restated is not what the log gives"
    assert [str(one) for one in verify(register).problems] == [says]
    with register.write() as session:
        session.delete(session.scalars(select(Restatement)).one())
    assert len(verify(register).problems) == 1


def test_what_moves_no_verdict_restates_nothing(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 2)
    after = correct(register, complaint, cast.lead, "happened_at", at("2026-11-16 09:30"), at("2026-11-16 12:00"), of=2)
    assert after.acknowledged_at == at("2026-11-16 09:30")
    with register.read() as session:
        assert session.scalars(select(Restatement)).all() == [], "nothing had fallen due, or changed its due"


def test_the_end_is_corrected(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    for becomes, why in (
        ("withdrawn", "a step of its own"),
        ("inadmissible", "refused whole"),
        ("upheld", "it stands there"),
        (None, "it ended somehow"),
    ):
        with pytest.raises(Invalid) as refused:
            correct(register, complaint, cast.lead, "outcome", becomes)
        assert list(refused.value.fields) == ["becomes"], why
    after = correct(register, complaint, cast.lead, "outcome", "rejected")
    after = correct(register, after, cast.lead, "root_cause", "unknown")
    after = correct(register, after, cast.lead, "happened_at", at("2026-11-18 16:00"), of=complaint.version)
    assert (after.outcome, after.root_cause, after.closed_at) == ("rejected", "unknown", at("2026-11-18 16:00"))
    opened = take(register, "reopen", after, cast.agent, at("2026-11-20 09:00"), text="Lại lỗi")
    assert (opened.outcome, opened.closed_at) == (None, None)
    earlier = correct(register, opened, cast.lead, "happened_at", at("2026-11-18 15:00"), at("2026-11-20 10:00"), of=7)
    assert (earlier.closed_at, earlier.state) == (None, "investigating"), "it is open again"
    assert verify(register).problems == []


def test_the_level_is_corrected_where_it_was_said(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = logged(sqlite_register, sqlite_cast, procedure="misa", level="normal")
    fields: StepFields = {"kind": "complaint", "category": "payment", "level": "serious"}
    complaint = take(sqlite_register, "acknowledge", complaint, sqlite_cast.agent, at("2026-11-16 09:30"))
    complaint = take(sqlite_register, "classify", complaint, sqlite_cast.agent, at("2026-11-16 09:31"), **fields)
    after = correct(sqlite_register, complaint, sqlite_cast.agent, "level", "normal")
    assert (after.level, last_event(sqlite_register, after).payload["of"]) == ("normal", 3)


def test_the_code_stays_when_the_year_was_wrong(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    after = correct(register, complaint, cast.lead, "recorded_at", at("2025-12-30 09:00"))
    assert (after.code, after.year, after.number) == (complaint.code, 2026, complaint.number)
    with register.write() as session:
        other = complaints.log(session, draft(recorded_at=MON), Act(cast.agent, LATER))
    assert other.number == complaint.number + 1
    assert verify(register).problems == []


def test_procedure_and_calendar_stay_those_of_the_recording(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = advanced(sqlite_register, sqlite_cast, 1)
    with sqlite_register.write() as session:
        rule = calendar_changes.decided((), "Nghỉ công ty")
        days = calendar_changes.with_changes(
            calendars.current(session), {local_day(at("2026-11-30 09:00")): rule}, today=local_day(MON)
        )
        calendars.apply(session, days, "Nghỉ công ty", Act(sqlite_cast.admin, at("2026-11-16 11:00")))
    after = correct(sqlite_register, complaint, sqlite_cast.lead, "recorded_at", at("2026-11-13 10:00"))
    assert (after.procedure_version, after.calendar_version) == (complaint.procedure_version, 1)
    assert clock(sqlite_register, after, "resolve").calendar_version == 1
    assert verify(sqlite_register).problems == []


@pytest.mark.parametrize(
    ("corrects", "becomes"),
    [("recorded_at", at("2026-11-12 10:00")), ("statement", "Khác"), ("channel", "facebook"),
     ("contact", {"name": "Khách Thử", "email": "moi@example.com"})],
)  # fmt: skip
def test_a_correction_is_undone(corrects: str, becomes: object, register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    before = stands(register, complaint)
    taken = correct(register, complaint, cast.lead, corrects, becomes)
    assert stands(register, complaint) != before
    assert verify(register, files=True).problems == []
    after = take(register, "undo", taken, cast.lead, LATER + timedelta(minutes=5), version=taken.version)
    assert stands(register, after) == before
    assert verify(register, files=True).problems == []
    again = correct(register, after, cast.lead, corrects, becomes, LATER + timedelta(minutes=6))
    assert again.version == after.version + 1 and verify(register).problems == []


def stands(register: Register, complaint: Complaint) -> tuple[object, ...]:
    """Row, clocks, customers and what was restated, without what names the last event."""
    with register.read() as session:
        row = session.get_one(Complaint, complaint.id)
        columns = {column.name: getattr(row, column.name) for column in Complaint.__table__.columns}
        clocks = session.execute(select(SlaCycle.__table__).where(SlaCycle.complaint_id == row.id)).all()
        its = Customer.name, Customer.phone_key, Customer.email_key, Customer.account_key
        people = session.execute(select(*its).where(Customer.id == row.customer_id)).all()
        restated = session.execute(select(Restatement.__table__)).all()
        counted = text_uses.stored(session)
    del columns["version"], columns["changed"]
    return columns, sorted(clocks, key=repr), people, restated, counted


def test_what_came_in_with_an_import_is_corrected_too(register: Register, cast: Cast) -> None:
    steps = [PastStep("acknowledge", at("2026-11-16 10:00"), {"text": "Đã nhận"})]
    first = draft(source="old", external_ref="A-1")
    with register.write() as session:
        [case] = complaints.write_histories(session, [(first, steps)], Act(None, at("2026-11-17 09:00")))
    with register.read() as session:
        complaint = session.get_one(Complaint, case.id)
    after = correct(register, complaint, cast.lead, "happened_at", at("2026-11-16 09:30"), of=2)
    after = correct(register, after, cast.agent, "contact", {"name": "Khách Thử", "phone": "0987 654 321"})
    assert after.acknowledged_at == at("2026-11-16 09:30")
    assert verify(register).problems == []


def test_a_use_of_an_answer_text_is_counted_on_the_day_it_happened(register: Register, cast: Cast) -> None:
    with register.write() as session:
        kept = answer_texts.begin(session, Text("Đã nhận", "Chúng tôi đã nhận."), Act(cast.lead, MON))
        used = answer_texts.name_of(answer_texts.approve(session, kept.key, 1, Act(cast.lead, MON)))
    complaint = logged(register, cast, recorded_at=at("2026-11-13 09:00"))
    fields: StepFields = {"text": "Chúng tôi đã nhận.", "answer_text": used}
    taken = take(register, "acknowledge", complaint, cast.agent, at("2026-11-16 10:00"), **fields)
    correct(register, taken, cast.lead, "happened_at", at("2026-11-13 10:00"), of=2)
    with register.read() as session:
        assert {use.day: times for use, times in text_uses.stored(session).items()} == {
            local_day(at("2026-11-13 10:00")): (1, False)
        }
    assert verify(register).problems == []


def test_a_branch_is_corrected_to_one_that_those_with_it_see(sqlite_register: Register, sqlite_cast: Cast) -> None:
    for name in ("Hà Nội", "Đà Nẵng"):
        with sqlite_register.write() as session:
            version = rulebook.version_of(session, "catalogue", "branches")
            lists.add(session, "branches", Entry("", name, name), Act(None, MON), version=version)
    with sqlite_register.write() as session:
        act = Act(sqlite_cast.admin, MON)
        theirs = accounts.add(session, Account("hn", "Người Hà Nội", "agent", branch="ha_noi"), None, act)
    complaint = logged(sqlite_register, sqlite_cast)
    with pytest.raises(Invalid, match="mend"):
        correct(sqlite_register, complaint, theirs, "branch", "da_nang")
    held = take(sqlite_register, "assign", complaint, sqlite_cast.lead, at("2026-11-16 10:00"), assignee_id=theirs.id)
    with pytest.raises(Invalid) as refused:
        correct(sqlite_register, held, sqlite_cast.lead, "branch", "da_nang")
    assert "give it to somebody else first" in refused.value.fields["becomes"]
    assert correct(sqlite_register, held, theirs, "branch", "ha_noi").branch == "ha_noi"


PHONE, OTHER, THIRD = "0912 345 678", "0987 654 321", "0905 111 222"
AN, BINH = CustomerDraft("Khách Thử", PHONE), CustomerDraft("Chị Bình", OTHER)


def found_by(register: Register, by: Actor, typed: str) -> set[str]:
    with register.read() as session:
        return {hit.code for hit in search.find(session, typed, by=by).hits}


def details_of(register: Register, complaint: Complaint) -> tuple[str | None, ...]:
    with register.read() as session:
        row = session.get(Customer, complaint.customer_id) if complaint.customer_id else None
        return (row.name, row.phone, row.email, row.account) if row else ()


CONTACTS = [
    # their complaints before (of An), the contact as corrected, whose it is then, why
    (1, {"name": "Khách Thử", "phone": PHONE, "email": "an@example.com"}, "the same", "what was missing is added"),
    (2, {"name": "Khách Thử", "phone": PHONE, "email": "an@example.com"}, "the same", "for all their complaints"),
    (1, {"name": "Khách Thử", "phone": THIRD}, "the same", "nobody else has the wrong phone: it goes"),
    (2, {"name": "Khách Thử", "phone": THIRD}, "a new one", "the other complaint keeps its phone"),
    (2, {"name": "Chị Hoa", "phone": PHONE}, "the same", "several people call from one phone"),
    (1, {"name": "Chị Hoa", "phone": PHONE}, "the same", "the name was wrong"),
    (1, {"name": "Chị Bình", "phone": OTHER}, "Bình", "known by the new phone, as at intake"),
    (2, {"name": "Chị Bình", "phone": OTHER, "account": "binh88"}, "Bình", "and what is missing there is added"),
    (1, {}, "nobody", "no contact at all was given"),
    (2, {"name": "Khách Thử"}, "a new one", "the phone was somebody else's"),
]


@pytest.mark.parametrize(("before", "becomes", "whose", "why"), CONTACTS, ids=[row[-1] for row in CONTACTS])
def test_whose_complaint_it_is_then(
    before: int, becomes: dict[str, str], whose: str, why: str, register: Register, cast: Cast
) -> None:
    bystander = logged(register, cast, customer=BINH)
    mine = [logged(register, cast, customer=AN) for _ in range(before)]
    complaint, known = mine[0], details_of(register, bystander)
    standing = stands(register, complaint)
    after = correct(register, complaint, cast.agent, "contact", becomes)
    match whose:
        case "the same":
            assert after.customer_id == complaint.customer_id
        case "Bình":
            assert after.customer_id == bystander.customer_id
        case "nobody":
            assert after.customer_id is None
        case _:
            assert after.customer_id not in (None, complaint.customer_id, bystander.customer_id)
    with register.read() as session:
        shown = dossier.read(session, after.code, by=cast.agent, now=LATER, language="vi")
    contact = shown.contact
    wanted = CustomerDraft(**becomes)
    if whose != "nobody":
        assert contact is not None
        assert (shown.named_as or contact.name, contact.phone) == (wanted.name, wanted.phone), why
        assert contact.email == wanted.email and contact.account == wanted.account
    if wanted.phone:
        assert after.code in found_by(register, cast.agent, wanted.phone)
    if wanted.phone != PHONE:
        assert after.code not in found_by(register, cast.agent, PHONE), "the wrong phone does not lead there any more"
        with register.read() as session:
            someone = known_customers.find(session, PHONE, cast.agent)
        assert (someone is not None) is (before == 2), "nor to its name"
    if before == 2:
        assert mine[1].code in found_by(register, cast.agent, PHONE), "it still leads to the other complaint"
    with register.read() as session:
        log = " ".join(session.scalars(select(Event.payload)))
    assert not any(text in log for text in becomes.values()), "no word of it is in the log"
    assert verify(register).problems == [], why
    back = take(register, "undo", after, cast.agent, LATER + timedelta(minutes=1), version=after.version)
    assert stands(register, back) == standing
    assert details_of(register, bystander) == known
    assert verify(register).problems == [], "undone"
    assert complaint.code in found_by(register, cast.agent, PHONE)


def test_a_contact_is_added_where_there_was_none(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, customer=CustomerDraft())
    after = correct(register, complaint, cast.agent, "contact", {"phone": OTHER}, text="")
    assert after.customer_id is not None and found_by(register, cast.agent, OTHER) == {after.code}
    back = take(register, "undo", after, cast.agent, LATER + timedelta(minutes=1))
    assert back.customer_id is None and not found_by(register, cast.agent, OTHER)
    with register.read() as session:
        assert known_customers.find(session, OTHER, cast.agent) is None
    assert verify(register).problems == []


def test_an_undoing_waits_for_nobody_else(register: Register, cast: Cast) -> None:
    """A complaint that came in meanwhile by the new phone hangs on it."""
    complaint = logged(register, cast, customer=AN)
    after = correct(register, complaint, cast.agent, "contact", {"name": "Khách Thử", "phone": THIRD})
    with register.write() as session:
        complaints.log(session, draft(customer=CustomerDraft("", THIRD)), Act(cast.agent2, LATER))
    with pytest.raises(NotAllowed, match="correct it instead"):
        take(register, "undo", after, cast.agent, LATER + timedelta(minutes=1))
    correct(register, after, cast.agent, "contact", {"name": "Khách Thử", "phone": PHONE}, LATER + timedelta(minutes=2))
    assert verify(register).problems == []


def test_a_name_of_this_complaint_alone_is_corrected(register: Register, cast: Cast) -> None:
    first = logged(register, cast, customer=AN)
    second = logged(register, cast, customer=CustomerDraft("Chị Hao", PHONE))
    after = correct(register, second, cast.agent, "contact", {"name": "Chị Hoa", "phone": PHONE})
    with register.read() as session:
        shown = dossier.read(session, after.code, by=cast.agent, now=LATER, language="vi")
        masked = dossier.read(session, after.code, by=cast.manager, now=LATER, language="vi")
    assert shown.named_as == "Chị Hoa" and details_of(register, first)[0] == "Khách Thử"
    assert second.code not in found_by(register, cast.agent, "Hao") and second.code in found_by(
        register, cast.agent, "Hoa"
    )
    assert [(one.was, one.becomes) for one in shown.moments[-1].changes] == [("Chị Hao", "Chị Hoa")]
    assert [(one.was, one.becomes) for one in masked.moments[-1].changes] == [("C. H.", "C. H.")]
    assert verify(register).problems == []


def test_a_backup_takes_what_was_restated_along(register: Register, cast: Cast, tmp_path: Path) -> None:
    complaint = advanced(register, cast)
    correct(register, complaint, cast.lead, "recorded_at", at("2026-11-12 10:00"))
    correct(register, complaint, cast.agent, "contact", {"name": "Khách Thử", "phone": THIRD})
    with register.read() as session:
        save(session.connection(), tmp_path / "copy", register.evidence_dir, now=LATER)
    url, folder = Sqlite.url(tmp_path / "again" / "complaints.db"), tmp_path / "again" / "evidence"
    restore(url, folder, tmp_path / "copy", now=LATER)
    again = open_register(url, folder)
    with again.read() as session:
        assert [row.verdict_after for row in session.scalars(select(Restatement))] == ["missed"]
    assert verify(again, files=True).problems == []
    again.engine.dispose()


OFFICE = at("2026-11-16 09:00")
PROCEDURE = shipped.procedure("pops")
CALENDAR = PROCEDURE.calendar(shipped.calendar_days())


@settings(max_examples=40)
@given(
    seconds=st.lists(st.integers(0, 4 * 24 * 3600), min_size=6, max_size=6),
    wrong=st.integers(0, 5),
    other=st.integers(0, 4 * 24 * 3600),
)
def test_clocks_are_those_of_a_history_that_had_the_time_from_the_start(
    seconds: list[int], wrong: int, other: int
) -> None:
    """Receipt, acknowledgement, … closing at drawn times; one was typed wrong and is corrected (on its way)."""
    kinds = ("received", "acknowledged", "classified", "remedy_proposed", "remedy_refused", "result_notified")
    times = [OFFICE + timedelta(seconds=one) for one in sorted(seconds)]
    due = instant(OFFICE + timedelta(days=9))
    says = {"remedy_refused": {"kind": "solution", "due_at": due}, "classified": {"kind": "complaint"}}
    first = {"code": "KN-2026-000001", "year": 2026, "number": 1, "procedure": "pops", "procedure_version": 1,
             "category": "payment", "channel": "email"}  # fmt: skip
    right = [
        CaseEvent(n, kind, when, {"calendar": 1, **says.get(kind, {}), **(first if n == 1 else {})})  # type: ignore[typeddict-item]
        for n, (kind, when) in enumerate(zip(kinds, times, strict=True), 1)
    ]
    typed = list(right)
    typed[wrong] = right[wrong]._replace(at=OFFICE + timedelta(seconds=other))
    payload = Payload(calendar=1, of=wrong + 1, corrects="recorded_at" if wrong == 0 else "happened_at")
    payload["at"] = instant(times[wrong])
    corrected = [*typed, CaseEvent(7, "corrected", times[-1], payload)]
    after, wanted = fold(corrected), fold(right)
    assert after | {"version": 6} == wanted
    assert list(effective(corrected)) == right
    found, rows = (clocks.cycles(PROCEDURE, CALENDAR, one) for one in (effective(corrected), right))
    assert found == rows


def test_a_promise_that_was_due_all_along_restates_last_week(register: Register, cast: Cast) -> None:
    """It ran when it was corrected; the week in which it fell due was counted without it."""
    complaint = logged(register, cast)
    after = correct(register, complaint, cast.lead, "recorded_at", at("2026-11-12 10:00"), at("2026-11-16 12:00"))
    with register.read() as session:
        [row] = session.scalars(select(Restatement)).all()
    assert (row.verdict_before, row.verdict_after) == ("running", "overdue")
    assert after.next_due_at == row.due_after == at("2026-11-13 17:30")
    assert verify(register).problems == []

"""Who is told of what (D40): written with its cause, to whoever sees the complaint, never to whoever did it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.errors import Invalid
from core.register.case import complaints, forward_many
from core.register.case.complaints import PastStep
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, Notice, Person
from core.register.notices import reads
from core.register.people import absences, accounts
from core.register.people.absences import Absence
from core.register.people.accounts import Account
from core.rules.notices import NOTICES, OF_EVENT
from core.rules.steps import STEPS, State
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, advanced, draft, logged, take
from tests.register.ways import BEFORE, WAY_TO, filled

LATER = at("2026-11-17 09:00")
TOLD: dict[str, dict[str, tuple[str, ...]]] = {
    "forward": {"forwarded": ("handler",)},
    "remind": {"reminded": ("handler",)},
    "assign": {"assigned": ("agent2",)},
    "answer": {"answered": ("agent2",)},
    "return_request": {"request_returned": ("agent2",)},
    "record_reply": {"customer_replied": ("agent2",)},
    "accept": {"customer_replied": ("agent2",)},
    "refuse": {"customer_refused": ("agent2",)},
    "negotiate": {"customer_refused": ("agent2",)},
    "escalate": {"direction_asked": ("manager",)},
    "remind_direction": {"direction_asked": ("manager",)},
    "direct": {"directed": ("lead",)},
    "approve_proposal": {"directed": ("lead",)},
    "return_proposal": {"directed": ("lead",)},
    "analyse": {"approval_asked": ("manager",)},
    "approve_analysis": {"analysis_approved": ("lead",), "action_given": ("agent",)},
    "return_analysis": {"analysis_returned": ("lead",)},
    "send_evidence": {"evidence_sent": ("agent2",)},
    "notify_result": {"result_told": ("reporter",)},
    "reopen": {"reopened": ("agent2",)},
}
"""Step → kind → who is told, where the reporter logged it, the second agent holds it, and the lead does everything but
what only the board does."""


def told(register: Register, step: str, complaint_id: int) -> dict[str, tuple[str, ...]]:
    """Kind → logins of those whom the newest event of ``step`` told."""
    with register.read() as session:
        its = Event.subject == "complaint", Event.subject_id == complaint_id, Event.kind == STEPS[step].event
        newest = session.scalars(select(Event.id).where(*its).order_by(Event.id.desc()).limit(1)).one()
        found = session.execute(
            select(Notice.kind, Person.login)
            .join(Person, Person.id == Notice.person_id)
            .where(Notice.event_id == newest)
            .order_by(Notice.kind, Person.login)
        ).all()
    return {kind: tuple(login for its, login in found if its == kind) for kind, _ in found}


@pytest.mark.parametrize("step", TOLD)
def test_whom_a_step_concerns(register: Register, cast: Cast, step: str) -> None:
    with register.write() as session:
        made = complaints.log(session, draft(), Act(cast.reporter, MON))
    before = BEFORE.get(step) or next(way for state, way in WAY_TO.items() if state in STEPS[step].from_states)
    if step in ("answer", "return_request", "remind"):
        before = WAY_TO[State.investigating]
    way = dict.fromkeys((*before[:1], *(() if step == "assign" else ("assign",)), *before[1:], step))
    for n, key in enumerate(way):
        by = cast.manager if key in ("direct", "approve_proposal", "return_proposal") else cast.lead
        by = cast.manager if cast.lead.role not in STEPS[key].by else by
        fields: StepFields = {
            **filled(key, LATER + timedelta(days=2)),
            "assignee_id": cast.agent2.id,
            "addressee": "board",
        }
        take(register, key, made, by, LATER + timedelta(minutes=n), **fields)
    assert told(register, step, made.id) == TOLD[step]


def test_the_table_above_leaves_no_event_out() -> None:
    assert {STEPS[step].event for step in TOLD} == OF_EVENT
    assert {kind for kinds in TOLD.values() for kind in kinds} == {one.key for one in NOTICES.values() if one.events}


def kinds_of(register: Register, person: Person) -> list[str]:
    with register.read() as session:
        return [one.kind for one in reads.newest(session, person, limit=50)]


def test_nobody_is_told_of_what_they_did_themselves(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 3)
    take(register, "answer", complaint, cast.handler, LATER, text="Đã hoàn")
    assert kinds_of(register, cast.agent) == ["answered"]
    assert kinds_of(register, cast.handler) == ["forwarded"]


def test_where_nobody_holds_it_the_leads_are_told(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    for step in ("acknowledge", "classify"):
        take(register, step, complaint, None, LATER, **filled(step, LATER))
    take(register, "ask_customer", complaint, None, LATER, **filled("ask_customer", LATER))
    take(register, "record_reply", complaint, None, LATER, text="Đây")
    assert kinds_of(register, cast.lead) == ["customer_replied"]


def test_who_is_mentioned_is_told_only_where_they_see_the_complaint(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    take(register, "note", complaint, cast.agent, LATER, text="@lead và @handler xem giúp, cả @nobody và @agent")
    assert kinds_of(register, cast.lead) == ["mentioned"]
    assert kinds_of(register, cast.handler) == [], "it was not forwarded to them"
    assert kinds_of(register, cast.agent) == [], "they wrote it"


def test_a_customers_words_mention_nobody(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    for step in ("acknowledge", "classify", "ask_customer"):
        take(register, step, complaint, cast.agent, LATER, **filled(step, LATER))
    take(register, "record_reply", complaint, cast.agent, LATER, text="nhờ @lead giúp")
    assert kinds_of(register, cast.lead) == []


def test_what_the_register_notes_is_what_a_customer_wrote(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    take(register, "assign", complaint, cast.lead, LATER, assignee_id=cast.agent2.id)
    take(register, "note", complaint, None, LATER, text="Bổ sung, nhờ @manager")
    assert kinds_of(register, cast.agent2) == ["customer_wrote", "assigned"]
    assert kinds_of(register, cast.manager) == [], "a customer's words mention nobody"


def test_who_stands_in_is_told_too(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    take(register, "assign", complaint, cast.lead, LATER, assignee_id=cast.agent2.id)
    with register.write() as session:
        away = Absence(date(2026, 11, 16), date(2026, 11, 20), cast.agent.id)
        absences.begin(session, cast.agent2.id, away, Act(cast.lead, LATER))
    take(register, "reopen", _closed(register, complaint, cast), cast.lead, LATER + timedelta(hours=2), text="Còn lỗi")
    assert "reopened" in kinds_of(register, cast.agent) and "reopened" in kinds_of(register, cast.agent2)


def _closed(register: Register, complaint: Complaint, cast: Cast) -> Complaint:
    for step in WAY_TO[State.closed]:
        complaint = take(register, step, complaint, cast.lead, LATER, **filled(step, LATER + timedelta(days=2)))
    return complaint


def test_a_closed_account_is_told_nothing(register: Register, cast: Cast) -> None:
    with register.write() as session:
        accounts.add(session, Account("handler2", "Người Hai", "handler", "payment"), None, Act(cast.admin, MON))
        accounts.deactivate(session, cast.handler.id, Act(cast.admin, MON))
    complaint = advanced(register, cast, 3)
    assert told(register, "forward", complaint.id) == {"forwarded": ("handler2",)}


def test_many_forwards_tell_the_department_of_each(register: Register, cast: Cast) -> None:
    made = [advanced(register, cast, 2) for _ in range(3)]
    question: StepFields = {"department": "payment", "text": "Hỏi chung", "due_at": LATER + timedelta(days=2)}
    with register.write() as session:
        forward_many.forward_all(session, {one.code: one.version for one in made}, question, Act(cast.agent, LATER))
    assert kinds_of(register, cast.handler) == ["forwarded"] * 3


def test_an_undone_step_takes_its_notice_back(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 3)
    assert kinds_of(register, cast.handler) == ["forwarded"]
    take(register, "undo", complaint, cast.agent, at("2026-11-16 10:15"), text="Nhầm")
    assert kinds_of(register, cast.handler) == []


def test_what_comes_from_a_file_tells_nobody(register: Register, cast: Cast) -> None:
    past = [PastStep(step, MON, filled(step, LATER), cast.agent.id) for step in WAY_TO[State.investigating]]
    with register.write() as session:
        complaints.write_histories(session, [(draft(source="file.csv", external_ref="1"), past)], Act(None, LATER))
    with register.read() as session:
        assert session.scalars(select(Notice)).all() == []


def test_a_step_that_is_refused_tells_nobody(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 2)
    with pytest.raises(Invalid):
        take(register, "forward", complaint, cast.agent, LATER, department="payment", text="")
    with register.read() as session:
        assert session.scalars(select(Notice)).all() == []


def test_reading_and_forgetting(register: Register, cast: Cast) -> None:
    first, second = advanced(register, cast, 3), advanced(register, cast, 3)
    with register.write() as session:
        assert reads.count_new(session, cast.handler) == 2
        assert reads.new_about(session, cast.handler, f" {first.code.lower()}\0") == first.id, (
            "as an address may say it"
        )
        assert reads.new_about(session, cast.handler, "\0") is None
        assert reads.read(session, cast.handler, now=LATER, complaint_id=first.id) == 1
        assert reads.new_about(session, cast.handler, first.code) is None
        newest = reads.newest(session, cast.handler, limit=5)
        assert [(one.code, one.is_new, one.by) for one in newest] == [
            (second.code, True, cast.agent.name),
            (first.code, False, cast.agent.name),
        ]
        assert reads.read(session, cast.handler, now=LATER) == 1
        assert (reads.count_new(session, cast.handler), reads.count(session, cast.handler)) == (0, 2)
        reads.forget_old(session, now=LATER + reads.LASTS)
        assert reads.count(session, cast.handler) == 0


def test_who_does_not_see_it_any_more_has_no_notice_of_it(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 3)
    take(register, "recall", complaint, cast.agent, LATER, text="Không cần nữa")
    assert kinds_of(register, cast.handler) == [], "their question was taken back"

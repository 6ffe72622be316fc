"""Incidents (D24): opened, joined, left, ended; what is done for all is an event on each, and refusals are listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, text

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.register.case import case as cases
from core.register.case import complaints, incident, incidents
from core.register.case.batch import Result
from core.register.case.customers import CustomerDraft
from core.register.case.evidence import text_of
from core.register.case.steps.recording import ActionFields, StepFields
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Action, Complaint, Event, Incident, Request, SlaCycle
from core.register.log.verify import verify
from core.register.reads import incidents as reads
from core.rules.masking import HIDDEN
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, TO_CLOSED, logged, take
from tests.register.log.old_register import back_to

NOON, LATER = at("2026-11-16 12:00"), at("2026-11-16 14:00")
DUE = at("2026-11-18 17:30")
TITLE = "Cổng thanh toán không phản hồi"


def several(register: Register, cast: Cast, n: int = 3, *, steps: int = 2, channel: str = "hotline") -> list[str]:
    """The codes of ``n`` complaints of as many customers, each with the first ``steps`` steps of ``TO_CLOSED``."""
    codes = []
    for number in range(1, n + 1):
        customer = CustomerDraft(name=f"Khách {number}", phone=f"09123456{number:02}")
        one = logged(register, cast, customer=customer, channel=channel)
        for step, fields, when, _state in TO_CLOSED[:steps]:
            take(register, step, one, cast.agent, at(when), **fields)
        codes.append(one.code)
    return codes


def begin(register: Register, by: Actor, codes: Sequence[str], title: str = TITLE) -> str:
    """An incident opened from these complaints at ``NOON``."""
    with register.write() as session:
        code, result = incidents.begin(session, dict.fromkeys(codes), title, Act(by, NOON))
    assert code
    assert result.done == tuple(codes)
    return code


def opened(register: Register, cast: Cast, n: int = 3, steps: int = 2) -> tuple[str, list[str]]:
    """An incident, and the complaints it was opened from."""
    codes = several(register, cast, n, steps=steps)
    return begin(register, cast.agent, codes), codes


def found(register: Register, code: str) -> Complaint:
    with register.read() as session:
        return session.scalars(select(Complaint).where(Complaint.code == code)).one()


def named_in(register: Register, kind: str) -> list[str | None]:
    """The incident that each event ``kind`` names, in the order of the log."""
    with register.read() as session:
        its = select(Event).where(Event.subject == "complaint", Event.kind == kind).order_by(Event.id)
        return [cases.event_of(one).payload.get("incident") for one in session.scalars(its)]


def reasons(result: Result) -> dict[str, str]:
    return {code: str(why) for code, why in result.refused.items()}


def test_it_is_opened_joined_left_and_ended(register: Register, cast: Cast) -> None:
    codes = several(register, cast, 4)
    code = begin(register, cast.agent, codes[:2])
    assert code == "SC-2026-0001"
    with register.write() as session:
        result = incidents.join(session, code, dict.fromkeys(codes[2:]), Act(cast.agent2, LATER))
    assert result.done == tuple(codes[2:])
    with register.write() as session:
        incidents.leave(session, code, {codes[1]: None}, "Lỗi ví của khách", Act(cast.agent, LATER))
    assert [found(register, one).incident for one in codes] == [code, None, code, code]
    with register.write() as session:
        incidents.end(session, code, Act(cast.lead, LATER))
    with register.read() as session:
        row = session.scalars(select(Incident)).one()
        assert (row.category, row.opened_at, row.opened_by) == ("payment", NOON, cast.agent.id)
        assert (row.ended_at, row.ended_by) == (LATER, cast.lead.id)
        assert text_of(session, row.title_id) == TITLE
    assert named_in(register, "incident_joined") == [code] * 4
    report = verify(register)
    assert report.is_whole, report.problems
    second = begin(register, cast.agent, [codes[1]], "Sự cố khác")
    assert second == "SC-2026-0002"


def test_its_name_and_its_end_are_corrected(register: Register, cast: Cast) -> None:
    code, _codes = opened(register, cast)
    ended, later = LATER, LATER + timedelta(hours=2)
    with register.write() as session:
        incidents.end(session, code, Act(cast.agent, ended))
    act = Act(cast.lead, later)
    with register.write() as session:
        incidents.correct_name(session, code, "Ví  không phản hồi", "Nhầm hệ thống", act)
        incidents.correct_end(session, code, NOON + timedelta(minutes=30), "Đã hết từ trưa", act)
    with register.read() as session:
        row = session.scalars(select(Incident)).one()
        assert text_of(session, row.title_id) == "Ví không phản hồi"
        assert (row.ended_at, row.ended_by) == (NOON + timedelta(minutes=30), cast.agent.id)
    assert named_in(register, "noted") == [code] * 3, "names and reasons are texts of its first complaint"
    with register.write() as session:
        incidents.correct_end(session, code, None, "Khách lại báo lỗi", act)
        assert code in incident.going_on(session), "complaints may join again"
    with register.read() as session:
        brief = reads.listed(session, by=cast.agent, now=later)[0]
        assert (brief.title, brief.ended_at) == ("Ví không phản hồi", None), "it goes on, first in the list"
        seen = [reads.read(session, code, by=by, now=later) for by in (cast.agent, cast.analyst)]
    told = [[(one.who, one.was, one.becomes, one.reason) for one in whole.corrected] for whole in seen if whole]
    assert told[0] == [
        (cast.lead.name, TITLE, "Ví không phản hồi", "Nhầm hệ thống"),
        (cast.lead.name, ended, NOON + timedelta(minutes=30), "Đã hết từ trưa"),
        (cast.lead.name, NOON + timedelta(minutes=30), None, "Khách lại báo lỗi"),
    ]
    assert told[1] == [
        ("L. T.", HIDDEN, HIDDEN, HIDDEN),
        ("L. T.", ended, NOON + timedelta(minutes=30), HIDDEN),
        ("L. T.", NOON + timedelta(minutes=30), None, HIDDEN),
    ], "no text for who reads none"
    report = verify(register)
    assert report.is_whole, report.problems


NO_CORRECTION = [
    # who, what of it, becomes, reason, error, why
    ("agent", "name", "Tên khác", "Nhầm", NotAllowed, "times and names are corrected by a lead"),
    ("manager", "end", NOON + timedelta(hours=1), "Nhầm", NotAllowed, "the board corrects nothing"),
    ("lead", "name", TITLE, "Nhầm", Invalid, "it is called so"),
    ("lead", "name", "  ", "Nhầm", Invalid, "no name"),
    ("lead", "name", "Tên khác", "", Invalid, "nobody says why"),
    ("lead", "end", NOON, "Nhầm", Invalid, "not after its opening"),
    ("lead", "end", LATER, "Nhầm", Invalid, "that was said"),
    ("lead", "end", LATER + timedelta(days=1), "Nhầm", Invalid, "still to come"),
]


@pytest.mark.parametrize(
    ("who", "what", "becomes", "reason", "error", "why"), NO_CORRECTION, ids=[row[-1] for row in NO_CORRECTION]
)
def test_what_is_no_correction_changes_nothing(
    who: str,
    what: str,
    becomes: object,
    reason: str,
    error: type[Exception],
    why: str,
    sqlite_register: Register,
    sqlite_cast: Cast,
) -> None:
    code, _codes = opened(sqlite_register, sqlite_cast)
    with sqlite_register.write() as session:
        incidents.end(session, code, Act(sqlite_cast.agent, LATER))
    act = Act(getattr(sqlite_cast, who), LATER + timedelta(hours=1))
    correct: Any = incidents.correct_name if what == "name" else incidents.correct_end
    with pytest.raises(error), sqlite_register.write() as session:
        correct(session, code, becomes, reason, act)
    with sqlite_register.read() as session:
        row = session.scalars(select(Incident)).one()
        assert (text_of(session, row.title_id), row.ended_at) == (TITLE, LATER), why


def test_each_complaint_keeps_its_own_clocks(register: Register, cast: Cast) -> None:
    codes = several(register, cast)

    def clocks() -> list[tuple[object, ...]]:
        with register.read() as session:
            return [tuple(row) for row in session.execute(select(*SlaCycle.__table__.columns))]

    before = clocks()
    code = begin(register, cast.agent, codes)
    with register.write() as session:
        incidents.end(session, code, Act(cast.agent, LATER))
    assert clocks() == before


# What is refused of one complaint leaves the others be: who asks, what stands against it, why it says so.
def test_who_cannot_join_is_listed(register: Register, cast: Cast) -> None:
    code, codes = opened(register, cast, 2)
    (new,) = several(register, cast, 1)
    with register.write() as session:
        wanted = {new: None, codes[0]: None, "KN-2026-009999": None, codes[1]: 1}
        result = incidents.join(session, code, wanted, Act(cast.agent, LATER))
    assert result.done == (new,)
    assert result.overtaken == (codes[1],), "seen on version 1, which is over"
    assert isinstance(result.refused[codes[0]], Invalid)
    assert isinstance(result.refused["KN-2026-009999"], NotFound)
    assert [found(register, one).incident for one in (new, *codes)] == [code] * 3


def test_none_is_opened_where_no_complaint_can_join(register: Register, cast: Cast) -> None:
    _code, codes = opened(register, cast, 2)
    with register.write() as session:
        code, result = incidents.begin(session, dict.fromkeys(codes), "Lần nữa", Act(cast.agent, LATER))
    assert (code, result.done, set(result.refused)) == (None, (), set(codes))
    with register.read() as session:
        assert len(session.scalars(select(Incident)).all()) == 1
    report = verify(register)
    assert report.is_whole, report.problems


TITLES = [
    ("", "title", "nothing says what happened"),
    (" \n ", "title", "nor do blanks"),
    ("x" * 201, "title", "a name is short"),
    ("a\0b", "title", "no database keeps that sign"),
]


@pytest.mark.parametrize(("title", "field", "why"), TITLES)
def test_a_title_that_cannot_be(title: str, field: str, why: str, sqlite_register: Register, sqlite_cast: Cast) -> None:
    codes = several(sqlite_register, sqlite_cast, 1)
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        incidents.begin(session, dict.fromkeys(codes), title, Act(sqlite_cast.agent, NOON))
    assert set(refused.value.fields) == {field}, why


def test_what_has_ended_takes_none_and_does_nothing_more(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    code, codes = opened(register, cast)
    (new,) = several(register, cast, 1)
    act = Act(cast.agent, LATER)
    with register.write() as session:
        incidents.end(session, code, act)
    asked: list[StepFields] = [{"department": "payment", "text": "?", "due_at": DUE}]
    for wanted in (
        lambda session: incidents.join(session, code, {new: None}, act),
        lambda session: incidents.forward(session, code, dict.fromkeys(codes), asked, act),
        lambda session: incidents.end(session, code, act),
    ):
        with pytest.raises(NotAllowed, match="has ended"), register.write() as session:
            wanted(session)
    with pytest.raises(Invalid), register.write() as session:
        complaints.take(session, new, "join_incident", {"incident": code}, act)
    with register.write() as session:
        assert incidents.leave(session, code, {codes[0]: None}, "", act).done == (codes[0],), "that mends a mistake"


def test_it_is_forwarded_once_and_answered_once(register: Register, cast: Cast) -> None:
    code, codes = opened(register, cast)
    (new,) = several(register, cast, 1, steps=0)
    with register.write() as session:
        incidents.join(session, code, {new: None}, Act(cast.agent, NOON))
    asked: list[StepFields] = [
        {"department": "payment", "text": "Cổng có lỗi không?", "due_at": DUE},
        {"department": "engineering", "text": "Nhật ký nói gì?", "due_at": DUE},
    ]
    everyone = dict.fromkeys([*codes, new])
    with register.write() as session:
        result = incidents.forward(session, code, everyone, asked, Act(cast.agent, LATER))
    assert result.done == tuple(codes)
    assert list(result.refused) == [new], "nobody has classified it yet"
    with register.read() as session:
        rows = session.execute(select(Request.department, Request.asked_at, Request.due_at, Request.ended))
        assert [tuple(row) for row in rows] == [
            (department, LATER, DUE, None) for _code in codes for department in ("payment", "engineering")
        ]
    with register.write() as session:
        answered = incidents.answer(session, code, everyone, "payment", "Đã khôi phục", Act(cast.handler, LATER))
    assert answered.done == tuple(codes)
    assert set(answered.refused) == {new}
    assert named_in(register, "forwarded") == [code] * 6
    assert named_in(register, "department_answered") == [code] * 3
    with register.read() as session:
        whole = reads.read(session, code, by=cast.agent, now=LATER)
        assert whole is not None
        assert [(one.department, one.complaints, one.open, one.question, one.answer) for one in whole.asked] == [
            ("engineering", 3, 3, "Nhật ký nói gì?", ""),
            ("payment", 3, 0, "Cổng có lỗi không?", "Đã khôi phục"),
        ]
    report = verify(register)
    assert report.is_whole, report.problems


def test_a_department_answers_for_itself_alone(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    code, codes = opened(register, cast)
    asked: list[StepFields] = [{"department": "engineering", "text": "Nhật ký nói gì?", "due_at": DUE}]
    with register.write() as session:
        incidents.forward(session, code, dict.fromkeys(codes), asked, Act(cast.agent, LATER))
    with register.write() as session:
        result = incidents.answer(session, code, dict.fromkeys(codes), "engineering", "Rồi", Act(cast.handler, LATER))
    assert (result.done, set(result.refused)) == ((), set(codes))
    with pytest.raises(NotAllowed), register.write() as session:
        incidents.forward(session, code, dict.fromkeys(codes), asked, Act(cast.handler, LATER))


def test_what_was_typed_wrong_is_said_at_its_field(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    code, codes = opened(register, cast)
    asked: list[StepFields] = [{"department": "payment", "text": "", "due_at": DUE}]
    with pytest.raises(Invalid) as refused, register.write() as session:
        incidents.forward(session, code, dict.fromkeys(codes), asked, Act(cast.agent, LATER))
    assert set(refused.value.fields) == {"text"}
    assert named_in(register, "forwarded") == []


def test_the_result_is_told_in_one_act_to_each(register: Register, cast: Cast) -> None:
    code, codes = opened(register, cast)
    numbers = count(1)
    with register.write() as session:
        take_back = dict.fromkeys(codes)
        result = incidents.tell(
            session,
            code,
            take_back,
            lambda one: {"channel": "email", "text": f"Đã xong {one} ({next(numbers)})"},
            Act(cast.agent, LATER),
        )
    assert result.done == tuple(codes)
    assert {found(register, one).state for one in codes} == {"resolved"}
    with register.read() as session:
        its = select(Event).where(Event.kind == "result_notified").order_by(Event.id)
        told = [cases.event_of(one).payload for one in session.scalars(its)]
        assert [text_of(session, one["text_id"]) for one in told] == [
            f"Đã xong {one} ({n})" for n, one in enumerate(codes, 1)
        ]
    assert [one["channel"] for one in told] == ["email"] * 3
    with register.write() as session:
        again = incidents.tell(
            session, code, dict.fromkeys(codes), lambda _one: {"text": "Lần nữa"}, Act(cast.agent, LATER)
        )
    assert (again.done, set(again.refused)) == ((), set(codes)), "nobody is told twice"


def test_it_is_analysed_once(register: Register, cast: Cast) -> None:
    code, codes = opened(register, cast, steps=3)
    action: ActionFields = {
        "what": "Thêm cổng dự phòng",
        "owner_id": cast.handler.id,
        "due_on": MON.date() + timedelta(days=4),
    }
    with register.write() as session:
        result = incidents.analyse(
            session,
            code,
            dict.fromkeys(codes),
            Act(cast.agent, LATER),
            root_cause="late_reconciliation",
            whys=["Cổng quá tải"],
            actions=[action],
            text="",
        )
    assert result.done == tuple(codes)
    assert {found(register, one).analysis for one in codes} == {"waiting"}
    with register.read() as session:
        assert len(session.scalars(select(Action)).all()) == 1, "planned once, with the first complaint"
        plans = [
            text_of(session, cases.event_of(one).payload.get("text_id"))
            for one in session.scalars(select(Event).where(Event.kind == "root_cause_analysed").order_by(Event.id))
        ]
    assert plans[0] == ""
    assert all(code in plan and codes[0] in plan for plan in plans[1:])
    with register.write() as session:
        approved = incidents.decide(
            session, code, dict.fromkeys(codes), "approve_analysis", "", Act(cast.manager, LATER)
        )
    assert approved.done == tuple(codes)
    assert {found(register, one).analysis for one in codes} == {"approved"}
    report = verify(register)
    assert report.is_whole, report.problems


def test_joining_and_leaving_are_undone(register: Register, cast: Cast) -> None:
    code, codes = opened(register, cast)
    one = found(register, codes[0])
    take(register, "undo", one, cast.agent, NOON + timedelta(minutes=5))
    assert found(register, codes[0]).incident is None
    with register.write() as session:
        incidents.leave(session, code, {codes[1]: None}, "", Act(cast.agent, LATER))
    take(register, "undo", found(register, codes[1]), cast.agent, LATER)
    assert found(register, codes[1]).incident == code
    with register.read() as session:
        whole = reads.read(session, code, by=cast.lead, now=LATER)
    assert whole is not None
    assert whole.brief.title == TITLE, "the name stays, though the complaint that it came with is gone"
    assert whole.brief.complaints == 2
    report = verify(register)
    assert report.is_whole, report.problems


MAY = [
    # who, opens, joins and ends, why
    ("agent", True, "customer care"),
    ("lead", True, "customer care"),
    ("handler", False, "departments answer"),
    ("manager", False, "looks on"),
    ("analyst", False, "looks on"),
    ("reporter", False, "logs alone"),
]


@pytest.mark.parametrize(("who", "may", "why"), MAY)
def test_who_opens_joins_and_ends(who: str, may: bool, why: str, sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, act = sqlite_register, Act(getattr(sqlite_cast, who), LATER)
    code, codes = opened(register, sqlite_cast, 2)
    (new,) = several(register, sqlite_cast, 1)
    for wanted in (
        lambda session: incidents.begin(session, {new: None}, TITLE, act),
        lambda session: incidents.join(session, code, {new: None}, act),
        lambda session: incidents.leave(session, code, {codes[0]: None}, "", act),
        lambda session: incidents.end(session, code, act),
    ):
        if may:
            with register.write() as session:
                wanted(session)
        else:
            with pytest.raises(NotAllowed), register.write() as session:
                wanted(session)
            assert why


SEEN = [
    # who, complaints of three that they see, reads what is written, why
    ("agent", 3, True, "customer care sees all"),
    ("handler", 1, True, "the one it was asked about"),
    ("manager", 3, False, "looks on, without texts"),
    ("analyst", 3, False, "counts, without texts"),
]


@pytest.mark.parametrize(("who", "seen", "reads_texts", "why"), SEEN)
def test_what_each_sees_of_it(
    who: str, seen: int, reads_texts: bool, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    register, cast = sqlite_register, sqlite_cast
    code, codes = opened(register, cast)
    with register.write() as session:
        asked: list[StepFields] = [{"department": "payment", "text": "?", "due_at": DUE}]
        incidents.forward(session, code, {codes[0]: None}, asked, Act(cast.agent, LATER))
    by = getattr(cast, who)
    with register.read() as session:
        whole = reads.read(session, code, by=by, now=LATER)
        listed = reads.listed(session, by=by, now=LATER)
    assert whole is not None
    assert [one.code for one in listed] == [code]
    assert (whole.brief.complaints, len(whole.members)) == (seen, seen), why
    assert (whole.brief.title, whole.asked[0].question) == ((TITLE, "?") if reads_texts else (HIDDEN, HIDDEN))
    assert bool(whole.members[0].phone) is reads_texts


def test_who_sees_none_of_its_complaints_does_not_see_it(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    code, codes = opened(register, cast)
    with register.read() as session:
        assert reads.read(session, code, by=cast.handler, now=LATER) is None
        assert reads.listed(session, by=cast.handler, now=LATER) == []
    with register.write() as session:
        incidents.leave(session, code, dict.fromkeys(codes), "", Act(cast.agent, LATER))
    with register.read() as session:
        assert [one.complaints for one in reads.listed(session, by=cast.agent, now=LATER)] == [0], "can be ended"
        assert reads.listed(session, by=cast.analyst, now=LATER) == []


def test_its_numbers(register: Register, cast: Cast) -> None:
    """Two of one customer, one without any, one late: 4 complaints of 3 customers, 1 late."""
    customer = CustomerDraft(name="Lan", phone="0912345601")
    codes = [logged(register, cast, customer=customer).code for _n in range(2)]
    codes.append(logged(register, cast, customer=CustomerDraft()).code)
    codes.append(
        logged(register, cast, customer=CustomerDraft(phone="0912345602"), recorded_at=at("2026-11-02 09:00")).code
    )
    code = begin(register, cast.agent, codes)
    with register.read() as session:
        brief = reads.listed(session, by=cast.agent, now=NOON)[0]
    assert (brief.complaints, brief.customers, brief.late, brief.in_time, brief.open) == (4, 3, 1, 3, 4)
    with register.read() as session:
        lines = reads.lines(session, code, by=cast.agent, now=NOON, rows=range(2))
    assert [one.code for one in lines] == [codes[3], codes[0]], "what is overdue comes first"


def test_the_newest_questions_are_read(sqlite_register: Register, sqlite_cast: Cast) -> None:
    code, codes = opened(sqlite_register, sqlite_cast, 1)
    for n in range(reads.MOST_ASKED + 2):
        asked: list[StepFields] = [{"department": "payment", "text": f"Câu {n}", "due_at": DUE}]
        with sqlite_register.write() as session:
            act = Act(sqlite_cast.agent, LATER + timedelta(minutes=n))
            incidents.forward(session, code, dict.fromkeys(codes), asked, act)
    with sqlite_register.read() as session:
        whole = reads.read(session, code, by=sqlite_cast.agent, now=LATER)
    assert whole is not None
    assert [one.question for one in whole.asked] == [f"Câu {n}" for n in range(reads.MOST_ASKED + 1, 1, -1)]


ANOTHER = """
INSERT INTO incidents (id, year, number, code, category, opened_at)
SELECT 2, 2026, 2, 'SC-2026-0002', category, opened_at FROM incidents
"""
BROKEN = [
    (
        "UPDATE incidents SET category = 'login'",
        "incident 1: is not the one the log gives",
        "a row that says otherwise",
    ),
    ("DELETE FROM incidents", "belongs to incident SC-2026-0001, which is none", "a row that is gone"),
    ("UPDATE complaints SET incident = NULL", ".incident: register says None", "a complaint that forgot it"),
    (
        ANOTHER,
        "SC-2026-0002: is in the register but not in the log",
        "one that nobody opened",
    ),
]


@pytest.mark.parametrize(("statement", "says", "why"), BROKEN)
def test_verification_finds(statement: str, says: str, why: str, register: Register, cast: Cast) -> None:
    opened(register, cast, 2)
    with register.write() as session:
        session.execute(text(statement))
    assert [one for one in verify(register).problems if says in one], why


def test_most_complaints_of_one_act(sqlite_register: Register, sqlite_cast: Cast) -> None:
    code, _codes = opened(sqlite_register, sqlite_cast, 1)
    wanted = {f"KN-2025-{n:06d}": None for n in range(incidents.MOST + 1)}
    with pytest.raises(Invalid, match="500"), sqlite_register.write() as session:
        incidents.join(session, code, wanted, Act(sqlite_cast.agent, LATER))


def test_a_register_of_the_version_before_takes_incidents(register: Register, cast: Cast) -> None:
    """Migration 0018: what was there stays, and complaints join from then on."""
    codes = several(register, cast)
    with register.write() as session:
        back_to(session, "0017")
    url = register.engine.url.render_as_string(hide_password=False)
    register.engine.dispose()
    again = open_up(url, register.evidence_dir, organisation="pops", now=LATER)
    report = verify(again)
    assert report.is_whole, report.problems
    code = begin(again, cast.agent, codes)
    assert [found(again, one).incident for one in codes] == [code] * 3
    report = verify(again)
    assert report.is_whole, report.problems
    again.engine.dispose()


def test_one_act_is_all_or_nothing(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """Whatever ends the transaction takes back what was done for every complaint."""
    code, codes = opened(sqlite_register, sqlite_cast)
    act = Act(sqlite_cast.agent, LATER)

    def cut_off() -> None:
        with sqlite_register.write() as session:
            incidents.leave(session, code, dict.fromkeys(codes), "", act)
            raise Conflict("cut off")

    with pytest.raises(Conflict):
        cut_off()
    assert [found(sqlite_register, one).incident for one in codes] == [code] * 3

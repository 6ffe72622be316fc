"""Who may write what, drawn by hand: role × department × step, asked of the register itself and not of a page."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from io import BytesIO

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotAllowed
from core.register import rulebook
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, Person
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads.visible import holders_who_see
from core.rules import policy
from core.rules.catalogue import Entry
from core.rules.requests import Request
from core.rules.steps import LEAVE, MERGED_IN, OF_A_DIRECTION, STEPS, TAKEN_OUT, UNDO, State
from tests.conftest import Cast
from tests.engines import MONDAY, STAFFED, Beginning, everything
from tests.files import PNG
from tests.register.ways import (
    BEFORE,
    CUSTOMER,
    WAY_TO,
    begun_before,
    filled,
    log_survivor,
    open_incident,
    state_for,
    verify_customers,
    way_before,
)

# The complaint is with Payments wherever a department can have it.
# own: a handler of Payments, who is to do the preventive action; other: one of Engineering; reporter: who logged it,
# reporter2: who did not. What is undone is a note of the person's own, or the board's word on an analysis.
COLUMNS = ("agent", "lead", "own", "other", "manager", "analyst", "admin", "reporter", "reporter2")
DRAWN = """
acknowledge    yes   yes   -     -      -        -        -  -         -
classify       yes   yes   -     -      -        -        -  -         -
assign         yes   yes   -     -      -        -        -  -         -
forward        yes   yes   -     -      -        -        -  -         -
answer         yes   yes   yes   -      -        -        -  -         -
return_request yes   yes   yes   -      -        -        -  -         -
recall         yes   yes   -     -      -        -        -  -         -
remind         yes   yes   -     -      -        -        -  -         -
ask_customer   yes   yes   -     -      -        -        -  -         -
record_reply   yes   yes   -     -      -        -        -  -         -
chase          yes   yes   -     -      -        -        -  -         -
end_waiting    yes   yes   -     -      -        -        -  -         -
propose        yes   yes   -     -      -        -        -  -         -
accept         yes   yes   -     -      -        -        -  -         -
refuse         yes   yes   -     -      -        -        -  -         -
decide         -     yes   -     -      yes      -        -  -         -
escalate       yes   yes   -     -      -        -        -  -         -
direct         -     yes   -     -      yes      -        -  -         -
approve_proposal -   yes   -     -      yes      -        -  -         -
return_proposal -    yes   -     -      yes      -        -  -         -
remind_direction yes yes   -     -      -        -        -  -         -
recall_direction yes yes   -     -      -        -        -  -         -
tell_progress  yes   yes   -     -      -        -        -  -         -
promise        yes   yes   -     -      -        -        -  -         -
negotiate      yes   yes   -     -      -        -        -  -         -
notify_result  yes   yes   -     -      -        -        -  -         -
close          yes   yes   -     -      -        -        -  -         -
note           yes   yes   yes   -      -        -        -  yes       -
add_evidence   yes   yes   yes   -      -        -        -  yes       -
details        yes   yes   yes   -      -        -        -  -         -
add_issue      yes   yes   -     -      -        -        -  -         -
remove_issue   yes   yes   -     -      -        -        -  -         -
verify_customer yes  yes   -     -      -        -        -  -         -
admit          -     yes   -     -      -        -        -  -         -
issue_paper    yes   yes   -     -      -        -        -  -         -
explain_miss   yes   yes   -     -      -        -        -  -         -
correct        yes   yes   -     -      -        -        -  -         -
join_incident  yes   yes   -     -      -        -        -  -         -
leave_incident yes   yes   -     -      -        -        -  -         -
analyse        yes   yes   yes   -      -        -        -  -         -
approve_analysis -   -     -     -      yes      -        -  -         -
return_analysis -    -     -     -      yes      -        -  -         -
action_done    yes   yes   yes   -      -        -        -  -         -
send_evidence  yes   yes   yes   -      -        -        -  -         -
verify_evidence yes  yes   -     -      -        -        -  -         -
check_effect   yes   yes   -     -      yes      -        -  -         -
reopen         yes   yes   -     -      -        -        -  -         -
withdraw       yes   yes   -     -      -        -        -  -         -
merge          yes   yes   -     -      -        -        -  -         -
unmerge        -     yes   -     -      -        -        -  -         -
undo           yes   yes   yes   -      yes      -        -  yes       -
"""
GRID = {line.split()[0]: dict(zip(COLUMNS, line.split()[1:], strict=True)) for line in DRAWN.strip().splitlines()}
CELLS = [(step, who, cell) for step, row in GRID.items() for who, cell in row.items()]


def with_two_more(register: Register) -> None:
    """A handler of another department, and somebody who reports and did not log the complaint."""
    others = (
        Account("handler2", "Handler2 Thử", "handler", "engineering"),
        Account("reporter2", "Reporter2", "reporter"),
    )
    with register.write() as session:
        for other in others:
            accounts.add(session, other, None, Act(None, MONDAY))


ALL_COLUMNS = Beginning("a person per column", with_two_more, STAFFED)


@cache
def before(step: str) -> Beginning:
    """A complaint on which ``step`` is possible, the newest of the register."""
    return Beginning(f"before {step}", lambda register: complaint_for(register, step, MONDAY), ALL_COLUMNS)


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> Beginning:
    """With the complaint where each person of the grid tries the same step on one."""
    if "stage" not in request.fixturenames:
        return ALL_COLUMNS
    stage: str = request.getfixturevalue("stage")
    return before(stage)


@pytest.fixture
def people(sqlite_register: Register, sqlite_cast: Cast) -> dict[str, Person]:
    """Column of the grid → the person in it."""
    with sqlite_register.read() as session:
        other, reporter2 = accounts.find(session, "handler2"), accounts.find(session, "reporter2")
    named = {who: getattr(sqlite_cast, who) for who in COLUMNS if hasattr(sqlite_cast, who)}
    return {**named, "own": sqlite_cast.handler, "other": other, "reporter2": reporter2}


def complaint_for(register: Register, step: str, now: datetime) -> str:
    """A complaint with Payments, logged by the reporter, in a state in which ``step`` is possible; its code."""
    by_departments = "handler" in STEPS[step].by and step not in BEFORE
    way = list(WAY_TO[State.investigating] if by_departments else way_before(step))
    if "classify" in way and "forward" not in way:
        way[2:2] = ["forward", "answer"]
    then = begun_before(step, now)
    with register.write() as session:
        draft = Draft("email", then, "Lỗi", "payment", customer=CUSTOMER)
        by = accounts.find(session, "reporter")
        own = accounts.find(session, "handler").id
        open_incident(session, now)
        log_survivor(session, now)
        verify_customers(session)
        steps = [PastStep(key, then, owned(filled(key, now + timedelta(days=1)), own)) for key in way]
        [case] = complaints.write_histories(session, [(draft, steps)], Act(by, now))
    return case.row["code"]


def owned(fields: StepFields, owner_id: int) -> StepFields:
    """The fields with every planned action given to that person."""
    fields["actions"] = [{**action, "owner_id": owner_id} for action in fields["actions"]]
    return fields


def fields_of(step: str, person: Person, now: datetime) -> StepFields:
    """Everything the step asks for; assigned to the person's own, files where they are needed."""
    wanted = filled(step, now + timedelta(days=1))
    wanted["assignee_id"] = person.id
    if step == "add_evidence":
        wanted["files"] = (FileDraft("ảnh.png", BytesIO(PNG)),)
    return wanted


@pytest.fixture
def stage(step: str, who: str) -> str:
    """The step before which the complaint is; a manager undoes the board's word on an analysis."""
    return "approve_analysis" if (step, who) == (UNDO, "manager") else step


@pytest.mark.parametrize(("step", "who", "cell"), CELLS)
def test_a_step_is_written_by_whom_the_grid_says(
    step: str, who: str, cell: str, stage: str, sqlite_register: Register, people: dict[str, Person], now: datetime
) -> None:
    with sqlite_register.read() as session:
        code = session.scalars(select(Complaint.code).order_by(Complaint.id.desc())).first() or ""
    person = people[who]
    wanted = fields_of(step, person, now)
    if step == UNDO and cell == "yes":
        with sqlite_register.write() as session:
            mistaken = "note" if stage == UNDO else stage
            complaints.take(session, code, mistaken, {"text": "Ghi nhầm"}, Act(person, now))
    if cell == "-":
        with pytest.raises(NotAllowed), sqlite_register.write() as session:
            complaints.take(session, code, step, wanted, Act(person, now))
        assert last_event(sqlite_register) != (STEPS[step].event, person.id), "nothing is logged"
    else:
        with sqlite_register.write() as session:
            complaints.take(session, code, step, wanted, Act(person, now))
        assert last_event(sqlite_register) == (STEPS[step].event, person.id)


@pytest.mark.parametrize(("who", "corrects"), [("agent", False), ("lead", True)])
def test_only_a_lead_gives_a_miss_another_reason(
    who: str, corrects: bool, sqlite_register: Register, people: dict[str, Person], now: datetime
) -> None:
    code = complaint_for(sqlite_register, "explain_miss", now)
    first: StepFields = {"explains": "acknowledge.1", "breach_reason": "overload"}
    second: StepFields = {"explains": "acknowledge.1", "breach_reason": "third_party"}
    with sqlite_register.write() as session:
        complaints.take(session, code, "explain_miss", first, Act(people["agent"], now))
    if corrects:
        with sqlite_register.write() as session:
            taken = complaints.take(session, code, "explain_miss", second, Act(people[who], now))
        assert taken.breach_reason == "third_party"
    else:
        with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
            complaints.take(session, code, "explain_miss", second, Act(people[who], now))
        assert "a lead can correct it" in refused.value.fields["explains"]


def last_event(register: Register) -> tuple[str, int | None]:
    """Kind and actor of the newest event of a complaint on which a step was taken."""
    with register.read() as session:
        newest = session.scalar(select(func.max(Event.id)).where(Event.kind.not_in((MERGED_IN, TAKEN_OUT))))
        event = session.get_one(Event, newest)
        return event.kind, event.actor_id


def test_the_grid_has_every_step() -> None:
    assert set(GRID) == set(STEPS)


# To whom a complaint may be given, by what it belongs to: whoever would not see it is refused, and not offered.
#                hanoi danang everywhere own other
GIVEN = """
no_branch        yes   yes    yes        -   -
hanoi            yes   -      yes        -   -
with_payment     yes   yes    yes        yes -
hanoi_payment    yes   -      yes        yes -
"""
COLLEAGUES = ("hanoi", "danang", "everywhere", "own", "other")


@pytest.mark.parametrize("drawn", [line.split() for line in GIVEN.strip().splitlines()], ids=lambda row: row[0])
def test_a_case_is_given_to_who_sees_it(
    sqlite_register: Register, people: dict[str, Person], now: datetime, drawn: list[str]
) -> None:
    case, *marks = drawn
    act = Act(None, now)
    with sqlite_register.write() as session:
        branches = (Entry("hanoi", "Hà Nội", "Ha Noi"), Entry("danang", "Đà Nẵng", "Da Nang"))
        rulebook.add_catalogue(session, "branches", branches, act)
        agents = [accounts.add(session, Account(one, one, "agent", branch=one), None, act) for one in COLLEAGUES[:2]]
    named = dict(zip(COLLEAGUES, (*agents, people["agent"], people["own"], people["other"]), strict=True))
    with sqlite_register.write() as session:
        draft = Draft("email", now, "Lỗi", "payment", branch="hanoi" if "hanoi" in case else None)
        way = WAY_TO[State.investigating] if "payment" in case else ()
        steps = [PastStep(key, now, filled(key, now + timedelta(days=1))) for key in way]
        [built] = complaints.write_histories(session, [(draft, steps)], act)
    code, wanted = built.row["code"], {one for one, mark in zip(COLLEAGUES, marks, strict=True) if mark == "yes"}
    with sqlite_register.read() as session:
        offered = {person.id for person in holders_who_see(session, [code])}
    assert {one for one in COLLEAGUES if named[one].id in offered} == wanted
    for one in COLLEAGUES:
        act = Act(people["lead"], now)
        if one in wanted:
            with sqlite_register.write() as session:
                taken = complaints.take(session, code, "assign", {"assignee_id": named[one].id}, act)
            assert taken.assignee_id == named[one].id
            continue
        with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
            complaints.take(session, code, "assign", {"assignee_id": named[one].id}, act)
        assert "would not see" in refused.value.fields["assignee_id"], one


def test_a_department_without_its_name_writes_nowhere(
    sqlite_register: Register, people: dict[str, Person], now: datetime
) -> None:
    """A complaint that was never forwarded has no department, and neither has this account: that is no match."""
    code = complaint_for(sqlite_register, "acknowledge", now)
    with sqlite_register.write() as session:
        session.get_one(Person, people["own"].id).department = None
    with pytest.raises(NotAllowed, match="not with your department"), sqlite_register.write() as session:
        complaints.take(session, code, "note", {"text": "?"}, Act(people["own"], now))


@pytest.mark.parametrize(("step", "state"), [(s, n) for s in ("note", "add_evidence") for n in ("closed", "withdrawn")])
def test_who_logged_it_adds_nothing_once_it_is_closed(
    step: str, state: str, sqlite_register: Register, people: dict[str, Person], now: datetime
) -> None:
    steps = [PastStep(key, now, filled(key, now + timedelta(days=1))) for key in WAY_TO[State(state)]]
    act = Act(people["reporter"], now)
    with sqlite_register.write() as session:
        [case] = complaints.write_histories(session, [(Draft("email", now, "Lỗi", "payment"), steps)], act)
    with pytest.raises(NotAllowed, match="closed"), sqlite_register.write() as session:
        complaints.take(session, case.row["code"], step, fields_of(step, people["reporter"], now), act)


def test_a_closed_account_writes_nothing(sqlite_register: Register, people: dict[str, Person], now: datetime) -> None:
    code = complaint_for(sqlite_register, "note", now)
    with sqlite_register.write() as session:
        session.get_one(Person, people["lead"].id).active = False
    with pytest.raises(NotAllowed, match="closed"), sqlite_register.write() as session:
        complaints.take(session, code, "note", {"text": "?"}, Act(people["lead"], now))


def test_the_role_that_counts_is_the_one_the_register_knows_now(
    sqlite_register: Register, people: dict[str, Person], now: datetime
) -> None:
    """The page was opened as a lead; meanwhile the administrator made an analyst of them."""
    code = complaint_for(sqlite_register, "note", now)
    stale = people["lead"]
    with sqlite_register.write() as session:
        session.get_one(Person, stale.id).role = "analyst"
    assert stale.role == "lead"
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        complaints.take(session, code, "note", {"text": "?"}, Act(stale, now))


@pytest.mark.parametrize(("step", "who", "cell"), [cell for cell in CELLS if cell[0] != UNDO])
def test_what_is_offered_is_what_may_be_written(step: str, who: str, cell: str, people: dict[str, Person]) -> None:
    state = State.investigating if "handler" in STEPS[step].by else state_for(step)
    columns = {
        "state": state.value,
        "kind": "complaint",
        "requests": (Request(1, "payment", MONDAY, MONDAY),),
        "branch": None,
        "logged_by_id": people["reporter"].id,
        "incident": 1 if step == LEAVE else None,
        "direction": "waiting" if STEPS[step].direction in OF_A_DIRECTION else None,
        "direction_from": "superior",
        "direction_by_id": None,
    }
    assert (step in policy.steps_for(people[who], columns, everything())) is (cell != "-")

"""Directions of a superior or the board (MISA 2 and 3, Minh Tuấn 3, Đại Hữu 3): asked for, given, and told after."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.errors import Invalid, NotAllowed
from core.insight import facts
from core.register.case import case as cases
from core.register.case import complaints
from core.register.clocks import readings
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads import dossier, queue
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import draft, logged, take
from tests.register.log.old_register import back_to

NINE, ASKED, GIVEN, DUE = (at(f"2026-11-16 {hour}") for hour in ("09:10", "10:00", "11:00", "15:00"))
QUESTION = "Khách đòi hoàn cả năm. Đề xuất hoàn nửa năm."


def begun(register: Register, cast: Cast, procedure: str) -> Complaint:
    """A complaint that was acknowledged and classified."""
    one = logged(register, cast, procedure=procedure)
    one = take(register, "acknowledge", one, cast.agent, NINE)
    level = "normal" if procedure == "misa" else None
    return take(register, "classify", one, cast.agent, NINE, kind="complaint", level=level)


def escalated(register: Register, cast: Cast, procedure: str, whom: str, by: Actor | None = None) -> Complaint:
    one = begun(register, cast, procedure)
    asker = by or cast.agent
    return take(register, "escalate", one, asker, ASKED, addressee=whom, text=QUESTION, due_at=DUE)


def columns(one: Complaint) -> tuple[object, ...]:
    return one.direction, one.direction_from, one.direction_by_id, one.direction_due_at, one.direction_reminded


NOTHING = (None, None, None, None, 0)


def in_segment(register: Register, by: Actor, segment: str, now: datetime = GIVEN) -> int:
    with register.read() as session:
        found = len(queue.page(session, segment, by=by, now=now))
        assert queue.counts(session, by=by, now=now)[segment] == found
    return found


def test_it_goes_to_whom_it_is_asked_and_comes_back_to_who_asked(register: Register, cast: Cast) -> None:
    """Asked by one agent, held by another: both find it among their own once it is there, until somebody goes on."""
    one = escalated(register, cast, "minh-tuan", "superior")
    one = take(register, "assign", one, cast.lead, ASKED, assignee_id=cast.agent2.id)
    assert columns(one) == ("waiting", "superior", cast.agent.id, DUE, 0)
    asked = {who: in_segment(register, getattr(cast, who), "to_direct") for who in ("agent", "lead", "manager")}
    assert asked == {"agent": 0, "lead": 1, "manager": 1}
    assert (in_segment(register, cast.agent, "mine"), in_segment(register, cast.agent2, "mine")) == (0, 1)
    one = take(register, "remind_direction", one, cast.agent, at("2026-11-16 10:30"))
    assert one.direction_reminded == 1
    one = take(register, "direct", one, cast.lead, GIVEN, text="Hoàn ba tháng")
    assert columns(one) == ("directed", "superior", cast.agent.id, None, 0)
    assert one.assignee_id == cast.agent2.id, "a direction takes over no case"
    assert (in_segment(register, cast.agent, "mine"), in_segment(register, cast.lead, "to_direct")) == (1, 0)
    one = take(register, "note", one, cast.agent2, GIVEN, text="Đã đọc")
    assert in_segment(register, cast.agent, "mine") == 1, "a note is not what was directed"
    one = take(register, "ask_customer", one, cast.agent2, GIVEN, text="Ba tháng được không?", chase_on=GIVEN.date())
    assert columns(one) == NOTHING
    assert in_segment(register, cast.agent, "mine") == 0
    assert verify(register).problems == []


def test_no_clock_hears_of_it(register: Register, cast: Cast) -> None:
    one = begun(register, cast, "misa")

    def clocks() -> list[tuple[object, ...]]:
        with register.read() as session:
            case = cases.load(session, one.code)
            read = readings.read(session, case.row, case.events, now=DUE, language="vi")
        return [(clock.term, clock.due_at, clock.verdict) for clock in read]

    before = clocks()
    take(register, "escalate", one, cast.agent, ASKED, addressee="board", text=QUESTION, due_at=DUE)
    take(register, "approve_proposal", one, cast.manager, GIVEN)
    assert clocks() == before
    assert facts.load(register).cycles.height == facts.current(register).cycles.height


# who asked, of whom, who answers, may they, why
ANSWERS = [
    ("agent", "superior", "lead", True, "a lead is an agent's superior"),
    ("agent", "superior", "manager", True, "and so is the board"),
    ("agent", "superior", "agent2", False, "a colleague is none"),
    ("agent", "board", "lead", False, "nobody speaks for the board"),
    ("agent", "board", "manager", True, "the board itself"),
    ("lead", "superior", "lead", False, "nobody answers what they asked themselves"),
    ("lead", "superior", "manager", True, "who stands above the lead"),
    ("agent", "board", "admin", False, "an administrator keeps the register and decides nothing"),
]


@pytest.mark.parametrize(("asker", "whom", "who", "may", "why"), ANSWERS)
def test_who_gives_a_direction(
    asker: str, whom: str, who: str, may: bool, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    register, cast = sqlite_register, sqlite_cast
    one = escalated(register, cast, "pops", whom, getattr(cast, asker))
    for step in ("direct", "approve_proposal", "return_proposal"):
        if may:
            after = take(register, step, one, getattr(cast, who), GIVEN, text="Được")
            assert after.direction in ("directed", "approved", "returned"), why
            take(register, "undo", after, getattr(cast, who), GIVEN)
        else:
            with pytest.raises(NotAllowed):
                take(register, step, one, getattr(cast, who), GIVEN, text="Được")


OFFERED = [
    ("misa", ("board",), "MISA 2: Ban Tổng Giám đốc"),
    ("minh-tuan", ("superior",), "Minh Tuấn 3: đề xuất cấp trên"),
    ("dai-huu", ("superior",), "Đại Hữu 3: the same"),
    ("pops", ("superior", "board"), "its source is silent"),
    ("vhv", ("superior", "board"), "its source is silent"),
]


@pytest.mark.parametrize(("procedure", "whom", "why"), OFFERED)
def test_whom_a_procedure_asks(
    procedure: str, whom: tuple[str, ...], why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    one = begun(sqlite_register, sqlite_cast, procedure)
    for addressee in ("superior", "board"):
        fields = {"addressee": addressee, "text": QUESTION, "due_at": DUE}
        if addressee in whom:
            one = take(sqlite_register, "escalate", one, sqlite_cast.agent, ASKED, **fields)  # type: ignore[arg-type]
            one = take(sqlite_register, "undo", one, sqlite_cast.agent, ASKED)
        else:
            with pytest.raises(Invalid) as refused:
                take(sqlite_register, "escalate", one, sqlite_cast.agent, ASKED, **fields)  # type: ignore[arg-type]
            assert set(refused.value.fields) == {"addressee"}, why


def test_one_is_awaited_at_a_time_and_can_be_taken_back(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    one = escalated(register, cast, "pops", "superior")
    with pytest.raises(NotAllowed, match="awaited already"):
        take(register, "escalate", one, cast.agent, GIVEN, addressee="board", text="?", due_at=DUE)
    with pytest.raises(Invalid):
        take(register, "recall_direction", one, cast.agent, GIVEN, text="")
    one = take(register, "recall_direction", one, cast.agent, GIVEN, text="Phòng ban đã xử lý được")
    assert columns(one) == NOTHING
    for step, by in (("direct", cast.lead), ("remind_direction", cast.agent), ("recall_direction", cast.agent)):
        with pytest.raises(Invalid, match="mend"):
            take(register, step, one, by, GIVEN, text="Muộn rồi")


MISTAKES = [
    ("text", {"text": ""}, "nothing is asked"),
    ("due_at", {"due_at": at("2026-11-16 09:59")}, "over already"),
    ("due_at", {"due_at": None}, "no time"),
    ("addressee", {"addressee": "director"}, "nobody knows that one"),
]


@pytest.mark.parametrize(("field", "wrong", "why"), MISTAKES)
def test_what_a_request_says(
    field: str, wrong: dict[str, object], why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    one = begun(sqlite_register, sqlite_cast, "pops")
    fields = {"addressee": "board", "text": QUESTION, "due_at": DUE} | wrong
    with pytest.raises(Invalid) as refused:
        take(sqlite_register, "escalate", one, sqlite_cast.agent, ASKED, **fields)  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}, why


def test_nothing_is_directed_before_it_was_asked(sqlite_register: Register, sqlite_cast: Cast) -> None:
    one = escalated(sqlite_register, sqlite_cast, "pops", "superior")
    with pytest.raises(Invalid) as refused:
        take(sqlite_register, "direct", one, sqlite_cast.lead, GIVEN, happened_at=NINE, text="Hoàn")
    assert set(refused.value.fields) == {"happened_at"}


# what became of the requests by the board, is the result told, why
AFTER_DIRECTION = [
    ("", True, "never escalated"),
    ("escalate", False, "awaited"),
    ("escalate direct", True, "the board directed"),
    ("escalate approve_proposal", True, "the board agreed"),
    ("escalate return_proposal", False, "the board did not agree"),
    ("escalate return_proposal escalate approve_proposal", True, "agreed to the second proposal"),
    ("escalate return_proposal escalate recall_direction", False, "taking the second back agrees to nothing"),
    ("escalate recall_direction", True, "the departments solved it after all"),
]


@pytest.mark.parametrize(("way", "is_told", "why"), AFTER_DIRECTION)
def test_misa_tells_the_result_after_the_direction(
    way: str, is_told: bool, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    register, cast = sqlite_register, sqlite_cast
    one = begun(register, cast, "misa")
    for step in way.split():
        by = cast.agent if step in ("escalate", "recall_direction") else cast.manager
        one = take(register, step, one, by, ASKED, addressee="board", text=QUESTION, due_at=DUE)
    if is_told:
        assert take(register, "notify_result", one, cast.agent, GIVEN, text="Hoàn").state == "resolved", why
    else:
        with pytest.raises(NotAllowed, match="once the direction"):
            take(register, "notify_result", one, cast.agent, GIVEN, text="Hoàn")


@pytest.mark.parametrize("step", ["notify_result", "withdraw"])
def test_elsewhere_an_end_releases_who_was_asked(step: str, sqlite_register: Register, sqlite_cast: Cast) -> None:
    one = escalated(sqlite_register, sqlite_cast, "pops", "superior")
    one = take(sqlite_register, step, one, sqlite_cast.agent, GIVEN, text="Xong")
    assert columns(one) == NOTHING
    one = take(sqlite_register, "undo", one, sqlite_cast.agent, GIVEN)
    assert columns(one) == ("waiting", "superior", sqlite_cast.agent.id, DUE, 0), "undone, it is awaited again (D22)"
    assert verify(sqlite_register).problems == []


def test_who_asks_first_holds_the_case_and_who_directs_does_not(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """D23: asking is work on the case; the board's word is not."""
    register, cast = sqlite_register, sqlite_cast
    one = logged(register, cast, procedure="pops")
    one = take(register, "acknowledge", one, None, NINE)
    assert one.assignee_id is None
    other = take(register, "escalate", one, cast.agent2, ASKED, addressee="superior", text=QUESTION, due_at=DUE)
    assert other.assignee_id == cast.agent2.id
    two = logged(register, cast, procedure="pops", statement="Khác")
    two = take(register, "acknowledge", two, None, NINE)
    two = take(register, "escalate", two, None, ASKED, addressee="superior", text=QUESTION, due_at=DUE)
    assert take(register, "direct", two, cast.lead, GIVEN, text="Hoàn").assignee_id is None


READS = [
    ("manager", True, "whoever may be asked reads what is asked, though no other text"),
    ("lead", True, "sees everything"),
    ("handler", True, "works with customers"),
    ("analyst", False, "looks on"),
    ("admin", False, "looks on"),
    ("reporter", False, "follows what they logged"),
]


@pytest.mark.parametrize(("role", "reads", "why"), READS)
def test_who_reads_what_is_asked(
    role: str, reads: bool, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    register, cast = sqlite_register, sqlite_cast
    with register.write() as session:
        boss = accounts.add(session, Account("boss", "Sếp Thử", "manager"), None, Act(None, NINE))
    with register.write() as session:
        one = complaints.log(session, draft(), Act(cast.reporter, NINE))
    one = take(register, "acknowledge", one, cast.agent, NINE)
    one = take(register, "classify", one, cast.agent, NINE, kind="complaint")
    one = take(register, "forward", one, cast.agent, NINE, department="payment", text="Kiểm tra", due_at=DUE)
    one = take(register, "escalate", one, cast.agent, ASKED, addressee="board", text=QUESTION, due_at=DUE)
    with register.read() as session:
        seen = dossier.read(session, one.code, by=getattr(cast, role), now=GIVEN, language="vi")
    assert seen.direction is not None
    assert (seen.direction.question == QUESTION) is reads, why
    assert (seen.moments[-1].text == QUESTION) is reads, why
    assert seen.direction.is_own is (role == "manager")
    take(register, "direct", one, boss, GIVEN, text="Hoàn ba tháng")
    with register.read() as session:
        given = dossier.read(session, one.code, by=getattr(cast, role), now=GIVEN, language="vi")
    assert given.direction is None
    assert (given.moments[-1].text == "Hoàn ba tháng") is reads, why


def test_a_register_of_the_version_before_knows_of_none(register: Register, cast: Cast) -> None:
    one = begun(register, cast, "misa")
    with register.write() as session:
        back_to(session, "0019")
    migrated = open_up(register.url, register.evidence_dir, now=at("2026-12-15 09:00"))
    try:
        with migrated.read() as session:
            assert columns(session.get_one(Complaint, one.id)) == NOTHING
        asked = {"addressee": "board", "text": QUESTION, "due_at": DUE}
        one = take(migrated, "escalate", one, cast.agent, ASKED, **asked)  # type: ignore[arg-type] # of the fields
        assert columns(one) == ("waiting", "board", cast.agent.id, DUE, 0)
        assert verify(migrated).problems == []
    finally:
        migrated.engine.dispose()

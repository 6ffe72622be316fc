"""The weekly review: written down by leads and managers, decisions carried over, its figures frozen when it closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.tables import Decision, Meeting, MeetingText
from core.register.log.verify import verify
from core.register.meetings import decisions, minutes
from core.register.people import accounts
from core.register.reads import meetings
from core.register.reads.meetings import Whole
from core.rules.meetings import Ending
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.log.old_register import back_to

TODAY = date(2026, 11, 16)  # the local day of MONDAY
WEEK, NEXT = date(2026, 11, 9), date(2026, 11, 16)
DAY = timedelta(days=1)


@pytest.fixture
def lead(cast: Cast) -> Act:
    return Act(cast.lead, MONDAY)


def read(register: Register, week: date = WEEK) -> Whole:
    with register.read() as session:
        found = meetings.whole(session, week)
    assert found is not None
    return found


def held(register: Register, act: Act, week: date = WEEK) -> int:
    with register.write() as session:
        return minutes.begin(session, week, act)


def test_a_meeting_is_written_down_closed_and_its_figures_stay(register: Register, cast: Cast, lead: Act) -> None:
    id = held(register, lead)
    assert held(register, Act(cast.manager, MONDAY)) == id, "one meeting a week, whoever opens it"
    with register.write() as session:
        minutes.note(session, id, "present", " Lan, Minh \n", lead, seen=0)
        minutes.note(session, id, "misses", "Ba hồ sơ chờ đối tác", lead, seen=0)
    first = read(register).notes["misses"]
    with register.write() as session:
        minutes.note(session, id, "misses", "Bốn hồ sơ chờ đối tác", Act(cast.manager, MONDAY), seen=first.seq)
        decided = decisions.decide(session, id, "Gọi cổng thanh toán", cast.agent.id, TODAY + DAY, lead)
        minutes.close(session, id, '{"week": 46}', lead)
    found = read(register)
    assert {item: note.text for item, note in found.notes.items()} == {
        "present": "Lan, Minh",
        "misses": "Bốn hồ sơ chờ đối tác",
    }
    assert found.notes["misses"].by == cast.manager.name
    assert (found.figures, found.closed_by, found.closed_at) == ('{"week": 46}', cast.lead.name, MONDAY)
    assert [(one.id, one.text, one.owner, one.due_on) for one in found.decided] == [
        (decided, "Gọi cổng thanh toán", cast.agent.name, TODAY + DAY)
    ]
    assert verify(register).is_whole


def test_an_open_decision_is_carried_over_until_it_ends(register: Register, cast: Cast, lead: Act) -> None:
    id = held(register, lead)
    with register.write() as session:
        done = decisions.decide(session, id, "Gọi cổng thanh toán", cast.agent.id, TODAY, lead)
        open_ = decisions.decide(session, id, "Sửa câu trả lời mẫu", cast.lead.id, TODAY + DAY, lead)
        wrong = decisions.decide(session, id, "Nhầm", cast.lead.id, TODAY + DAY, lead)
        decisions.take_back(session, wrong, lead)
        minutes.close(session, id, "{}", lead)
        decisions.end(session, done, Ending.DONE, "đã gọi, có biên bản", Act(cast.agent, MONDAY))
    later = Act(cast.lead, MONDAY + 7 * DAY)
    held(register, later, NEXT)
    assert [one.id for one in read(register, NEXT).carried] == [open_], "what ended before it began is told by its own"
    assert [(one.id, one.ending, one.result) for one in read(register).decided] == [
        (done, "done", "đã gọi, có biên bản"),
        (open_, None, ""),
    ]
    with register.write() as session:
        decisions.end(session, open_, Ending.DROPPED, "không cần nữa", later)
    assert [(one.id, one.ending) for one in read(register, NEXT).carried] == [(open_, "dropped")]
    with register.read() as session:
        assert meetings.undone(session) == []
        assert [(one.week, one.decisions, one.open) for one in meetings.listed(session)] == [(NEXT, 0, 0), (WEEK, 2, 0)]
    assert verify(register).is_whole


def test_what_is_late_is_said_to_its_owner(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.manager, MONDAY)
    id = held(sqlite_register, act)
    with sqlite_register.write() as session:
        decisions.decide(session, id, "Hôm nay", sqlite_cast.agent.id, TODAY, act)
        decisions.decide(session, id, "Của người khác", sqlite_cast.lead.id, TODAY, act)
    with sqlite_register.read() as session:
        (mine,) = meetings.undone(session, of=sqlite_cast.agent.id)
    assert (mine.text, mine.is_late(TODAY), mine.is_late(TODAY + DAY)) == ("Hôm nay", False, True)


Doing = Callable[[Session, int, int, Act], object]
ACTS: list[tuple[str, Doing]] = [
    ("begin", lambda session, _id, _decision, act: minutes.begin(session, NEXT, act)),
    ("note", lambda session, id, _decision, act: minutes.note(session, id, "other", "a", act, seen=0)),
    ("decide", lambda session, id, _decision, act: decisions.decide(session, id, "a", 1, TODAY, act)),
    ("take back", lambda session, _id, decision, act: decisions.take_back(session, decision, act)),
    ("end", lambda session, _id, decision, act: decisions.end(session, decision, Ending.DONE, "", act)),
    ("close", lambda session, id, _decision, act: minutes.close(session, id, "{}", act)),
]


@pytest.mark.parametrize("role", ["reporter", "agent", "handler", "analyst", "admin"])
@pytest.mark.parametrize(("what", "do"), ACTS, ids=[what for what, _do in ACTS])
def test_who_holds_no_meetings_writes_nothing(
    sqlite_register: Register, sqlite_cast: Cast, role: str, what: str, do: Doing
) -> None:
    by = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, by)
    with sqlite_register.write() as session:
        decision = decisions.decide(session, id, "Việc", sqlite_cast.lead.id, TODAY, by)
    before = read(sqlite_register)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        do(session, id, decision, Act(getattr(sqlite_cast, role), MONDAY))
    assert read(sqlite_register) == before, what


def test_two_who_write_the_same_note_lose_nothing(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, act)
    with sqlite_register.write() as session:
        minutes.note(session, id, "other", "của tôi", act, seen=0)
    with pytest.raises(Conflict), sqlite_register.write() as session:
        minutes.note(session, id, "other", "của người khác", act, seen=0)
    assert read(sqlite_register).notes["other"].text == "của tôi"


def closed(register: Register, act: Act) -> int:
    id = held(register, act)
    with register.write() as session:
        minutes.close(session, id, "{}", act)
    return id


def test_a_closed_meeting_takes_only_what_is_added_later(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = closed(sqlite_register, act)
    for do in (
        lambda session: minutes.note(session, id, "other", "a", act, seen=0),
        lambda session: decisions.decide(session, id, "a", sqlite_cast.lead.id, TODAY, act),
        lambda session: minutes.close(session, id, "{}", act),
    ):
        with pytest.raises(NotAllowed), sqlite_register.write() as session:
            do(session)
    with sqlite_register.write() as session:
        minutes.note(session, id, "later", "Số liệu đã đính chính", act, seen=0)
    assert read(sqlite_register).notes["later"].text == "Số liệu đã đính chính"


def test_nothing_is_added_later_while_it_is_open(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, act)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        minutes.note(session, id, "later", "a", act, seen=0)


def test_a_week_that_runs_is_not_frozen(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, act, NEXT)
    with pytest.raises(Invalid), sqlite_register.write() as session:
        minutes.close(session, id, "{}", act)


WEEKS = [
    (date(2026, 11, 10), "a Tuesday begins no week"),
    (date(2026, 11, 23), "a week that has not begun"),
]


@pytest.mark.parametrize(("week", "why"), WEEKS, ids=[why for _week, why in WEEKS])
def test_which_weeks_have_no_meeting(sqlite_register: Register, sqlite_cast: Cast, week: date, why: str) -> None:
    with pytest.raises(Invalid), sqlite_register.write() as session:
        minutes.begin(session, week, Act(sqlite_cast.lead, MONDAY))
    with sqlite_register.read() as session:
        assert meetings.whole(session, week) is None, why


WRONG = [
    # words, is there an owner, due in days, fields, why
    (" ", True, 1, {"text"}, "nothing said"),
    ("a" * 501, True, 1, {"text"}, "too long"),
    ("a\x00b", True, 1, {"text"}, "a sign that no database keeps"),
    ("Gọi", False, 1, {"owner"}, "nobody does it"),
    ("Gọi", True, -1, {"due"}, "yesterday"),
    ("", False, None, {"text", "owner", "due"}, "all at once"),
]


@pytest.mark.parametrize(("text", "is_owned", "days", "fields", "why"), WRONG, ids=[row[-1] for row in WRONG])
def test_what_a_decision_needs(
    sqlite_register: Register,
    sqlite_cast: Cast,
    text: str,
    is_owned: bool,
    days: int | None,
    fields: set[str],
    why: str,
) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, act)
    owner = sqlite_cast.agent.id if is_owned else None
    due = None if days is None else TODAY + days * DAY
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        decisions.decide(session, id, text, owner, due, act)
    assert set(refused.value.fields) == fields, why


def test_a_closed_account_owns_nothing_new(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, act)
    with sqlite_register.write() as session:
        accounts.deactivate(session, sqlite_cast.agent.id, Act(sqlite_cast.admin, MONDAY))
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        decisions.decide(session, id, "Gọi", sqlite_cast.agent.id, TODAY, act)
    assert set(refused.value.fields) == {"owner"}


def test_dropping_says_why_and_a_decision_ends_once(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, act)
    with sqlite_register.write() as session:
        decision = decisions.decide(session, id, "Gọi", sqlite_cast.agent.id, TODAY, act)
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        decisions.end(session, decision, Ending.DROPPED, " ", act)
    assert set(refused.value.fields) == {"text"}
    with sqlite_register.write() as session:
        decisions.end(session, decision, Ending.DONE, "", act)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        decisions.end(session, decision, Ending.DONE, "", act)
    with pytest.raises(NotFound), sqlite_register.write() as session:
        decisions.end(session, 99, Ending.DONE, "", act)


FORGED = [
    # what is changed behind the register's back, what verification says
    (update(MeetingText).where(MeetingText.item == "other").values(body="khác"), "meeting 1: a text"),
    (update(MeetingText).where(MeetingText.item == "figures").values(body='{"week": 47}'), "meeting 1: a text"),
    (update(Meeting).values(week=date(2026, 11, 2)), "meeting 1: is not"),
    (update(Decision).values(due_on=date(2027, 1, 1)), "decision 1: is not"),
]


@pytest.mark.parametrize(("change", "said"), FORGED)
def test_what_is_changed_without_an_event_is_found(
    sqlite_register: Register, sqlite_cast: Cast, change: object, said: str
) -> None:
    act = Act(sqlite_cast.lead, MONDAY)
    id = held(sqlite_register, act)
    with sqlite_register.write() as session:
        minutes.note(session, id, "other", "ghi chú", act, seen=0)
        decisions.decide(session, id, "Gọi", sqlite_cast.agent.id, TODAY, act)
        minutes.close(session, id, '{"week": 46}', act)
    assert verify(sqlite_register).is_whole
    with sqlite_register.write() as session:
        session.execute(change)  # type: ignore[call-overload]
    found = verify(sqlite_register)
    assert not found.is_whole
    assert any(said in str(problem) for problem in found.problems)


def test_a_register_of_the_version_before_has_no_meeting_yet(register: Register, cast: Cast) -> None:
    with register.engine.begin() as connection:
        back_to(connection, "0023")
    migrate(register.url)
    with register.read() as session:
        assert meetings.listed(session) == []
    held(register, Act(cast.lead, MONDAY))
    assert verify(register).is_whole

"""One complaint goes on in another one of the same customer, and by itself again (D13)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from core.errors import Invalid, NotAllowed
from core.insight import backlog, causes, compliance, facts, restated, volume
from core.insight.filters import Filter
from core.register.case import case as cases
from core.register.case import complaints, merge_many, merging
from core.register.case.customers import CustomerDraft
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.tables import Complaint, Restatement, SlaCycle
from core.register.log.verify import verify
from core.rules.policy import Actor
from core.rules.verdicts import Verdict, verdict
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, TO_CLOSED, advanced, clock, logged, take
from tests.register.log.old_register import back_to

LATER = at("2026-11-17 09:00")
DUE = at("2026-11-23 17:30")
"""Of *resolve*, for what is acknowledged on Monday 16/11."""
NOW = at("2026-12-01 09:00")
WEEK = Filter(date(2026, 11, 23), date(2026, 11, 29))
STRANGER = CustomerDraft(name="Người Khác", phone="0987 654 321")


def pair(register: Register, cast: Cast, steps: int = 2) -> tuple[Complaint, Complaint]:
    """Two complaints of one customer: the one received first, and a second that has taken ``steps`` steps."""
    first = logged(register, cast, recorded_at=at("2026-11-13 09:00"))
    return first, advanced(register, cast, steps)


def merge(
    register: Register, one: Complaint, into: str, by: Actor, when: datetime = LATER, text: str = ""
) -> Complaint:
    return take(register, "merge", one, by, when, merged_into=into, text=text)


def of(register: Register, complaint: Complaint) -> Complaint:
    with register.read() as session:
        return session.get_one(Complaint, complaint.id)


def kinds(register: Register, complaint: Complaint) -> list[str]:
    with register.read() as session:
        return [event.kind for event in cases.history(session, complaint.id)]


def clocks_of(register: Register, complaint: Complaint) -> list[tuple[object, ...]]:
    with register.read() as session:
        its = select(SlaCycle).where(SlaCycle.complaint_id == complaint.id).order_by(SlaCycle.term, SlaCycle.number)
        return [(one.term, one.number, one.due_at, one.stopped_at, one.cancelled_at) for one in session.scalars(its)]


def test_it_goes_on_in_the_one_received_first(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    before = clocks_of(register, first)
    gone = merge(register, second, first.code, cast.agent)
    assert (gone.state, gone.merged_into, gone.closed_at, gone.outcome) == ("merged", first.code, LATER, None)
    assert clock(register, gone, "acknowledge").stopped_at is not None, "what was met stays met"
    assert clock(register, gone, "resolve").cancelled_at == LATER, "what is not yet due is cancelled"
    after = of(register, first)
    assert clocks_of(register, after) == before, "no clock of the survivor moves"
    assert (after.state, after.assignee_id, after.version) == ("received", None, first.version + 1)
    assert (kinds(register, gone)[-1], kinds(register, after)[-1]) == ("merged", "merged_in"), "both logs say so"
    assert verify(register).is_whole


def test_it_happens_as_it_is_saved(register: Register, cast: Cast) -> None:
    """Dated back, it would cancel what was overdue already, and take a verdict that was given."""
    first, second = pair(register, cast)
    gone = take(register, "merge", second, cast.agent, NOW, happened_at=LATER, merged_into=first.code)
    assert gone.closed_at == NOW
    assert clock(register, gone, "resolve").cancelled_at is None, "it was overdue, and stays missed"
    back = take(register, "unmerge", gone, cast.lead, NOW, happened_at=LATER, text="Nhầm")
    with register.read() as session:
        assert cases.history(session, back.id)[-1].happened_at == NOW


def test_nobody_gives_a_direction_any_more(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    asked = take(register, "escalate", second, cast.agent, LATER, addressee="board", text="Xin ý kiến", due_at=DUE)
    assert asked.direction == "waiting"
    gone = take(register, "merge", asked, cast.agent, LATER, merged_into=first.code)
    assert gone.direction != "waiting"
    assert take(register, "unmerge", gone, cast.lead, LATER, text="Nhầm").direction == "waiting", "as if it never was"


REFUSED: list[tuple[str, int, int, CustomerDraft | None, str, str, str, str]] = [
    # who, steps of the survivor, of the one merged, another customer's, into, reason, problem at, why
    ("agent", 0, 2, None, "", "", "merged_into", "nothing chosen"),
    ("agent", 0, 2, None, "KN-2026-999999", "", "merged_into", "no such complaint"),
    ("agent", 0, 2, None, "itself", "", "merged_into", "into itself"),
    ("agent", 6, 2, None, "first", "", "merged_into", "the survivor is closed: open it again first"),
    ("agent", 0, 2, STRANGER, "first", "Cùng một người", "merged_into", "of another customer: for a lead"),
    ("lead", 0, 2, STRANGER, "first", "", "text", "a lead says how they know"),
    ("agent", 0, 3, None, "first", "", "merged_into", "a department still works on it"),
    ("lead", 0, 3, None, "first", "?", "merged_into", "for a lead too"),
]


@pytest.mark.parametrize(
    ("who", "of_first", "of_second", "customer", "into", "text", "field", "why"),
    REFUSED,
    ids=[r[-1] for r in REFUSED],
)
def test_what_cannot_be_merged(
    sqlite_register: Register, sqlite_cast: Cast, who: str, of_first: int, of_second: int,
    customer: CustomerDraft | None, into: str, text: str, field: str, why: str,
) -> None:  # fmt: skip
    register, cast = sqlite_register, sqlite_cast
    changes = {"customer": customer} if customer else {}
    first = logged(register, cast, recorded_at=at("2026-11-13 09:00"), **changes)  # type: ignore[arg-type]
    for step, filled, when, _state in TO_CLOSED[:of_first]:
        first = take(register, step, first, cast.agent, at(when), **filled)
    second = advanced(register, cast, of_second)
    code = {"first": first.code, "itself": second.code}.get(into, into)
    with pytest.raises(Invalid) as refused:
        take(register, "merge", second, getattr(cast, who), at("2026-11-18 10:00"), merged_into=code, text=text)
    assert list(refused.value.fields) == [field], why
    assert (of(register, second).version, of(register, first).version) == (second.version, first.version)


def test_the_later_one_cannot_take_in_the_earlier(register: Register, cast: Cast) -> None:
    """Else the customer's promise would begin anew; the form offers the other direction."""
    first, second = pair(register, cast)
    with pytest.raises(Invalid) as refused:
        merge(register, first, second.code, cast.lead)
    assert list(refused.value.fields) == ["merged_into"]
    same_second = logged(register, cast)
    with pytest.raises(Invalid):
        merge(register, second, same_second.code, cast.lead)
    gone = merge(register, same_second, second.code, cast.lead)
    assert gone.merged_into == second.code, "of one second the first that was logged"


def test_a_lead_says_that_two_customers_are_one(register: Register, cast: Cast) -> None:
    first = logged(register, cast, recorded_at=at("2026-11-13 09:00"), customer=STRANGER)
    second = advanced(register, cast, 2)
    gone = merge(register, second, first.code, cast.lead, text="Gọi lại bằng số của vợ")
    assert gone.merged_into == first.code
    assert gone.customer_id != first.customer_id, "each keeps the contact that it came with"


def test_a_chain_ends_in_one_complaint_and_never_in_a_ring(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    third = logged(register, cast, recorded_at=at("2026-11-17 08:00"))
    merge(register, third, second.code, cast.agent)
    merge(register, second, first.code, cast.agent)
    with register.read() as session:
        ends = [merging.of_code(session, one.code) for one in (third, second, first)]
        assert [end and end.code for end in ends] == [first.code] * 3
    fourth = logged(register, cast, recorded_at=at("2026-11-17 08:30"))
    gone = merge(register, fourth, third.code, cast.agent)
    assert gone.merged_into == first.code, "whoever names a merged one means where it is"
    with pytest.raises(Invalid):
        merge(register, first, third.code, cast.lead)
    back = take(register, "unmerge", second, cast.lead, LATER, text="Không cùng một việc")
    assert (back.state, of(register, third).merged_into) == ("classified", second.code), "the third stays with it"
    assert verify(register).is_whole


def test_what_was_merged_takes_no_step(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    gone = merge(register, second, first.code, cast.agent)
    for step in ("note", "classify", "withdraw", "reopen", "merge", "join_incident", "add_evidence"):
        with pytest.raises(NotAllowed):
            take(register, step, gone, cast.lead, LATER, text="?")
    with pytest.raises(NotAllowed):
        take(register, "unmerge", gone, cast.agent, LATER, text="Chỉ trưởng nhóm")
    fixed = take(
        register, "correct", gone, cast.agent, LATER, corrects="contact", text="Gõ nhầm",
        becomes={"name": "Khách Thử", "phone": "0912 345 679"},
    )  # fmt: skip
    assert (fixed.state, fixed.merged_into) == ("merged", first.code)
    assert verify(register).is_whole


BACK = [
    # merged at, taken back at, verdict of *resolve* while merged and afterwards, restated, why
    ("2026-11-17 09:00", "2026-11-18 09:00", Verdict.CANCELLED, Verdict.RUNNING, False, "not yet due: it runs on"),
    ("2026-11-17 09:00", "2026-11-25 09:00", Verdict.CANCELLED, Verdict.OVERDUE, True, "due meanwhile: overdue"),
    ("2026-11-24 09:00", "2026-11-25 09:00", Verdict.MISSED, Verdict.OVERDUE, False, "missed already: as broken"),
]  # fmt: skip


@pytest.mark.parametrize(("merged", "back", "then", "now", "restates", "why"), BACK, ids=[row[-1] for row in BACK])
def test_unmerged_it_stands_as_if_it_never_was(
    register: Register, cast: Cast, merged: str, back: str, then: Verdict, now: Verdict, restates: bool, why: str
) -> None:
    first, second = pair(register, cast)
    before, asked_at = clocks_of(register, second), at(back)
    gone = merge(register, second, first.code, cast.agent, at(merged))
    assert verdict(clock(register, gone, "resolve"), asked_at) is then
    again = take(register, "unmerge", gone, cast.lead, asked_at, text="Hai việc khác nhau")
    assert (again.state, again.merged_into, again.closed_at) == (second.state, None, None)
    assert clocks_of(register, again) == before, "with its original due"
    assert verdict(clock(register, again, "resolve"), asked_at) is now, why
    with register.read() as session:
        assert bool(session.scalars(select(Restatement)).all()) is restates
    found = restated.of(facts.load(register), WEEK, NOW, "resolve")
    assert (found is not None) is restates, "a figure that changed says since when"
    assert kinds(register, of(register, first))[-2:] == ["merged_in", "taken_out"], "both in both logs"
    assert kinds(register, again)[-2:] == ["merged", "unmerged"]
    assert take(register, "note", again, cast.agent, asked_at, text="Tiếp tục").state == second.state
    assert verify(register).is_whole


def test_the_survivor_may_be_closed_by_then(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    gone = merge(register, second, first.code, cast.agent, at("2026-11-16 11:00"))
    for step, fields, when, _state in TO_CLOSED[:2] + TO_CLOSED[4:]:
        first = take(register, step, first, cast.lead, max(at(when), LATER), breach_reason="overload", **fields)  # type: ignore[misc]
    assert first.state == "closed"
    back = take(register, "unmerge", gone, cast.lead, at("2026-11-19 09:00"), text="Khác việc")
    assert (back.state, of(register, first).state) == ("classified", "closed")
    assert verify(register).is_whole


def test_both_can_be_undone(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    before = clocks_of(register, second)
    gone = merge(register, second, first.code, cast.agent)
    back = take(register, "undo", gone, cast.agent, LATER)
    assert (back.state, back.merged_into, clocks_of(register, back)) == (second.state, None, before)
    gone = merge(register, back, first.code, cast.lead)
    apart = take(register, "unmerge", gone, cast.lead, LATER, text="Nhầm")
    again = take(register, "undo", apart, cast.lead, LATER)
    assert (again.state, again.merged_into) == ("merged", first.code)
    told = kinds(register, of(register, first))[-5:]
    assert told == ["merged_in", "taken_out", "merged_in", "taken_out", "merged_in"], "each in the other's log too"
    assert verify(register).is_whole


def test_no_undoing_leads_into_a_ring(register: Register, cast: Cast) -> None:
    """The time of receipt is corrected meanwhile, so that the other one may go on in this one."""
    first, second = pair(register, cast)
    gone = merge(register, second, first.code, cast.lead)
    apart = take(register, "unmerge", gone, cast.lead, LATER, text="Nhầm")
    take(
        register, "correct", first, cast.lead, LATER, corrects="recorded_at", becomes=at("2026-11-16 09:30"),
        text="Gõ nhầm ngày",
    )  # fmt: skip
    merge(register, of(register, first), second.code, cast.lead)
    with pytest.raises(NotAllowed, match="not a step"):
        take(register, "undo", apart, cast.lead, LATER)


def test_the_time_of_a_merge_that_was_taken_back_may_have_been_corrected(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    gone = merge(register, second, first.code, cast.lead)
    right = take(
        register, "correct", gone, cast.lead, LATER, corrects="happened_at", of=gone.version,
        becomes=at("2026-11-16 15:00"), text="Gộp từ hôm trước",
    )  # fmt: skip
    assert right.closed_at == at("2026-11-16 15:00")
    back = take(register, "unmerge", right, cast.lead, LATER, text="Khác việc")
    assert (back.state, back.closed_at) == (second.state, None)
    assert verify(register).is_whole


def test_figures_count_it_as_received_and_never_as_open_or_closed(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    period = Filter(date(2026, 11, 9), date(2026, 11, 29))
    merge(register, second, first.code, cast.agent, at("2026-11-24 09:00"))
    found = facts.load(register)
    assert volume.total(found, period) == 2
    assert backlog.segments(found, period, NOW)["all"] == 1
    assert causes.total(found, period) == 0
    assert compliance.of(found, WEEK, NOW, "resolve")["missed"] == 1, "what fell due before stays in its week"


def test_a_miss_that_stays_is_explained(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    gone = merge(register, second, first.code, cast.agent, at("2026-11-24 09:00"))
    assert gone.unexplained_due_at == DUE
    said = take(register, "explain_miss", gone, cast.lead, NOW, explains="resolve.1", breach_reason="overload")
    assert (said.state, said.unexplained_due_at) == ("merged", None)
    assert verify(register).is_whole


def test_a_register_of_the_version_before_takes_merges(register: Register, cast: Cast) -> None:
    """Migration 0020: every old figure is what it was."""
    first, second = pair(register, cast)
    take(register, "withdraw", logged(register, cast), cast.lead, LATER, text="Khách rút")
    before = facts.load(register)
    with register.engine.begin() as connection:
        back_to(connection, "0019")
    migrate(register.url)
    assert verify(register).is_whole
    after = facts.load(register)
    assert after.cycles.equals(before.cycles)
    assert after.complaints.equals(before.complaints)
    merge(register, second, first.code, cast.agent)
    assert verify(register).is_whole


def test_of_many_the_one_received_first_takes_in_the_others(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    first, second = pair(register, cast)
    with register.read() as session:
        assert merging.received_first(session, [second.code, first.code]).code == first.code
        for few in ([], [first.code], ["KN-2026-999999", first.code]):
            with pytest.raises(Invalid):
                merging.received_first(session, few)
        with pytest.raises(Invalid):
            merging.received_first(session, [f"KN-2026-{n:06d}" for n in range(merging.MOST + 1)])


def test_a_history_from_a_file_merges_nothing(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """A step of an import says nothing of another complaint."""
    first, second = pair(sqlite_register, sqlite_cast)
    with sqlite_register.write() as session, pytest.raises(Invalid):
        complaints.take(session, second.code, "merge", {"merged_into": None}, Act(None, MON))
    assert of(sqlite_register, first).version == first.version


def test_many_go_on_in_one_and_those_that_cannot_are_listed(register: Register, cast: Cast) -> None:
    first, second = pair(register, cast)
    third, moved = logged(register, cast), logged(register, cast)
    stranger = logged(register, cast, customer=STRANGER)
    take(register, "note", moved, cast.lead, LATER, text="Ai đó vừa ghi")
    versions = {one.code: one.version for one in (second, third, moved, stranger)}
    with register.write() as session:
        result = merge_many.merge_all(session, versions, first.code, "Cùng một việc", Act(cast.agent, LATER))
    assert (result.done, result.overtaken) == ((second.code, third.code), (moved.code,))
    assert list(result.refused) == [stranger.code]
    assert [of(register, one).merged_into for one in (second, third, moved, stranger)] == [first.code] * 2 + [None] * 2
    assert kinds(register, of(register, first))[-2:] == ["merged_in", "merged_in"], "one event each"
    assert verify(register).is_whole

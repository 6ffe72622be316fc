"""Why promises were missed, in the register: each by itself at any time, at the latest with closing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Unpack

import polars as pl
import pytest
from sqlalchemy import select, text

from core.errors import Invalid
from core.insight import facts
from core.register.case import case as cases
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content, StepFields
from core.register.log.act import Act, Stamp
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Event, Request, SlaCycle
from core.register.log.verify import verify
from core.register.organisation import lists
from core.register.organisation.lists import Used
from core.register.reads import dossier as dossiers
from core.register.reads import queue
from core.rules import misses
from core.rules.catalogue import Entry
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import logged, take
from tests.register.log.old_register import back_to

# A complaint of Monday 16/11 09:00: acknowledge.1 is due on Tuesday 17/11 17:30. Acknowledged on Wednesday 18/11 09:00:
# 19 20 23 25 26/11 (24/11 is a day off), so resolve.1 is due on Thursday 26/11 17:30.
ACKNOWLEDGED, TOLD, CLOSED = at("2026-11-18 09:00"), at("2026-11-27 10:00"), at("2026-11-27 11:00")
ACK_DUE, RESOLVE_DUE = at("2026-11-17 17:30"), at("2026-11-26 17:30")


def ends(reason: str | Mapping[str, str | None] | None = None) -> StepFields:
    return {"outcome": "upheld", "root_cause": "unknown", "breach_reason": reason}


def told_late(register: Register, cast: Cast) -> Complaint:
    """Both promises missed, the result told; nobody has said why."""
    complaint = logged(register, cast)
    complaint = take(register, "acknowledge", complaint, cast.agent, ACKNOWLEDGED, text="Đã nhận")
    complaint = take(register, "classify", complaint, cast.agent, ACKNOWLEDGED, kind="complaint")
    return take(register, "notify_result", complaint, cast.agent, TOLD, text="Đã hoàn tiền")


def explain(
    register: Register, complaint: Complaint, by: Actor, when: datetime, **fields: Unpack[StepFields]
) -> Complaint:
    return take(register, "explain_miss", complaint, by, when, **fields)


def reasons(register: Register, complaint: Complaint) -> dict[str, str | None]:
    """Promise → its reason, as the rows of the clocks have it."""
    with register.read() as session:
        rows = session.scalars(select(SlaCycle).where(SlaCycle.complaint_id == complaint.id))
        return {misses.name_of(row): row.breach_reason for row in rows}


def columns(register: Register, complaint: Complaint) -> tuple[str | None, datetime | None]:
    """The reason that stands for the complaint, and from when on a miss is unexplained."""
    with register.read() as session:
        row = session.get_one(Complaint, complaint.id)
        return row.breach_reason, row.unexplained_due_at


def test_each_miss_is_explained_by_itself_while_the_case_is_open(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    assert columns(register, complaint) == (None, ACK_DUE), "a running clock would be unexplained once it is past"
    complaint = take(register, "acknowledge", complaint, cast.agent, ACKNOWLEDGED, text="Đã nhận")
    given: StepFields = {"explains": "acknowledge.1", "breach_reason": "overload", "text": "Cả nhóm ốm"}
    complaint = explain(register, complaint, cast.agent, ACKNOWLEDGED, **given)
    assert reasons(register, complaint) == {"acknowledge.1": "overload", "resolve.1": None}
    assert columns(register, complaint) == ("overload", RESOLVE_DUE)
    overdue = at("2026-11-26 17:31")
    complaint = explain(register, complaint, cast.agent, overdue, explains="resolve.1", breach_reason="third_party")
    assert reasons(register, complaint) == {"acknowledge.1": "overload", "resolve.1": "third_party"}
    assert columns(register, complaint) == ("third_party", None), (
        "that of the promise due last stands for the complaint"
    )
    assert complaint.state == "acknowledged", "it stands beside the order of the steps"
    assert verify(register).problems == []
    cycles = facts.current(register).cycles.sort("due_at").select(pl.col("term", "breach_reason").cast(pl.String))
    assert cycles.rows() == [("acknowledge", "overload"), ("resolve", "third_party")]


# What closing asks for once both promises were missed: what was explained before, the fields it was closed with, the
# fields it refuses (empty: it closes), the reasons after it, why.
BOTH: dict[str, str] = {"acknowledge.1": "overload", "resolve.1": "third_party"}
Given = str | Mapping[str, str | None] | None
CLOSINGS: list[tuple[dict[str, str], Given, set[str], dict[str, str], str]] = [
    ({}, None, {"breach_reason.acknowledge.1", "breach_reason.resolve.1"}, {}, "one reason for each"),
    ({}, {"resolve.1": "third_party"}, {"breach_reason.acknowledge.1"}, {}, "one of two was given"),
    ({}, {**BOTH, "resolve.1": "weather"}, {"breach_reason.resolve.1"}, {}, "no such reason"),
    ({}, BOTH, set(), BOTH, "each its own"),
    ({}, "overload", set(), dict.fromkeys(BOTH, "overload"), "one for all, as a history gives it"),
    ({"acknowledge.1": "overload"}, None, {"breach_reason.resolve.1"}, {}, "what was explained is not asked again"),
    ({"acknowledge.1": "overload"}, {"resolve.1": "third_party"}, set(), BOTH, "only what was left"),
    ({"acknowledge.1": "overload"}, "third_party", set(), BOTH, "one for what was left"),
    ({"acknowledge.1": "overload"}, {**BOTH, "acknowledge.1": "third_party"}, set(), BOTH, "closing corrects nothing"),
    (BOTH, None, set(), BOTH, "nothing was left"),
]


@pytest.mark.parametrize(("before", "given", "refused", "after", "why"), CLOSINGS, ids=[row[-1] for row in CLOSINGS])
def test_closing_asks_for_what_nobody_has_said(
    register: Register,
    cast: Cast,
    before: dict[str, str],
    given: Given,
    refused: set[str],
    after: dict[str, str],
    why: str,
) -> None:
    complaint = told_late(register, cast)
    for promise, reason in before.items():
        complaint = explain(register, complaint, cast.agent, TOLD, explains=promise, breach_reason=reason)
    if refused:
        with pytest.raises(Invalid) as problem:
            take(register, "close", complaint, cast.agent, CLOSED, **ends(given))
        assert set(problem.value.fields) == refused, why
        return
    complaint = take(register, "close", complaint, cast.agent, CLOSED, **ends(given))
    assert reasons(register, complaint) == after, why
    assert columns(register, complaint) == (after["resolve.1"], None)
    assert verify(register).problems == []


# What cannot be explained: the promise, the reason, when, the field refused, why.
REFUSED = [
    ("resolve.1", "overload", "2026-11-18 10:00", "explains", "it still runs"),
    ("resolve.1", "overload", "2026-11-26 17:30", "explains", "the due instant is in time"),
    ("resolve.2", "overload", "2026-11-18 10:00", "explains", "there is no such promise"),
    (None, "overload", "2026-11-18 10:00", "explains", "none was chosen"),
    ("acknowledge.1", None, "2026-11-18 10:00", "breach_reason", "no reason was chosen"),
    ("acknowledge.1", "weather", "2026-11-18 10:00", "breach_reason", "not in the list"),
    ("acknowledge.1", "gone", "2026-11-18 10:00", "breach_reason", "no longer offered"),
]


@pytest.mark.parametrize(("promise", "reason", "when", "field", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_only_a_broken_promise_is_explained_by_an_offered_reason(
    sqlite_register: Register,
    sqlite_cast: Cast,
    promise: str | None,
    reason: str | None,
    when: str,
    field: str,
    why: str,
) -> None:
    with sqlite_register.write() as session:
        act, version = Act(sqlite_cast.admin, ACK_DUE), lists.version(session, "breach_reasons")
        key = lists.add(session, "breach_reasons", Entry("", "Gone", "Gone"), act, version=version)
        lists.retire(session, "breach_reasons", key, act, version=version + 1)
    complaint = logged(sqlite_register, sqlite_cast)
    complaint = take(sqlite_register, "acknowledge", complaint, sqlite_cast.agent, ACKNOWLEDGED, text="Đã nhận")
    with pytest.raises(Invalid) as refused:
        explain(sqlite_register, complaint, sqlite_cast.lead, at(when), explains=promise, breach_reason=reason)
    assert set(refused.value.fields) == {field}, why
    assert reasons(sqlite_register, complaint) == {"acknowledge.1": None, "resolve.1": None}


def test_a_lead_corrects_a_reason_and_both_stay_readable(register: Register, cast: Cast) -> None:
    complaint = told_late(register, cast)
    complaint = explain(register, complaint, cast.agent, TOLD, explains="resolve.1", breach_reason="overload")
    complaint = take(register, "close", complaint, cast.agent, CLOSED, **ends("overload"))
    later = CLOSED + timedelta(days=3)
    complaint = explain(register, complaint, cast.lead, later, explains="resolve.1", breach_reason="third_party")
    assert reasons(register, complaint) == {"acknowledge.1": "overload", "resolve.1": "third_party"}
    assert (complaint.state, complaint.breach_reason) == ("closed", "third_party")
    with register.read() as session:
        whole = dossiers.read(session, complaint.code, by=cast.lead, now=later, language="vi")
    said = [(one.label, one.breach_reason) for moment in whole.moments for one in moment.explained]
    acknowledge, resolve = (clock.label for clock in whole.clocks)
    assert said == [(resolve, "overload"), (acknowledge, "overload"), (resolve, "third_party")]
    assert verify(register).problems == []


def test_a_reopening_is_missed_and_explained_by_itself(register: Register, cast: Cast) -> None:
    complaint = told_late(register, cast)
    complaint = take(register, "close", complaint, cast.agent, CLOSED, **ends("overload"))
    complaint = take(register, "reopen", complaint, cast.agent, CLOSED, text="Khách báo lại")
    late = at("2026-12-14 09:00")
    assert reasons(register, complaint)["resolve.2"] is None
    complaint = take(register, "notify_result", complaint, cast.agent, late, text="Đã hoàn lại")
    given = {"resolve.2": "third_party"}
    complaint = take(register, "close", complaint, cast.agent, late, **ends(given))
    assert reasons(register, complaint) == {
        "acknowledge.1": "overload", "resolve.1": "overload", "resolve.2": "third_party",
    }  # fmt: skip
    assert complaint.breach_reason == "third_party"
    assert verify(register).problems == []


# Who is told what can be explained: everything that was missed, or what nobody has explained yet.
READERS = [
    ("agent", ["acknowledge.1"], True),
    ("lead", ["acknowledge.1", "resolve.1"], True),
    ("handler", [], False),
    ("manager", [], False),
]


@pytest.mark.parametrize(("who", "promises", "is_offered"), READERS)
def test_the_step_is_offered_for_what_its_reader_may_explain(
    sqlite_register: Register, sqlite_cast: Cast, who: str, promises: list[str], is_offered: bool
) -> None:
    complaint = told_late(sqlite_register, sqlite_cast)
    explain(sqlite_register, complaint, sqlite_cast.lead, TOLD, explains="resolve.1", breach_reason="overload")
    with sqlite_register.write() as session:
        asked = Request(
            complaint_id=complaint.id, number=1, department="payment", asked_at=TOLD, due_at=TOLD, reminded=0
        )
        session.add(asked)  # so that the handler sees it

    def read(when: datetime) -> dossiers.Dossier:
        with sqlite_register.read() as session:
            by = getattr(sqlite_cast, who)
            return dossiers.read(session, complaint.code, by=by, now=when, language="vi")

    found = read(TOLD)
    assert [misses.name_of(clock) for clock in found.to_explain] == promises
    assert ("explain_miss" in found.steps) is is_offered


def test_nothing_is_offered_before_anything_is_missed(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = logged(sqlite_register, sqlite_cast)
    with sqlite_register.read() as session:
        found = [
            dossiers.read(session, complaint.code, by=sqlite_cast.lead, now=when, language="vi").steps
            for when in (ACK_DUE, ACK_DUE + timedelta(seconds=1))
        ]
    assert ["explain_miss" in steps for steps in found] == [False, True]


def test_the_queue_counts_what_is_unexplained(register: Register, cast: Cast) -> None:
    complaint, other = logged(register, cast), logged(register, cast)

    def unexplained(now: datetime) -> list[str]:
        with register.read() as session:
            found = queue.page(session, "unexplained", by=cast.lead, now=now)
            assert queue.counts(session, by=cast.lead, now=now)["unexplained"] == len(found)
        return [line.code for line in found]

    past = ACK_DUE + timedelta(seconds=1)
    assert unexplained(ACK_DUE) == []
    assert unexplained(past) == [complaint.code, other.code]
    explain(register, complaint, cast.agent, past, explains="acknowledge.1", breach_reason="overload")
    assert unexplained(past) == [other.code]
    take(register, "withdraw", other, cast.agent, past, text="Khách rút")
    assert unexplained(past) == [], "the queue shows open complaints, and what was cancelled is no miss"


def test_a_list_counts_the_complaints_that_say_a_reason_each_once(register: Register, cast: Cast) -> None:
    complaint = told_late(register, cast)
    take(register, "close", complaint, cast.agent, CLOSED, **ends("overload"))
    other = told_late(register, cast)
    explain(register, other, cast.agent, TOLD, explains="resolve.1", breach_reason="third_party")
    with register.read() as session:
        assert lists.used(session, "breach_reasons") == {"overload": Used(1, 0), "third_party": Used(1, 1)}
    explain(register, other, cast.agent, TOLD, explains="acknowledge.1", breach_reason="overload")
    with register.read() as session:
        entries = lists.current(session, "breach_reasons")
        merged = {**entries, "overload": replace(entries["overload"], into="third_party")}
        counted = lists.used(session, "breach_reasons", merged)
    assert counted == {"overload": Used(2, 1), "third_party": Used(2, 1)}, "one that says both counts once"


def test_a_history_gives_one_reason_for_all(register: Register, cast: Cast) -> None:
    steps = [
        PastStep("acknowledge", ACKNOWLEDGED),
        PastStep("classify", ACKNOWLEDGED, {"kind": "complaint"}),
        PastStep("notify_result", TOLD, {"text": "Đã hoàn"}),
    ]
    draft, act = Draft("email", at("2026-11-16 09:00"), "Lỗi", "payment"), Act(cast.lead, CLOSED)
    with pytest.raises(Invalid) as refused, register.write() as session:
        complaints.write_histories(session, [(draft, [*steps, PastStep("close", CLOSED, ends())])], act)
    assert set(refused.value.fields) == {"breach_reason"}, "the mapping's own field"
    with register.write() as session:
        [case] = complaints.write_histories(
            session, [(draft, [*steps, PastStep("close", CLOSED, ends("not_recorded"))])], act
        )
    with register.read() as session:
        complaint = session.get_one(Complaint, case.id)
    assert reasons(register, complaint) == {"acknowledge.1": "not_recorded", "resolve.1": "not_recorded"}
    assert verify(register).problems == []


TAMPERING = [
    ("UPDATE sla_cycles SET breach_reason = 'overload' WHERE term = 'resolve'", "clock resolve 1 is not the one"),
    ("UPDATE complaints SET breach_reason = 'overload'", ".breach_reason: register says overload, log says None"),
    ("UPDATE complaints SET unexplained_due_at = NULL", ".unexplained_due_at: register says None"),
]


@pytest.mark.parametrize(("tampering", "said"), TAMPERING, ids=[row[1] for row in TAMPERING])
def test_a_reason_that_nobody_logged_is_found(
    sqlite_register: Register, sqlite_cast: Cast, tampering: str, said: str
) -> None:
    told_late(sqlite_register, sqlite_cast)
    with sqlite_register.write() as session:
        session.execute(text(tampering))
    assert [problem for problem in verify(sqlite_register).problems if said in problem]


# a register of the version before


def close_as_before(register: Register, complaint: Complaint, when: datetime, reason: str | None) -> None:
    """As earlier versions logged it: one reason for the complaint."""
    with register.write() as session:
        case = cases.load(session, complaint.code)
        payload = Payload(outcome="upheld", root_cause="unknown", breach_reason=reason)
        case.add(session, "closed", Content(payload), Stamp(when, when, None))
        cases.save(session, [case])


def test_a_register_of_the_version_before_keeps_its_reasons(register: Register, cast: Cast) -> None:
    """Migration 0013: what closing said explains all that was missed by then, and the figures stay as they were."""
    late = told_late(register, cast)
    close_as_before(register, late, CLOSED, "overload")
    again = told_late(register, cast)
    close_as_before(register, again, CLOSED, "overload")
    take(register, "reopen", again, cast.agent, CLOSED, text="Khách báo lại")
    told = take(register, "notify_result", again, cast.agent, at("2026-12-14 09:00"), text="Đã hoàn lại")
    close_as_before(register, told, at("2026-12-14 10:00"), "third_party")
    open_again = told_late(register, cast)
    close_as_before(register, open_again, CLOSED, "overload")
    take(register, "reopen", open_again, cast.agent, CLOSED, text="Khách báo lại")
    waiting = logged(register, cast)
    withdrawn = take(register, "withdraw", logged(register, cast), cast.agent, ACKNOWLEDGED, text="Khách rút")
    every = (late, again, open_again, waiting, withdrawn)
    wanted = [
        {"acknowledge.1": "overload", "resolve.1": "overload"},
        {"acknowledge.1": "third_party", "resolve.1": "third_party", "resolve.2": "third_party"},
        {"acknowledge.1": "overload", "resolve.1": "overload", "resolve.2": None},
        {"acknowledge.1": None},
        {"acknowledge.1": None},
    ]
    assert [reasons(register, one) for one in every] == wanted, "as the log gives them now"
    before = [columns(register, one) for one in every]
    with register.write() as session:
        back_to(session, "0012")
    migrated = open_up(register.url, register.evidence_dir, now=at("2026-12-15 09:00"))
    try:
        assert [reasons(migrated, one) for one in every] == wanted
        assert [columns(migrated, one) for one in every] == before
        assert verify(migrated).problems == []
    finally:
        migrated.engine.dispose()


def test_what_closing_logged_holds_no_reason_of_the_complaint(register: Register, cast: Cast) -> None:
    """One form of the payload is written: readers of the other need not guess."""
    complaint = told_late(register, cast)
    take(register, "close", complaint, cast.agent, CLOSED, **ends("overload"))
    with register.read() as session:
        payload = session.scalars(select(Event.payload).where(Event.kind == "closed")).one()
    assert '"breach_reasons":{"acknowledge.1":"overload","resolve.1":"overload"}' in payload
    assert '"breach_reason":' not in payload

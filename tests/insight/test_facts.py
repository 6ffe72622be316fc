from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core.insight import backlog, facts, typed
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Base, Complaint, SlaCycle
from core.register.organisation import targets
from core.register.reads import queue
from core.rules.calendar import local_day
from core.rules.targets import Target
from tests.conftest import Cast
from tests.insight.given import TODAY

SAID = "Tôi đã nạp 200 Stars nhưng chưa nhận được"


def draft(now: datetime) -> Draft:
    customer = CustomerDraft(name="Người Gửi Thử", phone="0912000111")
    return Draft("hotline", now, SAID, "payment", customer=customer)


def same(one: Facts, other: Facts) -> bool:
    keys = ["complaint_id", "term", "number"]
    return (
        one.last_event == other.last_event
        and one.complaints.sort("id").equals(other.complaints.sort("id"))
        and one.cycles.sort(keys).equals(other.cycles.sort(keys))
        and one.requests.sort("complaint_id", "number").equals(other.requests.sort("complaint_id", "number"))
        and one.amounts.sort("complaint_id", "field").equals(other.amounts.sort("complaint_id", "field"))
        and one.issues.sort("complaint_id", "number").equals(other.issues.sort("complaint_id", "number"))
        and one.actions.sort("complaint_id", "number").equals(other.actions.sort("complaint_id", "number"))
    )


def test_an_empty_register_has_typed_empty_facts(register: Register) -> None:
    found = facts.load(register)
    assert (found.last_event, found.complaints.height, found.cycles.height) == (0, 0, 0)
    assert found.complaints.schema["recorded_at"] == pl.Datetime("us", "UTC")
    assert found.cycles.schema["due_week"] == pl.Date
    assert facts.current(register).complaints.schema == found.complaints.schema


def test_one_complaint_comes_out_as_the_register_keeps_it(register: Register, cast: Cast, now: datetime) -> None:
    with register.write() as session:
        code = complaints.log(session, draft(now), Act(cast.agent, now)).code
    found = facts.current(register)
    row = found.complaints.row(0, named=True)
    assert (row["code"], row["state"], row["kind"], row["waiting_department"]) == (code, "received", None, False)
    assert (row["recorded_at"], row["recorded_day"]) == (now, TODAY - timedelta(days=2))
    (cycle,) = found.cycles.iter_rows(named=True)
    assert (cycle["term"], cycle["stage"], cycle["category"], cycle["stopped_at"]) == (
        "acknowledge",
        "acknowledge",
        "payment",
        None,
    )


def test_a_new_target_is_known_at_once_and_rereads_nothing(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    with sqlite_register.write() as session:
        complaints.log(session, draft(now), Act(sqlite_cast.agent, now))
    known, wanted = facts.current(sqlite_register), Target("resolve", local_day(now), 0.9)
    with sqlite_register.write() as session:
        targets.put(session, wanted, Act(sqlite_cast.admin, now), version=0)
    found = facts.current(sqlite_register)
    assert (known.targets, found.targets) == ((), (wanted,))
    assert found.complaints is known.complaints
    assert facts.load(sqlite_register).targets == (wanted,)


def test_facts_hold_nothing_about_persons(register: Register, cast: Cast, now: datetime) -> None:
    with register.write() as session:
        complaints.log(session, draft(now), Act(cast.agent, now))
    found = facts.current(register)
    everything = found.complaints.write_csv() + found.cycles.write_csv()
    assert SAID not in everything
    assert "Người Gửi" not in everything
    assert "912000111" not in everything
    assert not {"customer_id", "statement_id", "external_ref"} & set(found.complaints.columns)


def test_every_step_shows_at_once_and_refreshing_equals_loading(register: Register, cast: Cast, now: datetime) -> None:
    """All steps of two complaints, re-opened and withdrawn included; after each the kept facts are the loaded ones."""
    with register.write() as session:
        first = complaints.log(session, draft(now), Act(cast.agent, now)).code
        second = complaints.log(session, draft(now), Act(cast.agent, now)).code
    history: list[tuple[str, str, StepFields]] = [
        (first, "acknowledge", {"text": "Đã nhận"}),
        (first, "classify", {"kind": "complaint", "category": "locked_chapter"}),
        (second, "withdraw", {"text": "Khách rút"}),
        (first, "details", {"details": {"series": "Conan", "chapter": "12"}}),
        (first, "forward", {"department": "payment", "text": "Kiểm tra giúp", "due_at": now + timedelta(days=1)}),
        (first, "answer", {"text": "Đã hoàn"}),
        (first, "notify_result", {"text": "Đã báo"}),
        (first, "close", {"outcome": "upheld", "root_cause": "gateway_fault"}),
        (first, "reopen", {"text": "Khách báo lại"}),
    ]
    seen = [facts.current(register)]
    for n, (code, step, fields) in enumerate(history, start=1):
        moment = now + timedelta(hours=n)
        with register.write() as session:
            complaints.take(session, code, step, fields, Act(cast.lead, moment))
        seen.append(facts.current(register))
        assert same(seen[-1], facts.load(register)), step
    assert [found.last_event for found in seen] == sorted({found.last_event for found in seen})
    last = seen[-1].complaints.filter(pl.col("code") == first).row(0, named=True)
    assert (last["category"], last["department"], last["state"], last["closed_at"]) == (
        "locked_chapter",
        "payment",
        "investigating",
        None,
    )
    resolves = seen[-1].cycles.filter((pl.col("stage") == "resolve") & (pl.col("category") == "locked_chapter"))
    assert sorted(resolves["number"]) == [1, 2]


def test_nothing_new_is_the_same_object_for_everybody(register: Register, cast: Cast, now: datetime) -> None:
    with register.write() as session:
        complaints.log(session, draft(now), Act(cast.agent, now))
    known = facts.current(register)
    assert facts.current(register) is known
    with register.write() as session:
        complaints.log(session, draft(now), Act(cast.agent, now))
    assert facts.current(register) is not known
    assert known.complaints.height == 1, "a snapshot somebody holds never changes"


@pytest.mark.parametrize(("seed", "span"), [(0, 100_000), (1, 100_000), (2, 3), (3, 1), (4, 5)])
def test_refreshing_equals_loading_after_random_edits(
    register: Register, seed: int, span: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever part of the register a block holds."""
    monkeypatch.setattr(facts, "SPAN", span)
    chance = random.Random(seed)
    known = facts.load(register)
    change = 0
    for _ in range(12):
        with register.write() as session:
            for _ in range(chance.randrange(4)):
                change += 1
                edit(session, chance, change, now)
        known = facts.refresh(known, register)
        assert same(known, facts.load(register))


def edit(session: Session, chance: random.Random, change: int, now: datetime) -> None:
    """A new complaint or another state of an old one, with other cycles than before."""
    ids = session.scalars(select(Complaint.id)).all()
    columns = {
        "changed": change,
        "state": chance.choice(["received", "investigating", "closed"]),
        "category": chance.choice(["payment", "login", "a new, odd 'key\"\n"]),
        "kind": chance.choice([None, "complaint"]),
        "closed_at": chance.choice([None, now]),
        "waiting_department": chance.random() < 0.5,
    }
    if ids and chance.random() < 0.6:
        id = chance.choice(ids)
        session.execute(update(Complaint).where(Complaint.id == id).values(columns))
        session.execute(delete(SlaCycle).where(SlaCycle.complaint_id == id))
    else:
        id = max(ids, default=0) + chance.randint(1, 3)
        row = {"id": id, "year": 2026, "number": id, "code": f"KN-2026-{id:06d}", "version": 1, "procedure_version": 1}
        row |= {"calendar_version": 1, "procedure": "pops", "channel": "web", "recorded_at": now, "reopened": 0}
        session.execute(insert(Complaint).values(row | columns))
    for number in range(1, chance.randint(1, 3)):
        row = {
            "complaint_id": id,
            "term": "resolve",
            "number": number,
            "starts_at": now,
            "due_at": now,
            "warns_at": now,
        }
        row |= {
            "stopped_at": chance.choice([None, now]),
            "working_seconds": chance.choice([None, 60]),
            "calendar_version": 1,
        }
        session.execute(insert(SlaCycle).values(row))


def test_a_restored_older_copy_is_read_anew(sqlite_register: Register, now: datetime) -> None:
    chance = random.Random(1)
    with sqlite_register.write() as session:
        for change in range(1, 6):
            edit(session, chance, change, now)
    known = facts.load(sqlite_register)
    with sqlite_register.write() as session:
        last = session.scalars(select(Complaint.id).where(Complaint.changed == 5)).one()
        session.execute(delete(SlaCycle).where(SlaCycle.complaint_id == last))
        session.execute(delete(Complaint).where(Complaint.id == last))
    assert same(facts.refresh(known, sqlite_register), facts.load(sqlite_register))


def test_many_threads_see_whole_snapshots_while_somebody_writes(sqlite_register: Register, now: datetime) -> None:
    """Each write adds a complaint with one cycle: every snapshot has as many cycles as complaints as changes."""
    torn: list[tuple[int, int, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            found = facts.current(sqlite_register)
            sizes = (found.last_event, found.complaints.height, found.cycles.height)
            if len(set(sizes)) > 1:
                torn.append(sizes)

    readers = [threading.Thread(target=look) for _ in range(4)]
    for reader in readers:
        reader.start()
    for id in range(1, 41):
        with sqlite_register.write() as session:
            row = {
                "id": id,
                "year": 2026,
                "number": id,
                "code": f"KN-2026-{id:06d}",
                "version": 1,
                "procedure_version": 1,
            }
            row |= {"calendar_version": 1, "procedure": "pops", "channel": "web", "recorded_at": now, "reopened": 0}
            session.execute(
                insert(Complaint).values(
                    row | {"changed": id, "state": "received", "category": "login", "waiting_department": False}
                )
            )
            cycle = {
                "complaint_id": id,
                "term": "acknowledge",
                "number": 1,
                "starts_at": now,
                "due_at": now,
                "warns_at": now,
            }
            session.execute(insert(SlaCycle).values(cycle | {"calendar_version": 1}))
    done.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert facts.current(sqlite_register).last_event == 40


def test_reading_facts_does_not_disturb_the_write_ahead_log(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    """A second process sees what was committed after facts were read (a second SQLite library would break that)."""
    path = str(sqlite_register.engine.url.database)
    for expected in (1, 2, 3):
        with sqlite_register.write() as session:
            complaints.log(session, draft(now), Act(sqlite_cast.agent, now))
        assert facts.current(sqlite_register).complaints.height == expected
        query = "select count(*) from complaints"
        asked = f"import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('{query}').fetchone()[0])"
        assert subprocess.run(
            [sys.executable, "-c", asked, path], capture_output=True, text=True, check=True
        ).stdout.strip() == str(expected)
    assert sqlite3.connect(path).execute("pragma integrity_check").fetchone() == ("ok",)


def test_the_backlog_counts_what_the_queue_counts(register: Register, cast: Cast, now: datetime) -> None:
    with register.write() as session:
        codes = [
            complaints.log(session, draft(now - timedelta(days=age)), Act(cast.agent, now)).code for age in (0, 1, 4, 7)
        ]
        complaints.take(session, codes[0], "acknowledge", {"text": "Đã nhận"}, Act(cast.lead, now))
        complaints.take(session, codes[1], "withdraw", {"text": "Khách rút"}, Act(cast.lead, now))
    with register.read() as session:
        theirs = queue.counts(session, by=cast.lead, now=now)
    ours = backlog.segments(facts.current(register), Filter.of("quarter", TODAY), now)
    assert ours == {name: theirs[name] for name in ours}
    assert ours["all"] == 3


def test_the_columns_are_those_of_the_tables() -> None:
    tables = Base.metadata.tables
    assert set(typed.COMPLAINT_COLUMNS) <= set(tables["complaints"].columns.keys())
    assert set(typed.CYCLE_COLUMNS) <= set(tables["sla_cycles"].columns.keys())
    assert set(typed.REQUEST_COLUMNS) <= set(tables["requests"].columns.keys())

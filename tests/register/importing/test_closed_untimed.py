"""Complaints that come in as closed while nobody knows since when: closed, in no queue, in no rate (D30)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from math import isnan
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from streamlit.testing.v1 import AppTest

from core.errors import Invalid
from core.insight import backlog, causes, compliance, facts, volume
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers import csv, rows
from core.papers.dictionary import COLUMNS
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Report, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.tables import Complaint, Event, SlaCycle
from core.register.log.verify import verify
from core.register.reads import known_customers, queue
from core.ui.analysis import explore
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.register.importing.files import told
from tests.register.log import old_register

CASES = Path(__file__).parent / "cases" / "two-time-columns"
NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
STATUS = """
[status]
column = "Status"
[status.values]
closed = "closed"
Solved = "closed"
OPEN = "open"
Pending = "open"
"""
YEAR_2015 = Filter(date(2015, 1, 1), date(2015, 12, 31))
CLOSED, OPEN = 29, 11


def brought(register: Register, status: str = STATUS) -> Report:
    mapping = parse((CASES / "map_as_is.toml").read_text(encoding="utf-8") + status, file="map.toml")
    return take_in(register, Delimited(CASES / "in.csv"), mapping, act=Act(None, NOW))


def test_closed_rows_come_in_as_closed_without_a_time(register: Register, cast: Cast) -> None:
    report = brought(register)
    assert (report.accepted, told(report)) == (40, [])
    with register.read() as session:
        first = session.scalars(select(Complaint).where(Complaint.external_ref == "1001")).one()
        kinds = list(
            session.scalars(select(Event.kind).where(Event.subject_id == first.id, Event.subject == "complaint"))
        )
        states = list(session.scalars(select(Complaint.state)))
        cancelled = session.scalars(select(SlaCycle).where(SlaCycle.complaint_id == first.id)).one()
        open_ones = queue.counts(session, by=cast.lead, now=NOW)["all"]
    assert kinds == ["received", "closed_untimed"]
    assert (first.state, first.closed_at, first.resolved_at, first.next_due_at) == ("closed", None, None, None)
    assert (states.count("closed"), states.count("received")) == (CLOSED, OPEN)
    assert (cancelled.stopped_at, cancelled.cancelled_at) == (None, NOW), "ended without a verdict"
    assert open_ones == OPEN, "what is closed is in no queue"
    assert verify(register).is_whole, "and replay gives the same"
    assert brought(register).known == 40


def test_they_are_in_no_rate_and_in_no_backlog(sqlite_register: Register) -> None:
    brought(sqlite_register, STATUS.replace('"open"', '"closed"'))
    known = facts.current(sqlite_register)
    found = compliance.of(known, YEAR_2015, NOW, "acknowledge")
    assert (found["due"], found["cancelled"]) == (0, 40)
    assert isnan(found["share"])
    assert backlog.segments(known, YEAR_2015, NOW)["all"] == 0
    assert causes.total(known, YEAR_2015) == 0
    assert volume.total(known, YEAR_2015) == 40, "that they came is known"
    selection = rows.Selection(known, Slice(YEAR_2015), NOW)
    assert rows.totals(selection) == {"open": 0, "closed": 0, "untimed": 40, "merged": 0, "broken": 0}
    assert explore.totals(selection) == "0 đang mở · 0 đã đóng · 40 đã đóng, không rõ lúc nào · 0 có cam kết không đạt"


@pytest.mark.parametrize(
    ("headers", "right"), [("label", "Đã đóng,không rõ lúc nào"), ("key", "closed,")], ids=["label", "key"]
)
def test_an_export_says_that_the_time_is_unknown(sqlite_register: Register, headers: csv.Headers, right: str) -> None:
    brought(sqlite_register)
    wanted = [COLUMNS["state"], COLUMNS["closed_at"]]
    selection = rows.Selection(facts.current(sqlite_register), Slice(YEAR_2015), NOW)
    frames = rows.stretches(sqlite_register, selection, csv.needed(wanted), whole=True)
    lines = b"".join(csv.write(frames, csv.Words(wanted, headers))).decode("utf-8-sig").splitlines()
    assert lines.count(right) == CLOSED
    assert len(lines) == 41


def test_the_page_of_the_complaint_says_so(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(sqlite_register)
    page: AppTest = Screen(sqlite_register, sqlite_cast.agent, NOW).open(
        "complaint", monkeypatch, code="KN-2015-000001"
    )
    assert not page.exception
    assert "không rõ lúc nào" in said(page)
    assert "Nhập vào khi đã đóng; không rõ đóng lúc nào" in said(page)


def test_it_can_be_opened_again_and_closed_with_a_time(register: Register, cast: Cast) -> None:
    brought(register)
    later = Act(cast.lead, NOW + timedelta(hours=1))
    with register.write() as session:
        complaints.take(session, "KN-2015-000001", "reopen", {"text": "Khách báo lại"}, later)
    with register.write() as session:
        complaints.take(session, "KN-2015-000001", "classify", {"kind": "complaint"}, later)
        one = complaints.take(session, "KN-2015-000001", "notify_result", {"text": "Đã xử lý"}, later)
        assert (one.state, one.reopened, one.resolved_at) == ("resolved", 1, later.now)
    assert verify(register).is_whole


def test_a_customer_with_such_a_complaint_has_no_open_one(register: Register, cast: Cast) -> None:
    who = CustomerDraft(phone="0912345678")
    draft = Draft("hotline", NOW - timedelta(days=400), "Cũ", "other", customer=who, is_closed=True)
    with register.write() as session:
        complaints.write_histories(session, [(draft, ())], Act(None, NOW))
        known = known_customers.find(session, "0912 345 678", cast.agent)
        assert known is not None
        assert (known.open, known.count) == ([], 1)


def test_an_unknown_status_is_refused_by_its_row(sqlite_register: Register) -> None:
    report = brought(sqlite_register, STATUS.replace('Pending = "open"\n', ""))
    assert {(column, reason.split("”")[0]) for _, column, reason in told(report)} == {("Status", "“Pending")}


BAD = [
    # status table, named in the sentence, why
    (STATUS.replace('"closed"', '"shut"', 1), "status.values.closed", "no such status"),
    (STATUS + 'SOLVED = "open"\n', "status.values.SOLVED", "the same word with two meanings"),
    (STATUS.replace('column = "Status"\n', ""), "status.column", "which column?"),
]


@pytest.mark.parametrize(("status", "named", "why"), BAD, ids=[row[-1] for row in BAD])
def test_a_bad_status_is_refused_with_the_mapping(sqlite_register: Register, status: str, named: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        brought(sqlite_register, status)
    assert named in str(refused.value), why


def test_the_index_of_open_rows_is_made_anew(empty_database_url: str) -> None:
    """A register of version 0.1 keeps its rows; its index leaves out what is closed without a time."""
    old_register.write(empty_database_url)
    before = _index(empty_database_url)
    migrate(empty_database_url)
    assert "state" not in before
    assert "state <> 'closed'" in _index(empty_database_url)
    register = Register(empty_database_url, Path("none"))
    with register.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 5
    register.engine.dispose()


def _index(url: str) -> str:
    """How the engine says the index was made, without brackets and casts."""
    table, column = ("sqlite_master", "sql") if url.startswith("sqlite") else ("pg_indexes", "indexdef")
    name = "name" if url.startswith("sqlite") else "indexname"
    engine = create_engine(url)
    with engine.connect() as connection:
        made = connection.scalar(text(f"SELECT {column} FROM {table} WHERE {name} = 'ix_complaints_open_by_due'"))
    engine.dispose()
    return re.sub(r"[()]|::\w+", "", str(made))

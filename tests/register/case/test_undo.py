"""Undo (D22): a step taken back leaves row, clocks, values and counts as if it had not been, on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import cast as typed_as

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.errors import Conflict, Invalid, NotAllowed
from core.register import rulebook
from core.register.backup.load import restore
from core.register.backup.save import save
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.case import case as cases
from core.register.case import complaints, details, intake, projection, text_uses
from core.register.case.complaints import PastStep
from core.register.case.evidence import FileDraft
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.projection import fold
from core.register.clocks import cycles
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Action, Complaint, Detail, Event, Issue, Request, SlaCycle
from core.register.log.verify import verify
from core.register.organisation import answer_texts
from core.register.reads import dossier, search
from core.register.reads.visible import columns_of
from core.rules import issues, policy, prevention
from core.rules.answer_text import Text
from core.rules.policy import Actor
from core.rules.prevention import STAGE_OF
from core.rules.requests import open_of
from core.rules.steps import CORRECT, ISSUE, ISSUED, MERGED, STEPS, UNDO, VERIFY, State
from core.rules.undo import effective
from tests.conftest import Cast
from tests.engines import Sqlite, everything
from tests.files import PNG
from tests.local_time import at
from tests.register.cases import MON, advanced, clock, draft, files_of, logged, take
from tests.register.ways import begun_before, filled, log_survivor, open_incident, taker, verify_customers, way_before

SOON = timedelta(minutes=1)


def undo(register: Register, complaint: Complaint, by: Actor | None, when: datetime) -> Complaint:
    return take(register, UNDO, complaint, by, when, version=complaint.version)


def as_it_stands(register: Register, complaint: Complaint) -> tuple[object, ...]:
    """Row (without what says which event was the last), clocks, values, and what is found by words and department."""
    with register.read() as session:
        row = session.get_one(Complaint, complaint.id)
        columns = {column.name: getattr(row, column.name) for column in Complaint.__table__.columns}
        clocks = session.execute(select(SlaCycle.__table__).where(SlaCycle.complaint_id == row.id)).all()
        values = session.execute(select(Detail.field, Detail.value).where(Detail.complaint_id == row.id)).all()
        asked = session.execute(select(Request.__table__).where(Request.complaint_id == row.id)).all()
        planned = session.execute(select(Action.__table__).where(Action.complaint_id == row.id)).all()
        further = session.execute(select(Issue.__table__).where(Issue.complaint_id == row.id)).all()
        counted = text_uses.stored(session)
    del columns["version"], columns["changed"]
    lists = (sorted(found, key=repr) for found in (clocks, values, asked, planned, further))
    return columns, *lists, counted


def standing(register: Register, cast: Cast, step: str) -> Complaint:
    """A complaint, logged by the reporter, on which ``step`` is possible."""
    begun = begun_before(step, MON)
    with register.write() as session:
        open_incident(session, MON)
        log_survivor(session, MON)
        verify_customers(session)
    complaint = logged(register, cast, recorded_at=begun)
    for n, key in enumerate(way_before(step)):
        when, fields = MON + n * SOON, filled(key, MON + timedelta(days=1))
        by = getattr(cast, taker(key))
        complaint = take(register, key, complaint, by, when, happened_at=begun + n * SOON, **fields)
    return complaint


@pytest.mark.parametrize("step", [step for step in STEPS if step not in (UNDO, ISSUE)])
def test_each_step_is_undone_without_a_trace_in_what_follows(step: str, register: Register, cast: Cast) -> None:
    complaint = standing(register, cast, step)
    before, when = as_it_stands(register, complaint), MON + timedelta(hours=3)
    fields = filled(step, when + timedelta(days=1))
    by = getattr(cast, taker(step))
    fields["assignee_id"] = by.id
    if step in ("add_evidence", "send_evidence"):
        fields["files"] = (FileDraft("ảnh.png", BytesIO(PNG)),)
    if step == VERIFY:
        fields["facts"] = {"title": "Kế toán trưởng"}
    taken = take(register, step, complaint, by, when, **fields)
    after = undo(register, taken, by, when + 15 * SOON)
    assert (after.version, after.state) == (taken.version + 1, complaint.state)
    assert as_it_stands(register, after) == before
    with register.read() as session:
        events = cases.history(session, after.id)
        newest = cases.event_of(events[-1])
    assert (newest.kind, newest.payload["undoes"], newest.actor_id) == ("undone", taken.version, by.id)
    assert after.changed == events[-1].id, "figures read it anew"
    assert verify(register, files=True).problems == []
    again = take(register, step, after, by, when + 16 * SOON, version=after.version, **fields)
    assert again.state == taken.state, "and it is taken anew"
    assert verify(register, files=True).problems == []


def test_a_clock_that_the_step_stopped_runs_on_with_its_due(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 4)
    due = clock(register, complaint, "resolve").due_at
    told = take(register, "notify_result", complaint, cast.agent, at("2026-11-18 09:00"), text="Đã hoàn")
    assert (clock(register, told, "resolve").stopped_at, told.next_due_at) == (at("2026-11-18 09:00"), None)
    back = undo(register, told, cast.agent, at("2026-11-18 09:10"))
    running = clock(register, back, "resolve")
    assert (running.due_at, running.stopped_at, running.working_seconds) == (due, None, None)
    assert (back.next_due_at, back.resolved_at, back.waiting_department) == (due, None, False)
    with register.read() as session:
        whole = dossier.read(session, back.code, by=cast.agent, now=at("2026-11-18 09:11"), language="vi")
    assert [clock.stopped_at for clock in whole.clocks if clock.term == "resolve"] == [None]


def test_a_withdrawal_undone_cancels_nothing(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 3)
    gone = take(register, "withdraw", complaint, cast.lead, at("2026-11-16 11:00"), text="Khách rút")
    assert clock(register, gone, "resolve").cancelled_at
    back = undo(register, gone, cast.lead, at("2026-11-16 11:14"))
    assert (back.state, back.outcome, back.closed_at) == ("investigating", None, None)
    assert (back.waiting_department, back.department_due_at) == (True, at("2026-11-18 17:30"))
    assert clock(register, back, "resolve").cancelled_at is None


def test_a_reopening_undone_is_closed_as_before_and_keeps_the_first_verdict(register: Register, cast: Cast) -> None:
    closed = advanced(register, cast)
    opened = take(register, "reopen", closed, cast.agent, at("2026-11-20 09:00"), text="Lại lỗi")
    assert clock(register, opened, "resolve", 2).starts_at == at("2026-11-20 09:00")
    back = undo(register, opened, cast.agent, at("2026-11-20 09:05"))
    assert (back.state, back.reopened, back.closed_at) == ("closed", 0, at("2026-11-18 09:10"))
    with register.read() as session:
        assert session.get(SlaCycle, (back.id, "resolve", 2)) is None
    again = take(register, "reopen", back, cast.agent, at("2026-11-20 10:00"), text="Lại lỗi thật")
    assert (again.reopened, clock(register, again, "resolve", 2).starts_at) == (1, at("2026-11-20 10:00"))


def _day_off(register: Register, cast: Cast, day: date, when: datetime) -> None:
    with register.write() as session:
        rule = calendar_changes.decided((), "Nghỉ công ty")
        wanted = calendar_changes.with_changes(calendars.current(session), {day: rule}, today=date(2026, 11, 16))
        calendars.apply(session, wanted, "Nghỉ công ty", Act(cast.admin, when))


def test_a_clock_keeps_the_calendar_it_began_on(register: Register, cast: Cast) -> None:
    """The step that is undone was written on a newer calendar than the clock that it stopped (D8)."""
    complaint = advanced(register, cast, 2)
    told = take(register, "notify_result", complaint, cast.agent, at("2026-11-16 11:00"), text="Đã hoàn")
    _day_off(register, cast, date(2026, 11, 19), at("2026-11-16 11:05"))
    back = undo(register, told, cast.agent, at("2026-11-16 11:10"))
    running = clock(register, back, "resolve")
    assert (running.due_at, running.calendar_version) == (at("2026-11-23 17:30"), 1), "the promise that was given"
    noted = take(register, "note", back, cast.agent, at("2026-11-16 11:20"), text="Gọi lại")
    assert clock(register, noted, "resolve").calendar_version == 1
    assert verify(register).problems == []
    _day_off(register, cast, date(2026, 11, 20), at("2026-11-16 11:30"))
    moved = clock(register, noted, "resolve")
    assert (moved.due_at, moved.calendar_version) == (at("2026-11-26 17:30"), 3), "the next change moves it"
    assert verify(register).problems == []


def test_what_began_on_a_newer_calendar_and_was_undone_leaves_the_old_one(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    _day_off(register, cast, date(2026, 11, 19), at("2026-11-16 09:30"))
    taken = take(register, "acknowledge", complaint, cast.agent, at("2026-11-16 10:00"))
    assert clock(register, taken, "resolve").calendar_version == 2
    back = undo(register, taken, cast.agent, at("2026-11-16 10:01"))
    assert clock(register, back, "acknowledge").calendar_version == 1
    with register.read() as session:
        assert session.get(SlaCycle, (back.id, "resolve", 1)) is None
    assert verify(register).problems == []


def test_once_a_calendar_change_moved_its_deadlines_a_step_stays(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 1)
    _day_off(register, cast, date(2026, 11, 19), at("2026-11-16 10:05"))
    with pytest.raises(NotAllowed, match="nothing to undo"):
        take(register, UNDO, complaint, cast.agent, at("2026-11-16 10:06"))


def test_a_change_of_the_calendar_counts_what_is_left_of_a_history(register: Register, cast: Cast) -> None:
    """The second cycle began with the re-opening that stands, not with the one that was undone."""
    closed = advanced(register, cast)
    wrong = take(register, "reopen", closed, cast.agent, at("2026-11-20 09:00"), text="Lại lỗi")
    back = undo(register, wrong, cast.agent, at("2026-11-20 09:05"))
    again = take(register, "reopen", back, cast.agent, at("2026-11-25 09:00"), text="Lại lỗi thật")
    due = clock(register, again, "resolve", 2).due_at
    with register.read() as session:
        rule = calendar_changes.decided((), "Nghỉ")
        days = calendar_changes.with_changes(
            calendars.current(session), {date(2026, 11, 27): rule}, today=date(2026, 11, 25)
        )
        moved = calendars.preview(session, days)
    assert (due, [(one.old_due_at, one.new_due_at) for one in moved]) == (
        at("2026-12-02 17:30"),
        [(due, at("2026-12-03 17:30"))],
    )


def test_the_order_of_times_leaves_out_what_was_undone(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    wrong = take(register, "acknowledge", complaint, cast.agent, at("2026-11-16 11:00"))
    back = undo(register, wrong, cast.agent, at("2026-11-16 11:01"))
    early = at("2026-11-16 10:00")
    right = take(register, "acknowledge", back, cast.agent, at("2026-11-16 11:02"), happened_at=early)
    classified = take(
        register, "classify", right, cast.agent, at("2026-11-16 11:03"), happened_at=at("2026-11-16 10:30"),
        kind="complaint",
    )  # fmt: skip
    assert classified.acknowledged_at == early
    assert verify(register).problems == []


def test_a_use_of_an_answer_text_in_what_was_undone_is_none(register: Register, cast: Cast) -> None:
    body = "Chúng tôi đã nhận."
    with register.write() as session:
        kept = answer_texts.begin(session, Text("Đã nhận", body), Act(cast.lead, MON))
        used = answer_texts.name_of(answer_texts.approve(session, kept.key, 1, Act(cast.lead, MON)))

    def counted() -> list[tuple[int, int]]:
        with register.read() as session:
            assert verify(register).problems == []
            return [times for use, times in text_uses.stored(session).items() if use.key == kept.key]

    first, second = logged(register, cast), logged(register, cast)
    one = take(register, "acknowledge", first, cast.agent, MON, text=body, answer_text=used)
    undo(register, one, cast.agent, MON + SOON)
    assert counted() == [], "not even a row"
    two = take(register, "acknowledge", second, cast.agent, MON, text="Khác hẳn", answer_text=used)
    take(register, "acknowledge", first, cast.agent, MON + 2 * SOON, text=body, answer_text=used)
    assert counted() == [(2, 1)]
    undo(register, two, cast.agent, MON + SOON)
    assert counted() == [(1, 0)]


def test_texts_and_files_stay_in_the_record_and_are_found(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    files = (FileDraft("ảnh.png", BytesIO(PNG)),)
    added = take(register, "add_evidence", complaint, cast.agent, MON + SOON, files=files, text="ảnh màn hình")
    undo(register, added, cast.agent, MON + 2 * SOON)
    with register.read() as session:
        whole = dossier.read(session, complaint.code, by=cast.agent, now=MON + 3 * SOON, language="vi")
        found = search.find(session, "màn hình", by=cast.agent)
    assert [file.name for file in files_of(whole)] == ["ảnh.png"]
    assert [(moment.kind, moment.undone_at) for moment in whole.moments] == [
        ("received", None),
        ("evidence_added", MON + 2 * SOON),
        ("undone", None),
    ]
    assert whole.moments[1].text == "ảnh màn hình"
    assert complaint.code in repr(found)
    assert verify(register, files=True).problems == []


def test_a_department_sees_no_more_what_was_forwarded_by_mistake(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 3)
    assert policy.sees(cast.handler, columns_of(complaint), everything())
    back = undo(register, complaint, cast.agent, at("2026-11-16 10:20"))
    assert (back.department, back.department_due_at) == (None, None)
    assert not policy.sees(cast.handler, columns_of(back), everything())
    with register.read() as session, pytest.raises(NotAllowed):
        dossier.read(session, back.code, by=cast.handler, now=at("2026-11-16 10:21"), language="vi")
    assert verify(register).problems == [], "the index of search, too, is of no department"


MAY_REFUSE = {"decide", "end_waiting", "accept", "explain_miss"}
"""Steps that need more than a state: a proposal, reminders, a date, a miss."""


def test_a_value_given_by_mistake_is_what_it_was(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    wrong = {"amount": "99.000", "transaction": "FT99999999"}
    given = take(register, "details", complaint, cast.agent, MON + SOON, details=wrong)
    undo(register, given, cast.agent, MON + 2 * SOON)
    with register.read() as session:
        known = details.known(session, complaint.id)
    assert (known["amount"], known.get("transaction")) == ("49000", None)
    assert verify(register).problems == []


def test_the_timeline_names_values_by_the_category_that_counted_then(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 1)
    wrong = take(
        register, "classify", complaint, cast.agent, at("2026-11-16 10:01"), kind="complaint", category="login"
    )
    back = undo(register, wrong, cast.agent, at("2026-11-16 10:02"))
    take(register, "details", back, cast.agent, at("2026-11-16 10:03"), details={"method": ""})
    with register.read() as session:
        whole = dossier.read(session, back.code, by=cast.agent, now=at("2026-11-16 10:04"), language="vi")
    [value] = whole.moments[-1].values
    assert value.field.en == "Payment method", "and not “Way of signing in”, which has the same key"


# Who else, or when, or what: each refused, with what is said.
def _step_of(register: Register, cast: Cast, by: str) -> Complaint:
    person = getattr(cast, by)
    with register.write() as session:
        complaint = complaints.log(session, draft(), Act(person, MON))
    return take(register, "note", complaint, person, MON + SOON, text="Ghi")


@pytest.mark.parametrize(
    ("who", "after", "said", "why"),
    [
        ("agent2", SOON, "somebody else's", "a colleague"),
        ("lead", SOON, "somebody else's", "not even a lead"),
        ("analyst", SOON, "Your role", "a role that takes no steps"),
        ("agent", timedelta(minutes=15, seconds=1), "15 minutes", "too late"),
        (None, SOON, "somebody else's", "the register itself"),
    ],
)
def test_a_step_is_undone_by_its_person_in_time(
    register: Register, cast: Cast, who: str | None, after: timedelta, said: str, why: str
) -> None:
    noted = _step_of(register, cast, "agent")
    by = getattr(cast, who) if who else None
    with pytest.raises(NotAllowed, match=said):
        undo(register, noted, by, MON + SOON + after)
    with register.read() as session:
        assert len(cases.history(session, noted.id)) == 2, why
        if by:
            whole = dossier.read(session, noted.code, by=by, now=MON + SOON + after, language="vi")
            assert whole.undo_until is None, "and it is not offered"


def test_it_is_offered_until_the_last_second(sqlite_register: Register, sqlite_cast: Cast) -> None:
    noted = _step_of(sqlite_register, sqlite_cast, "reporter")
    with sqlite_register.read() as session:
        by, until = sqlite_cast.reporter, MON + 16 * SOON
        for now, wanted in ((MON + SOON, until), (until, until), (until + timedelta(seconds=1), None)):
            assert dossier.read(session, noted.code, by=by, now=now, language="vi").undo_until == wanted


@pytest.mark.parametrize("steps", [0, 2])
def test_nothing_before_the_last_step_is_undone(sqlite_register: Register, sqlite_cast: Cast, steps: int) -> None:
    """A receipt never, and after one undo the step before it stays."""
    complaint = advanced(sqlite_register, sqlite_cast, steps)
    when = at("2026-11-16 10:06")
    if steps:
        complaint = undo(sqlite_register, complaint, sqlite_cast.agent, when)
    with pytest.raises(NotAllowed, match="undone already" if steps else "nothing to undo"):
        undo(sqlite_register, complaint, sqlite_cast.agent, when)


def test_whoever_was_faster_keeps_the_step(sqlite_register: Register, sqlite_cast: Cast) -> None:
    noted = _step_of(sqlite_register, sqlite_cast, "agent")
    take(sqlite_register, "note", noted, sqlite_cast.agent2, MON + SOON, text="Thêm")
    with pytest.raises(Conflict):
        undo(sqlite_register, noted, sqlite_cast.agent, MON + SOON)


def test_what_was_imported_stays(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """The lead who imports is its actor; what they do on it later is their own step."""
    act = Act(sqlite_cast.lead, MON + SOON)
    with sqlite_register.write() as session:
        steps = [PastStep("acknowledge", MON, filled("acknowledge", MON))]
        [case] = complaints.write_histories(session, [(draft(source="file", external_ref="1"), steps)], act)
    with sqlite_register.write() as session, pytest.raises(NotAllowed, match="import"):
        complaints.take(session, case.row["code"], UNDO, {}, act)
    with sqlite_register.write() as session:
        later = Act(sqlite_cast.lead, MON + 2 * SOON)
        complaints.take(session, case.row["code"], "note", {"text": "Của tôi"}, later)
        assert complaints.take(session, case.row["code"], UNDO, {}, later).version == 4


def test_what_the_form_logged_is_no_import(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.agent, MON)
    with sqlite_register.write() as session:
        complaint, _new = intake.log_once(session, draft(), "ref-00001", act)
        complaints.take(session, complaint.code, "acknowledge", {"channel": "email"}, act)
        assert complaints.take(session, complaint.code, UNDO, {}, act).state == "received"


def test_a_log_that_undoes_anything_else_cannot_be_replayed() -> None:
    """Whoever writes into the log past the program is found by replaying it."""
    received, noted = _event(1, "received"), _event(2, "noted")
    for told in (
        [received, _undone(2, 1)],
        [received, noted, _undone(3, 1)],
        [received, noted, _undone(3, 2), _undone(4, 3)],
        [received, noted, _undone(3, 2), _undone(4, 2)],
        [received, noted, _event(3, "recalculated"), _undone(4, 3)],
        [_undone(1, 1)],
    ):
        with pytest.raises(Invalid, match="right before"):
            fold(told)


def _event(seq: int, kind: str, /, **payload: object) -> CaseEvent:
    first: dict[str, object] = {"code": "KN-2026-000001", "year": 2026, "number": 1, "procedure": "pops"}
    first |= {"procedure_version": 1, "channel": "email", "category": "payment"}
    said = {"calendar": 1, **(first if kind == "received" else {}), **payload}
    return CaseEvent(seq, kind, MON + seq * SOON, typed_as("Payload", said), 7)


def _undone(seq: int, undoes: int) -> CaseEvent:
    return _event(seq, "undone", undoes=undoes)


def test_a_backup_brings_an_undone_step_back(register: Register, cast: Cast, tmp_path: Path) -> None:
    complaint = advanced(register, cast, 4)
    taken = take(register, "notify_result", complaint, cast.agent, at("2026-11-17 16:00"), text="Đã hoàn")
    undo(register, taken, cast.agent, at("2026-11-17 16:05"))
    with register.read() as session:
        save(session.connection(), tmp_path / "copy", register.evidence_dir, now=MON)
    folder = tmp_path / "target"
    restore(Sqlite.url(folder / "complaints.db"), folder / "evidence", tmp_path / "copy", now=MON)
    again = open_register(Sqlite.url(folder / "complaints.db"), folder / "evidence")
    assert as_it_stands(again, complaint) == as_it_stands(register, complaint)
    assert verify(again, files=True).problems == []
    again.engine.dispose()


# -- random lives


class Walk:
    """One complaint on which people take steps and undo them, by chance."""

    def __init__(self, register: Register, cast: Cast, seed: int) -> None:
        self.register, self.chance, self.when = register, Random(seed), MON
        self.people: tuple[Actor, ...] = (cast.agent, cast.lead, cast.agent2)
        self.agent, self.cast = cast.agent, cast
        with register.write() as session:
            open_incident(session, MON)
            log_survivor(session, MON)
            verify_customers(session)
        self.complaint = logged(register, cast)
        self.by: Actor | None = None  # whose step the last event is, None where it cannot be undone
        self.taken_at, self.undone = MON, 0

    def act(self) -> None:
        self.when += timedelta(minutes=self.chance.randint(0, 14))
        in_time = self.when <= self.taken_at + timedelta(minutes=15)
        if self.by is not None and in_time and self.chance.random() < 0.4:
            self.complaint = undo(self.register, self.complaint, self.by, self.when)
            self.by = None
            self.undone += 1
        elif self.chance.random() < 0.1 and self.when < at("2026-11-16 23:00"):
            self.change_calendar()
        else:
            self.step()

    def step(self) -> None:
        by = self.chance.choice(self.people)
        offered = policy.steps_for(by, columns_of(self.complaint), everything())
        with self.register.read() as session:
            its_issues = issues.standing(cases.load(session, self.complaint.code).row["issues"])
        left_out = {"add_evidence", ISSUE, *MAY_REFUSE, *STAGE_OF, *(() if its_issues else (issues.REMOVE,))}
        possible = [key for key in offered if key not in left_out]
        key = self.chance.choice(possible)
        fields = filled(key, self.when + timedelta(days=1))
        fields["assignee_id"] = by.id
        if key == "correct":
            fields["becomes"] = next(one for one in ("hotline", "facebook") if one != self.complaint.channel)
        if owed := open_of(self.complaint.requests):
            fields["request"] = self.chance.choice(owed).number
        fields["issue"] = its_issues[-1].number if its_issues else None
        fields["issue_outcomes"] = {str(one.number): "rejected" for one in its_issues}
        fields["issue_causes"] = {str(one.number): "unknown" for one in its_issues}
        if key == VERIFY:
            fields["facts"] = {"title": f"Chức danh {self.chance.randint(1, 9)}"}
        if key == "details":
            fields["details"] = {
                "amount": str(self.chance.randint(1, 10**6)),
                "transaction": f"FT{self.chance.random()}",
            }
        self.complaint = take(self.register, key, self.complaint, by, self.when, **fields)
        self.by, self.taken_at = by, self.when

    def change_calendar(self) -> None:
        """A day off: it moves the clocks that run, with an event of its own, or leaves the complaint alone."""
        day = date(2026, 11, self.chance.choice((18, 19, 20)))
        with self.register.write() as session:
            in_use = calendars.current(session)
            if day in in_use.days:
                return
            rule = calendar_changes.decided((), "Nghỉ")
            wanted = calendar_changes.with_changes(in_use, {day: rule}, today=date(2026, 11, 16))
            if calendars.apply(session, wanted, "Nghỉ", Act(self.cast.admin, self.when)):
                self.by = None
        with self.register.read() as session:
            self.complaint = session.get_one(Complaint, self.complaint.id)

    def check(self) -> None:
        """What stands is what the history without the undone pairs gives."""
        with self.register.read() as session:
            stored = session.get_one(Complaint, self.complaint.id)
            events = [cases.event_of(event) for event in cases.history(session, stored.id)]
            counting = effective(events)
            rest = renumbered(counting)
            row = fold(rest)
            clocks = {(one["term"], one["number"]): dict(one) for one in cycles.rows_of(session, stored.id, row, rest)}
            its = session.execute(select(SlaCycle.__table__).where(SlaCycle.complaint_id == stored.id))
            assert {(one.term, one.number): dict(one._mapping) for one in its} == clocks
            for name, value in projection.columns_of(row).items():
                if name != "version":
                    assert getattr(stored, name) == value, name
            asked = session.execute(select(Request.__table__).where(Request.complaint_id == stored.id))
            assert [dict(one._mapping) for one in asked] == projection.request_rows(stored.id, row)
            further = session.execute(select(Issue.__table__).where(Issue.complaint_id == stored.id))
            assert [dict(one._mapping) for one in further] == projection.issue_rows(stored.id, row)
            assert stored.version == len(events)
            kept = {one.field: (one.value, one.evidence_id) for one in session.scalars(select(Detail))}
            assert kept == details.fold(rest)
            numbers = select(Event.seq).where(Event.subject == "complaint", Event.subject_id == stored.id)
            assert list(session.scalars(numbers.where(cases.counts()).order_by(Event.seq))) == [
                event.seq for event in counting
            ], "the condition for queries says the same"


def renumbered(events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """The same history as if nothing had stood between."""
    return [event._replace(seq=n) for n, event in enumerate(events, 1)]


@pytest.mark.parametrize("seed", range(4))
def test_a_life_with_undos_is_the_life_without_them(register: Register, cast: Cast, seed: int) -> None:
    walk = Walk(register, cast, seed)
    for _ in range(25):
        walk.act()
        walk.check()
    assert verify(register).problems == []
    assert walk.undone, "a walk that undoes nothing says nothing"


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=30))
def test_the_fold_with_undos_is_the_fold_without_them(choices: list[tuple[int, bool]]) -> None:
    told, rows = [_event(1, "received")], [fold([_event(1, "received")])]
    takes = [step for step in STEPS.values() if step.key != UNDO]
    for choice, undoes in choices:
        seq = len(told) + 1
        if undoes and told[-1].kind not in ("received", "undone", ISSUED):
            told.append(_undone(seq, seq - 1))
            rows.append(rows[-2])
            continue
        possible = [step for step in takes if State(rows[-1]["state"]) in step.from_states]
        if (
            rows[-1]["state"] == State.merged
        ):  # nothing may have been planned before it was merged, which is offered then
            possible = [step for step in possible if step.key not in prevention.KEYS]
        step = possible[choice % len(possible)]
        said = {"department": f"d{choice}", "assignee_id": choice, "kind": "complaint", "outcome": "upheld"}
        correction = {"corrects": "channel", "of": 1, "channel": f"c{choice}"} if step.key == CORRECT else {}
        asked = {"due_at": MON.isoformat(), "request": 1 + choice % 3, "incident": f"SC-2026-{choice:04}"}
        asked |= {"issue": 2 + choice % 3, "issue_category": f"g{choice}", "issue_outcomes": {"2": f"o{choice}"}}
        asked |= {"merged_into": f"KN-2026-{choice:06}", "unmerges": _merge_among(told), "addressee": "board"}
        told.append(_event(seq, step.event, **said, **correction, **asked))
        rows.append(fold(told))
    now, without = fold(told), fold(renumbered(effective(told)))
    assert _but_version(now) == _but_version(without) == _but_version(rows[-1])
    assert now["version"] == len(told)


def _merge_among(told: Sequence[CaseEvent]) -> int:
    """The ``seq`` of the merge that counts; 0 without one."""
    return max((event.seq for event in effective(told) if event.kind == MERGED), default=0)


def _but_version(row: Row) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "version"}


def test_the_walks_have_a_calendar_of_their_own(sqlite_register: Register) -> None:
    """The days that a walk closes are open at first."""
    with sqlite_register.read() as session:
        days = calendars.current(session)
        assert not {date(2026, 11, day) for day in (18, 19, 20)} & set(days.days)
        assert rulebook.calendar_version(session) == 1

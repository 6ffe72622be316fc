"""Prevention (D25, MISA 4) in the register: clocks, the table of actions, names for the board alone, verification."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.errors import Invalid, NotAllowed
from core.register import rulebook
from core.register.backup.load import restore
from core.register.backup.save import save
from core.register.case import case as cases
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import ActionFields, StepFields
from core.register.log.act import Act
from core.register.log.database import Register, migrate, open_register
from core.register.log.tables import Action, Complaint, SlaCycle
from core.register.log.verify import verify
from core.register.reads import dossier, prevention, search
from core.rules.catalogue import Entry
from core.rules.masking import HIDDEN
from tests.conftest import Cast
from tests.engines import Sqlite
from tests.files import PNG
from tests.local_time import at
from tests.register.cases import clock, logged, take
from tests.register.log.old_register import back_to

MON, TOLD, CLOSED = at("2026-11-16 09:00"), at("2026-11-16 15:00"), at("2026-11-16 16:00")
ANALYSED = at("2026-11-19 09:00")
PEOPLE = "Trần Văn Quát"


def shown(name: str = "bang-chung.png") -> StepFields:
    return {"action": "1", "files": (FileDraft(name, BytesIO(PNG)),)}


def plan(cast: Cast, due_on: date = date(2026, 11, 30), what: str = "Đối soát tự động mỗi giờ") -> StepFields:
    """An analysis with one action of the agent."""
    return {
        "root_cause": "late_reconciliation",
        "whys": ["Đối soát chậm", "Chạy bằng tay", ""],
        "actions": [ActionFields(what=what, owner_id=cast.agent.id, due_on=due_on)],
    }


def with_names(cast: Cast) -> StepFields:
    """The same, naming who is responsible."""
    return {**plan(cast), "people": PEOPLE}


def told(register: Register, cast: Cast, procedure: str = "misa", kind: str = "complaint") -> Complaint:
    """A complaint whose result was told on Monday at 15:00."""
    one = logged(register, cast, procedure=procedure)
    one = take(register, "acknowledge", one, cast.agent, MON)
    level = "normal" if procedure == "misa" else None
    one = take(register, "classify", one, cast.agent, MON, kind=kind, level=level)
    return take(register, "notify_result", one, cast.agent, TOLD, text="Đã hoàn")


def closed(register: Register, cast: Cast, procedure: str = "misa", kind: str = "complaint") -> Complaint:
    one = told(register, cast, procedure, kind)
    return take(register, "close", one, cast.agent, CLOSED, outcome="upheld", root_cause="unknown")


def actions(register: Register, one: Complaint) -> list[dict[str, object]]:
    with register.read() as session:
        its = select(Action.__table__).where(Action.complaint_id == one.id).order_by(Action.number)
        return [dict(row._mapping) for row in session.execute(its)]


def terms(register: Register, one: Complaint) -> set[str]:
    with register.read() as session:
        return set(session.scalars(select(SlaCycle.term).where(SlaCycle.complaint_id == one.id)))


def test_root_cause_is_met_by_an_analysis_and_by_nothing_else(register: Register, cast: Cast) -> None:
    one = closed(register, cast)
    running = clock(register, one, "root_cause")
    assert (running.due_at, running.stopped_at) == (at("2026-11-20 00:00"), None), "closing does not stop it (D25)"
    assert one.next_due_at == running.due_at
    one = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast))
    met = clock(register, one, "root_cause")
    assert (met.stopped_at, one.next_due_at, one.analysis) == (ANALYSED, None, "waiting")
    assert one.root_cause == "late_reconciliation", "the analysis knows better than closing did"
    one = take(register, "return_analysis", one, cast.manager, at("2026-11-20 09:00"), text="Chưa rõ")
    assert clock(register, one, "root_cause").stopped_at == ANALYSED, "a verdict that was given stays"
    assert verify(register).problems == []


FORMS = [
    # procedure, kind, has it a clock of the analysis, why
    ("misa", "complaint", True, "MISA 4"),
    ("misa", "inquiry", False, "a question has no root cause"),
    ("pops", "complaint", False, "possible, not demanded"),
]


@pytest.mark.parametrize(("procedure", "kind", "has_clock", "why"), FORMS)
def test_where_an_analysis_has_a_clock(
    procedure: str, kind: str, has_clock: bool, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    one = closed(sqlite_register, sqlite_cast, procedure, kind)
    assert ("root_cause" in terms(sqlite_register, one)) is has_clock, why
    taken = take(sqlite_register, "analyse", one, sqlite_cast.agent, ANALYSED, **plan(sqlite_cast))
    assert taken.analysis == "waiting", "it may be written everywhere"


def test_an_action_from_its_plan_to_its_effect(register: Register, cast: Cast) -> None:
    one = closed(register, cast)
    sunday = date(2026, 11, 29)
    one = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast, sunday))
    [planned] = actions(register, one)
    assert planned["due_at"] == at("2026-11-30 17:30"), "a day off moves it to the next working day (art. 148)"
    assert (planned["number"], planned["owner_id"], planned["cause"]) == (1, cast.agent.id, "late_reconciliation")
    with pytest.raises(Invalid, match="mend"):
        take(register, "action_done", one, cast.agent, ANALYSED, action="1")
    one = take(register, "approve_analysis", one, cast.manager, at("2026-11-19 10:00"))
    one = take(register, "action_done", one, cast.agent, at("2026-11-25 10:00"), action="1")
    evidence = clock(register, one, "action_evidence")
    assert (evidence.due_at, evidence.stopped_at) == (at("2026-12-01 00:00"), None), "three working days"
    one = take(register, "send_evidence", one, cast.agent, at("2026-11-26 10:00"), **shown())
    assert clock(register, one, "action_evidence").stopped_at == at("2026-11-26 10:00")
    refused: StepFields = {"action": "1", "verified": "refused"}
    why: StepFields = {**refused, "text": "Ảnh mờ"}
    with pytest.raises(Invalid) as wrong:
        take(register, "verify_evidence", one, cast.agent, at("2026-11-26 11:00"), **refused)
    assert "does not show" in wrong.value.fields["text"], "why it is refused must be said"
    one = take(register, "verify_evidence", one, cast.agent, at("2026-11-26 11:00"), **why)
    assert actions(register, one)[0]["evidence_at"] is None
    one = take(register, "send_evidence", one, cast.agent, at("2026-11-27 10:00"), **shown("lan-2.png"))
    one = take(register, "verify_evidence", one, cast.agent, at("2026-11-27 11:00"), action="1", verified="confirmed")
    one = take(
        register, "check_effect", one, cast.agent, at("2026-12-28 11:00"), action="1", effect="effective", text="Giảm"
    )
    [found] = actions(register, one)
    assert (found["done_at"], found["evidence_at"], found["verified_at"], found["effect"], found["effect_at"]) == (
        at("2026-11-25 10:00"), at("2026-11-27 10:00"), at("2026-11-27 11:00"), "effective", at("2026-12-28 11:00"),
    )  # fmt: skip
    assert one.state == "closed"
    assert verify(register, files=True).problems == []


def test_a_newer_analysis_replaces_what_nobody_has_approved(register: Register, cast: Cast) -> None:
    one = closed(register, cast)
    one = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast, what="Cũ"))
    one = take(register, "return_analysis", one, cast.manager, ANALYSED, text="Làm lại")
    one = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast, what="Mới"))
    assert [row["number"] for row in actions(register, one)] == [1]
    one = take(register, "approve_analysis", one, cast.manager, ANALYSED)
    one = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast, what="Thêm"))
    found = actions(register, one)
    assert [(row["number"], row["approved_at"]) for row in found] == [(1, ANALYSED), (2, None)], "approved ones stay"
    with register.read() as session:
        whole = dossier.read(session, one.code, by=cast.lead, now=ANALYSED, language="vi")
    assert [line.what for line in whole.actions] == ["Mới", "Thêm"]
    assert verify(register).problems == []


REFUSED: list[tuple[StepFields, str, str]] = [
    # what is changed of a good analysis, the field to mend, why
    ({"root_cause": None}, "root_cause", "an analysis names a cause"),
    ({"whys": ["", " "]}, "whys", "at least one why"),
    ({"whys": ["vì sao"] * 6}, "whys", "five at most"),
    ({"actions": []}, "text", "no action and no reason why none is needed"),
    ({"actions": [{"what": "", "owner_id": 1, "due_on": date(2026, 11, 30)}]}, "actions.1.what", "nothing is done"),
    (
        {"actions": [{"what": "x", "owner_id": None, "due_on": date(2026, 11, 30)}]},
        "actions.1.owner_id",
        "nobody does it",
    ),
    (
        {"actions": [{"what": "x", "owner_id": 99, "due_on": date(2026, 11, 30)}]},
        "actions.1.owner_id",
        "nobody known does it",
    ),
    ({"actions": [{"what": "x", "owner_id": 1, "due_on": None}]}, "actions.1.due_on", "never"),
    ({"actions": [{"what": "x", "owner_id": 1, "due_on": date(2026, 11, 18)}]}, "actions.1.due_on", "over already"),
    ({"actions": [{"what": "x", "owner_id": 1, "due_on": date(2026, 11, 30)}] * 6}, "actions", "too many"),
]


@pytest.mark.parametrize(("changed", "field", "why"), REFUSED)
def test_what_an_analysis_must_say(
    changed: StepFields, field: str, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    one = closed(sqlite_register, sqlite_cast)
    fields: StepFields = {**plan(sqlite_cast), **changed}
    with pytest.raises(Invalid) as refused:
        take(sqlite_register, "analyse", one, sqlite_cast.agent, ANALYSED, **fields)
    assert set(refused.value.fields) == {field}, why


def test_none_needed_is_a_plan_with_a_reason(sqlite_register: Register, sqlite_cast: Cast) -> None:
    one = closed(sqlite_register, sqlite_cast)
    fields: StepFields = {**plan(sqlite_cast), "actions": [], "text": "Lỗi do nhà mạng, đã khắc phục"}
    one = take(sqlite_register, "analyse", one, sqlite_cast.agent, ANALYSED, **fields)
    assert clock(sqlite_register, one, "root_cause").stopped_at == ANALYSED
    assert actions(sqlite_register, one) == []


# -- people responsible (MISA 4)


def about_conduct(register: Register, cast: Cast) -> Complaint:
    """A complaint at MISA about a category that names people; its result was told."""
    with register.write() as session:
        listed = dict(rulebook.catalogues(session).categories)
        listed["login"] = Entry("login", "Thái độ", "Conduct", names_people=True)
        rulebook.add_catalogue(session, "categories", listed.values(), Act(cast.admin, MON))
    one = logged(register, cast, procedure="misa", category="login", details={})
    one = take(register, "acknowledge", one, cast.agent, MON)
    one = take(register, "classify", one, cast.agent, MON, kind="complaint", level="normal")
    return take(register, "notify_result", one, cast.agent, TOLD, text="Xin lỗi anh chị")


def test_such_a_case_is_closed_once_the_board_has_looked(register: Register, cast: Cast) -> None:
    one = about_conduct(register, cast)
    ends: StepFields = {"outcome": "upheld", "root_cause": "unknown"}
    with pytest.raises(NotAllowed, match="board looks first"):
        take(register, "close", one, cast.agent, CLOSED, **ends)
    with pytest.raises(Invalid) as nameless:
        take(register, "analyse", one, cast.agent, CLOSED, **plan(cast))
    assert set(nameless.value.fields) == {"people"}
    one = take(register, "analyse", one, cast.agent, CLOSED, **with_names(cast))
    with pytest.raises(NotAllowed, match="board looks first"):
        take(register, "close", one, cast.agent, CLOSED, **ends)
    one = take(register, "approve_analysis", one, cast.manager, CLOSED)
    assert take(register, "close", one, cast.agent, CLOSED, **ends).state == "closed"
    assert verify(register).problems == []


SEES_NAMES = [("manager", True), ("agent", False), ("lead", False), ("analyst", False), ("admin", False)]


@pytest.mark.parametrize(("who", "sees"), SEES_NAMES)
def test_the_board_alone_reads_the_names(who: str, sees: bool, register: Register, cast: Cast) -> None:
    one = about_conduct(register, cast)
    one = take(register, "analyse", one, cast.agent, CLOSED, **with_names(cast))
    by = getattr(cast, who)
    with register.read() as session:
        whole = dossier.read(session, one.code, by=by, now=CLOSED, language="vi")
        said = whole.moments[-1].analysed
        assert said is not None
        assert said.people == (PEOPLE if sees else HIDDEN)
        assert (PEOPLE in repr(whole)) is sees
        _total, [waiting] = prevention.waiting(session, by=by)
        assert (PEOPLE in repr(waiting)) is sees
        hits = search.find(session, "Quát", by=by)
        assert one.code not in repr(hits), "and nobody finds a case by them"


def test_the_board_reads_the_whole_analysis(register: Register, cast: Cast) -> None:
    """Who decides on an analysis reads it, though what customers wrote stays hidden from them."""
    one = take(register, "analyse", closed(register, cast), cast.agent, ANALYSED, **plan(cast))
    with register.read() as session:
        board = dossier.read(session, one.code, by=cast.manager, now=ANALYSED, language="vi")
        analyst = dossier.read(session, one.code, by=cast.analyst, now=ANALYSED, language="vi")
    assert board.moments[-1].analysed is not None
    assert board.moments[-1].analysed.whys == ("Đối soát chậm", "Chạy bằng tay")
    assert board.statement == HIDDEN
    assert analyst.moments[-1].analysed is not None
    assert analyst.moments[-1].analysed.whys == (HIDDEN,)
    assert [line.what for line in analyst.actions] == [HIDDEN]


# -- what follows from the log


def test_verification_notices_an_action_that_the_log_does_not_give(register: Register, cast: Cast) -> None:
    one = take(register, "analyse", closed(register, cast), cast.agent, ANALYSED, **plan(cast))
    with register.write() as session:
        session.execute(update(Action).where(Action.complaint_id == one.id).values(done_at=ANALYSED))
    assert [problem for problem in verify(register).problems if "preventive action 1" in str(problem)]


def test_a_backup_brings_the_actions_back(register: Register, cast: Cast, tmp_path: Path) -> None:
    one = take(register, "analyse", closed(register, cast), cast.agent, ANALYSED, **plan(cast))
    with register.read() as session:
        save(session.connection(), tmp_path / "copy", register.evidence_dir, now=ANALYSED)
    folder = tmp_path / "target"
    restore(Sqlite.url(folder / "complaints.db"), folder / "evidence", tmp_path / "copy", now=ANALYSED)
    again = open_register(Sqlite.url(folder / "complaints.db"), folder / "evidence")
    assert actions(again, one) == actions(register, one) != []
    assert verify(again, files=True).problems == []
    again.engine.dispose()


def test_a_register_of_the_version_before_is_brought_up(register: Register, cast: Cast) -> None:
    one = closed(register, cast, "pops")
    with register.engine.begin() as connection:
        back_to(connection, "0014")
    migrate(register.url)
    assert verify(register).problems == []
    taken = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast))
    assert [row["number"] for row in actions(register, taken)] == [1]
    assert verify(register).problems == []


# -- lists and figures


def lists(register: Register, cast: Cast, who: str, now: datetime) -> prevention.Owed:
    with register.read() as session:
        return prevention.owed(session, by=getattr(cast, who), now=now)


def test_what_each_person_has_to_do(register: Register, cast: Cast) -> None:
    one = closed(register, cast)
    closed(register, cast, "pops")
    assert lists(register, cast, "agent", ANALYSED) == prevention.Owed(analyse=1), "POPS demands none"
    one = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast))
    assert lists(register, cast, "manager", ANALYSED) == prevention.Owed(approve=1)
    assert lists(register, cast, "agent", ANALYSED).total == 0
    one = take(register, "return_analysis", one, cast.manager, ANALYSED, text="Làm lại")
    assert lists(register, cast, "agent", ANALYSED) == prevention.Owed(analyse=1)
    one = take(register, "analyse", one, cast.agent, ANALYSED, **plan(cast))
    one = take(register, "approve_analysis", one, cast.manager, ANALYSED)
    assert lists(register, cast, "agent", ANALYSED) == prevention.Owed(act=1)
    assert lists(register, cast, "lead", ANALYSED).total == 0, "somebody else's action"
    one = take(register, "action_done", one, cast.agent, ANALYSED, action="1")
    assert lists(register, cast, "agent", ANALYSED) == prevention.Owed(act=1), "it is still to be shown"
    one = take(register, "send_evidence", one, cast.agent, ANALYSED, **shown())
    assert lists(register, cast, "lead", ANALYSED) == prevention.Owed(verify=1)
    assert lists(register, cast, "handler", ANALYSED).total == 0, "not with their department"
    take(register, "verify_evidence", one, cast.lead, ANALYSED, action="1", verified="confirmed")
    assert lists(register, cast, "lead", ANALYSED).total == 0
    assert lists(register, cast, "lead", at("2026-12-19 09:00")) == prevention.Owed(check=1), "30 days later"


# due, done (None: not yet), verified, effect; what the figure counts on 10/12; why
KEPT = [
    (date(2026, 12, 1), "2026-12-01 17:30", False, None, (1, 1, 0, 0, 0, 0, 0), "at its due: in time"),
    (date(2026, 12, 1), "2026-12-01 17:31", True, None, (1, 0, 1, 0, 1, 0, 0), "a minute late, and verified"),
    (date(2026, 12, 2), None, False, None, (1, 0, 0, 1, 0, 0, 0), "overdue"),
    (date(2026, 12, 11), "2026-12-02 09:00", True, None, (0, 0, 0, 0, 0, 0, 0), "not due yet, though done (D11)"),
    (date(2026, 11, 27), "2026-11-25 09:00", True, "effective", (0, 0, 0, 0, 0, 0, 0), "due before the period"),
    (date(2026, 12, 1), "2026-12-01 09:00", True, "effective", (1, 1, 0, 0, 1, 1, 1), "proved effective"),
    (date(2026, 12, 1), "2026-12-01 09:00", True, "not_effective", (1, 1, 0, 0, 1, 1, 0), "it did not help"),
    (date(2026, 12, 1), "2026-12-01 09:00", True, "too_early", (1, 1, 0, 0, 1, 0, 0), "nothing is decided"),
]


@pytest.mark.parametrize(("due", "done", "verified", "effect", "wanted", "why"), KEPT)
def test_what_became_of_the_actions_that_fell_due(
    due: date,
    done: str | None,
    verified: bool,
    effect: str | None,
    wanted: tuple[int, ...],
    why: str,
    register: Register,
    cast: Cast,
) -> None:
    one = take(register, "analyse", closed(register, cast), cast.agent, ANALYSED, **plan(cast, due))
    one = take(register, "approve_analysis", one, cast.manager, ANALYSED)
    now = at("2026-12-10 09:00")
    if done:
        one = take(register, "action_done", one, cast.agent, now, happened_at=at(done), action="1")
    if verified:
        one = take(register, "send_evidence", one, cast.agent, now, **shown())
        one = take(register, "verify_evidence", one, cast.agent, now, action="1", verified="confirmed")
    if effect:
        take(register, "check_effect", one, cast.agent, now, action="1", effect=effect, text="Xem rồi")
    with register.read() as session:
        found = prevention.kept(session, date(2026, 11, 30), date(2026, 12, 13), by=cast.lead, now=now)
    assert found == prevention.Kept(*wanted), why


def test_an_owner_of_a_department_does_their_own(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    one = logged(register, cast, procedure="misa")
    one = take(register, "acknowledge", one, cast.agent, MON)
    one = take(register, "classify", one, cast.agent, MON, kind="complaint", level="normal")
    one = take(register, "forward", one, cast.agent, MON, department="payment", text="Kiểm tra", due_at=CLOSED)
    own = ActionFields(what="Sửa bảng kê", owner_id=cast.handler.id, due_on=date(2026, 11, 30))
    others = ActionFields(what="Nhắc khách", owner_id=cast.agent.id, due_on=date(2026, 11, 30))
    fields: StepFields = {**plan(cast), "actions": [own, others]}
    one = take(register, "analyse", one, cast.handler, MON, **fields)
    one = take(register, "approve_analysis", one, cast.manager, MON)
    with pytest.raises(NotAllowed, match="somebody else's"):
        take(register, "action_done", one, cast.handler, MON, action="2")
    one = take(register, "action_done", one, cast.handler, MON, action="1")
    one = take(register, "notify_result", one, cast.agent, TOLD, text="Đã xong")
    assert clock(register, one, "root_cause").stopped_at == MON, "analysed before the result was told: met"
    with register.read() as session:
        events = [event.kind for event in cases.history(session, one.id)]
    assert events[-1] == "result_notified"

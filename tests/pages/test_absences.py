"""Absences on the screens (D23): one's own account, the queue of the deputy, handing over one case and many."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import absences
from core.register.people.absences import Absence
from core.register.reads import queue
from core.rules.calendar import local_day
from core.ui.queue import table
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages.screen import Screen, said

CODE = "KN-2026-000001"
TODAY = local_day(MONDAY)
FRIDAY = TODAY + timedelta(days=4)


@pytest.fixture
def held(sqlite_register: Register, sqlite_cast: Cast) -> Register:
    """A complaint that the agent holds."""
    steps = [
        PastStep("acknowledge", MONDAY),
        PastStep("assign", MONDAY, {"assignee_id": sqlite_cast.agent.id}),
    ]
    with sqlite_register.write() as session:
        complaints.write_histories(session, [(Draft("email", MONDAY, "Lỗi", "other"), steps)], Act(None, MONDAY))
    return sqlite_register


def opened(register: Register, by: Person, page: str, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    app = Screen(register, by, MONDAY).open(page, monkeypatch, **query)
    assert not app.exception
    return app


def away(register: Register, person: Person, deputy: Person) -> None:
    with register.write() as session:
        absences.begin(session, person.id, Absence(TODAY, FRIDAY, deputy.id), Act(person, MONDAY))


def key(person: Person, name: str) -> str:
    return f"account_absence.{person.id}.{name}"


def test_one_writes_down_that_one_is_away_and_ends_it(
    held: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, deputy = sqlite_cast.agent, sqlite_cast.agent2
    app = opened(held, agent, "account", monkeypatch)
    assert "account_absent" not in [one.key for one in app.selectbox], "an agent writes nobody else's down"
    app = app.button(key="account_absence_save").click().run()
    assert "Chọn đồng nghiệp còn tài khoản hoạt động" in said(app), "somebody must stand in"
    app = app.date_input(key=key(agent, "last")).set_value(date(2026, 11, 20)).run()
    app = app.selectbox(key=key(agent, "deputy_id")).set_value(str(deputy.id)).run()
    app = app.button(key="account_absence_save").click().run()
    assert not app.exception
    assert f"Vắng từ 16/11/2026 đến 20/11/2026, {deputy.name} thay." in said(app)
    app = app.button(key="account_absence_end").click().run()
    assert "Vắng từ 16/11" not in said(app)
    with held.read() as session:
        assert absences.away(session, TODAY) == {}


@pytest.mark.parametrize(("role", "writes"), [("lead", True), ("admin", True), ("manager", False)])
def test_a_lead_or_an_administrator_writes_it_down_for_others(
    role: str, writes: bool, held: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = sqlite_cast.agent
    app = opened(held, getattr(sqlite_cast, role), "account", monkeypatch)
    assert ("account_absent" in [one.key for one in app.selectbox]) is writes
    if writes:
        app = app.selectbox(key="account_absent").set_value(agent.id).run()
        app = app.selectbox(key=key(agent, "deputy_id")).set_value(str(sqlite_cast.agent2.id)).run()
        app = app.button(key="account_absence_save").click().run()
        with held.read() as session:
            assert absences.away(session, TODAY)[agent.id].deputy_id == sqlite_cast.agent2.id


@pytest.mark.parametrize("role", ["reporter", "analyst"])
def test_who_has_no_work_of_this_kind_is_not_asked(
    role: str, held: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(held, getattr(sqlite_cast, role), "account", monkeypatch)
    assert "Vắng mặt" not in said(app)


def test_the_deputy_sees_whose_case_it_is_and_the_record_says_for_whom(
    held: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    away(held, sqlite_cast.agent, sqlite_cast.agent2)
    with held.read() as session:
        [line] = queue.page(session, "mine", by=sqlite_cast.agent2, now=MONDAY)
    assert table.who(line) == f"thay {sqlite_cast.agent.name}"
    with held.write() as session:
        complaints.take(session, CODE, "note", {"text": "Đã gọi"}, Act(sqlite_cast.agent2, MONDAY))
    words = said(opened(held, sqlite_cast.lead, "complaint", monkeypatch, code=CODE))
    assert f"vắng đến 20/11/2026, {sqlite_cast.agent2.name} thay" in words
    assert f"** · thay {sqlite_cast.agent.name}" in words


def test_handing_a_case_over_warns_and_offers_the_deputy(
    held: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    away(held, sqlite_cast.agent2, sqlite_cast.lead)
    field = f"step.{CODE}.1.assign.assignee_id"
    app = opened(held, sqlite_cast.agent, "complaint", monkeypatch, code=CODE)
    app = app.selectbox(key=f"step.{CODE}.1.step").set_value("assign").run()
    app = app.selectbox(key=field).set_value(str(sqlite_cast.lead.id)).run()
    assert "vắng đến" not in said(app)
    app = app.selectbox(key=field).set_value(str(sqlite_cast.agent2.id)).run()
    assert f"{sqlite_cast.agent2.name}: vắng đến 20/11/2026, {sqlite_cast.lead.name} thay." in said(app)
    app = app.button(key=f"{field}.deputy").click().run()
    assert app.selectbox(key=field).value == str(sqlite_cast.lead.id)
    app = app.button(key=f"step.{CODE}.1.assign.save").click().run()
    with held.read() as session:
        [line] = queue.page(session, "mine", by=sqlite_cast.lead, now=MONDAY)
    assert line.code == CODE

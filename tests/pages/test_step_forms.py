"""The form of each step asks for exactly what the step carries, no more and no less."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.rules.messages import SMTP
from core.rules.steps import ISSUE, STEPS, UNDO, VERIFY, State
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.register.cases import MON, logged, take
from tests.register.messages.sent import use
from tests.register.ways import CUSTOMER, WAY_TO, filled, log_survivor, open_incident, verify_customers, way_before

CODE = "KN-2026-000001"
ALWAYS_THERE = {"save", "happened_at"}


def opened(register: Register, cast: Cast, now: datetime, step: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of a complaint on which ``step`` is possible and a promise was broken."""
    received = now - timedelta(days=30)
    asks = "came" in STEPS[step].field_names()  # asked only where the customer was asked to send something
    way = WAY_TO[State.waiting_customer] if asks else way_before(step)
    if step == ISSUE:  # one that was issued can be corrected
        way = (*way, ISSUE)
    steps = [PastStep(key, received, filled(key, now)) for key in way]
    if step == "close":
        steps[-1] = PastStep("notify_result", now, filled("notify_result", now))
    given = Draft("email", received, "Lỗi", "payment")
    if "mail" in STEPS[step].field_names():  # offered where there is an address, and a mail server
        given = given._replace(customer=CustomerDraft(email="an@example.com"))
        use(register, cast.admin, SMTP)
    if step in ("close", "correct"):  # which are also about the issues that there are (D34)
        given = given._replace(issues=("content",))
    if step == VERIFY:  # what is known already is asked for again
        given, steps = given._replace(customer=CUSTOMER), [PastStep(VERIFY, received, filled(VERIFY, now))]
    if step == "note":  # the procedure by which the work log is looked at
        given = given._replace(procedure="minh-tuan")
    if step == "admit":  # an exception to a period, which POPS does not have
        given = given._replace(procedure="vhv", incident_at=received - timedelta(days=30))
    with register.write() as session:
        open_incident(session, now)
        log_survivor(session, now)
        verify_customers(session)
        complaints.write_histories(session, [(given, steps)], Act(None, now))
    person = cast.lead if "lead" in STEPS[step].by else cast.manager
    return Screen(register, person, now).open("complaint", monkeypatch, code=CODE)


@pytest.mark.parametrize("step", [step for step in STEPS if step != UNDO])  # that one is a button without a form
def test_a_form_asks_what_its_step_carries(
    step: str, sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(sqlite_register, sqlite_cast, now, step, monkeypatch)
    app = app.selectbox(key=f"step.{CODE}.1.step").set_value(step).run()
    asked = fields_of(app, step)
    if step == "correct":  # one asks of which step, another of which issue
        for what in ("happened_at", "issue_category"):
            app = app.selectbox(key=f"step.{CODE}.1.correct.corrects").set_value(what).run()
            asked |= fields_of(app, step)
    # POPS has no levels, and names nobody; no paper was issued yet (tests/pages/test_mail_form.py)
    carried = STEPS[step].field_names() - {"level", "people", "enclosed"}
    assert asked == carried


def fields_of(app: AppTest, step: str) -> set[str]:
    """The fields that the form asks for now."""
    assert not app.exception
    prefix = f"step.{CODE}.1.{step}."
    kinds = (
        "selectbox",
        "multiselect",
        "text_area",
        "text_input",
        "button_group",
        "checkbox",
        "date_input",
        "datetime_input",
        "file_uploader",
    )
    keys = [str(element.key) for kind in kinds for element in app.get(kind)]
    return {key.removeprefix(prefix).split(".")[0] for key in keys if key.startswith(prefix)} - ALWAYS_THERE


@pytest.mark.parametrize(("procedure", "asks"), [("minh-tuan", True), ("pops", False)])
def test_a_note_says_that_the_work_log_was_looked_at(
    procedure: str,
    asks: bool,
    sqlite_register: Register,
    sqlite_cast: Cast,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Minh Tuấn 2 asks for it, the others do not."""
    complaint = logged(sqlite_register, sqlite_cast, procedure=procedure)
    take(sqlite_register, "acknowledge", complaint, sqlite_cast.agent, MON)
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("complaint", monkeypatch, code=CODE)
    app = app.selectbox(key=f"step.{CODE}.1.step").set_value("note").run()
    app.text_area(key=f"step.{CODE}.1.note.text").set_value("Nhật ký ghi máy chủ tắt lúc 9 giờ")
    looked = [box for box in app.checkbox if box.key == f"step.{CODE}.1.note.work_log"]
    assert len(looked) == asks
    if looked:
        looked[0].check()
    app = app.button(key=f"step.{CODE}.1.note.save").click().run()
    assert not app.exception
    assert ("đã kiểm tra nhật ký làm việc" in said(app)) is asks
    app = app.button(key=f"step.{CODE}.2.undo").click().run()
    assert not app.exception
    looked = [box for box in app.checkbox if box.key == f"step.{CODE}.3.note.work_log"]
    assert [box.value for box in looked] == [True] * asks, "the tick stands in the form again (D22)"


def test_every_state_has_a_way_to_it() -> None:
    assert set(WAY_TO) == set(State)

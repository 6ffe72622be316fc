"""Forms that are not saved yet: back when the page opens anew, on the version they were begun on, gone once saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.errors import Conflict
from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, FormDraft, Person
from core.register.people import form_drafts, sign_ins
from core.register.people.form_drafts import LOG, Kept, of_case
from core.ui import drafts
from core.ui.case.step_form import STATE as TURN
from core.ui.log.sheet import STATE as SHEET
from tests.conftest import Cast
from tests.local_time import at
from tests.pages.screen import Screen, said
from tests.register.cases import draft as complaint_draft

TOKEN = "ab__-_cde1"  # as tokens come: Streamlit takes no key with two underscores
STATEMENT = "Nạp 200 Stars **đã trừ** <b>tiền</b> :material/bolt: mà chưa thấy"
CODE = "KN-2026-000001"
TYPED: dict[str, object] = {
    "statement": STATEMENT,
    "contact": "0912 345 678",
    "remedy": "Hoàn tiền",
    "channel": "email",
    "category": "payment",
    "recorded_at": 5,
    "recorded_at.chosen_at": {"moment": "2026-11-16T01:30:00+00:00"},
    "incident_at": {"moment": "2026-11-15T20:15:00"},
}


def keep(register: Register, person: Person, form: str, fields: dict[str, object], now: datetime) -> None:
    with register.write() as session:
        assert form_drafts.keep(session, person.id, form, TOKEN, fields, now=now)


def found(register: Register, person: Person, form: str, now: datetime) -> Kept | None:
    with register.read() as session:
        return form_drafts.find(session, person.id, form, now=now)


@pytest.fixture
def screen(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Screen:
    return Screen(sqlite_register, sqlite_cast.agent, now)


@pytest.fixture
def case(sqlite_register: Register, now: datetime) -> str:
    with sqlite_register.write() as session:
        return complaints.log(session, complaint_draft(recorded_at=now), Act(None, now)).code


def held(app: AppTest, prefix: str) -> dict[str, object]:
    """Name → value of the fields whose keys begin so."""
    kinds = (
        "text_area",
        "text_input",
        "pills",
        "segmented_control",
        "selectbox",
        "multiselect",
        "datetime_input",
        "date_input",
    )
    fields: list[Any] = [field for kind in kinds for field in app.get(kind)]
    return {one.key.removeprefix(prefix): one.value for one in fields if (one.key or "").startswith(prefix)}


def test_the_log_form_comes_back_whole_and_is_logged_once(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(screen.register, screen.person, LOG, TYPED, screen.now)
    app = screen.open("log_complaint", monkeypatch)
    assert not app.exception
    fields = held(app, "log.1.")
    assert fields["statement"] == STATEMENT
    assert (fields["contact"], fields["remedy"]) == ("0912 345 678", "Hoàn tiền")
    assert (fields["channel"], fields["category"]) == ("email", "payment")
    assert fields["incident_at"] == datetime(2026, 11, 15, 20, 15)  # noqa: DTZ001 -- what the field holds
    app.button(key="log.1.save").click().run()
    with screen.register.read() as session:
        complaint = session.scalars(select(Complaint)).one()
    assert complaint.external_ref == TOKEN, "the draft of another tab would be the same complaint"
    assert complaint.recorded_at == at("2026-11-16 08:25"), "five minutes before it was chosen, not before now"
    assert found(screen.register, screen.person, LOG, screen.now) is None


def test_the_page_is_told_what_its_fields_held_at_first(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its script may run after somebody has typed: what it finds then is no empty form."""
    app = screen.open("log_complaint", monkeypatch)
    app = app.text_area(key="log.1.statement").set_value(STATEMENT).run()
    (line,) = [one for one in app.get("bidi_component") if one.proto.component_name == "pops_drafts"]
    data = json.loads(line.proto.json)
    assert (data["first"]["statement"], data["fields"]["statement"]) == ("", STATEMENT)
    assert "files" not in data["fields"], "a drop zone takes nothing from the program, not even no files"


def test_saving_ends_a_draft_that_was_never_sent(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    app = screen.open("log_complaint", monkeypatch)
    token = app.session_state[SHEET].reference
    for key, value in (("channel", "hotline"), ("category", "login")):
        (field,) = [one for one in app.pills if one.key == f"log.1.{key}"]
        app = field.set_value(value).run()
    app = app.text_area(key="log.1.statement").set_value(STATEMENT).run()
    app.button(key="log.1.save").click().run()
    with screen.register.write() as session:
        assert not form_drafts.keep(session, screen.person.id, LOG, token, TYPED, now=screen.now), "a late request"


def test_another_person_sees_an_empty_form(screen: Screen, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(screen.register, sqlite_cast.agent2, LOG, TYPED, screen.now)
    assert STATEMENT not in held(screen.open("log_complaint", monkeypatch), "log.1.").values()


def test_a_draft_of_last_week_is_not_shown(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(screen.register, screen.person, LOG, TYPED, screen.now - timedelta(days=8))
    assert held(screen.open("log_complaint", monkeypatch), "log.1.")["statement"] == ""


def test_a_choice_that_there_is_no_more_is_left_open(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(screen.register, screen.person, LOG, {**TYPED, "category": "gone", "procedure": "gone"}, screen.now)
    app = screen.open("log_complaint", monkeypatch)
    assert not app.exception
    fields = held(app, "log.1.")
    assert (fields["category"], fields["statement"]) == (None, STATEMENT)


STEPS: list[tuple[str, list[str], dict[str, object], dict[str, object]]] = [
    ("acknowledge", [], {"text": "Đã gọi lại", "channel": "email"}, {}),
    ("note", [], {"text": "Khách gọi hai lần"}, {}),
    ("add_evidence", [], {"text": "Ảnh chụp"}, {}),
    ("details", [], {"details.transaction": "FT26320"}, {}),
    ("withdraw", [], {"text": "Khách rút"}, {}),
    ("classify", ["acknowledge"], {"kind": "complaint", "category": "login"}, {}),
    (
        "forward",
        ["acknowledge", "classify"],
        {"department": ["payment"], "text": "Kiểm tra giao dịch"},
        {"due_at": ({"moment": "2026-11-19T15:00:00"}, datetime(2026, 11, 19, 15))},  # noqa: DTZ001
    ),
    (
        "ask_customer",
        ["acknowledge", "classify"],
        {"text": "Xin ảnh chụp"},
        {"chase_on": ({"date": "2026-11-20"}, date(2026, 11, 20))},
    ),
    ("notify_result", ["acknowledge", "classify"], {"text": "Đã hoàn tiền", "channel": "email"}, {}),
]


@pytest.mark.parametrize(("step", "before", "plain", "moments"), STEPS, ids=[step for step, *_ in STEPS])
def test_every_step_form_comes_back(
    screen: Screen,
    case: str,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    before: list[str],
    plain: dict[str, object],
    moments: dict[str, tuple[object, object]],
) -> None:
    version = _advance(screen, before)
    typed = {f"{step}.{name}": value for name, value in plain.items()}
    typed |= {f"{step}.{name}": value for name, (value, _shown) in moments.items()}
    keep(screen.register, screen.person, of_case(case), {"step": step, "version": version, **typed}, screen.now)
    app = screen.open("complaint", monkeypatch, code=case)
    assert not app.exception
    fields = held(app, f"step.{case}.1.")
    assert fields["step"] == step
    wanted = plain | {name: shown for name, (_value, shown) in moments.items()}
    assert {name: fields[f"{step}.{name}"] for name in wanted} == wanted


def _advance(screen: Screen, steps: list[str]) -> int:
    fields = {"acknowledge": {"text": "Đã nhận"}, "classify": {"kind": "complaint", "category": "payment"}}
    for step in steps:
        with screen.register.write() as session:
            complaints.take(session, CODE, step, fields[step], Act(None, screen.now))  # type: ignore[arg-type]
    with screen.register.read() as session:
        return session.scalars(select(Complaint.version)).one()


def test_a_step_taken_is_no_draft_any_more(screen: Screen, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = {"step": "note", "version": 1, "note.text": "Khách gọi hai lần"}
    keep(screen.register, screen.person, of_case(case), typed, screen.now)
    app = screen.open("complaint", monkeypatch, code=case)
    app.button(key=f"step.{case}.1.note.save").click().run()
    assert not app.exception
    assert found(screen.register, screen.person, of_case(case), screen.now) is None
    with screen.register.read() as session:
        assert session.scalars(select(FormDraft.fields)).all() == [None]
    assert app.session_state[TURN].token != TOKEN, "the next form is another filling"


def test_what_happened_since_the_draft_is_shown_before_it_is_saved(
    screen: Screen, case: str, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {"step": "acknowledge", "version": 1, "acknowledge.text": "Đã gọi lại"}
    keep(screen.register, screen.person, of_case(case), typed, screen.now)
    with screen.register.write() as session:
        act = Act(sqlite_cast.agent2, screen.now)
        complaints.take(session, case, "acknowledge", {"channel": "email", "text": "Đã trả lời"}, act)
    app = screen.open("complaint", monkeypatch, code=case)
    assert not app.exception
    assert "Người khác vừa cập nhật hồ sơ này" in said(app)
    assert held(app, f"step.{case}.1.")["acknowledge.text"] == "Đã gọi lại"
    app = app.button(key=f"step.{case}.1.drop").click().run()
    assert not app.exception
    assert found(screen.register, screen.person, of_case(case), screen.now) is None


def test_a_step_that_the_role_no_longer_takes_is_not_shown(
    screen: Screen, case: str, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = sqlite_cast.handler
    with screen.register.write() as session:
        for step, fields in (
            ("acknowledge", {"text": "Đã nhận"}),
            ("classify", {"kind": "complaint", "category": "payment"}),
            ("forward", {"department": "payment", "text": "Kiểm tra", "due_at": at("2026-11-19 17:30")}),
        ):
            complaints.take(session, case, step, fields, Act(None, screen.now))  # type: ignore[arg-type]
    keep(screen.register, handler, of_case(case), {"step": "close", "version": 4, "close.lesson": "x"}, screen.now)
    app = Screen(screen.register, handler, screen.now).open("complaint", monkeypatch, code=case)
    assert not app.exception
    assert held(app, f"step.{case}.1.")["step"] == "answer"


@pytest.mark.parametrize("form", ["log", "case"])
def test_a_session_that_ends_while_typing_keeps_the_text(
    screen: Screen, case: str, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    is_log = form == "log"
    page, key = ("log_complaint", "log.1.statement") if is_log else ("complaint", f"step.{case}.1.note.text")
    app = screen.open(page, monkeypatch, **({} if is_log else {"code": case}))
    if not is_log:
        app = app.selectbox(key=f"step.{case}.1.step").set_value("note").run()
    app = app.text_area(key=key).set_value(STATEMENT).run()
    monkeypatch.setattr(sign_ins, "who", lambda _session, _token, **_now: None)
    app = app.button(key="log.1.save" if is_log else f"step.{case}.1.note.save").click().run()
    assert not app.exception
    assert "Nội dung đã nhập vẫn được giữ" in said(app)
    again = screen.open(page, monkeypatch, **({} if is_log else {"code": case}))
    assert held(again, key.rpartition(".")[0] + ".")[key.rpartition(".")[2]] == STATEMENT


def test_whoever_is_closed_out_while_typing_is_promised_no_way_back(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = screen.open("log_complaint", monkeypatch)
    app = app.text_area(key="log.1.statement").set_value(STATEMENT).run()
    monkeypatch.setattr(sign_ins, "who", lambda _session, _token, **_now: None)
    monkeypatch.setattr(sign_ins, "why_ended", lambda _session, _token, **_now: "closed")
    app = app.run()
    assert "Tài khoản của bạn đã bị khóa" in said(app)
    assert "sau khi đăng nhập" not in said(app)
    assert found(screen.register, screen.person, LOG, screen.now) is not None, "there if the account is opened again"


def test_a_session_that_ends_with_nothing_typed_says_no_more_than_that(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = screen.open("log_complaint", monkeypatch)
    monkeypatch.setattr(sign_ins, "who", lambda _session, _token, **_now: None)
    app = app.run()
    assert "Nội dung đã nhập" not in said(app)
    with screen.register.read() as session:
        assert session.scalars(select(FormDraft)).all() == []


def test_another_person_who_signs_in_beside_the_form_gets_none_of_it(
    screen: Screen, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tab that comes back after a break connects with the cookie of whoever signed in meanwhile."""
    app = screen.open("log_complaint", monkeypatch)
    app = app.text_area(key="log.1.statement").set_value(STATEMENT).run()
    monkeypatch.setattr(sign_ins, "who", lambda _session, _token, **_now: sqlite_cast.agent2)
    for _again in range(2):
        app = app.run()
        assert not app.exception
        assert "log.1.statement" not in {field.key for field in app.text_area}
    assert found(screen.register, sqlite_cast.agent2, LOG, screen.now) is None
    kept = found(screen.register, screen.person, LOG, screen.now)
    assert kept is not None and kept.fields["statement"] == STATEMENT


def test_a_draft_that_cannot_be_discarded_stays_and_says_so(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(screen.register, screen.person, LOG, TYPED, screen.now)
    drawn: list[dict[str, Any]] = []

    def line(*, data: dict[str, Any], on_discard_change: Callable[[], None], **_others: object) -> None:
        drawn.append(data)
        if len(drawn) == 1:
            on_discard_change()

    def refuse(*_args: object, **_named: object) -> None:
        raise Conflict("Try again later.")

    monkeypatch.setattr(drafts, "_line", line)
    monkeypatch.setattr(form_drafts, "end", refuse)
    app = screen.open("log_complaint", monkeypatch)
    app = app.run()
    assert not app.exception
    assert [data["problem"] for data in drawn[:2]] == ["", "Try again later."]
    assert drawn[0]["token"] == drawn[1]["token"]
    assert held(app, "log.1.")["statement"] == STATEMENT

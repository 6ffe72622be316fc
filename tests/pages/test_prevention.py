"""Phòng ngừa as each role sees it: what waits for whom, the board's word, names for the board alone."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import gettext as _
from core.register import rulebook
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import ActionFields, StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.catalogue import Entry
from tests.conftest import Cast
from tests.files import PNG
from tests.pages.screen import Screen, said

PEOPLE, WHY = "Trần Văn Quát", "Đối soát chạy bằng tay"
SHOWN: StepFields = {"action": "1", "files": (FileDraft("a.png", BytesIO(PNG)),)}


Step = tuple[str, StepFields]
Life = tuple[Step, ...]


def analysis(cast: Cast, what: str, due_on: date, people: str = "") -> StepFields:
    action = ActionFields(what=what, owner_id=cast.agent.id, due_on=due_on)
    return {"root_cause": "late_reconciliation", "whys": [WHY], "actions": [action], "people": people}


@pytest.fixture
def filled(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Register:
    """At MISA: one to analyse, one that waits for the board and names people, actions at each stage, a returned one."""
    then = now - timedelta(days=60)
    cast, today = sqlite_cast, (now - timedelta(days=60)).date()
    ended: Life = ("acknowledge", {}), ("classify", {"kind": "complaint"}), ("notify_result", {"text": "Rồi"})
    close: Step = ("close", {"outcome": "upheld", "root_cause": "late_reconciliation"})
    planned: Life = ("analyse", analysis(cast, "Tự động hóa", today + timedelta(days=20))), ("approve_analysis", {})
    done: Step = ("action_done", {"action": "1"})
    shown: Step = ("send_evidence", SHOWN)
    confirmed: Step = ("verify_evidence", {"action": "1", "verified": "confirmed"})
    named: Step = ("analyse", analysis(cast, "Đào tạo lại", today + timedelta(days=90), PEOPLE))
    lives: dict[str, Life] = {
        "nothing": (*ended, close),
        "board": (*ended, named),
        "returned": (*ended, close, named, ("return_analysis", {"text": "Chưa rõ"})),
        "late": (*ended, close, *planned),
        "shown": (*ended, close, *planned, done, shown),
        "verified": (*ended, close, *planned, done, shown, confirmed),
    }
    with sqlite_register.write() as session:
        listed = dict(rulebook.catalogues(session).categories) | {
            "login": Entry("login", "Thái độ", "Conduct", names_people=True)
        }
        rulebook.add_catalogue(session, "categories", listed.values(), Act(cast.admin, then))
        histories = [
            (
                Draft("email", then, name, "login", procedure="misa"),
                [PastStep(step, then, fields, cast.agent.id) for step, fields in life],
            )
            for name, life in lives.items()
        ]
        complaints.write_histories(session, histories, Act(None, then))
    return sqlite_register


def opened(register: Register, cast: Cast, who: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = Screen(register, getattr(cast, who), now).open("prevention", monkeypatch)
    assert not app.exception
    return app


ROLES = [
    # who, title, what stands on the page, what does not, why
    ("agent", "5 việc phòng ngừa cần bạn làm, 1 hành động quá hạn", "Cần phân tích (2)", PEOPLE, "analyses and acts"),
    ("lead", "4 việc phòng ngừa cần bạn làm, 1 hành động quá hạn", "Bằng chứng cần xác nhận (1)", WHY, "verifies"),
    ("manager", "1 việc phòng ngừa cần bạn làm, 1 hành động quá hạn", PEOPLE, "Cần phân tích", "approves"),
    ("handler", "Bạn không có việc phòng ngừa cần làm", "Không có hành động", WHY, "nothing is with their department"),
]


@pytest.mark.parametrize(("who", "title", "there", "missing", "why"), ROLES)
def test_each_role_sees_what_it_has_to_do(
    who: str,
    title: str,
    there: str,
    missing: str,
    why: str,
    filled: Register,
    sqlite_cast: Cast,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = said(opened(filled, sqlite_cast, who, now, monkeypatch))
    assert title in text, why
    assert there in text, why
    assert missing not in text, why


@pytest.mark.parametrize("who", ["reporter", "analyst", "admin"])
def test_it_is_no_page_of_the_others(
    who: str, filled: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(Screen(filled, getattr(sqlite_cast, who), now).open("prevention", monkeypatch))
    assert "Trang này không thuộc vai trò của bạn" in text


def test_actions_stand_by_due_and_lead_to_their_case(
    filled: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = shown_tables(opened(filled, sqlite_cast, "agent", now, monkeypatch))
    hrefs = {name: [row["href"][-1] for row in rows] for name, rows in tables.items()}
    assert hrefs == {"Cần phân tích": ["3", "1"], "Hành động": ["4"], "Bằng chứng cần xác nhận": ["5"]}
    assert "quá hạn" in str(tables["Hành động"])
    assert "bị trả lại" in str(tables["Cần phân tích"][0]), "what the board sent back comes first"


def shown_tables(app: AppTest) -> dict[str, list[dict[str, Any]]]:
    """Name of each table of the page → its rows."""
    parts = [part for part in app.main.get("bidi_component") if part.proto.component_name == "pops_rows"]
    tables = [json.loads(part.proto.json) for part in parts]
    return {table["alt"]: table["rows"] for table in tables}


def test_the_effect_is_checked_beside_the_complaints_of_its_cause(
    filled: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(filled, sqlite_cast, "lead", now, monkeypatch)
    assert "Hiệu quả cần kiểm tra (1)" in said(app)
    card = next(one for one in app.metric if "mỗi tuần" in one.label)
    assert "→" in str(card.value)


@pytest.mark.parametrize(
    ("button", "analysis", "told"), [("approve", "approved", "Đã duyệt"), ("return", "returned", "Đã trả lại")]
)
def test_the_board_decides_where_it_reads(
    button: str,
    analysis: str,
    told: str,
    filled: Register,
    sqlite_cast: Cast,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = opened(filled, sqlite_cast, "manager", now, monkeypatch)
    assert WHY in said(app), "the whole analysis"
    code = "KN-2026-000002"
    with filled.read() as session:
        version = session.get_one(Complaint, 2).version
    prefix = f"prevention_{code}_{version}"
    if button == "return":
        refused = app.button(key=f"{prefix}_return").click().run()
        assert _("Write what is to be done better.") in said(refused), "a reason is needed"
        app.text_area(key=f"{prefix}_reason").set_value("Nêu rõ người làm")
    app = app.button(key=f"{prefix}_{button}").click().run()
    assert not app.exception
    assert told in said(app)
    with filled.read() as session:
        assert session.get_one(Complaint, 2).analysis == analysis


def test_figures_have_their_period_in_the_address(
    filled: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = sqlite_cast.manager
    quarter = Screen(filled, person, now).open("prevention", monkeypatch)
    assert {one.label: one.value for one in quarter.metric}["Đến hạn"] == "3"
    weeks = Screen(filled, person, now).open("prevention", monkeypatch, period="four_weeks")
    assert {one.label: one.value for one in weeks.metric}["Đến hạn"] == "0"

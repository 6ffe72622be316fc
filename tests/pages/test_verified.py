"""What is verified of the customer, and the level that MISA demands, on the pages: read, filled in, masked per role."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.steps import VERIFY
from tests.conftest import Cast
from tests.pages.screen import Screen, as_read, said
from tests.pages.test_log_complaint import fill, save
from tests.register.cases import draft
from tests.register.ways import verify_customers

CODE, HEAD, MISSING = "KN-2026-000001", "Thông tin xác minh về khách hàng", "chưa xác minh"
FOUND = {"title": "Kế toán trưởng", "products": "MISA SME", "dues": "overdue"}
NEEDED = "Cấp độ (cần có khi phân loại khiếu nại)"
REFUSED = "quy trình này không phân loại khiếu nại khi chưa có cấp độ"


@pytest.fixture
def misas(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Register:
    """A complaint by MISA's procedure, in a register that verifies of its customers what MISA does."""
    with sqlite_register.write() as session:
        verify_customers(session)
    with sqlite_register.write() as session:
        complaints.log(session, draft(procedure="misa"), Act(sqlite_cast.agent, now))
    return sqlite_register


def key(name: str, number: int = 1) -> str:
    return f"step.{CODE}.{number}.{name}"


def verified(register: Register, cast: Cast, now: datetime) -> None:
    with register.write() as session:
        complaints.take(session, CODE, VERIFY, {"facts": FOUND}, Act(cast.agent, now))


def opened(register: Register, cast: Cast, who: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = Screen(register, getattr(cast, who), now).open("complaint", monkeypatch, code=CODE)
    assert not app.exception
    return app


def table_of(app: AppTest) -> str:
    """What the tables of the page say, as it is read."""
    rows = (row for one in app.main.table for row in one.value.iloc[:, 0].items())
    return "\n".join(as_read(f"{name}: {text}") for name, text in rows)


def test_each_fact_is_named_while_it_is_not_verified_and_the_form_is_one_click_away(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(misas, sqlite_cast, "agent", now, monkeypatch)
    assert HEAD in said(app)
    assert table_of(app).count(MISSING) == 6
    app = app.button(key=VERIFY).click().run()
    assert app.selectbox(key=key("step")).value == VERIFY
    app = app.text_input(key=key("verify_customer.facts.title")).set_value("Giám đốc").run()
    app = app.selectbox(key=key("verify_customer.facts.dues")).set_value("none").run()
    app = app.button(key=key("verify_customer.save")).click().run()
    assert not app.exception
    assert "Đã lưu: Xác minh khách hàng" in said(app)
    told = table_of(app)
    assert "Giám đốc" in told and "Không có" in told and "Agent Thử" in told
    assert told.count(MISSING) == 4
    assert "Chức danh: Giám đốc · Công nợ với MISA: Không có" in said(app), "the history says it too"


def test_what_is_right_still_is_chosen_and_not_typed_again(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified(misas, sqlite_cast, now)
    app = opened(misas, sqlite_cast, "lead", now + timedelta(days=2), monkeypatch)
    app = app.selectbox(key=key("step")).set_value(VERIFY).run()
    still = app.multiselect(key=key("verify_customer.still"))
    assert still.options == [
        "Chức danh: Kế toán trưởng",
        "Sản phẩm đang dùng: MISA SME",
        "Công nợ với MISA: Nợ quá hạn",
    ]
    app = still.set_value(["title"]).run()
    assert key("verify_customer.facts.title") not in [one.key for one in app.text_input]
    app = app.button(key=key("verify_customer.save")).click().run()
    assert "Kế toán trưởng :gray[Lead Thử" in table_of(app), "looked at again by somebody else"
    assert "MISA SME :gray[Agent Thử" in table_of(app), "left as it was"


def test_nothing_filled_in_is_refused_with_a_sentence(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(misas, sqlite_cast, "agent", now, monkeypatch)
    app = app.selectbox(key=key("step")).set_value(VERIFY).run()
    app = app.button(key=key("verify_customer.save")).click().run()
    assert "Hãy điền thông tin đã xác minh, hoặc chọn thông tin vẫn đúng" in said(app)


def test_what_is_undone_stands_in_the_form_again(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified(misas, sqlite_cast, now)
    app = opened(misas, sqlite_cast, "agent", now + timedelta(minutes=1), monkeypatch)
    app = app.button(key=key("undo")).click().run()
    assert not app.exception
    assert app.text_input(key=key("verify_customer.facts.title", 2)).value == "Kế toán trưởng"
    assert app.selectbox(key=key("verify_customer.facts.dues", 2)).value == "overdue"
    assert table_of(app).count(MISSING) == 6


@pytest.mark.parametrize(
    ("who", "reads", "verifies", "why"),
    [
        ("agent", True, True, "customer care"),
        ("lead", True, True, "customer care"),
        ("manager", False, False, "does not see who the customer is"),
        ("analyst", False, False, "neither"),
    ],
)
def test_who_reads_and_verifies_on_the_page(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch,
    who: str, reads: bool, verifies: bool, why: str,
) -> None:  # fmt: skip
    verified(misas, sqlite_cast, now)
    app = opened(misas, sqlite_cast, who, now, monkeypatch)
    whole = said(app) + table_of(app)
    assert ("Kế toán trưởng" in whole, "Nợ quá hạn" in whole) == (reads, reads), why
    assert "MISA SME" in whole, "not personal"
    assert (VERIFY in [one.key for one in app.button]) is verifies, why


def test_an_organisation_that_verifies_nothing_shows_nothing(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.write() as session:
        complaints.log(session, draft(), Act(sqlite_cast.agent, now))
    app = opened(sqlite_register, sqlite_cast, "agent", now, monkeypatch)
    assert HEAD not in said(app)
    assert VERIFY not in [one.key for one in app.button]
    assert "Xác minh khách hàng" not in app.selectbox(key=key("step")).options
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)
    assert HEAD not in said(fill(app, contact="0912 345 678"))


def test_a_known_customer_brings_it_to_the_log_form(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified(misas, sqlite_cast, now)
    app = Screen(misas, sqlite_cast.agent, now).open("log_complaint", monkeypatch)
    assert HEAD not in said(app), "nobody is known yet"
    app = fill(app, contact="0912 345 678")
    assert HEAD in said(app)
    assert "Nợ quá hạn" in table_of(app) and table_of(app).count(MISSING) == 3
    assert VERIFY not in [one.key for one in app.button], "read only"
    app = Screen(misas, sqlite_cast.reporter, now).open("log_complaint", monkeypatch)
    assert HEAD not in said(fill(app, contact="0912 345 678")), "to who only reports nobody is named (D33)"


def test_classifying_marks_the_level_and_refuses_without_it(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(misas, sqlite_cast, "agent", now, monkeypatch)
    app = app.selectbox(key=key("step")).set_value("acknowledge_and_classify").run()
    assert app.selectbox(key=key("acknowledge_and_classify.level")).label == NEEDED
    app = app.segmented_control(key=key("acknowledge_and_classify.kind")).set_value("complaint").run()
    app = app.button(key=key("acknowledge_and_classify.save")).click().run()
    assert REFUSED in said(app)
    app = app.selectbox(key=key("acknowledge_and_classify.level")).set_value("serious").run()
    app = app.button(key=key("acknowledge_and_classify.save")).click().run()
    assert "Nghiêm trọng" in said(app) and REFUSED not in said(app)


def test_the_log_form_marks_the_level_and_asks_for_it_once_the_kind_is_said(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)
    app = fill(app, channel="email", statement="Chậm", category="other", procedure="misa", kind="complaint")
    assert app.pills(key="log.1.level.misa").label == NEEDED
    app = save(app)
    assert REFUSED in said(app)
    app = save(app.pills(key="log.1.level.misa").set_value("serious").run())
    with sqlite_register.read() as session:
        one = session.scalars(select(Complaint)).one()
    assert (one.kind, one.level) == ("complaint", "serious")


def test_what_is_settled_at_once_on_the_case_needs_it_too(
    misas: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(misas, sqlite_cast, "agent", now, monkeypatch)
    app = app.selectbox(key=key("step")).set_value("settle").run()
    app = app.segmented_control(key=key("settle.kind")).set_value("complaint").run()
    app = app.text_area(key=key("settle.text")).set_value("Đã xử lý").run()
    app = app.selectbox(key=key("settle.outcome")).set_value("upheld").run()
    app = app.selectbox(key=key("settle.root_cause")).set_value("unknown").run()
    app = app.button(key=key("settle.save")).click().run()
    assert REFUSED in said(app)

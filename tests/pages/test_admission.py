"""What the rules do not take (VHV 1) on the pages: said at intake and on the case, refused, or admitted by a lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.calendar import LOCAL
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.pages.test_log_complaint import fill, save

CODE = "KN-2026-000001"
PERIOD = "Quy trình chỉ nhận khiếu nại về sự việc ngày đó đến hết"


@pytest.fixture
def late(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Register:
    """A complaint at VHV about what happened three weeks ago."""
    given = Draft("email", now, "Mất văn bản", "payment", procedure="vhv", incident_at=now - timedelta(days=21))
    with sqlite_register.write() as session:
        complaints.log(session, given, Act(sqlite_cast.agent, now))
    return sqlite_register


def opened(register: Register, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, who: str) -> AppTest:
    return Screen(register, getattr(cast, who), now).open("complaint", monkeypatch, code=CODE)


def steps(app: AppTest) -> list[str]:
    return [str(option) for option in app.selectbox(key=f"step.{CODE}.1.step").options]


@pytest.mark.parametrize(
    ("who", "refuses", "admits", "why"),
    [
        ("agent", True, False, "customer care refuses, an exception is a lead's"),
        ("lead", True, True, "a lead does either"),
    ],
)
def test_the_case_says_what_stands_against_it_and_what_can_be_done(
    late: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch,
    who: str, refuses: bool, admits: bool, why: str,
) -> None:  # fmt: skip
    app = opened(late, sqlite_cast, now, monkeypatch, who)
    assert PERIOD in said(app)
    assert ("Không thụ lý" in steps(app), "Nhận ngoại lệ" in steps(app)) == (refuses, admits), why
    assert "Giải quyết xong ngay" not in steps(app)


@pytest.mark.parametrize("who", ["manager", "analyst"])
def test_who_only_looks_on_reads_it_too(
    late: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    assert PERIOD in said(opened(late, sqlite_cast, now, monkeypatch, who))


def test_it_is_refused_with_what_the_customer_is_told(
    late: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(late, sqlite_cast, now, monkeypatch, "agent")
    app = app.selectbox(key=f"step.{CODE}.1.step").set_value("refuse_intake").run()
    app = app.text_area(key=f"step.{CODE}.1.refuse_intake.text").set_value("Đã quá 7 ngày làm việc").run()
    app = app.button(key=f"step.{CODE}.1.refuse_intake.save").click().run()
    assert not app.exception
    text = said(app)
    assert "Không thụ lý" in text and "Đã quá 7 ngày làm việc" in text and PERIOD not in text
    with late.read() as session:
        assert session.scalars(select(Complaint)).one().outcome == "inadmissible"


def test_a_lead_admits_it_and_nothing_stands_against_it_any_more(
    late: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(late, sqlite_cast, now, monkeypatch, "lead")
    app = app.selectbox(key=f"step.{CODE}.1.step").set_value("admit").run()
    app = app.text_area(key=f"step.{CODE}.1.admit.text").set_value("Hệ thống của ta lỗi hai tuần").run()
    app = app.button(key=f"step.{CODE}.1.admit.save").click().run()
    text = said(app)
    assert "Nhận ngoại lệ" in text and "Hệ thống của ta lỗi hai tuần" in text and PERIOD not in text


@pytest.fixture
def form(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The log form of a POPS whose payments are taken by letter only."""
    with sqlite_register.write() as session:
        listed = dict(rulebook.catalogues(session).categories)
        listed["payment"] = replace(listed["payment"], taken_by=("letter",))
        rulebook.add_catalogue(session, "categories", listed.values(), Act(None, now))
    return Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)


def test_the_form_says_by_which_channel_the_category_is_taken(form: AppTest) -> None:
    app = fill(form, channel="hotline", statement="Trừ tiền hai lần", category="payment")
    assert "Nhóm này chỉ tiếp nhận qua Văn bản." in said(app)
    assert "chỉ tiếp nhận" not in said(fill(app, channel="letter"))
    app = fill(app, channel="hotline", category="login")
    assert "chỉ tiếp nhận" not in said(app), "another category takes any channel"


def test_the_form_says_until_when_a_complaint_is_taken(form: AppTest, now: datetime) -> None:
    happened = (now - timedelta(days=21)).astimezone(LOCAL).replace(tzinfo=None)
    app = fill(form, channel="hotline", statement="Mất văn bản", category="login", procedure="vhv")
    assert PERIOD in said(fill(app, incident_at=happened))


def test_it_is_refused_as_it_is_logged(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, channel="hotline", statement="Trừ tiền hai lần", category="payment")
    app = fill(app, settles="inadmissible")
    (told,) = [area for area in app.text_area if area.key == "log.1.told"]
    app = save(told.set_value("Khiếu nại về thanh toán cần gửi bằng văn bản").run())
    assert not app.exception
    with sqlite_register.read() as session:
        kept = session.scalars(select(Complaint)).one()
    assert (kept.state, kept.outcome, kept.kind) == ("closed", "inadmissible", "complaint")

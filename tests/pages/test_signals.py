"""What is usual and what is known on the pages of figures: who says so, in which dialog, and what is shown then."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from core.insight import facts
from core.register.case import incidents
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.figures import known_events
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event
from core.rules.baselines import Rebase
from core.rules.known_events import KnownEvent
from tests.conftest import Cast
from tests.pages.analysis import opener
from tests.pages.screen import Open, as_read, said, values

PAGES = ("sla", "breakdown", "root_causes")


@pytest.fixture
def see(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A register of one complaint, whose result fell due last week."""
    with sqlite_register.write() as session:
        draft = Draft("hotline", now - timedelta(days=14), "Việc", "payment", procedure="pops")
        complaint = log(session, draft, Act(sqlite_cast.agent, now))
        incidents.begin(session, {complaint.code: None}, "Khách A mất tiền", Act(sqlite_cast.agent, now))
    return opener(sqlite_register, sqlite_cast, now, monkeypatch)


def standing(register: Register) -> list[KnownEvent]:
    with register.read() as session:
        return known_events.standing(session, date(2026, 1, 1), date(2026, 12, 31))


def everything(app: AppTest) -> str:
    """Also what the dialog over the page says."""
    texts = [text for kind in ("markdown", "caption", "error") for text in values(app.get(kind))]
    return as_read("\n".join([said(app), *texts]))


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["lead", "handler", "manager", "analyst", "admin"])
def test_who_may_say_what_happened(see: Open, page: str, role: str) -> None:
    app, other = (see(page, role, dialog=name, period="four_weeks") for name in ("events", "rebase"))
    assert not app.exception
    assert not other.exception
    may = role in {"lead", "manager"}
    is_drawn = role != "handler" and page != "root_causes"  # nothing is closed here yet
    assert ("known_events_open" in keys(app)) is (may and is_drawn)
    assert ("known_events_add" in keys(app)) is (may and is_drawn)
    assert ("rebase_save" in keys(other)) is (may and page == "sla")


def test_an_event_is_added_shown_ended_and_withdrawn(see: Open, sqlite_register: Register) -> None:
    app = see("sla", "lead", dialog="events")
    assert "Ai mở số liệu cũng đọc được, và nhật ký giữ lại: không ghi tên" in everything(app)
    app.text_input(key="known_title").set_value("Ứng dụng 5.2")
    app.segmented_control(key="known_kind").set_value("release")
    app = app.button(key="known_events_add").click().run()
    assert not app.exception
    (one,) = standing(sqlite_register)
    assert (one.kind, one.title, one.first, one.last) == ("release", "Ứng dụng 5.2", date(2026, 11, 16), None)
    assert "“Ứng dụng 5.2” đã có trên biểu đồ từ 16/11/2026." in said(app)
    assert "dialog" not in app.query_params, "the dialog is closed"
    assert "Bản phát hành: Ứng dụng 5.2 (từ 16/11/2026)" in said(see("sla", "analyst", stage="acknowledge")), (
        "whoever reads the chart sees it"
    )
    overview = said(see("overview", "manager"))
    assert "Đã biết trong 12 tuần này: Bản phát hành: Ứng dụng 5.2 (từ 16/11/2026)" in overview, (
        "its lines show no marks"
    )
    app = see("sla", "manager", dialog="events").button(key=f"known_events_end_{one.id}").click().run()
    assert standing(sqlite_register)[0].last == date(2026, 11, 16)
    app.button(key=f"known_events_withdraw_{one.id}").click().run()
    assert standing(sqlite_register) == []


def test_what_is_missing_is_said_beneath_the_field(see: Open, sqlite_register: Register) -> None:
    app = see("breakdown", "lead", dialog="events").button(key="known_events_add").click().run()
    assert "Hãy ghi ngắn gọn chuyện gì đã xảy ra." in everything(app)
    assert app.query_params["dialog"] == "events", "the dialog stays open"
    assert standing(sqlite_register) == []


def test_an_incident_is_put_on_the_charts_by_its_code(see: Open, sqlite_register: Register) -> None:
    app = see("sla", "manager", dialog="events")
    assert "Khách A" not in everything(app)
    (key,) = (one for one in keys(app) if one.startswith("known_events_incident_"))
    app.button(key=key).click().run()
    (one,) = standing(sqlite_register)
    assert (one.kind, one.title, one.incident) == ("incident", "SC-2026-0001", "SC-2026-0001")
    assert (one.category, one.first) == ("payment", date(2026, 11, 16))
    assert not any(key.startswith("known_events_incident_") for key in keys(see("sla", "manager", dialog="events")))


def test_a_manager_re_bases_with_a_reason(see: Open, sqlite_register: Register) -> None:
    app = see("sla", "manager", dialog="rebase").button(key="rebase_save").click().run()
    assert "Ghi vì sao từ đó mức thường khác đi." in everything(app)
    app.text_input(key="rebase_reason").set_value("Thêm ca trực tối")
    app = app.date_input(key="rebase_since").set_value(date(2026, 10, 7)).run()
    app = app.button(key="rebase_save").click().run()
    assert not app.exception
    assert facts.current(sqlite_register).in_force.rebased == (Rebase("resolve", date(2026, 10, 5)),)
    assert "Đã đặt lại mức thường từ 05/10/2026." in said(app)
    with sqlite_register.read() as session:
        assert session.scalar(select(func.count()).where(Event.subject == "rebase")) == 1
    told = everything(see("sla", "lead", dialog="rebase"))
    assert "từ 05/10/2026. Thêm ca trực tối" in told
    assert "từ 05/10/2026" not in everything(see("sla", "lead", dialog="rebase", stage="acknowledge")), (
        "of its promise alone"
    )


def test_what_is_usual_is_said_with_the_weeks_that_show_it(
    filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = said(opener(*filled, now, monkeypatch)("sla", "analyst", period="four_weeks"))
    assert re.search(r"Mức thường \d+,\d %: \d+ tuần từ \d\d/\d\d/2026 đến \d\d/\d\d/2026, \d+ hạn", told)


def test_while_nothing_is_usual_the_page_says_from_when_on(see: Open) -> None:
    assert "Chưa có mức thường: các tuần được xét khi đã có tám tuần và hai mươi hạn." in said(see("sla", "analyst"))

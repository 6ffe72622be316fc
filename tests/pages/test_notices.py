"""The bell of every page and the page of notices: what is new, and that reading it is remembered (D40)."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.notices import reads
from core.rules.notices import NOTICES
from core.ui.notices.lines import SENTENCES
from tests.conftest import Cast
from tests.local_time import at
from tests.pages.screen import Open, Screen, said, values
from tests.register.cases import advanced, take

LATER = at("2026-11-17 09:00")
CODE = "KN-2026-000001"


@pytest.fixture
def open_page(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Open:
    """``open_page(page, role, **query)``: one complaint that was forwarded to Payments by the agent."""
    advanced(sqlite_register, sqlite_cast, 3)

    def opened(page: str, /, role: str = "handler", now: datetime = LATER, **query: str) -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), now).open(page, monkeypatch, **query)

    return opened


def bell(app: AppTest) -> Block:
    """The popover at the head of the page."""
    return next(
        block
        for block in app.get("popover")
        if isinstance(block, Block) and "notifications" in block.proto.popover.icon
    )


def links(app: AppTest) -> list[str]:
    return [element.proto.label for element in app.get("page_link")]


def test_every_kind_has_its_sentence() -> None:
    assert list(SENTENCES) == list(NOTICES)


def test_the_bell_says_how_many_are_new_on_every_page(open_page: Open) -> None:
    for page in ("overview", "queue", "account"):
        app = open_page(page)
        assert bell(app).proto.popover.label == "**1** thông báo mới", page
    assert bell(open_page("queue", "agent2")).proto.popover.label == "Thông báo"


def test_the_bell_names_what_happened_and_leads_to_the_complaint(open_page: Open, sqlite_cast: Cast) -> None:
    app = open_page("overview")
    assert f"**{sqlite_cast.agent.name} hỏi phòng ban của bạn**" in links(app)
    assert any(CODE in text for text in values(app.caption))


def test_opening_the_complaint_is_reading_it(open_page: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    assert bell(open_page("complaint", code=CODE.lower())).proto.popover.label == "Thông báo"
    with sqlite_register.read() as session:
        assert reads.count_new(session, sqlite_cast.handler) == 0
    assert f"{sqlite_cast.agent.name} hỏi phòng ban của bạn" in links(open_page("overview")), "no longer bold"


def test_the_page_lists_all_and_takes_them_as_read(open_page: Open, sqlite_cast: Cast) -> None:
    app = open_page("notices")
    assert app.title[0].value == "**1** thông báo mới"
    app.button(key="notices_read").click().run()
    assert app.title[0].value == "Không có thông báo mới"
    assert f"{sqlite_cast.agent.name} hỏi phòng ban của bạn" in links(app)
    assert "notices_read" not in [button.key for button in app.button]


def test_who_was_told_nothing_reads_what_would_stand_there(open_page: Open) -> None:
    assert "Ở đây hiện những gì liên quan đến bạn" in said(open_page("notices", "analyst"))


def _complaint(register: Register) -> Complaint:
    with register.read() as session:
        return session.scalars(select(Complaint)).one()


def test_a_notice_of_another_is_not_mine(open_page: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.read() as session:
        code = reads.newest(session, sqlite_cast.handler, limit=1)[0].code
    assert code == CODE
    take(sqlite_register, "note", _complaint(sqlite_register), sqlite_cast.agent, LATER, text="@lead xem")
    assert "nhắc đến bạn" in " ".join(links(open_page("notices", "lead")))
    assert "nhắc đến bạn" not in " ".join(links(open_page("notices", "handler")))

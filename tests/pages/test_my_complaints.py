"""Hồ sơ tôi ghi, and what else opens for who only logs and follows; the page of rights."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.register import rulebook
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.people import accounts
from core.rules import rights
from core.rules.catalogue import Entry
from core.rules.rights import Extent
from core.rules.roles import ROLES
from tests.conftest import Cast
from tests.pages.rows import keys
from tests.pages.screen import Open, Screen, said
from tests.test_roles import ACTIONS, PAGES, cells

AN = CustomerDraft("Nguyễn Văn An", "0912 345 123", "an@gmail.com")


@pytest.fixture
def open_page(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    """``open_page(page, role, **query)``; the agent logged 1 of a known customer, the reporter 2."""
    with sqlite_register.write() as session:
        agent, reporter = Act(sqlite_cast.agent, now), Act(sqlite_cast.reporter, now)
        complaints.log(session, Draft("email", now - timedelta(hours=1), "Của CSKH", "login", customer=AN), agent)
        complaints.log(session, Draft("hotline", now, "Lời tôi ghi", "payment"), reporter)

    def opened(page: str, /, role: str = "reporter", **query: str) -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), now).open(page, monkeypatch, **query)

    return opened


def test_the_list_holds_what_one_logged_oneself(open_page: Open) -> None:
    app = open_page("my_complaints")
    assert app.title[0].value == "Bạn đã ghi 1 hồ sơ, còn mở 1"
    assert keys(app) == ["KN-2026-000002"]


def test_an_own_case_opens_and_another_says_why_not(open_page: Open) -> None:
    assert "Lời tôi ghi" in said(open_page("complaint", code="KN-2026-000002"))
    other = said(open_page("complaint", code="KN-2026-000001"))
    assert "do chính mình ghi" in other and "Của CSKH" not in other


@pytest.mark.parametrize("typed", ["0912 345 123", "an@gmail.com"])
def test_a_known_customer_is_not_named(open_page: Open, typed: str) -> None:
    app = open_page("log_complaint")
    app.text_input(key="log.1.contact").input(typed).run()
    app.text_input(key="log.1.name").input("Tên khác").run()
    assert "Nguyễn Văn An" not in said(app)
    as_agent = open_page("log_complaint", "agent")
    as_agent.text_input(key="log.1.contact").input(typed).run()
    assert "Nguyễn Văn An" in said(as_agent), "an agent sees who calls"


def test_the_form_begins_with_the_own_branch_and_offers_no_other(
    open_page: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    act = Act(None, now)
    with sqlite_register.write() as session:
        branches = (Entry("hanoi", "Hà Nội", "Ha Noi"), Entry("danang", "Đà Nẵng", "Da Nang"))
        rulebook.add_catalogue(session, "branches", branches, act)
        for person in (sqlite_cast.agent, sqlite_cast.reporter):
            accounts.set_role(session, person.id, person.role, None, act, branch="hanoi")
            person.branch = "hanoi"
    assert open_page("log_complaint", "agent").selectbox(key="log.1.branch").options == ["Hà Nội"]
    own = open_page("log_complaint", "reporter").selectbox(key="log.1.branch")
    assert (own.options, own.value) == (["Hà Nội", "Đà Nẵng"], "hanoi"), "a reporter sees what they logged anyway"


@pytest.mark.parametrize("role", ROLES)
def test_the_page_of_rights_opens_for_everybody_with_their_role(open_page: Open, role: str) -> None:
    app = open_page("rights", role)
    assert not app.exception
    assert "Vai trò của bạn" in said(app)
    assert len(app.main.get("html")) == 1


def test_the_table_of_rights_is_the_one_drawn_by_hand() -> None:
    table = rights.table()
    shown = {
        (right.key, role): extent is not Extent.NO
        for group in ("page", "step", "action")
        for right in table[group]
        for role, extent in right.extents.items()
    }
    assert shown == cells(PAGES) | cells(ACTIONS)
    own = {right.key: right.extents for right in table["step"]}
    assert own["note"]["reporter"] is Extent.OPEN and own["note"]["handler"] is Extent.YES

"""A miss is explained beside its clock, on a phone, and leads then see one less."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.browser.acts import choose


@pytest.fixture(scope="module")
def server_and_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, str]]:
    """A server over two complaints, neither acknowledged in a month, and the session of a lead."""
    folder = tmp_path_factory.mktemp("misses")
    token = _filled(folder)
    with driver.served(folder) as server:
        yield server, token


def _filled(folder: Path) -> str:
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    with register.write() as session:
        lead = accounts.add(session, Account("lan", "Lan Anh", "lead"), "ba con mèo vàng ngủ", Act(None, now))
        drafts = [Draft("hotline", now - timedelta(days=30), f"Chương {n} bị khóa", "other") for n in (1, 2)]
        complaints.write_histories(session, [(draft, ()) for draft in drafts], Act(None, now))
        token = sign_ins.open_session(session, lead.id, now=now)
    register.engine.dispose()
    return token


def test_a_miss_is_explained_beside_its_clock(browser: Browser, server_and_token: tuple[driver.Server, str]) -> None:
    server, token = server_and_token
    with driver.opened_page(browser, driver.PHONE) as page:
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
        before = unexplained(page, server)
        driver.shot(page, "misses_overview")
        page.goto(f"{server.url}/queue?segment=unexplained")
        expect(page.locator("a[data-key]")).to_have_count(before)
        driver.shot(page, "misses_queue")
        page.locator("a[data-key]").first.click()
        expect(page.get_by_text("chưa nêu lý do").first).to_be_visible()
        driver.shot(page, "misses_case")
        page.get_by_role("button", name=_("Give the reason"), exact=True).click()
        form = page.locator(".st-key-next_step")
        expect(form.get_by_role("combobox", name=_("Which deadline?"))).to_be_visible()
        choose(page, _("Why was the deadline missed?"), "Quá tải")
        driver.shot(page, "misses_form")
        form.get_by_role("button", name=named("step", "explain_miss")).click()
        expect(page.get_by_text(_("Missed because: {reason}").format(reason="Quá tải"))).to_be_visible()
        driver.shot(page, "misses_explained")
        assert unexplained(page, server) == before - 1


def unexplained(page: Page, server: driver.Server) -> int:
    """The number on the overview."""
    page.goto(f"{server.url}/")
    card = page.get_by_test_id("stMetric").filter(has_text=_("Missed, no reason given"))
    expect(card).to_be_visible()
    driver.settle(page)
    return int(card.get_by_test_id("stMetricValue").inner_text())

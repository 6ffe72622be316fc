"""A lead reads what changed: opens what was before, comes back, and asks for the same weeks of last year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from core.i18n import gettext as _
from core.settings import SESSION_COOKIE
from tests.attack.target import Target, target
from tests.browser import driver
from tests.browser.driver import acted, settle


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("comparing"), sample=400) as server:
        yield server


def test_what_was_before_is_opened_and_another_year_is_asked_for(page: Page, of: Target) -> None:
    visitor = of.person("lead")
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": visitor.cookies[SESSION_COOKIE], "url": visitor.url}])
    page.goto(f"{of.server.url}/sla?period=last_week")
    settle(page)
    expect(page.get_by_text(re.compile(r"so với .* giờ làm việc so với "))).to_be_visible()
    expect(page.get_by_text(re.compile(r"đạt chỉ tiêu 95\s%|quá ít để đánh giá")).first).to_be_visible()
    driver.shots(page, "comparing")
    before = page.get_by_role("link", name=re.compile(r"^kỳ trước ")).first
    before.click()
    page.wait_for_url("**/explore?*")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ cam kết của \d+ hồ sơ$"))
    page.go_back()
    page.wait_for_url("**/sla?*")
    settle(page)
    page.get_by_role("combobox", name=_("Compared with")).click()
    page.get_by_role("option", name=_("Against the same weeks last year")).click()
    page.wait_for_url("**compare=last_year*")
    settle(page)
    expect(page.get_by_text(re.compile(r"Không so sánh với .*: sổ chỉ có đủ số liệu từ"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"^(kỳ trước|cùng kỳ năm trước) "))).to_have_count(0)
    page.reload()
    settle(page)
    expect(page.get_by_role("combobox", name=_("Compared with"))).to_have_value(_("Against the same weeks last year"))


def test_days_of_ones_own_are_compared_with(page: Page, of: Target) -> None:
    visitor = of.person("lead")
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": visitor.cookies[SESSION_COOKIE], "url": visitor.url}])
    page.goto(f"{of.server.url}/breakdown?period=last_week")
    settle(page)
    page.get_by_role("combobox", name=_("Compared with")).click()
    page.get_by_role("option", name=_("Against other days")).click()
    page.wait_for_url("**compare=*..*")
    settle(page)
    first, last = date.fromisoformat(page.url[-22:-12]), date.fromisoformat(page.url[-10:])
    assert (last - first).days == 6, "the week before, to begin with"
    typed = page.get_by_role("group", name=_("Days to compare with")).get_by_role("spinbutton")
    typed.first.click()
    page.keyboard.type(f"{first - timedelta(days=7):%d%m%Y}")
    page.keyboard.press("Escape")  # the calendar that opened closes, and what was typed counts
    page.wait_for_timeout(300)
    acted(page)
    page.wait_for_url(f"**compare={first - timedelta(days=7)}..{last}*")
    expect(page.get_by_text(re.compile("7 ngày so với 14 ngày"))).to_be_visible()
    driver.shots(page, "own_days")
    page.reload()
    settle(page)
    expect(page.get_by_text(re.compile("7 ngày so với 14 ngày"))).to_be_visible()

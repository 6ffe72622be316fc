"""A manager asks what a shorter term would have meant; an administrator comes there from the form of a procedure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.i18n import gettext as _
from tests.attack.target import Target, target
from tests.browser import driver
from tests.browser.acts import enter
from tests.browser.driver import settle


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("what_if"), sample=400) as server:
        yield server


def test_a_shorter_term_is_asked_and_taken_back(page: Page, of: Target) -> None:
    enter(page, of, "manager", "what_if")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("hãy chọn thời hạn, lịch hay chỉ tiêu khác"))
    amount = page.get_by_role("spinbutton", name="Thông báo kết quả")
    amount.fill("2")
    amount.press("Enter")
    settle(page)
    page.wait_for_timeout(300)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"Thông báo kết quả, hạn 2 ngày làm việc: \d+\s% → \d+\s%, thêm \d+ lần trễ")
    )
    expect(page).to_have_url(re.compile("terms=resolve%3A2%3Aworking_day"))
    expect(page.get_by_text(re.compile("Giả sử mọi người làm đúng như đã làm"))).to_be_visible()
    driver.shots(page, "what_if")
    page.reload()  # the address says it all
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("hạn 2 ngày làm việc"))
    page.get_by_role("button", name=_("As it was"), exact=True).click()
    page.wait_for_timeout(300)
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("hãy chọn thời hạn"))


def test_a_changed_verdict_opens_its_case(page: Page, of: Target) -> None:
    enter(page, of, "lead", "what_if?terms=resolve:2:working_day")
    page.get_by_role("link", name=re.compile("KN-")).first.click()
    settle(page)
    expect(page).to_have_url(re.compile(r"complaint\?code=KN-"))


def test_the_form_of_a_procedure_leads_there(page: Page, of: Target) -> None:
    enter(page, of, "admin", "procedures?edit=1")
    amount = page.get_by_role("spinbutton", name=_("Amount")).nth(1)
    amount.fill("3")
    amount.press("Enter")
    settle(page)
    page.wait_for_timeout(300)
    page.get_by_role("button", name=_("Look at the effect")).click()
    settle(page)
    page.get_by_role("link", name=_("Try it on any period, week by week")).click()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("hạn 3 ngày làm việc"))

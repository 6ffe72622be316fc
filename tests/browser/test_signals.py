"""A lead says what is known to have happened and re-bases what is usual; whoever reads the chart sees both."""

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
    with target(tmp_path_factory.mktemp("signals"), sample=800) as server:
        yield server


def test_an_event_is_put_on_the_chart_and_what_is_usual_is_re_based(page: Page, of: Target) -> None:
    enter(page, of, "lead", "sla?period=quarter")
    page.get_by_role("button", name=_("Known events")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("không ghi tên, số điện thoại"))).to_be_visible()
    driver.shots(page, "known_events")
    dialog.get_by_role("textbox", name=_("In a few words")).fill("Cổng thanh toán gián đoạn")
    dialog.get_by_role("textbox", name=_("In a few words")).press("Enter")
    settle(page)
    page.wait_for_timeout(300)
    dialog.get_by_role("button", name=_("Put on the charts")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    expect(page.get_by_text(re.compile("“Cổng thanh toán gián đoạn” đã có trên biểu đồ"))).to_be_visible()
    chart = page.get_by_test_id("stPlotlyChart").first
    expect(chart.get_by_text(_("Known event"), exact=True)).to_be_visible()
    described = page.get_by_role("figure", name=re.compile("Sự kiện đã biết: Sự cố: Cổng thanh toán gián đoạn"))
    expect(described.first).to_be_attached()
    page.get_by_role("button", name=_("Re-base")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=_("Why")).fill("Thêm ca trực tối")
    dialog.get_by_role("textbox", name=_("Why")).press("Enter")
    settle(page)
    page.wait_for_timeout(300)
    driver.shots(page, "rebase")
    dialog.get_by_role("button", name=re.compile("^Đặt lại từ ")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    expect(page.get_by_text(re.compile(r"Đã đặt lại mức thường từ"))).to_be_visible()
    expect(
        page.get_by_text(_("Nothing is usual yet: weeks are judged from eight weeks and twenty obligations on."))
    ).to_be_visible()
    enter(page, of, "analyst", "breakdown?period=quarter")
    expect(page.get_by_role("button", name=_("Known events"))).to_have_count(0)
    expect(page.get_by_role("figure", name=re.compile("Cổng thanh toán gián đoạn")).first).to_be_attached()

"""A lead asks where the time goes and who has what, and reads beside the written procedure how it is really walked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from core.i18n import gettext as _
from core.settings import SESSION_COOKIE
from tests.attack.target import Target, target
from tests.browser import driver
from tests.browser.driver import settle


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("handling"), sample=400) as server:
        yield server


def come(page: Page, of: Target, path: str) -> None:
    visitor = of.person("lead")
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": visitor.cookies[SESSION_COOKIE], "url": visitor.url}])
    page.goto(f"{of.server.url}/{path}")
    page.locator("[data-testid=stMain] h1").first.wait_for()
    settle(page)


def opened(page: Page, number: Locator) -> Page:
    """The rows behind the number of a table, which open in a tab of their own, are as many as it says; that tab."""
    shown = number.inner_text()
    with page.context.expect_page() as tab:
        number.click()
    rows = tab.value
    rows.locator("[data-testid=stMain] h1").first.wait_for()
    settle(rows)
    expect(rows.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^{re.escape(shown)} hồ sơ$"))
    return rows


def test_where_the_time_goes_and_who_has_what(page: Page, of: Target) -> None:
    come(page, of, "handling")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Một nửa số kết quả xong trong .* giờ"))
    page.get_by_role("radio", name=_("Person")).click()
    page.wait_for_url("**time=person*")
    settle(page)
    driver.shots(page, "handling")
    work = page.locator(".st-key-workload")
    expect(work.get_by_role("row").nth(1)).to_be_visible()
    first = work.get_by_role("row").nth(1)
    rows = opened(page, first.get_by_role("link").nth(1))
    expect(
        rows.locator("[data-testid=stMain]").get_by_text(first.get_by_role("cell").first.inner_text()).first
    ).to_be_visible()
    page.get_by_role("link", name=re.compile(r"^90\s% trong ")).first.click()
    page.wait_for_url("**/explore?*")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ cam kết của \d+ hồ sơ$"))
    page.go_back()
    page.wait_for_url("**/handling?*time=person*")
    settle(page)
    expect(page.get_by_role("radio", name=_("Person"))).to_be_checked()


def test_the_procedure_is_read_beside_how_it_is_walked(page: Page, of: Target) -> None:
    come(page, of, "procedures")
    box = page.locator(".st-key-procedures_walked")
    steps = box.get_by_role("list", name=re.compile("Các bước hồ sơ đã đi thực tế"))
    expect(steps.get_by_text("Tiếp nhận", exact=True)).to_be_visible()
    expect(steps.get_by_text(re.compile(r"quay lại Giải quyết: \d+ hồ sơ")).first).to_be_visible()
    box.get_by_role("button", name=_("Numbers")).click()
    table = page.get_by_role("table").filter(has_text="Phản hồi tiếp nhận")
    expect(table).to_be_visible()
    driver.shots(page, "walked")
    opened(page, table.get_by_role("row").filter(has_text="Phản hồi tiếp nhận").get_by_role("link"))

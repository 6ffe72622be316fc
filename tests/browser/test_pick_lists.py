"""Pick lists in a real browser: typed without accents they find, and they say in Vietnamese that nothing fits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver


def assert_said(place: Locator, words: str) -> None:
    """``words`` stand there instead of Streamlit's own, which take no room."""
    expect(place).to_be_attached()
    assert words in place.evaluate("it => getComputedStyle(it, '::after').content")
    assert place.evaluate("it => getComputedStyle(it).fontSize") == "0px"


def assert_nothing_fits(page: Page) -> None:
    """It is said in Vietnamese, and Streamlit's own words are not even read aloud."""
    empty = page.locator("[role=listbox][data-empty]").last
    expect(empty).to_be_visible()
    assert "Không có mục nào khớp" in empty.evaluate("it => getComputedStyle(it, '::after').content")
    expect(empty.locator("span").last).to_be_hidden()


def _filled(folder: Path) -> str:
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    with register.write() as session:
        account = Account(login="lan", name="Lan Anh", role="lead")
        lead = accounts.add(session, account, "ba con mèo vàng ngủ", Act(None, now))
        complaints.log(session, Draft("hotline", now, "Chương bị khóa", "locked_chapter"), Act(None, now))
        token = sign_ins.open_session(session, lead.id, now=now)
    register.engine.dispose()
    return token


def test_lists_find_without_accents_and_speak_vietnamese(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    token = _filled(folder)
    with driver.served(folder) as server, driver.opened_page(browser) as page:
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
        page.goto(f"{server.url}/log_complaint")
        driver.settle(page)
        page.get_by_role("radio", name="Hotline").click()  # the page has put its cursor into the first field by then
        driver.settle(page)
        product = page.get_by_role("combobox", name="Sản phẩm")
        product.press_sequentially("truyen")
        options = page.get_by_role("option")
        expect(options).to_have_text(["Truyện tranh"])
        product.press("Enter")
        expect(product).to_have_value("Truyện tranh")

        product.press("ControlOrMeta+a")
        product.press_sequentially("qqq")
        assert_nothing_fits(page)

        page.goto(f"{server.url}/explore")
        driver.settle(page)
        page.get_by_role("button", name="Cột (").click()
        columns = page.get_by_role("combobox", name="Cột")
        columns.press_sequentially("dien thoai")
        expect(options.filter(has_text="Số điện thoại")).to_be_visible()
        columns.fill("qqq")
        assert_nothing_fits(page)
        for typed, place, words in (
            ("h", "[data-key=__select_matches__] > *", "Chọn mọi mục khớp"),
            ("", "[data-key=__select_all__] > *", "Chọn tất cả"),
        ):
            columns.fill(typed)
            assert_said(page.locator(place).last, words)

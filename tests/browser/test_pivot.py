"""An analyst asks for a table of numbers on a laptop, opens a cell, saves it; a lead reads it on a phone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.i18n import gettext as _
from tests.attack.target import Target, target
from tests.browser import driver
from tests.browser.acts import choose, enter
from tests.browser.driver import acted, settle

SCROLL = """
table => {
  let outer = table
  while (outer && !outer.scrollLeft) {
    outer = outer.parentElement
    if (outer) outer.scrollLeft = 500
  }
  return outer ? outer.scrollLeft : 0
}
"""


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("pivot"), sample=600) as server:
        yield server


def test_a_share_is_split_its_cell_opened_and_the_table_saved(page: Page, of: Target, tmp_path: Path) -> None:
    enter(page, of, "analyst", "explore?period=year")
    page.get_by_role("radio", name=_("Pivot table")).click()
    acted(page)
    choose(page, _("Measure"), _("Result in time"))
    acted(page)
    choose(page, _("Columns by"), "Kênh")
    acted(page)
    table = page.locator(".st-key-pivot_table table")
    expect(table.locator("th").first).to_have_text("Nhóm khiếu nại")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Kết quả đúng hạn: \d+\s% \(\d+/\d+\)$"))
    driver.shots(page, "pivot")
    cell = table.locator("tbody tr").nth(1).locator("td").nth(1)
    met, due = (int(link.inner_text()) for link in cell.get_by_role("link").all())
    assert 0 < met <= due
    with page.expect_download() as given:
        page.get_by_role("button", name=_("Data (CSV)")).click()
    path = tmp_path / given.value.suggested_filename
    given.value.save_as(path)
    lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    head = [line[0] for line in lines if line[0].startswith("# ")]
    assert head[0] == "# Kết quả đúng hạn" and any("đúng hạn ÷ (đúng hạn" in line for line in head)
    heads, *rows = lines[len(head) :]
    assert heads[1:4] == [f"Tổng: {part}" for part in ("Đúng hạn", "Đến hạn", "Tỷ lệ")]
    assert rows[1][1:3] == [str(met), str(due)]
    assert float(rows[1][3].replace(",", ".")) == pytest.approx(met / due)
    assert len(rows) == table.locator("tbody tr").count()
    address = page.url
    link = cell.get_by_role("link").last
    page.goto(f"{of.server.url}{link.get_attribute('href')}")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^{due} cam kết của \d+ hồ sơ$"))
    page.goto(address)
    settle(page)
    expect(table.locator("tbody tr").nth(1).locator("td").nth(1).get_by_role("link").last).to_have_text(str(due))


def test_a_wide_table_is_read_on_a_phone(phone: Page, of: Target) -> None:
    query = "view=pivot&figure=volume&down=category,channel&across=week&period=year"
    enter(phone, of, "lead", f"explore?{query}")
    table = phone.locator(".st-key-pivot_table table")
    table.scroll_into_view_if_needed()
    wide = "document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"
    assert phone.evaluate(wide) <= 0, "the table scrolls, the page does not"
    assert table.evaluate(SCROLL) > 0
    first, last = table.locator("th").first.bounding_box(), table.locator("th").last.bounding_box()
    assert first and last and 0 <= first["x"] < 40, "what the rows are stays in sight"
    driver.shot(phone, "pivot_scrolled_phone")

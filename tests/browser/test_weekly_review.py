"""A whole meeting: the secretary writes, a colleague watches it change, it closes, and a week later it is restated."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pptx import Presentation
from sqlalchemy import select

from core.i18n import gettext as _
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.tables import Person
from core.rules.calendar import LOCAL, local_day
from core.rules.meetings import last_full_week
from tests.attack.target import Target, target
from tests.browser import driver
from tests.browser.acts import enter
from tests.browser.driver import settle
from tests.papers.test_minutes import words


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("review"), sample=800) as server:
        yield server


def write(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(label, exact=True).press("Control+Enter")
    settle(page)


def test_a_meeting_from_opening_to_the_week_after(page: Page, browser: Browser, of: Target) -> None:
    enter(page, of, "lead", "meeting")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Tuần {last_full_week(today()).isocalendar().week}: ")
    driver.shots(page, "meeting")
    page.get_by_role("button", name=_("Open the meeting")).click()
    settle(page)
    with driver.opened_page(browser) as beside:
        enter(beside, of, "manager", "meeting")
        write(page, _("Present"), "Lan, Minh, Hùng")
        expect(page.get_by_text(_("Saved: {item}").format(item=_("Present")))).to_be_visible()
        expect(beside.get_by_text("Lan, Minh, Hùng")).to_be_visible(timeout=20_000)
    write(page, _("On misses"), "Chờ cổng thanh toán đối soát")
    write(page, _("What is to be done"), "Xin biên bản đối soát của cổng thanh toán")
    page.get_by_role("combobox", name=_("Who does it")).click()
    page.get_by_role("option").first.click()
    settle(page)
    page.get_by_role("button", name=_("Add decision")).click()
    settle(page)
    expect(page.get_by_text("Xin biên bản đối soát của cổng thanh toán").first).to_be_visible()
    expect(page.get_by_label(_("What is to be done"), exact=True)).to_have_value("")
    page.reload()
    settle(page)
    expect(page.get_by_label(_("On misses"), exact=True)).to_have_value("Chờ cổng thanh toán đối soát")
    driver.shots(page, "meeting_minutes")
    page.get_by_role("button", name=_("Close and freeze the figures")).click()
    settle(page)
    page.get_by_role("dialog").get_by_role("button", name=_("Close it")).click()
    settle(page)
    expect(page.get_by_text(_("The meeting is closed and its figures are frozen."))).to_be_visible()
    expect(page.get_by_text(re.compile("Số liệu chốt lúc"))).to_be_visible()
    heading = page.get_by_role("heading", level=1).inner_text()

    with page.expect_download() as downloading:
        page.get_by_role("link", name=_("Slides (PPTX)")).click()
    content = downloading.value.path().read_bytes()
    first = Presentation(io.BytesIO(content)).slides[0]
    assert any(shape.has_text_frame and heading in shape.text_frame.text for shape in first.shapes)

    type_in_late(of)
    page.reload()
    settle(page)
    expect(page.get_by_text(re.compile("tính lại từ đó"))).to_be_visible()
    expect(page.get_by_text(re.compile("vì 1 bước nhập muộn"))).to_be_visible()
    assert page.get_by_role("heading", level=1).inner_text() == heading, "what was frozen stays"
    on_paper(page)
    driver.shots(page, "meeting_restated")


def on_paper(page: Page) -> None:
    """A4 of the page names cases whole, and says at its foot of when its frozen figures are, as the minutes do."""
    paper = words(page.pdf(prefer_css_page_size=True))
    with page.expect_download() as downloading:
        page.get_by_role("link", name=_("Minutes (PDF)")).click()
    minutes = words(downloading.value.path().read_bytes())
    codes = re.compile(r"KN-\d{4}-\d{6}")
    assert codes.findall(paper), "something is overdue"
    assert set(codes.findall(paper)) <= set(codes.findall(minutes))
    assert "KN-…" not in re.sub(r"KN-[\d-]*…", "KN-…", paper), "no code is cut"
    (frozen,) = set(re.findall(r"Số liệu chốt lúc (\d\d:\d\d) (\S+)", paper))
    assert f"số liệu lúc {frozen[1]} {frozen[0]}" in paper
    assert f"lúc {frozen[0]} {frozen[1]}" in minutes


def today() -> date:
    return local_day(datetime.now(UTC))


def type_in_late(of: Target) -> None:
    """A while after the meeting somebody types in a complaint that came in the week it was about."""
    came = datetime.combine(last_full_week(today()) + timedelta(days=2), time(10), LOCAL).astimezone(UTC)
    with of.register.write() as session:
        lead = session.scalars(select(Person).where(Person.role == "lead")).first()
        log(session, Draft("letter", came, "Thư đến muộn", "content", procedure="pops"), Act(lead, datetime.now(UTC)))
